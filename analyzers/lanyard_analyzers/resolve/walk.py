"""The walk from a name to what it stands for: scopes, imports, members, calls.

Owns every step and the bounds on them. It gives all that remains, certain first; choosing is for others. Answers are
remembered unless a bound was met on the way, so that what was asked before never changes an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding, Symbol
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.resolve.beyond import EXTENDED, SPELLED, extensions, extensions_in_sight, spelled_out
from lanyard_analyzers.resolve.bodies import NOTHING, RETURNS, Body, body_of, has_bodies
from lanyard_analyzers.resolve.callbacks import Handed, handed, parameter_type
from lanyard_analyzers.resolve.facts import Facts
from lanyard_analyzers.resolve.memory import Memory, distinct
from lanyard_analyzers.resolve.rules import Begins, Extends, Rules, rules_of
from lanyard_analyzers.resolve.texts import chains_in_value, names_in_type
from lanyard_analyzers.resolve.values import Definition, Instance, Module, Parameter, Place, Value, Variable

_BASES = 40
_SAME_NAME = 4
_STAR = 0.95
_OTHER = 0.6
_INHERITED = 0.97
_SELF_TYPES = frozenset({"Self", "typing.Self", "this", "static", "self"})
_SUPERS = frozenset({"super", "super()", "parent", "base"})
_MERGED = frozenset({"typescript", "tsx"})
"""Languages in which a class and an interface of one name are one type."""
_CALL = "__call__"
_AGAIN = 0.3
_PASS_ON = ("/__init__.py", "/index.ts", "/index.js", "/mod.rs")
_STATIC_IMPORTS = frozenset({"csharp", "java", "kotlin", "rust"})
_NO_TYPES = frozenset({"field", "function", "method"})
_UNWRITTEN = {"new": ".rb", "default": ".rs"}
_FOREIGN_DEPTH = 3
_MEMBERS_IMPORTED = frozenset({"java", "rust"})


class Walk(Memory):
    """Resolution over one state of an index."""

    def __init__(self, index: Index) -> None:
        super().__init__(index)
        self._tables: dict[Place, dict[str, list[Place]]] = {}
        self._found: dict[tuple[str, Binding], tuple[str, ...]] = {}

    def refresh(self) -> None:
        """Forget what rests on files that have changed since the last time."""
        super().refresh()
        self._tables.clear()

    def forget(self) -> None:
        """Forget everything."""
        super().forget()
        self._found.clear()

    # Names

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
                found += _definitions(path, facts.inner.get(one, {}).get(name, ()), "scope")
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
        yield from _definitions(path, facts.inner.get(scope, {}).get(name, ()), "scope")
        for kind, value in self.body(path, scope).locals.get(name, ()):
            yield Variable(path, scope, name, kind, value)
        for binding in facts.bound.get(scope, {}).get(name, ()):
            yield from self._bound(path, binding)

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

    def _at_top(self, path: str, facts: Facts, name: str) -> Iterator[Value]:
        own = facts.tops.get(name, ())
        yield from _definitions(path, own, "scope")
        bindings = facts.bound.get(-1, {}).get(name, ())
        for binding in bindings:
            yield from self._bound(path, binding)
        if not own and not bindings:
            yield from self._starred(path, facts, name)

    def declared(self, path: str, name: str) -> Iterator[Value]:
        """What a name stands for at the top of a file, in what the file includes, and in the files around it."""
        facts = self.facts(path)
        if facts is not None:
            yield from _definitions(path, facts.tops.get(name, ()), "scope")
            yield from self._starred(path, facts, name)
            yield from self._visible(path, rules_of(facts.record.language), name)

    def _starred(self, path: str, facts: Facts, name: str) -> Iterator[Value]:
        for binding in facts.stars.get(-1, ()):
            found = False
            for source in self.sources(path, binding):
                other = self.facts(source)
                if other is None or (other.record.exports and name not in other.record.exports):
                    continue
                values = self.exported(source, name) or self._of_class(source, other, binding, name)
                for value in values:
                    found = True
                    yield _via_import(value, _STAR)
            if found:
                return

    def _of_class(self, path: str, facts: Facts, binding: Binding, name: str) -> tuple[Value, ...]:
        """What a class gives of which everything is imported (`using static`, Java's `import static`, an enum)."""
        last = binding.source.rpartition("::" if facts.record.language == "rust" else ".")[2]
        symbol = facts.qualified.get(last) if facts.record.language in _STATIC_IMPORTS else None
        return self.member(Place(path, symbol), name) if symbol is not None and symbol.shape == "class" else ()

    def _visible(self, path: str, rules: Rules, name: str) -> Iterator[Value]:
        seen, found = {path}, False
        for other in rules.around(self.index, path, name):
            if other not in seen:
                seen.add(other)
                facts = self.facts(other)
                if facts is not None:
                    for one in _definitions(other, facts.tops.get(name, ()), "package"):
                        again = found and other.endswith(".rb")  # a module that is opened again
                        found = True
                        yield replace(one, certainty=one.certainty * _AGAIN) if again else one

    # Imports

    def sources(self, path: str, binding: Binding) -> tuple[str, ...]:
        """The files of the workspace that the source of a binding may be, likeliest first."""
        key = (path, binding)
        known = self._found.get(key)
        if known is None:
            facts = self.facts(path)
            found: dict[str, None] = {}
            if facts is not None:
                for raw in rules_of(facts.record.language).sources(self.index, path, binding):
                    one = _normal(raw)
                    if one and one != path and one not in found and self.index.exists(one):
                        found[one] = None
                        if len(found) >= 80:
                            break
            known = self._found[key] = tuple(found)
        return known

    def _module(self, path: str, source: str) -> tuple[Value, ...]:
        return (Module(path, source, self.sources(path, Binding("", source, "")), 1.0),)

    def _bound(self, path: str, binding: Binding) -> Iterator[Value]:
        if not binding.name:
            yield from self._module(path, binding.source)
            return
        found = False
        for source in self.sources(path, binding):
            for value in self.exported(source, binding.name):
                found = True
                yield _via_import(value, 1.0)
            if found:
                return
        for value in self._submodule(path, binding.source, binding.name):
            found = True
            yield value
        if not found:
            yield from self._of_source(path, binding)

    def _of_source(self, path: str, binding: Binding) -> Iterator[Value]:
        """A member that is imported from a class (`import static a.B.c`, `use Kind::A`)."""
        facts = self.facts(path)
        if facts is None or facts.record.language not in _MEMBERS_IMPORTED:
            return
        separator = LANGUAGES[facts.record.language].separator
        source, _, last = binding.source.rpartition(separator)
        values = tuple(self._bound(path, Binding(last, source, last))) if source else self.name(path, -1, last)
        for value in values:
            if isinstance(value, Definition) and value.place.symbol.shape == "class":
                yield from self.member_of(value, binding.name)

    def _submodule(self, path: str, source: str, name: str) -> Iterator[Value]:
        facts = self.facts(path)
        if facts is not None and name:
            separator = LANGUAGES[facts.record.language].separator
            joined = source + name if source.endswith(separator) else f"{source}{separator}{name}"
            paths = self.sources(path, Binding("", joined, ""))
            if paths:
                yield Module(path, joined, paths, 1.0)

    def exported(self, path: str, name: str) -> tuple[Value, ...]:
        """What a file gives under a name: its own definition, or what it passes on."""
        return self.remember(("exported", path, name), lambda: self._exported(path, name))

    def _exported(self, path: str, name: str) -> Iterator[Value]:
        facts = self.facts(path)
        if facts is None:
            return
        if name == "default" and facts.record.default:
            name = facts.record.default
        found = False
        for value in self._at_top(path, facts, name):
            found = True
            yield value
        if not found:
            symbol = facts.qualified.get(name)
            if symbol is not None and LANGUAGES[facts.record.language].separator in name:
                yield Definition(Place(path, symbol), "scope", 1.0)
            elif facts.record.language == "lua" and facts.record.default and name != facts.record.default:
                for value in self.exported(path, facts.record.default):
                    yield from self.member_of(value, name)

    def exports(self, path: str) -> tuple[Place, ...]:
        """What a file gives by name: its own definitions, then what it passes on."""
        return self.remember(("exports", path), lambda: self._exports(path))

    def _exports(self, path: str) -> Iterator[Place]:
        facts = self.facts(path)
        if facts is None:
            return
        names = facts.record.exports
        for name, symbols in facts.tops.items():
            if not name.startswith("__") or name in names:
                yield Place(path, _preferred([Place(path, symbol) for symbol in symbols])[0].symbol)
        passes_on = path.endswith(_PASS_ON)
        for name in facts.bound.get(-1, {}):
            if (name in names if names else passes_on) and not name.startswith("_"):
                yield from (one.place for one in self.exported(path, name) if isinstance(one, Definition))
        for binding in facts.stars.get(-1, ()):
            for source in self.sources(path, binding)[:1]:
                yield from self.exports(source)

    # Members

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
                return tuple(_via_import(value, module.certainty) for value in found)
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

    def owner(self, place: Place) -> Place | None:
        """The class that a member belongs to."""
        facts = self.facts(place.path)
        if facts is None or not place.symbol.owner:
            return None
        return next(iter(self._class_around(place.path, facts, -1, place.symbol.owner)), None)

    def members(self, place: Place) -> tuple[Place, ...]:
        """The members of a class itself, wherever they are written."""
        return self.remember(("members", *place.key), lambda: self._members(place))

    def _members(self, place: Place) -> Iterator[Place]:
        facts = self.facts(place.path)
        if facts is None:
            return
        owner = place.symbol.qualified
        for symbol in facts.owned.get(owner, ()):
            yield Place(place.path, symbol)
        rules = rules_of(facts.record.language)
        asked = rules.extends if isinstance(rules, Extends) else rules.around
        for other in dict.fromkeys(asked(self.index, place.path, place.symbol.name)):
            more = self.facts(other) if other != place.path else None
            for symbol in more.owned.get(owner, ()) if more is not None else ():
                yield Place(other, symbol)

    def _named_members(self, place: Place) -> dict[str, list[Place]]:
        members = self.members(place)
        known = self._tables.get(place)
        if known is None:
            known = self._tables[place] = {}
            for one in members:
                known.setdefault(one.symbol.name, []).append(one)
        return known

    def member(self, place: Place, name: str, certainty: float = 1.0) -> tuple[Definition, ...]:
        """A member of a class by name: its own, else that of the nearest base that has it."""
        own = self._named_members(place).get(name)
        if own:
            return tuple(
                Definition(one, "member", certainty * (1.0 if at == 0 else _OTHER))
                for at, one in enumerate(_preferred(own))
            )
        for base in self.all_bases(place):
            own = self._named_members(base.place).get(name)
            if own:
                sure = certainty * base.certainty * _INHERITED
                return tuple(Definition(one, "base", sure) for one in _preferred(own)[:2])
        facts = self.facts(place.path)
        if facts is None or facts.record.language not in EXTENDED:
            return ()
        classes = [place, *(base.place for base in self.all_bases(place))]
        return tuple(extensions(self.index, classes, name))

    def bases(self, place: Place) -> tuple[Definition, ...]:
        """The classes that a class is made from, in the order written."""
        return self.remember(("bases", *place.key), lambda: self._bases(place))

    def _bases(self, place: Place) -> Iterator[Definition]:
        facts = self.facts(place.path)
        if facts is None:
            return
        scope = place.symbol.around
        for one in self.whole(place):
            for text in one.symbol.bases:
                for parts in names_in_type(text)[:2]:
                    for value in self._value(one.path, scope, parts):
                        for found in self._as_classes(value):
                            if found.place != place:
                                yield found
                    break

    def whole(self, place: Place) -> tuple[Place, ...]:
        """A class in all its parts (partial classes, reopened ones); most have one."""
        facts = self.facts(place.path)
        if facts is None or facts.record.language not in _MERGED or place.symbol.owner:
            return (place,)
        same = facts.tops.get(place.symbol.name, ())
        more = [Place(place.path, one) for one in same if one.shape == "class" and one is not place.symbol]
        return (place, *more[:_SAME_NAME])

    def all_bases(self, place: Place) -> tuple[Definition, ...]:
        """All classes above a class, nearest first, itself left out."""
        return self.remember(("all", *place.key), lambda: self._all_bases(place))

    def _all_bases(self, place: Place) -> Iterator[Definition]:
        order: dict[Place, Definition] = {}
        pending = list(reversed(self.bases(place)))
        while pending and len(order) < _BASES:
            one = pending.pop()
            if one.place == place or one.place in order:
                continue
            order[one.place] = one
            pending += [
                replace(base, certainty=base.certainty * one.certainty) for base in reversed(self.bases(one.place))
            ]
        yield from order.values()

    # Types

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

    def _class_around(self, path: str, facts: Facts, scope: int, owner: str = "") -> tuple[Place, ...]:
        owner = owner or facts.class_of(scope)
        if not owner:
            return ()
        symbol = facts.qualified.get(owner)
        if symbol is not None and symbol.shape == "class":
            return (Place(path, symbol),)
        name = owner.rpartition(LANGUAGES[facts.record.language].separator)[2]
        values = self.name(path, -1, name)
        return tuple(one.place for one in values if isinstance(one, Definition) and one.place.symbol.shape == "class")[
            :1
        ]


def _may_be_type(value: Value) -> bool:
    return isinstance(value, Definition) and value.place.symbol.shape not in _NO_TYPES


def _names_namespace(values: Sequence[Value]) -> bool:
    return any(isinstance(value, Definition) and value.place.symbol.shape == "namespace" for value in values)


def _definitions(path: str, symbols: Sequence[Symbol], via: str) -> Iterator[Definition]:
    places = _preferred([Place(path, symbol) for symbol in symbols])
    for at, place in enumerate(places[:_SAME_NAME]):
        yield Definition(place, via, 1.0 if at == 0 else _OTHER)  # pyright: ignore[reportArgumentType]


def _preferred(places: Sequence[Place]) -> list[Place]:
    """Those with a body and without the mark of an overload first; else the order of the text."""
    if len(places) < 2:
        return list(places)
    return sorted(places, key=lambda one: "overload" in one.symbol.marks)


def _via_import(value: Value, certainty: float) -> Value:
    if isinstance(value, Definition):
        via = "import" if value.via == "scope" else value.via
        return Definition(value.place, via, value.certainty * certainty)
    return value


def _normal(path: str) -> str:
    if "//" not in path and "./" not in path and not path.startswith(("/", ".")) and not path.endswith("/"):
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in {"", "."}:
            parts.append(part)
    return "" if path.startswith("/") else "/".join(parts)
