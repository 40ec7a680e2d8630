"""What values hold and calls give, as far as it is written.

Owns shallow types: annotations, constructor calls, what bodies and documentation say; nothing is computed.
"""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.resolve.bodies import NOTHING, RETURNS, Body, body_of, has_bodies
from lanyard_analyzers.resolve.callbacks import Handed, handed, parameter_type
from lanyard_analyzers.resolve.facts import Facts
from lanyard_analyzers.resolve.members import Members
from lanyard_analyzers.resolve.rules import rules_of
from lanyard_analyzers.resolve.texts import chains_in_value, names_in_type
from lanyard_analyzers.resolve.values import Definition, Instance, Module, Parameter, Place, Value, Variable

_SAME_NAME = 4
_SELF_TYPES = frozenset({"Self", "typing.Self", "this", "static", "self"})
_CALL = "__call__"
_NO_TYPES = frozenset({"field", "function", "method"})


class Types(Members):
    """From values to the classes of which they are objects."""

    def body(self, path: str, scope: int) -> Body:
        """What the body of the function that opens a scope says of its locals."""
        facts = self.facts(path)
        if facts is None or not has_bodies(facts.record.language):
            return NOTHING
        known = facts.bodies.get(scope)
        if known is None:
            symbol, file = facts.record.symbols[scope], self.index.file(path)
            lines = file.lines if file is not None and file.record is facts.record else ()
            text = lines[symbol.body_first : symbol.body_last + 1] if symbol.body_first >= 0 else ()
            documentation = lines[symbol.doc_first : symbol.doc_last + 1] if symbol.doc_first >= 0 else ()
            code = text[len(documentation) :] if symbol.doc_first == symbol.body_first else text
            known = facts.bodies[scope] = body_of(facts.record.language, code, documentation)
        return known

    def held(self, value: Value) -> tuple[Value, ...]:
        """What a variable, field, parameter or property holds, as far as it is written."""
        if isinstance(value, Parameter):
            return self._of_parameter(value)
        if isinstance(value, Variable):
            return self.remember(("variable", value), lambda: self._of_variable(value))
        if isinstance(value, Definition):
            return self.remember(("held", *value.place.key), lambda: self._held(value.place))
        return ()

    def _held(self, place: Place) -> Iterator[Value]:
        facts, symbol = self.facts(place.path), place.symbol
        if facts is None:
            return
        if symbol.shape in {"function", "method"}:
            yield from self._given(place)
            return
        scope = self._scope_of(facts, symbol)
        found = False
        if symbol.type:
            for one in self._typed(place.path, scope, symbol.type, symbol.owner):
                found = True
                yield one
        if not found and symbol.value:
            taken = handed(symbol.value)
            if taken is not None:
                yield from self._handed(place.path, scope, taken)
            for parts in chains_in_value(symbol.value) if taken is None else ():
                if parts != (symbol.name,):
                    yield from self._value(place.path, scope, parts)

    def _handed(self, path: str, scope: int, taken: Handed) -> Iterator[Value]:
        """What a parameter of a function is that a call takes."""
        for parts in chains_in_value(taken.callee):
            for value in self._value(path, scope, parts)[:_SAME_NAME]:
                for place in self._called_by(value):
                    params = [one for one in place.symbol.params if one.name != "this"]
                    if taken.number < len(params):
                        yield from self._of_function_type(place, params[taken.number].type, taken.at)

    def _called_by(self, value: Value) -> tuple[Place, ...]:
        if not isinstance(value, Definition):
            return ()
        place, facts = value.place, self.facts(value.place.path)
        if place.symbol.shape == "class":
            return tuple(one.place for one in self.member(place, "constructor"))
        same = facts.owned.get(place.symbol.owner, ()) if facts is not None and place.symbol.owner else ()
        return (
            place,
            *(Place(place.path, one) for one in same if one.name == place.symbol.name and one != place.symbol),
        )

    def _of_function_type(self, place: Place, text: str, at: int) -> Iterator[Value]:
        """The objects that a parameter may be in the text of a function's type, or of an alias of one."""
        scope = self._outside(place)
        if "=>" in text:
            given = parameter_type(text, at)
            if given:
                yield from self._typed(place.path, scope, given, place.symbol.owner)
            return
        for parts in names_in_type(text)[:2]:
            for value in self._value(place.path, scope, parts)[:2]:
                if isinstance(value, Definition) and value.place.symbol.shape == "type":
                    given = parameter_type(value.place.symbol.type, at)
                    if given:
                        yield from self._typed(value.place.path, self._outside(value.place), given, "")
                elif isinstance(value, Definition) and value.place.symbol.shape == "class":
                    for one in self.member(value.place, _CALL)[:2]:
                        if at < len(one.place.symbol.params):
                            given = one.place.symbol.params[at].type
                            yield from self._typed(one.place.path, self._outside(one.place), given, "")

    def _scope_of(self, facts: Facts, symbol: Symbol) -> int:
        return symbol.around if symbol.around >= 0 else facts.scope_at(symbol.head)

    def _of_parameter(self, value: Parameter) -> tuple[Value, ...]:
        place, param = value.function, value.param
        scope = self._outside(place)
        text = param.type
        if not text and scope >= 0:
            text = self.body(place.path, scope).documented.get(param.name.lstrip("*"), "")
        if not text:
            return ()
        key = ("parameter", *place.key, param.name)
        return self.remember(key, lambda: self._typed(place.path, scope, text, place.symbol.owner))

    def _of_variable(self, value: Variable) -> Iterator[Value]:
        found = False
        if value.type:
            for one in self._typed(value.path, value.scope, value.type, ""):
                found = True
                yield one
        if not found and value.value:
            for parts in chains_in_value(value.value):
                if parts != (value.name,):
                    yield from self._value(value.path, value.scope, parts)

    def _outside(self, place: Place) -> int:
        """The scope in which the types of a function's head are looked up: its own, for its type parameters."""
        facts = self.facts(place.path)
        return facts.scope_at(place.symbol.head) if facts is not None else -1

    def _typed(self, path: str, scope: int, text: str, owner: str) -> Iterator[Value]:
        if text in _SELF_TYPES:
            facts = self.facts(path)
            for place in self._class_around(path, facts, scope, owner) if facts is not None else ():
                yield Instance(place, "member", 1.0)
            return
        yield from (Instance(one.place, one.via, one.certainty) for one in self.named_types(path, scope, text))

    def named_types(self, path: str, scope: int, text: str) -> tuple[Definition, ...]:
        """The classes that the text of a type names, aliases followed."""
        return self.remember(("types", path, scope, text), lambda: self._named_types(path, scope, text))

    def _named_types(self, path: str, scope: int, text: str) -> Iterator[Definition]:
        for parts in names_in_type(text):
            values = self._value(path, scope, parts)
            if scope >= 0 and not any(_may_be_type(one) for one in values) and self.name(path, scope, parts[0]):
                values = self._value(path, -1, parts)  # a parameter or field is called like its type or package
            for value in values:
                yield from self._as_classes(value)

    def _as_classes(self, value: Value) -> Iterator[Definition]:
        """The classes that a value names when it stands where a type does."""
        if not isinstance(value, Definition):
            return
        symbol, path = value.place.symbol, value.place.path
        if symbol.shape == "class":
            yield value
        elif symbol.shape in {"type", "value"}:
            facts = self.facts(path)
            text = symbol.type if symbol.shape == "type" and symbol.type else symbol.value
            if facts is not None and text:
                scope = self._scope_of(facts, symbol)
                yield from self.remember(
                    ("alias", *value.place.key), lambda: self._named_types(path, scope, text.replace("(", " "))
                )

    def call(self, value: Value) -> tuple[Value, ...]:
        """What calling a value gives."""
        if isinstance(value, Definition):
            symbol = value.place.symbol
            if symbol.shape == "class":
                return (Instance(value.place, value.via, value.certainty),)
            bare = "property" in symbol.marks and not value.place.path.endswith(".rb")
            if symbol.shape in {"function", "method"} and not bare:
                return self.remember(("given", *value.place.key), lambda: self._given(value.place))
        if isinstance(value, Instance):
            return tuple(
                given
                for one in self.member(value.place, _CALL)
                for given in self.remember(("given", *one.place.key), lambda one=one: self._given(one.place))
            )
        if isinstance(value, Module):
            return ()
        return self.remember(("call", value), lambda: (found for held in self.held(value) for found in self.call(held)))

    def _given(self, place: Place) -> Iterator[Value]:
        facts, symbol = self.facts(place.path), place.symbol
        if facts is None:
            return
        found = False
        scope = self._outside(place)
        for text in self._types_given(place, scope):
            for one in self._typed(place.path, scope, text, symbol.owner):
                found = True
                yield one
            if found:
                return
        values = [symbol.value] if symbol.value else self.body(place.path, scope).returned if scope >= 0 else ()
        for text in values:
            for parts in chains_in_value(text):
                for one in self._value(place.path, scope, parts):
                    found = True
                    yield one
        if not found and symbol.owner and symbol.name in rules_of(facts.record.language).constructors:
            for one in self._class_around(place.path, facts, -1, symbol.owner):
                yield Instance(one, "member", 1.0)

    def _types_given(self, place: Place, scope: int) -> Iterator[str]:
        if place.symbol.type:
            yield place.symbol.type
        elif scope >= 0 and (text := self.body(place.path, scope).documented.get(RETURNS)):
            yield text

    def classes(self, value: Value) -> tuple[Definition, ...]:
        """The classes of which a value is an object."""
        if isinstance(value, Instance):
            return (Definition(value.place, value.via, value.certainty),)
        if isinstance(value, Definition) and value.place.symbol.shape == "class":
            return (value,)
        if isinstance(value, Module):
            return ()
        return self.remember(
            ("classes", value), lambda: (one for held in self.held(value) for one in self.classes(held))
        )


def _may_be_type(value: Value) -> bool:
    return isinstance(value, Definition) and value.place.symbol.shape not in _NO_TYPES
