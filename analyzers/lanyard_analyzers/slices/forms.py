"""The ways to show a symbol, as sets of lines of its file, and what they cost.

Owns which lines make a form. From least to most: `names`, `signature`, `documented`, `header` (a class), `verbatim`.
A set of lines is all that a form is: sets of one file can be laid over each other, and `render.py` turns what is in
them into rows. `n >= 0` shows line n: the first line of a head stands for the whole head, the first line of a
documentation for its first sentence, and heads bring their closing lines along. `~n` names, in the marker of its class,
the symbol whose head is on line n; `~n - BRIEF` shows that head with its parameters cut.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from functools import wraps
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from lanyard_analyzers._late import late
from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.slices.rows import BRIEF, layout_of

Lines = frozenset[int]
_T = TypeVar("_T")

_KEPT = 4000
_MANY_FIELDS = 40
_MANY_METHODS = 16
_OVERLOADS = 3
_COMMENTS = ("//", "/*", "*", "# ", "#:", "--")
_CONSTRUCTORS = frozenset({"__init__", "constructor", "__new__", "__post_init__", "new", "initialize", "__construct"})
_TELLING = late(
    r"\s*(?:@(?:[\w.]*\.)?(?:property|cached_property|staticmethod|classmethod|abstractmethod|overload|contextmanager"
    r"|asynccontextmanager|dataclass|define|frozen|mutable|attrs|s|fixture|setter|singledispatch|singledispatchmethod"
    r"|total_ordering|Injectable|Component|Entity|FunctionalInterface|Data|Builder|Value)\b|#\[derive|\[Fact|\[Theory)"
)


def of_symbol(make: Callable[[SourceFile, Symbol], _T]) -> Callable[[SourceFile, Symbol], _T]:
    """Keep what is made of a symbol of a file for as long as the file is kept."""

    @wraps(make)
    def kept(file: SourceFile, symbol: Symbol) -> _T:
        known = layout_of(file).kept
        key = (make, id(symbol))
        found = known.get(key)
        if found is None:
            if len(known) > _KEPT:
                known.clear()
            found = known[key] = (symbol, make(file, symbol))  # the symbol too, so that its id stays its own
        return cast("_T", found[1])

    return kept


def names(symbols: Iterable[Symbol]) -> Lines:
    """The names of symbols in the marker of what they stand in."""
    return frozenset(~one.head for one in symbols)


@of_symbol
def signature(file: SourceFile, symbol: Symbol) -> Lines:
    """The head, with what it stands in, the decorators that change how it is used, and its overloads."""
    lines = set(around(file, symbol))
    for one in _overloads(file, symbol):
        lines |= _head(file, one)
    return frozenset(lines)


@of_symbol
def brief(file: SourceFile, symbol: Symbol) -> Lines | None:
    """A shorter signature: of overloads the first, of a long head the parameters cut. None where it saves little."""
    layout, shown = layout_of(file), _overloads(file, symbol)
    one = shown[0]
    index = layout.head_at.get(one.head)
    if index is not None and layout.brief(index) and file.symbols[index].head == one.head:
        return around(file, symbol) | {~one.head - BRIEF}
    return around(file, symbol) | _head(file, one) if len(shown) > 1 else None


def place_of(number: int) -> int:
    """The line that a number in a form is about."""
    return number if number >= 0 else ~number if number >= -BRIEF else ~(number + BRIEF)


@of_symbol
def documented(file: SourceFile, symbol: Symbol) -> Lines:
    """The signature with the first sentence of its documentation."""
    lines = signature(file, symbol)
    says = next((one.doc_first for one in _overloads(file, symbol) if one.doc_first >= 0), symbol.doc_first)
    return lines | {says} if says >= 0 else lines


def header(file: SourceFile, symbol: Symbol, members: Collection[str] = ()) -> Lines:
    """A class with its fields, its constructor, and the heads of those of its methods that are in `members`.

    Of many fields only those in `members` are shown, or the first ones. Another symbol has its signature.
    """
    lines = set(signature(file, symbol))
    if symbol.shape != "class":
        return frozenset(lines)
    own = file.by_owner.get(symbol.qualified, ())
    fields = [one for one in own if one.shape == "field"]
    if len(fields) > _MANY_FIELDS:
        fields = [one for one in fields if one.name in members] or fields[: _MANY_FIELDS // 4]
    methods = [one for one in own if one.shape != "field" and symbol.first <= one.first <= symbol.last]
    declared = _declared(file, methods)
    for one in methods:
        if is_constructor(one) or one.name in members or one in declared:
            lines |= _head(file, one)
    bodies = [(one.body_first, one.body_last) for one in methods if one.body_first >= 0]
    for one in fields:
        if not any(first <= one.first <= last for first, last in bodies):
            lines |= _head(file, one)
    return frozenset(lines)


def _declared(file: SourceFile, methods: Collection[Symbol]) -> list[Symbol]:
    """Of a type that only declares its methods the first ones, each once: they are its fields."""
    if file.language == "cpp":  # headers declare the methods of all classes
        methods = [one for one in methods if "abstract" in one.marks]
    if any(one.body_first >= 0 for one in methods):
        return []
    return list({one.name: one for one in reversed(list(methods))}.values())[::-1][:_MANY_METHODS]


def outline(file: SourceFile, symbol: Symbol) -> Lines:
    """A class with the heads of all its members."""
    return header(file, symbol, {one.name for one in file.by_owner.get(symbol.qualified, ())})


@of_symbol
def verbatim(file: SourceFile, symbol: Symbol) -> Lines:
    """All of it with what it stands in; of its documentation the first sentence."""
    lines = set(range(symbol.head, symbol.last + 1))
    if symbol.doc_first >= 0:
        lines -= set(range(symbol.doc_first + 1, symbol.doc_last + 1))
        lines.add(symbol.doc_first)
    for line in range(symbol.first, symbol.head):
        if not (symbol.doc_first <= line <= symbol.doc_last) and not file.lines[line].lstrip().startswith(_COMMENTS):
            lines.add(line)
    return frozenset(lines | signature(file, symbol))


def fields(file: SourceFile, symbol: Symbol, members: Collection[str]) -> Lines:
    """Some fields of a class, in its head."""
    lines = set(signature(file, symbol))
    for one in file.by_owner.get(symbol.qualified, ()):
        if one.name in members and one.shape == "field":
            lines |= _head(file, one)
    return frozenset(lines)


@of_symbol
def around(file: SourceFile, symbol: Symbol) -> Lines:
    """The heads of what a symbol textually stands in, namespaces left out."""
    lines: set[int] = set()
    outer = symbol
    for _ in range(8):
        if 0 <= outer.around < len(file.symbols):
            outer = file.symbols[outer.around]
        elif outer.owner and (owner := file.by_qualified.get(outer.owner)) is not None and owner is not outer:
            if not owner.first <= outer.first <= outer.last <= owner.last:
                break
            outer = owner
        else:
            break
        if outer.shape != "namespace":
            lines |= _head(file, outer)
    if file.language == "rust" and symbol.owner:
        lines |= _implementation(file, symbol)
    return frozenset(lines)


def is_constructor(symbol: Symbol) -> bool:
    """Whether a method makes its class's instances."""
    last = symbol.owner.rpartition(".")[2].rpartition("::")[2]
    return bool(symbol.owner) and (symbol.name in _CONSTRUCTORS or symbol.name == last)


class Sheet:
    """What is shown of one file so far, and about how many tokens more of it would cost."""

    def __init__(self, file: SourceFile, shown: Iterable[int] = ()) -> None:
        self._layout = layout_of(file)
        self._file = file
        self.shown = set(shown)
        self._headed = bool(self.shown)

    def cost(self, lines: Lines) -> float:
        """The estimated tokens that `lines` add to what is shown; a new file costs its heading."""
        new = lines - self.shown
        if not new:
            return 0.0
        cost, tail = self._layout.cost, self._layout.tail
        total = 0.0 if self._headed else _heading(self._file)
        for line in new:
            total += cost(line)
            last, more = tail(line)
            if last >= 0 and last not in lines:
                total += more
        return total

    def add(self, lines: Iterable[int]) -> None:
        """Show more lines."""
        self.shown.update(lines)
        self._headed = self._headed or bool(self.shown)


def _heading(file: SourceFile) -> float:
    return 2.0 + len(file.path) / 4


@of_symbol
def _head(file: SourceFile, symbol: Symbol) -> Lines:
    """The lines of a head, and those before it that change how it is used."""
    end = layout_of(file).head_end(symbol)
    lines = set(range(symbol.head, end + 1))
    for line in range(symbol.first, symbol.head):
        if _TELLING.match(file.lines[line]):
            lines.add(line)
    return frozenset(lines)


def _overloads(file: SourceFile, symbol: Symbol) -> list[Symbol]:
    """A function with its overloads: the first of them, without the implementation that nobody calls.

    Python's implementation stands for them all: its head has every parameter in one row.
    """
    same = [one for one in file.by_name.get(symbol.name, ()) if one.qualified == symbol.qualified]
    declared = [one for one in same if "overload" in one.marks]
    if file.language == "python" and len(declared) < len(same):
        return [symbol] if "overload" not in symbol.marks else [one for one in same if one not in declared][-1:]
    return declared[:_OVERLOADS] if declared and file.language != "cpp" else [symbol]


def _implementation(file: SourceFile, symbol: Symbol) -> Lines:
    """The `impl` line around a method that does not stand inside its type, and the line that closes it."""
    for first, last in implementations(file):
        if first < symbol.first and symbol.last < last:
            return frozenset({first, last})
    return frozenset()


def implementations(file: SourceFile) -> tuple[tuple[int, int], ...]:
    """First and last lines of the `impl` blocks of a Rust file."""
    found = _IMPLEMENTATIONS.get(file)
    if found is None:
        found = _IMPLEMENTATIONS[file] = _implementations(file.lines)
    return found


def _implementations(lines: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    begin = -1
    for number, line in enumerate(lines):
        if line.startswith(("impl", "unsafe impl")):
            begin = number
        elif begin >= 0 and line.startswith("}"):
            found.append((begin, number))
            begin = -1
    return tuple(found)


_IMPLEMENTATIONS: WeakKeyDictionary[SourceFile, tuple[tuple[int, int], ...]] = WeakKeyDictionary()
