"""What a file has to offer to slices: its symbols, imports and members, without its tree.

Owns the reading of one file into an `Outline` and the cache of outlines. It must not look at other files.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from threading import Lock

import tree_sitter

from lanyard_analyzers._definitions import Definition, definitions
from lanyard_analyzers.languages import LANGUAGES, grammar_of
from lanyard_analyzers.redact import Secret, find_secrets
from lanyard_analyzers.slices.imports import Binding, bindings_of
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.text import Span, Text
from lanyard_analyzers.tokens import estimate

_CACHED_CHARACTERS = 6_000_000
_VALUE_LINES = 12
_COMMENT_LINES = 3
_IDENTIFIER = re.compile(r"[^\W\d][\w$]*")


@dataclass(frozen=True, slots=True)
class Symbol:
    """A definition: lines are 0-based and inclusive.

    `name` is the last part of `qualified`. `first` to `last` are all that belongs to it, `head` is the line where its
    own node begins, `body` the lines of its body or None. `owner` is the qualified name of the class around it.
    """

    shape: str
    name: str
    qualified: str
    owner: str
    first: int
    last: int
    head: int
    body: tuple[int, int] | None
    span: Span

    @property
    def size(self) -> int:
        """Its number of lines."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Import:
    """One import statement: its lines and what it binds."""

    first: int
    last: int
    bindings: tuple[Binding, ...]


@dataclass(frozen=True)
class Outline:
    """One file as slices see it."""

    path: str
    language: str
    text: Text
    symbols: tuple[Symbol, ...]
    imports: tuple[Import, ...]
    members: Mapping[str, tuple[tuple[str, int, int], ...]] = field(repr=False)
    """Class → (member, first line, last line)."""

    @cached_property
    def by_name(self) -> Mapping[str, tuple[Symbol, ...]]:
        """Symbols by their last name, in the order of the file."""
        found: dict[str, list[Symbol]] = {}
        for symbol in self.symbols:
            found.setdefault(symbol.name, []).append(symbol)
        return {name: tuple(symbols) for name, symbols in found.items()}

    @cached_property
    def by_qualified(self) -> Mapping[str, Symbol]:
        """Symbols by their qualified name, the first of each."""
        found: dict[str, Symbol] = {}
        for symbol in self.symbols:
            found.setdefault(symbol.qualified, symbol)
        return found

    @cached_property
    def tokens(self) -> int:
        """The estimated tokens of the whole file."""
        return estimate(self.text.content)

    @cached_property
    def secrets(self) -> tuple[Secret, ...]:
        """The secrets of the whole file: a part of it may not show what makes them recognisable."""
        return find_secrets(self.text.content)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The text of each line, without its end."""
        return tuple(self.text.line_text(number) for number in range(self.text.line_count))

    @cached_property
    def line_tokens(self) -> tuple[int, ...]:
        """A cheap estimate of each line's tokens, for weighing only."""
        return tuple(1 + len(line.strip()) * 2 // 7 for line in self.lines)

    def line(self, number: int) -> str:
        """The text of a line, without its end."""
        return self.lines[number]

    def owned(self, owner: str) -> tuple[Symbol, ...]:
        """The symbols directly inside a class."""
        return tuple(symbol for symbol in self.symbols if symbol.owner == owner)

    def lines_of(self, span: Span) -> tuple[int, int]:
        """First and last line of a span; a span that ends at the start of a line does not count that line."""
        first = self.text.line_of(span.start)
        return first, max(first, self.text.line_of(max(span.start, span.end - 1)))


def outline_of(syntax: Syntax, path: str) -> Outline:
    """The outline of a parsed file, from the cache if the same text was read before."""
    key = (path, syntax.language, syntax.text.content)
    return _CACHE.get(key) or _CACHE.put(key, _outline(syntax, path))


def read_outline(content: str, path: str, language: str) -> Outline:
    """The outline of a file's content, parsed only if it is not in the cache."""
    key = (path, language, content)
    return _CACHE.get(key) or _CACHE.put(key, _outline(parse(Text.of(content), language), path))


def _outline(syntax: Syntax, path: str) -> Outline:
    text = syntax.text
    found = definitions(syntax)
    symbols = _symbols(syntax, found)
    imports = _imports(syntax)
    inside = sorted(symbol.body for symbol in symbols if symbol.body and symbol.shape in {"function", "method"})
    values = [value for value in _values(syntax) if not _within(value, inside)]
    known = {(symbol.name, symbol.first) for symbol in symbols}
    symbols += [value for value in values if (value.name, value.first) not in known]
    symbols.sort(key=lambda symbol: (symbol.first, -symbol.last))
    return Outline(path, syntax.language, text, tuple(symbols), imports, _members(syntax, symbols))


def _symbols(syntax: Syntax, found: tuple[Definition, ...]) -> list[Symbol]:
    text, separator = syntax.text, LANGUAGES[syntax.language].separator
    classes = {one.name for one in found if one.shape == "class"}
    symbols: list[Symbol] = []
    for one in found:
        outer, _, name = one.name.rpartition(separator)
        owner = outer.removeprefix("(*").removesuffix(")") if outer.startswith("(*") else outer
        first, last = text.line_of(one.span.start), text.line_of(max(one.span.start, one.span.end - 1))
        body = None
        if one.body is not None and len(one.body):
            body = (text.line_of(one.body.start), text.line_of(max(one.body.start, one.body.end - 1)))
        keeps = owner if owner in classes or one.shape == "method" else ""
        head = text.line_of(one.node.start)
        symbols.append(Symbol(one.shape, name, one.name, keeps, first, last, head, body, one.span))
    return symbols


def _values(syntax: Syntax) -> list[Symbol]:
    """Constants, variables, type aliases, prototypes and macros, as `<language>.slices.scm` names them."""
    text = syntax.text
    values: list[Symbol] = []
    for match in _matches(syntax, "values"):
        if "value" not in match or "name" not in match:
            continue
        span = syntax.node_span(match["value"][0])
        name = syntax.node_text(match["name"][0])
        first = text.line_of(span.start)
        last = min(text.line_of(max(span.start, span.end - 1)), first + _VALUE_LINES)
        if name:
            lead = _comment_above(text, first, LANGUAGES[syntax.language].line_comment)
            values.append(Symbol("value", name, name, "", lead, last, first, None, span))
    return values


def _comment_above(text: Text, line: int, comment: str) -> int:
    """The first of the comment lines right above a line; a comment of more than `_COMMENT_LINES` is left alone."""
    marks = (comment, "/*", "*") if comment == "//" else (comment,)
    first = line
    while first > 0 and line - first <= _COMMENT_LINES and text.line_text(first - 1).lstrip().startswith(marks):
        first -= 1
    return first if line - first <= _COMMENT_LINES else line


def _within(value: Symbol, bodies: list[tuple[int, int]]) -> bool:
    """Whether a value is local to a function; `bodies` are sorted and may nest."""
    at = bisect_left(bodies, (value.first + 1, 0))
    return any(first <= value.first and value.last <= last for first, last in bodies[max(0, at - 8) : at])


def _imports(syntax: Syntax) -> tuple[Import, ...]:
    text = syntax.text
    found: dict[int, Import] = {}
    for match in _matches(syntax, "statements"):
        if "require" in match and syntax.node_text(match["require"][0]) != "require":
            continue
        node = match["import"][0]
        span = syntax.node_span(node)
        if span.start not in found:
            statement = text.slice(span)
            last = text.line_of(max(span.start, span.start + len(statement.rstrip()) - 1))
            found[span.start] = Import(text.line_of(span.start), last, bindings_of(statement, syntax.language))
    return tuple(found[start] for start in sorted(found))


def _members(syntax: Syntax, symbols: list[Symbol]) -> Mapping[str, tuple[tuple[str, int, int], ...]]:
    text = syntax.text
    classes = [symbol for symbol in symbols if symbol.shape == "class"]
    found: dict[str, list[tuple[str, int, int]]] = {}
    for match in _matches(syntax, "fields"):
        if "self" in match and syntax.node_text(match["self"][0]) != "self":
            continue
        span = syntax.node_span(match["field"][0])
        first = text.line_of(span.start)
        last = text.line_of(max(span.start, span.end - 1))
        around = [one for one in classes if one.first <= first and last <= one.last]
        if around:
            inner = min(around, key=lambda one: one.size)
            name = _IDENTIFIER.search(syntax.node_text(match["name"][0]))
            found.setdefault(inner.qualified, []).append((name.group() if name else "", first, last))
    return {name: tuple(sorted(set(lines), key=lambda one: one[1:])) for name, lines in found.items()}


def _matches(syntax: Syntax, section: str) -> list[Mapping[str, Sequence[tree_sitter.Node]]]:
    cursor = tree_sitter.QueryCursor(_queries(syntax.language)[section], match_limit=4096)
    return [match for _, match in cursor.matches(syntax.root)]


@cache
def _queries(language: str) -> Mapping[str, tree_sitter.Query]:
    """The sections of `<language>.slices.scm`. They hold no predicates: those make tree-sitter ask for node texts."""
    name = LANGUAGES[language].query.removesuffix(".scm") + ".slices.scm"
    source = files("lanyard_analyzers").joinpath("queries", name).read_text(encoding="utf-8")
    parts = re.split(r"^;;; (\w+)$", source, flags=re.MULTILINE)
    return {
        name: tree_sitter.Query(grammar_of(language), body) for name, body in zip(parts[1::2], parts[2::2], strict=True)
    }


_Key = tuple[str, str, str]


class _Cache:
    """The outlines used last, of `_CACHED_CHARACTERS` of text in all; the newest stays, however large."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._outlines: OrderedDict[_Key, Outline] = OrderedDict()
        self._size = 0

    def get(self, key: _Key) -> Outline | None:
        with self._lock:
            outline = self._outlines.get(key)
            if outline is not None:
                self._outlines.move_to_end(key)
            return outline

    def put(self, key: _Key, outline: Outline) -> Outline:
        with self._lock:
            if key not in self._outlines:
                self._outlines[key] = outline
                self._size += len(outline.text)
            while self._size > _CACHED_CHARACTERS and len(self._outlines) > 1:
                self._size -= len(self._outlines.popitem(last=False)[1].text)
            return outline

    def clear(self) -> None:
        """Forget all; for measuring and testing."""
        with self._lock:
            self._outlines.clear()
            self._size = 0


_CACHE = _Cache()


def forget_outlines() -> None:
    """Empty the cache; for measuring and testing."""
    _CACHE.clear()
