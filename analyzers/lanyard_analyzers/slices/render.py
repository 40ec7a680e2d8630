"""The text of a slice from the lines that were chosen.

Owns headings, markers and the order of files. A row begins as the line of the source does that is its origin, or has no
origin (headings, markers, blank rows). What stands for left-out lines begins with `…`: `def f(x): …12` has a body of 12
lines, `…40: run, stop` in a class means 40 more lines of members, those two among them.

What is stable: the rows of a file depend on nothing but its content and the lines chosen of it (an import also on which
of its names occur in what is shown); files come in the order of their paths, the target's file last, the target at the
very end. So two slices that choose the same from their first files begin with the same bytes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import cast

from lanyard_analyzers._late import late
from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.slices.forms import around, implementations
from lanyard_analyzers.slices.model import Origin
from lanyard_analyzers.slices.pruned import pruned
from lanyard_analyzers.slices.rows import BRIEF, ELLIPSIS, Layout, layout_of
from lanyard_analyzers.slices.shorten import clipped

_NAMES = 24
_HOLDERS = frozenset({"class", "namespace"})
_SHORT_LINE = 20
"""Characters of a line that is shown rather than a marker for it."""
_WORD = late(r"[^\W\d][\w$]*")
Rows = list[tuple[str, Origin | None]]


@dataclass(frozen=True, slots=True)
class TargetLines:
    """The target as it will be shown: its lines, how many of them, and what its heading says."""

    file: SourceFile
    first: int
    last: int
    shown: int
    name: str
    numbered: bool


def render(
    context: Mapping[str, tuple[SourceFile, AbstractSet[int]]], target: TargetLines, notes: Sequence[str]
) -> Rows:
    """Other files first in the order of their paths, then the target's file, the target last."""
    rows: Rows = []
    own = target.file
    comment = LANGUAGES[own.language].line_comment
    rows += [(f"{comment} {note}", None) for note in notes]
    words: frozenset[str] | None = None
    for path in sorted(context, key=lambda path: (path == own.path, path)):
        file, shown = context[path]
        if path == own.path and words is None:
            words = frozenset(_WORD.findall("\n".join(own.lines[target.first : target.first + target.shown])))
        hidden = (target.first, target.last) if path == own.path else None
        found = file_rows(file, shown, hidden, words if path == own.path and words is not None else frozenset())
        if found and rows:
            rows.append(("", None))
        rows += found
    if rows:
        rows.append(("", None))
    return rows + _target(target)


def _target(target: TargetLines) -> Rows:
    file = target.file
    comment = LANGUAGES[file.language].line_comment
    place = printable(file.path)
    if target.numbered:
        place += f":{target.first + 1}-{target.last + 1}"
    name = f" {printable(target.name)}" if target.name else ""
    rows: Rows = [(f"{comment} {place}{name}", None)]
    stop = target.first + target.shown
    rows += [(file.lines[line], Origin(file.path, line)) for line in range(target.first, stop)]
    left_out = target.last + 1 - stop
    if left_out:
        rows.append((f"{comment} … {left_out} lines left out: they do not fit", None))
    return rows


def file_rows(
    file: SourceFile,
    shown: AbstractSet[int],
    hidden: tuple[int, int] | None = None,
    words: AbstractSet[str] = frozenset(),
) -> Rows:
    """The heading of a file and the rows of the lines chosen of it.

    `hidden` are the first and last line of what is shown elsewhere; imports are pruned to `words` and what is shown.
    """
    if hidden is not None or words:
        return _file_rows(file, shown, hidden, words)
    kept, key = layout_of(file).kept, frozenset(shown)
    found = kept.get(key)
    if found is None:
        found = kept[key] = (None, tuple(_file_rows(file, shown, hidden, words)))
    return [*cast("Sequence[tuple[str, Origin | None]]", found[1])]


def _file_rows(
    file: SourceFile, shown: AbstractSet[int], hidden: tuple[int, int] | None, words: AbstractSet[str]
) -> Rows:
    page = _Page(file, hidden, words, shown)
    page.write()
    rows = page.rows()
    comment = LANGUAGES[file.language].line_comment
    return [(f"{comment} {printable(file.path)}", None), *rows] if rows else []


def printable(text: str) -> str:
    """A path or a name without characters that would break a line."""
    return "".join(character if character.isprintable() else "�" for character in text)


def _tops(file: SourceFile, shown: AbstractSet[int]) -> list[tuple[int, int]]:
    """First and last lines of the outermost symbols, namespaces left out whose head is not shown."""
    spans = [(one.first, one.last) for one in file.symbols if one.shape != "namespace" or one.head in shown]
    if file.language == "rust":
        spans = sorted([*spans, *implementations(file)])
    found: list[tuple[int, int]] = []
    for first, last in spans:
        if not found or first > found[-1][1]:
            found.append((first, last))
    return found


@dataclass(slots=True)
class _Open:
    """A symbol whose head is shown and more of it than that; `at` is the last line dealt with."""

    symbol: Symbol
    at: int
    indent: str
    inner: str | None = None
    """The indentation of the first row after the head."""


@dataclass(slots=True)
class _Row:
    text: str
    origin: int
    group: int


class _Page:
    """The rows of one file in the making."""

    def __init__(
        self, file: SourceFile, hidden: tuple[int, int] | None, words: AbstractSet[str], shown: AbstractSet[int]
    ) -> None:
        self._file = file
        self._layout: Layout = layout_of(file)
        limit = len(file.lines)
        self._brief = {~(line + BRIEF) for line in shown if line < -BRIEF} - shown
        self._named = {~line for line in shown if -BRIEF <= line < 0}
        self._set = self._with_owners(shown | self._brief)
        self._shown = sorted(line for line in self._set if 0 <= line < limit)
        self._hidden = hidden
        self._words = words
        self._open: list[_Open] = []
        self._rows: list[_Row] = []
        self._tops = _tops(file, self._set)
        self._imports = {line: one for one in file.record.imports for line in range(one.first, one.last + 1)}

    def _with_owners(self, shown: AbstractSet[int]) -> AbstractSet[int]:
        """Lines with the heads of the classes that they show members of."""
        heads, symbols = self._layout.head_at, self._file.symbols
        more: set[int] = set()
        for line in shown:
            index = heads.get(line)
            if index is not None and symbols[index].owner and symbols[index].head == line:
                more |= around(self._file, symbols[index])
        return shown | more if more else shown

    def write(self) -> None:
        """Go through the lines in their order."""
        done = -1
        for line in self._shown:
            if line <= done or self._is_hidden(line):
                continue
            self._close(line)
            if self._open and self._open[-1].symbol.last == line and self._layout.closer(self._open[-1].symbol):
                self._set = self._set - {line}
                self._close(line + 1)  # the closing line comes after what says how much is left out
                done = line
                continue
            done = self._line(line)
        self._close(len(self._file.lines))

    def _line(self, line: int) -> int:
        """Write what begins on a line; the last line that is dealt with by that."""
        layout, file = self._layout, self._file
        self._gap(line)
        statement = self._imports.get(line)
        if statement is not None:
            text = pruned("\n".join(file.lines[statement.first : statement.last + 1]), self._wanted, file.language)
            self._put(clipped(text.lstrip() if statement.around < 0 else text), statement.first)
            return self._reach(statement.last)
        index = layout.head_at.get(line)
        if index is not None and file.symbols[index].head == line:
            return self._symbol(index)
        documented = layout.doc_at.get(line)
        if documented is not None:
            symbol = file.symbols[documented]
            if symbol.doc_last > line and line + 1 not in self._set:
                text = layout.doc(symbol)
                if text:
                    self._put(text, line)
                return self._reach(symbol.doc_last)
        text = layout.line(line)
        if text or (self._rows and self._rows[-1].text):
            self._put(clipped(text), line)
        return self._reach(line)

    def _symbol(self, index: int) -> int:
        layout, symbol = self._layout, self._file.symbols[index]
        text, end = layout.head(index), layout.head_end(symbol)
        if symbol.head in self._brief:
            text = layout.brief(index) or text
        if end >= symbol.last:
            self._put(text, symbol.head)
            return self._reach(end)
        at = bisect_right(self._shown, end)
        more = at < len(self._shown) and self._shown[at] <= symbol.last
        if more and self._shown[at] == symbol.last and layout.closer(symbol):
            more = False
        names = self._names_in(symbol, end) if not more else []
        if not more and not names:
            self._put(text + (layout.inline(index) or layout.elided(index)), symbol.head)
            return self._reach(symbol.last)
        self._put(text, symbol.head)
        indent = text[: len(text) - len(text.lstrip())]
        self._open.append(_Open(symbol, end, indent))
        return end

    def _reach(self, line: int) -> int:
        if self._open:
            self._open[-1].at = max(self._open[-1].at, line)
        return line

    def _put(self, text: str, origin: int) -> None:
        if self._open and self._open[-1].inner is None and text:
            self._open[-1].inner = text[: len(text) - len(text.lstrip())]
        self._rows.append(_Row(text, origin, self._piece(origin)))

    def _gap(self, line: int) -> None:
        """The marker before a line of a function of which lines are left out."""
        if not self._open or self._open[-1].symbol.shape in _HOLDERS:
            return
        top = self._open[-1]
        count = self._left_out(top.at + 1, line - 1)
        if count == 1 and not self._is_hidden(line - 1):
            only = next(at for at in range(top.at + 1, line) if self._file.lines[at].strip())
            text = self._layout.line(only)
            if len(text.strip()) <= _SHORT_LINE:
                self._put(text, only)
                return
        if count:
            text = self._file.lines[line]
            self._mark(f"{text[: len(text) - len(text.lstrip())]}{ELLIPSIS}{count}")

    def _close(self, line: int) -> None:
        """End what does not reach to a line."""
        while self._open and self._open[-1].symbol.last < line:
            top = self._open.pop()
            symbol = top.symbol
            closer = self._layout.closer(symbol)
            last = symbol.last - (1 if closer else 0)
            indent = self._inner_indent(top)
            if symbol.shape == "class":
                count, names = self._members_left_out(symbol)
                if count:
                    self._mark(f"{indent}{ELLIPSIS}{count}" + (": " + ", ".join(names) if names else ""))
            elif count := self._left_out(top.at + 1, last):
                self._mark(f"{indent}{ELLIPSIS}{count}")
            if closer and symbol.last not in self._set and not self._is_hidden(symbol.last):
                self._put(self._layout.line(symbol.last), symbol.last)
            if self._open:
                self._open[-1].at = max(self._open[-1].at, symbol.last)

    def _inner_indent(self, top: _Open) -> str:
        return top.inner if top.inner is not None else top.indent + ("\t" if top.indent.startswith("\t") else "    ")

    def _piece(self, line: int) -> int:
        """The first line of the top-level piece that a line belongs to: a symbol, or the lines between two."""
        at = bisect_right(self._tops, (line, len(self._file.lines))) - 1
        if at < 0:
            return 0
        first, last = self._tops[at]
        return first if line <= last else last + 1

    def _mark(self, text: str) -> None:
        self._rows.append(_Row(text, -1, self._rows[-1].group if self._rows else 0))

    def _left_out(self, first: int, last: int) -> int:
        """How many lines between two lines are left out, blank ones not counted."""
        lines, shown = self._file.lines, self._set
        return sum(1 for line in range(first, last + 1) if line not in shown and lines[line].strip())

    def _members_left_out(self, symbol: Symbol) -> tuple[int, list[str]]:
        left: list[Symbol] = []
        count = 0
        for one in self._layout.members(symbol):
            if one.head in self._set or self._is_hidden(one.head) or self._is_joined(one):
                continue
            left.append(one)
            shown = bisect_right(self._shown, one.last) - bisect_left(self._shown, one.first)
            count += one.last - one.first + 1 - shown
        names = list(dict.fromkeys(one.name for one in left if one.head in self._named))
        if len(names) > _NAMES:
            names = [*names[:_NAMES], ELLIPSIS]
        return max(count, 0), names

    def _is_hidden(self, line: int) -> bool:
        return self._hidden is not None and self._hidden[0] <= line <= self._hidden[1]

    def _is_joined(self, symbol: Symbol) -> bool:
        """Whether a symbol stands in the head of another, like a field that is a constructor's parameter."""
        head = self._layout.head_at.get(symbol.head)
        return head is not None and self._file.symbols[head].head != symbol.head

    def _names_in(self, symbol: Symbol, end: int) -> list[int]:
        return [line for line in self._named if end < line <= symbol.last] if self._named else []

    @property
    def _wanted(self) -> frozenset[str]:
        """The words that imports are pruned to."""
        lines = self._file.lines
        text = "\n".join(lines[line] for line in self._shown if line not in self._imports)
        return frozenset(_WORD.findall(text)) | self._words

    def rows(self) -> Rows:
        """What was written, without common indentation, with blank rows between top-level pieces of several rows."""
        shift: dict[int, int] = {}
        sizes: dict[int, int] = {}
        for row in self._rows:
            if row.text:
                indent = len(row.text) - len(row.text.lstrip())
                shift[row.group] = min(indent, shift.get(row.group, indent))
                sizes[row.group] = sizes.get(row.group, 0) + 1
        found: Rows = []
        group = None
        for row in self._rows:
            if group is not None and row.group != group and max(sizes.get(row.group, 0), sizes.get(group, 0)) > 1:
                found.append(("", None))
            group = row.group
            text = row.text[shift.get(group, 0) :] if row.text else ""
            found.append((text, Origin(self._file.path, row.origin) if row.origin >= 0 else None))
        while found and not found[-1][0]:
            found.pop()
        return found
