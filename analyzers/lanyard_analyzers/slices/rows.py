"""What the lines of a file look like in a slice: joined heads, elided bodies, first lines of documentation.

Owns the wording of every line of context that is not shown as it is written, and what it costs. A row is one line of a
slice; it begins with what its origin's line begins with. Which lines are shown is not decided here.
"""

from __future__ import annotations

from functools import cached_property
from weakref import WeakKeyDictionary, ref

from lanyard_analyzers._late import late
from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.slices.brief import brief, without_constraints
from lanyard_analyzers.slices.shorten import joined, shortened, without_comment, without_pragma
from lanyard_analyzers.tokens import estimate

ELLIPSIS = "…"
BRIEF = 1 << 24
"""`~n - BRIEF` in a set of lines shows the head on line n with its parameters cut."""
SHORT = 3
"""Lines after the first of a value or a type that is shown whole rather than cut."""
_CLOSER = late(r"(?:[)\]}]+[;,)]*|end|fi|done|esac|#endif)$")
_LONGEST = 2000
"""Characters of a line that are looked at; what is longer is generated."""
_INLINE = 24
"""Characters of a body that is shown rather than a marker for it."""
_GENERIC = frozenset({"typescript", "tsx"})
_BRACES = frozenset({"c", "cpp"})
_CLOSING_NAME = late(r"\}(?:[ \t]*//.*|[ \t]*[*\w][\w*, \t]{0,60};)$")
"""`}  // namespace shop`, `} cart_t;`: what closes a body in C and C++ may say more than a brace."""
_GROUP = "const ("
_COUNTED = 24
"""Lines of a group of Go's constants that is shown whole, because they count."""
_LITERALS = frozenset({"value", "type", "field"})
_ROUNDING = 0.5
"""What an estimate is too large by on average because it is a whole number."""
_BY_WORDS = frozenset({"ruby", "lua"})
"""Languages in which a body begins without a bracket."""
_DOC_CHARACTERS = 100
_HEAD_LINES = 40
_MARKS = late(r"^\s*(?:/\*+!?|\*+/|\*|///?!?|#+!?|--+|%+|r?\"\"\"|r?'''|=begin)?\s*")


class Layout:
    """One file as rows; made once for a file by `layout_of`."""

    def __init__(self, file: SourceFile) -> None:
        self._file = ref(file)  # a layout is kept for as long as its file lives, and must not be what keeps it
        self.inside = LANGUAGES[file.language].documentation == "inside"
        self._rows: dict[int, str] = {}
        self._members: dict[str, tuple[Symbol, ...]] = {}
        self._briefs: dict[int, str] = {}
        self._costs: dict[int, float] = {}
        self._tails: dict[int, tuple[int, float]] = {}
        self.kept: dict[object, tuple[object, object]] = {}
        """What others keep of the file for as long as it lives: what a key stands for, and what was made of it."""

    @property
    def file(self) -> SourceFile:
        """The file; whoever asks holds it."""
        file = self._file()
        assert file is not None
        return file

    @cached_property
    def head_at(self) -> dict[int, int]:
        """Line → the index of the outermost symbol whose head covers it, fields and other one-line things left out."""
        found: dict[int, int] = {}
        for index, symbol in enumerate(self.file.symbols):
            if symbol.last > symbol.head:
                for line in range(symbol.head, min(self.head_end(symbol), symbol.head + _HEAD_LINES) + 1):
                    found.setdefault(line, index)
        return found

    @cached_property
    def doc_at(self) -> dict[int, int]:
        """First line of documentation → the index of its symbol."""
        return {one.doc_first: index for index, one in enumerate(self.file.symbols) if one.doc_first >= 0}

    def members(self, symbol: Symbol) -> tuple[Symbol, ...]:
        """The members that stand in a class themselves: not what its methods assign, not what stands elsewhere."""
        found = self._members.get(symbol.qualified)
        if found is None:
            own = self.file.by_owner.get(symbol.qualified, ())
            bodies = {line for one in own if one.body_first >= 0 for line in range(one.head_end + 1, one.last + 1)}
            found = self._members[symbol.qualified] = tuple(
                one
                for one in own
                if symbol.first <= one.first
                and one.last <= symbol.last
                and not (one.shape == "field" and one.head in bodies)
            )
        return found

    def head_end(self, symbol: Symbol) -> int:
        """The last line of a head, that of the brace which opens the body counted in unless it stands alone."""
        if symbol.shape in _LITERALS:
            most = _COUNTED if self.file.lines[symbol.head].startswith(_GROUP) else SHORT
            return symbol.last if symbol.last - symbol.head <= most else symbol.head
        end = max(symbol.head, min(symbol.head_end, symbol.last))
        begin = symbol.body_first
        if end < begin <= symbol.last and self.file.language not in _BY_WORDS:
            text = self.file.lines[begin].strip()
            if text.endswith("{") and text != "{":
                return begin
        return end

    def closer(self, symbol: Symbol) -> str:
        """The text of the line that closes a body (`}`, `});`, `end`), or ""."""
        if self.inside and symbol.shape not in _LITERALS:
            return ""  # a bracket there ends an expression
        line, head = self.file.lines[symbol.last], self.file.lines[symbol.head]
        text = line.strip()
        if self.file.language in _BRACES and _CLOSING_NAME.match(text) and symbol.last > self.head_end(symbol):
            return text.partition(" //")[0].rstrip()
        if len(text) > 8 or symbol.last <= self.head_end(symbol) or not _CLOSER.match(text):
            return ""
        return text if line[: len(line) - len(line.lstrip())] == head[: len(head) - len(head.lstrip())] else ""

    def head(self, index: int) -> str:
        """The head of a symbol on one row, without what stands for its body."""
        found = self._rows.get(index)
        if found is None:
            symbol = self.file.symbols[index]
            lines = [line[:_LONGEST] for line in self.file.lines[symbol.head : self.head_end(symbol) + 1]]
            mark = LANGUAGES[self.file.language].line_comment
            if symbol.shape == "value" and lines[0].startswith(_GROUP) and len(lines) > 1:
                inner = (without_comment(line.strip(), mark) for line in lines[1:-1])
                lines = [f"{_GROUP}{'; '.join(one for one in inner if one)})"]
            found = without_comment(joined(lines, mark), mark)
            if self.file.language in _GENERIC:
                found = without_constraints(found, symbol.name)
            found = shortened(found)
            self._rows[index] = found
        return found

    def brief(self, index: int) -> str:
        """The head with its parameters cut, or "" where that would save little."""
        found = self._briefs.get(index)
        if found is None:
            symbol = self.file.symbols[index]
            first = symbol.params[0].name.lstrip("*&.").partition(" ")[0] if symbol.params else ""
            if self.file.language == "python" and symbol.owner:
                first = next((one for one in ("self", "cls") if f"({one}" in self.head(index)), first)
            found = self._briefs[index] = brief(self.head(index), first, self.file.language)
        return found

    def hidden(self, symbol: Symbol) -> int:
        """How many lines of a body are left out where only its head is shown; documentation inside counts."""
        end = symbol.last - (1 if self.closer(symbol) else 0)
        first = self.head_end(symbol) + 1
        if first <= end and self.file.lines[first].strip() == "{":
            first += 1
        return max(0, end - first + 1)

    def elided(self, index: int) -> str:
        """What follows the head of a symbol in place of its body."""
        symbol = self.file.symbols[index]
        count, closer = self.hidden(symbol), self.closer(symbol)
        if not count and not closer:
            return ""
        opens = closer.startswith("}") and not self.head(index).endswith(("{", "(", "["))
        note = f"{ELLIPSIS}{count}" if count else ""
        return "".join(f" {part}" for part in ("{" if opens else "", note, closer) if part)

    def inline(self, index: int) -> str:
        """What follows a head instead of a marker: a body of one very short line, or ""."""
        symbol = self.file.symbols[index]
        if self.hidden(symbol) != 1 or symbol.shape in _LITERALS or symbol.shape == "class":
            return ""
        closer = self.closer(symbol)
        text = self.file.lines[symbol.last - (1 if closer else 0)].strip()
        if len(text) > _INLINE or not text[:1].isalnum() or (closer and not self.head(index).endswith("{")):
            return ""
        return f" {text} {closer}".rstrip()

    def doc(self, symbol: Symbol) -> str:
        """The first line that a documentation says, in the language's own marks."""
        lines = self.file.lines
        first = lines[symbol.doc_first]
        indent = first[: len(first) - len(first.lstrip())]
        opening = first.strip()
        says = ""
        for number in range(symbol.doc_first, min(symbol.doc_last, symbol.doc_first + 12) + 1):
            says = _MARKS.sub("", lines[number], count=1).strip()
            says = says.removesuffix("*/").removesuffix('"""').removesuffix("'''").rstrip()
            if any(character.isalnum() for character in says) and not says.startswith(("eslint-", "@ts-", "prettier-")):
                break
            says = ""
        if not says:
            return ""
        if len(says) > _DOC_CHARACTERS:
            says = says[:_DOC_CHARACTERS].rpartition(" ")[0] + ELLIPSIS
        for marks, end in (('"""', '"""'), ('r"""', '"""'), ("'''", "'''"), ("/**", " */"), ("/*", " */")):
            if opening.startswith(marks):
                return f"{indent}{marks}{' ' if marks[0] == '/' else ''}{says}{end}"
        marked = _MARKS.match(opening)
        mark = marked.group().strip() if marked is not None else ""
        return f"{indent}{mark} {says}" if mark else indent + says

    def line(self, number: int) -> str:
        """A line that is shown for itself."""
        return shortened(without_pragma(self.file.lines[number][:_LONGEST].rstrip()))

    def cost(self, number: int) -> float:
        """About how many tokens it takes to show a line: the whole head for the first line of a head, nothing for what
        is joined to another line or follows from it."""
        if number < 0:
            return self._brief_cost(number) if number < -BRIEF else 2.0
        found = self._costs.get(number)
        if found is None:
            found = self._costs[number] = self._cost(number)
        return found

    def _brief_cost(self, number: int) -> float:
        found = self._costs.get(number)
        if found is None:
            index = self.head_at.get(~(number + BRIEF))
            found = (
                _tokens(self.brief(index) + (self.inline(index) or self.elided(index))) if index is not None else 0.0
            )
            self._costs[number] = found
        return found

    def tail(self, number: int) -> tuple[int, float]:
        """For the first line of a head the last line of its symbol, and about how many tokens it takes to say that the
        body is left out; (-1, 0) for another line."""
        found = self._tails.get(number)
        if found is None:
            index, found = self.head_at.get(number), (-1, 0.0)
            if index is not None:
                symbol, text = self.file.symbols[index], self.inline(index) or self.elided(index)
                if symbol.head == number and text:
                    found = (symbol.last, _tokens(text) - 1.0)
            self._tails[number] = found
        return found

    def _cost(self, number: int) -> float:
        file = self.file
        if number >= len(file.lines):
            return 0.0
        index = self.head_at.get(number)
        if index is not None:
            symbol = file.symbols[index]
            if number > symbol.head:
                return 0.0
            return _tokens(self.head(index))
        documented = self.doc_at.get(number)
        if documented is not None:
            return _tokens(self.doc(file.symbols[documented]))
        text = file.lines[number].strip()
        return _tokens(self.line(number)) if text and not _CLOSER.match(text) else 0.0


def layout_of(file: SourceFile) -> Layout:
    """The rows of a file, the same for as long as the file lives."""
    found = _LAYOUTS.get(file)
    if found is None:
        found = _LAYOUTS[file] = Layout(file)
    return found


def _tokens(text: str) -> float:
    return estimate(text + "\n") - _ROUNDING if text else 0.0


_LAYOUTS: WeakKeyDictionary[SourceFile, Layout] = WeakKeyDictionary()
