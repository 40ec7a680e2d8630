"""Where spans of a text stand in a later one, quickly for what was not touched.

Owns the fast way alone: what lies wholly in the common beginning or the common end of two texts. All else is asked of
`lanyard_analyzers.replies.rebase`, which looks at every line of both.
"""

from __future__ import annotations

from dataclasses import dataclass

from lanyard_analyzers.replies import rebase
from lanyard_analyzers.text import Edit, Span, Text


@dataclass(frozen=True, slots=True)
class Moves:
    """From `base` to `now`: the first `head` and the last `tail` characters are the same."""

    base: Text
    now: Text
    head: int
    tail: int

    @classmethod
    def between(cls, base: Text, now: Text) -> Moves:
        """Compare two texts."""
        a, b = base.content, now.content
        return cls(base, now, _common(a, b), _common_end(a, b))

    def span(self, span: Span) -> Span | None:
        """The span in `now`; None where its lines were edited, or more than one place fits."""
        shift = self._shift(span)
        if shift is not None:
            return Span(span.start + shift, span.end + shift)
        moved, _ = rebase((Edit(span, ""),), self.base, self.now)
        return moved[0].span if moved else None

    def edits(self, edits: tuple[Edit, ...]) -> tuple[tuple[Edit, ...] | None, str]:
        """As `rebase`: the edits in `now`, or None and half a line that says why."""
        shifts = [self._shift(edit.span) for edit in edits]
        if any(shift is None for shift in shifts):
            return rebase(edits, self.base, self.now)
        moved = zip(edits, (shift or 0 for shift in shifts), strict=True)
        return tuple(Edit(Span(e.span.start + by, e.span.end + by), e.new) for e, by in moved), ""

    def _shift(self, span: Span) -> int | None:
        """By how much the whole lines of a span have moved; None where that is not plain."""
        base, size = self.base, len(self.base)
        last = base.line_of(span.end)
        first = base.starts[base.line_of(span.start)]
        end = base.starts[last + 1] if last + 1 < base.line_count else size + 1
        at_head = end <= self.head
        at_tail = first > size - self.tail  # with the line end before it
        if at_head == at_tail:
            return None
        return 0 if at_head else len(self.now) - size


def _common(a: str, b: str) -> int:
    """The length of the common beginning, by halves: comparing slices is many times faster than characters."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _common_end(a: str, b: str) -> int:
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low
