"""The walk from a name to what it stands for: scopes, imports, members, calls.

Owns every step and the bounds on them. It gives all that remains, certain first; choosing is for others. Answers are
remembered unless a bound was met on the way, so that what was asked before never changes an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.resolve.beyond import EXTENDED, SPELLED, extensions_in_sight, spelled_out
from lanyard_analyzers.resolve.facts import Facts
from lanyard_analyzers.resolve.memory import distinct
from lanyard_analyzers.resolve.rules import Begins, rules_of
from lanyard_analyzers.resolve.steps import definitions, via_import
from lanyard_analyzers.resolve.texts import chains_in_value
from lanyard_analyzers.resolve.types import Types
from lanyard_analyzers.resolve.values import Definition, Instance, Module, Parameter, Place, Value, Variable

_SUPERS = frozenset({"super", "super()", "parent", "base"})
_UNWRITTEN = {"new": ".rb", "default": ".rs"}
_FOREIGN_DEPTH = 3


class Walk(Types):
    """Resolution over an index."""

    def value(self, path: str, line: int, parts: Sequence[str]) -> tuple[Value, ...]:
        """What a chain stands for, calls at its end included."""
        facts = self.facts(path)
        return self._value(path, facts.scope_at(line), tuple(parts)) if facts is not None and parts else ()

    def _value(self, path: str, scope: int, parts: tuple[str, ...]) -> tuple[Value, ...]:
        return self.remember(("value", path, scope, parts), lambda: self._evaluate(path, scope, parts))

    def _evaluate(self, path: str, scope: int, parts: tuple[str, ...]) -> Iterator[Value]:
        values, rest = self._start(path, scope, parts)
        for part in rest:
            name = part.removesuffix("()")
            values = distinct(found for value in values for found in self.member_of(value, name))
            values = values or self._extended(path, name)
            if name != part:
                values = distinct(found for value in values for found in self.call(value))
        yield from values

    def _extended(self, path: str, name: str) -> tuple[Value, ...]:
        facts = self.facts(path)
        if facts is None or facts.record.language not in EXTENDED:
            return ()
        return extensions_in_sight(self.index, facts.record, name)

    def _start(self, path: str, scope: int, parts: tuple[str, ...]) -> tuple[tuple[Value, ...], tuple[str, ...]]:
        """What the first part stands for (or the first few, for a dotted import), and the parts after it."""
        facts, first = self.facts(path), parts[0]
        if facts is None:
            return (), ()
        name = first.removesuffix("()")
        rules = rules_of(facts.record.language)
        if first in _SUPERS and (len(parts) > 1 or name != first):
            around = self._class_around(path, facts, scope)
            bases = [base for place in around for base in self.bases(place)]
            if bases:
                return tuple(Instance(one.place, "base", one.certainty) for one in bases), parts[1:]
        if name in rules.receivers:
            around = self._class_around(path, facts, scope)
            if around and name in {"cls", "Self", "static"}:
                found: tuple[Value, ...] = tuple(Definition(place, "scope", 1.0) for place in around)
                return (self._called(found) if name != first else found), parts[1:]
            if around:
                return tuple(Instance(place, "scope", 1.0) for place in around), parts[1:]
        language = facts.record.language
        if len(parts) > 1 and language == "ruby" and name[:1].isupper():
            spelled = self._spelled_out(facts, parts)
            if spelled is not None:
                return spelled
        values = self.name(path, scope, name)
        if not values and len(parts) > 1:
            spelled = self._spelled_out(facts, parts) if language in SPELLED else None
            if spelled is not None:
                return spelled
            values, parts = self._dotted(path, facts, scope, parts)
            if not values and isinstance(rules, Begins) and rules.begins_path(self.index, path, name):
                values = self._module(path, name)
        elif len(parts) > 1 and language == "cpp" and _names_namespace(values):
            return self._spelled_out(facts, parts) or (values, parts[1:])
        return (self._called(values) if name != first else values), parts[1:]

    def _called(self, values: Iterable[Value]) -> tuple[Value, ...]:
        return distinct(found for value in values for found in self.call(value))

    def _spelled_out(self, facts: Facts, parts: tuple[str, ...]) -> tuple[tuple[Value, ...], tuple[str, ...]] | None:
        """What the beginning of a chain names by its namespaces, and the parts after it."""
        found, length = spelled_out(self.index, facts.record, parts)
        if not found:
            return None
        return (self._called(found) if parts[length - 1].endswith("()") else found), parts[length:]

    def _dotted(
        self, path: str, facts: Facts, scope: int, parts: tuple[str, ...]
    ) -> tuple[tuple[Value, ...], tuple[str, ...]]:
        for one in [*facts.scopes(scope), -1]:
            bindings = facts.dotted.get(one, {}).get(parts[0], ())
            for length in range(min(len(parts), 6), 1, -1):
                local = ".".join(parts[:length])
                for binding in bindings:
                    if binding.local == local:
                        return self._module(path, binding.source), parts[length - 1 :]
            if bindings:
                return self._module(path, bindings[0].source.partition(".")[0]), parts
        return (), parts

    def name(self, path: str, scope: int, name: str) -> tuple[Value, ...]:
        """What a bare name stands for in a scope of a file."""
        return self.remember(("name", path, scope, name), lambda: self._name(path, scope, name))

    def _name(self, path: str, scope: int, name: str) -> Iterator[Value]:
        facts = self.facts(path)
        if facts is None:
            return
        rules = rules_of(facts.record.language)
        found: list[Value] = []
        for at, one in enumerate(facts.scopes(scope)):
            symbol = facts.record.symbols[one]
            if symbol.shape != "class":
                found += self._in_function(path, facts, one, name)
            elif rules.bare_members:
                for place in self.whole(Place(path, symbol)):
                    found += self.member(place, name)
            elif at == 0:
                found += definitions(path, facts.inner.get(one, {}).get(name, ()), "scope")
            if not found and symbol.owner and rules.bare_members:
                for place in self._class_around(path, facts, one):
                    found += self.member(place, name)
            if found:
                yield from found
                return
        yield from self._at_top(path, facts, name)
        if rules.bare_members or not facts.tops.get(name):
            yield from self._visible(path, rules, name)

    def _in_function(self, path: str, facts: Facts, scope: int, name: str) -> Iterator[Value]:
        symbol = facts.record.symbols[scope]
        for param in symbol.params:
            if param.name.lstrip("*.") == name:
                yield Parameter(Place(path, symbol), param, 1.0)
        yield from definitions(path, facts.inner.get(scope, {}).get(name, ()), "scope")
        for kind, value in self.body(path, scope).locals.get(name, ()):
            yield Variable(path, scope, name, kind, value)
        for binding in facts.bound.get(scope, {}).get(name, ()):
            yield from self._bound(path, binding)

    def member_of(self, value: Value, name: str) -> tuple[Value, ...]:
        """What `value.name` stands for."""
        if isinstance(value, Module):
            return self._of_module(value, name)
        if isinstance(value, Instance):
            return self.member(value.place, name, value.certainty)
        if isinstance(value, Definition):
            symbol, place = value.place.symbol, value.place
            if symbol.shape == "class":
                found = self.member(place, name, value.certainty)
                # Some constructors nobody writes: `new` of Ruby, `default` of Rust where it is derived
                return found or ((value,) if place.path.endswith(_UNWRITTEN.get(name, "/")) else ())
            if symbol.shape == "namespace":
                return self._of_namespace(place, name)
            if symbol.shape in {"function", "method"} and "property" not in symbol.marks:
                return ()
        return self.remember(
            ("of", value, name), lambda: (found for held in self.held(value) for found in self.member_of(held, name))
        )

    def _of_module(self, module: Module, name: str) -> tuple[Value, ...]:
        for path in module.paths:
            found = self.exported(path, name)
            if found:
                return tuple(via_import(value, module.certainty) for value in found)
        return tuple(self._submodule(module.origin, module.source, name))

    def _of_namespace(self, place: Place, name: str) -> tuple[Value, ...]:
        facts = self.facts(place.path)
        if facts is None:
            return ()
        separator = LANGUAGES[facts.record.language].separator
        symbol = facts.qualified.get(f"{place.symbol.qualified}{separator}{name}")
        return (Definition(Place(place.path, symbol), "member", 1.0),) if symbol is not None else ()

    def modules(self, path: str, line: int, parts: Sequence[str]) -> tuple[str, ...]:
        """The files that a chain names as a module, likeliest first."""
        values = self.value(path, line, parts)
        return next((value.paths for value in values if isinstance(value, Module)), ())

    def foreign(self, path: str, line: int, parts: Sequence[str]) -> bool:
        """Whether a chain begins at an import that leads out of the workspace, or at what such a chain gave."""
        facts = self.facts(path)
        return facts is not None and self._foreign(path, facts, facts.scope_at(line), tuple(parts), 0)

    def _foreign(self, path: str, facts: Facts, scope: int, parts: tuple[str, ...], depth: int) -> bool:
        first = parts[0].removesuffix("()")
        for one in [*facts.scopes(scope), -1]:
            bindings = [*facts.bound.get(one, {}).get(first, ()), *facts.dotted.get(one, {}).get(first, ())]
            if bindings:
                return not any(self.sources(path, binding) for binding in bindings)
            for symbol in facts.inner.get(one, {}).get(first, ()) if one >= 0 else facts.tops.get(first, ()):
                chains = chains_in_value(symbol.value) if symbol.value and depth < 3 else ()
                return any(self._foreign(path, facts, scope, chain, depth + 1) for chain in chains if chain != parts)
        return False

    def settled(self, path: str, line: int, parts: Sequence[str], depth: int = 0) -> bool:
        """Whether it is written of what type a chain is, be it one of the workspace or not, so that nothing is left to
        guess; for languages whose variables have types."""
        if parts[0][:1].isupper():
            return True
        for length in range(len(parts), 0, -1):
            values = self.value(path, line, parts[:length])
            if values:
                return any(self._says_type(value, line, depth) for value in values)
        return False

    def _says_type(self, value: Value, line: int, depth: int) -> bool:
        if isinstance(value, Variable):
            chains = chains_in_value(value.value) if value.value and depth < _FOREIGN_DEPTH else ()
            if value.type or not value.value:
                return True
            return any(self.settled(value.path, line, chain, depth + 1) for chain in chains)
        return not isinstance(value, Parameter) or bool(value.param.type)


def _names_namespace(values: Sequence[Value]) -> bool:
    return any(isinstance(value, Definition) and value.place.symbol.shape == "namespace" for value in values)
