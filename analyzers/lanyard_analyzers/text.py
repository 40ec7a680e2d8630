"""Text as a value: content, version and line table.

Owns the only line splitting of the project (LSP knows `\\n`, `\\r\\n` and `\\r`, nothing else) and the
splicing of a change into a text. Knows nothing of LSP positions: inside, a position is an offset, counted
in Unicode code points (indices of `str`).
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of offsets in code points: `start <= offset < end`."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    def covers(self, other: Span) -> bool:
        """Whether `other` lies wholly inside this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the spans share an offset; empty spans overlap where they lie strictly inside."""
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace what `span` covers in a text by `new`."""

    span: Span
    new: str


@dataclass(frozen=True, slots=True)
class Text:
    """An immutable text with its version and line table.

    `starts[n]` is the offset of the first character of line `n` (0-based); a text always has at least one line.
    Make one with `Text.of`; change one with `replace`, which gives a new one.
    """

    content: str
    version: int = 0
    starts: tuple[int, ...] = field(default=(0,), repr=False, compare=False)

    @classmethod
    def of(cls, content: str, version: int = 0) -> Text:
        """Make a text from its content, building the line table."""
        return cls(content, version, line_starts(content))

    def __len__(self) -> int:
        return len(self.content)

    @property
    def line_count(self) -> int:
        """The number of lines; a trailing line end starts one more, empty, line."""
        return len(self.starts)

    def line_of(self, offset: int) -> int:
        """The 0-based line that holds `offset`; offsets outside the text are clamped."""
        return bisect_right(self.starts, max(0, min(offset, len(self.content)))) - 1

    def line_span(self, line: int) -> Span:
        """The span of a 0-based line without its line end; lines outside the text are clamped."""
        line = max(0, min(line, len(self.starts) - 1))
        start = self.starts[line]
        if line + 1 == len(self.starts):
            return Span(start, len(self.content))
        end = self.starts[line + 1] - 1
        if end > start and self.content[end] == "\n" and self.content[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def line_text(self, line: int) -> str:
        """The characters of a 0-based line without its line end."""
        return self.slice(self.line_span(line))

    def slice(self, span: Span) -> str:
        """The characters that `span` covers."""
        return self.content[span.start : span.end]

    def replace(self, edit: Edit, version: int | None = None) -> Text:
        """A new text with one edit applied; the version is kept unless one is given."""
        content = "".join((self.content[: edit.span.start], edit.new, self.content[edit.span.end :]))
        starts = _respliced(self, edit, content)
        return Text(content, self.version if version is None else version, starts)


def line_starts(content: str) -> tuple[int, ...]:
    """Offsets of the first character of each line; line ends are `\\n`, `\\r\\n` and `\\r` alone."""
    if "\r" not in content:
        starts = [0]
        at = content.find("\n")
        while at >= 0:
            starts.append(at + 1)
            at = content.find("\n", at + 1)
        return tuple(starts)
    starts = [0]
    at = 0
    for piece in content.replace("\r\n", "\n\n").replace("\r", "\n").split("\n"):
        at += len(piece) + 1
        if at >= 2 and content[at - 2 : at] == "\r\n":
            starts[-1] = at  # the second half of a \r\n opens no line of its own
        else:
            starts.append(at)
    del starts[-1]
    return tuple(starts)


def _respliced(before: Text, edit: Edit, content: str) -> tuple[int, ...]:
    """The line table after an edit, rebuilt only around it."""
    starts, delta = before.starts, len(edit.new) - len(edit.span)
    # One character to each side: a \r and a \n may have become one line end, or ceased to be one.
    low = max(0, edit.span.start - 1)
    high = min(len(content), edit.span.start + len(edit.new) + 1)
    first = bisect_right(starts, low)
    last = bisect_right(starts, min(len(before.content), edit.span.end + 1))
    base = starts[first - 1]
    middle = [base + s for s in line_starts(content[base:high])[1:]]
    if high < len(content) and middle and middle[-1] == high and content[high - 1 : high + 1] == "\r\n":
        middle.pop()  # that line end goes on beyond the window
    tail = starts[last:]
    if middle and tail and tail[0] + delta == middle[-1]:
        middle.pop()
    if not delta:
        return (*starts[:first], *middle, *tail)
    return (*starts[:first], *middle, *[start + delta for start in tail])
