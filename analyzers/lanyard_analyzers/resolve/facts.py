"""One file's record, as name lookup wants it: tables by scope, owner and line.

Owns those tables and their reuse while a record stays the same. It must not look at other files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from weakref import WeakKeyDictionary

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding, FileRecord, Symbol
from lanyard_analyzers.resolve.bodies import Body

_SCOPES = frozenset({"function", "method", "class"})
_OPEN = frozenset({"namespace", "class"})
_ANYWHERE = "open"
"""What a definition may stand in and yet be named from outside; what a class owns is asked of the class."""


class Facts:
    """The tables of one record. A scope is the index of the symbol that opens it, -1 for the file itself."""

    def __init__(self, record: FileRecord) -> None:
        self.record = record
        self.bodies: dict[int, Body] = {}
        """What was read of functions' bodies so far, by scope."""

    @cached_property
    def tops(self) -> Mapping[str, Sequence[Symbol]]:
        """What can be named from outside: the definitions in no function and no class, by their last name."""
        found: dict[str, list[Symbol]] = {}
        symbols = self.record.symbols
        for symbol in symbols:
            if symbol.owner and _ANYWHERE not in symbol.marks:
                continue
            around = symbol.around
            if symbol.owner and 0 <= around < len(symbols):
                around = symbols[around].around
            while 0 <= around < len(symbols) and symbols[around].shape in _OPEN:
                around = symbols[around].around
            if around < 0:
                found.setdefault(symbol.name, []).append(symbol)
        return found

    @cached_property
    def owned(self) -> Mapping[str, Sequence[Symbol]]:
        """The members of each class by its qualified name."""
        found: dict[str, list[Symbol]] = {}
        for symbol in self.record.symbols:
            if symbol.owner:
                found.setdefault(symbol.owner, []).append(symbol)
        return found

    @cached_property
    def qualified(self) -> Mapping[str, Symbol]:
        """Definitions by their qualified name, the first of each."""
        found: dict[str, Symbol] = {}
        for symbol in self.record.symbols:
            found.setdefault(symbol.qualified, symbol)
        return found

    @cached_property
    def inner(self) -> Mapping[int, Mapping[str, Sequence[Symbol]]]:
        """What stands directly in a function or class, by its scope and the last name."""
        found: dict[int, dict[str, list[Symbol]]] = {}
        for symbol in self.record.symbols:
            if symbol.around >= 0:
                found.setdefault(symbol.around, {}).setdefault(symbol.name, []).append(symbol)
        return found

    @cached_property
    def bound(self) -> Mapping[int, Mapping[str, Sequence[Binding]]]:
        """What imports bind, by the scope that they stand in and the local name."""
        found: dict[int, dict[str, list[Binding]]] = {}
        for statement in self.record.imports:
            for binding in statement.bindings:
                if binding.name != "*":
                    found.setdefault(statement.around, {}).setdefault(binding.local, []).append(binding)
        return found

    @cached_property
    def dotted(self) -> Mapping[int, Mapping[str, Sequence[Binding]]]:
        """Those bindings whose local name has several parts (`import a.b`), by the first of them."""
        found: dict[int, dict[str, list[Binding]]] = {}
        for scope, names in self.bound.items():
            for local, bindings in names.items():
                first, dot, _ = local.partition(".")
                if dot:
                    found.setdefault(scope, {}).setdefault(first, []).extend(bindings)
        return found

    @cached_property
    def stars(self) -> Mapping[int, Sequence[Binding]]:
        """The imports of everything, by the scope that they stand in."""
        found: dict[int, list[Binding]] = {}
        for statement in self.record.imports:
            for binding in statement.bindings:
                if binding.name == "*":
                    found.setdefault(statement.around, []).append(binding)
        return found

    @cached_property
    def derived(self) -> tuple[Symbol, ...]:
        """The classes that are made from others, in the order of the file."""
        return tuple(one for one in self.record.symbols if one.shape == "class" and one.bases)

    @cached_property
    def _scopes(self) -> Sequence[int]:
        table = [-1] * max(self.record.lines, 1)
        for index, symbol in enumerate(self.record.symbols):
            if symbol.shape in _SCOPES and symbol.last < len(table):
                table[symbol.first : symbol.last + 1] = [index] * (symbol.last - symbol.first + 1)
        return table

    def scope_at(self, line: int) -> int:
        """The innermost function or class at a line, -1 where there is none."""
        return self._scopes[line] if 0 <= line < len(self._scopes) else -1

    def scopes(self, scope: int) -> list[int]:
        """A scope and those around it, innermost first, without the file itself."""
        symbols, found = self.record.symbols, list[int]()
        while 0 <= scope < len(symbols) and len(found) < 20:
            if symbols[scope].shape in _SCOPES:
                found.append(scope)
            around = symbols[scope].around
            scope = around if around < scope else -1
        return found

    def class_of(self, scope: int) -> str:
        """The qualified name of the class that a scope belongs to, "" where there is none."""
        for one in self.scopes(scope):
            symbol = self.record.symbols[one]
            if symbol.shape == "class":
                return symbol.qualified
            if symbol.owner:
                return symbol.owner
        return ""


_MOST_FILES = 600
"""Files whose tables, and with them whose records, are kept; a query looks at far fewer."""
_KNOWN: WeakKeyDictionary[Index, dict[str, Facts]] = WeakKeyDictionary()


def facts_of(index: Index, path: str) -> Facts | None:
    """The tables of a file; None where the index has no record of it."""
    record = index.record(path)
    if record is None:
        return None
    known = _KNOWN.setdefault(index, {})
    facts = known.get(path)
    if facts is None or facts.record is not record:
        if len(known) >= _MOST_FILES:
            known.clear()
        facts = known[path] = Facts(record)
    return facts
