"""What may be written next at a cursor: definitions of other files, each with what speaks for it.

Owns the routes from the buffer to definitions: imports, modules, the class around, values in scope, values of the other
functions, what those give. What speaks for a definition is `prospects_features.py`'s and `fellows.py`'s, what that is
worth `chances.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log1p

from lanyard_analyzers.resolve.resolver import Link, Place
from lanyard_analyzers.resolve.rules import rules_of
from lanyard_analyzers.slices.fellows import Fellows
from lanyard_analyzers.slices.nearby import UNKNOWN, Nearby, Offsets, is_keyword, subwords
from lanyard_analyzers.slices.prospects_features import Features
from lanyard_analyzers.slices.scene import Scene

_MOST_MEMBERS = 120
_MOST_EXPORTS = 120
_MOST_RECEIVERS = 130
_MOST_MEMBERS_OF_SELF = 80
_MEMBER = 2
_MOST_VALUES = 40
_MOST_STARS = 12
_MOST_LAZY = 40
_MOST_AROUND = 40
_MOST_RESULTS = 40
_MOST_BEYOND = 60
_MOST_HOPS = 60
_MOST_FILES = 30
_PACKAGE_FILES = ("__init__.", "index.", "mod.rs", "lib.rs")
_NONE = float("-inf")


@dataclass(slots=True)
class Prospect:
    """A definition that may be needed, its features, and the route that speaks most for it."""

    place: Place
    features: dict[str, float] = field(default_factory=dict[str, float])
    why: str = ""

    def note(self, features: Iterable[tuple[str, float]]) -> None:
        """Add features; of one that is known the greater value counts."""
        known = self.features
        for name, value in features:
            if value and value > known.get(name, _NONE):
                known[name] = value


class Prospects:
    """The prospects of one cursor."""

    def __init__(self, scene: Scene, nearby: Nearby) -> None:
        self._scene = scene
        self._nearby = nearby
        self._found: dict[Place, Prospect] = {}
        self._hops = 0
        self._features = Features(nearby)

    def gather(self) -> list[Prospect]:
        """All of them, in the order of the routes."""
        self._imports()
        self._values()
        self._package()
        fellows = Fellows(self._scene, self._nearby)
        directory = self._scene.file.path.rpartition("/")[0]
        for one in self._found.values():
            one.note(self._features.common(one.place.symbol))
            one.note([("beside_it", float(one.place.path.rpartition("/")[0] == directory))])
            one.note(fellows.features(one.place.symbol))
        return list(self._found.values())

    def _add(self, place: Place, route: str, features: Iterable[tuple[str, float]]) -> None:
        if place.path == self._scene.file.path or place.symbol.shape == "namespace":
            return
        found = self._found.get(place)
        if found is None:
            found = self._found[place] = Prospect(place, why=route)
        found.note(((route, 1.0), *features))

    # Imports

    def _imports(self) -> None:
        scene, nearby = self._scene, self._nearby
        line, record, function = nearby.scope_line, scene.file.record, nearby.function
        locals_: dict[str, tuple[float, int]] = {}
        elsewhere: dict[str, tuple[float, int]] = {}
        for statement in record.imports:
            size = log1p(len(statement.bindings))
            far = statement.around >= 0 and (function is None or record.symbols[statement.around] is not function)
            for binding in statement.bindings:
                if binding.local != "*" and far:
                    elsewhere.setdefault(binding.local, (size, statement.first))
                elif binding.local != "*":
                    locals_.setdefault(binding.local, (size, line))
        many = log1p(len(locals_))
        for local, (size, _) in locals_.items():
            self._imported(tuple(local.split(".")), line, "import", [("imports", many), ("siblings", size)])
        for local, (size, at) in [one for one in elsewhere.items() if one[0] not in locals_][:_MOST_LAZY]:
            self._imported(tuple(local.split(".")), at, "lazy", [("siblings", size)])
        self._starred()

    def _imported(self, parts: tuple[str, ...], line: int, route: str, more: Sequence[tuple[str, float]]) -> None:
        """What an import brings that is in force at a line."""
        scene, nearby = self._scene, self._nearby
        offsets = nearby.names.get(parts[0], ())
        used = [*self._features.used(offsets, "n"), *more]
        links = scene.resolver.chain(scene.file.path, line, parts)
        for rank, link in enumerate(links[:3]):
            self._add(link.place, route, [*used, ("doubt", 1.0 - link.certainty + rank)])
            if link.place.symbol.shape == "class":
                self._members(link.place, "class", parts, offsets, link.certainty)
            elif link.place.symbol.shape in {"function", "method"}:
                self._given(parts, offsets, line)
            elif link.place.symbol.shape == "value":
                self._typed(parts, "value", offsets, line)
        if not links:
            self._module(parts, offsets, 0, line)

    def _starred(self) -> None:
        """What imports of everything bring, used in the buffer or not."""
        scene, nearby = self._scene, self._nearby
        stars = [one for each in scene.file.record.imports for one in each.bindings if one.name == "*"]
        for binding in stars[:_MOST_STARS]:
            for source in scene.resolver.sources(scene.file.path, binding)[:_MOST_STARS]:
                given = scene.resolver.exports(source)
                size = log1p(len(given))
                unused = 0
                for place in given:
                    offsets = nearby.names.get(place.symbol.name, ())
                    unused += not offsets
                    if offsets or unused < _MOST_EXPORTS:
                        self._add(place, "starred", [*self._features.used(offsets, "n"), ("size", size)])

    def _module(self, parts: tuple[str, ...], offsets: Offsets, depth: int, line: int) -> None:
        scene, nearby = self._scene, self._nearby
        path = scene.file.path
        files = scene.resolver.modules(path, line, parts)
        asked = nearby.asked.get(parts, {})
        receiver = list(self._features.used(offsets, "r"))
        for name, at in asked.items():
            links = scene.resolver.chain(path, line, (*parts, name))[:2]
            if not links and depth < 2:
                self._module((*parts, name), at, depth + 1, line)
            for link in links:
                self._add(link.place, "attribute", [*receiver, *self._features.used(at, "n")])
                if link.place.symbol.shape == "class":
                    self._members(link.place, "class", (*parts, name), at, link.certainty)
        for one in files[:2]:
            given = [place for place in scene.resolver.exports(one) if place.symbol.name not in asked]
            size = log1p(len(given))
            given = sorted(given, key=lambda place: place.symbol.name.startswith("_"))
            if len(given) > _MOST_EXPORTS:
                given.sort(key=lambda place: -len(subwords(place.symbol.name) & nearby.words))
                del given[_MOST_EXPORTS:]
            for place in given:
                self._add(place, "attribute", [*receiver, ("size", size), ("unasked", 1.0)])

    def _given(self, parts: tuple[str, ...], offsets: Offsets, line: int) -> None:
        """Members of what an imported function gives."""
        called = (*parts[:-1], parts[-1] + "()")
        for link in self._scene.resolver.types(self._scene.file.path, line, called)[:2]:
            self._add(link.place, "given", [("doubt", 1.0 - link.certainty)])
            self._members(link.place, "given", parts, offsets, link.certainty)

    def _package(self) -> None:
        """What the modules beside a package's own file define: bodies there often import them themselves."""
        scene, nearby = self._scene, self._nearby
        directory, _, name = scene.file.path.rpartition("/")
        if not name.startswith(_PACKAGE_FILES):
            return
        for path in scene.index.in_directory(directory)[:_MOST_FILES]:
            for place in scene.resolver.exports(path) if path != scene.file.path else ():
                if place.symbol.shape == "class" and place.path == path:
                    self._add(place, "beside", self._features.used(nearby.names.get(place.symbol.name, ()), "n"))

    # Values in scope

    def _values(self) -> None:
        scene, nearby = self._scene, self._nearby
        rules = rules_of(scene.file.language)
        function = nearby.function
        receivers: dict[tuple[str, ...], str] = {}
        if nearby.dotted and UNKNOWN not in nearby.receiver:
            receivers[nearby.receiver] = "dot"
        if function is not None:
            for param in function.params[:20]:
                name = param.name.lstrip("*")
                if name not in rules.receivers:
                    receivers.setdefault((name,), "param")
        if nearby.owner is not None or (function is not None and function.owner):
            for name in sorted(rules.receivers & nearby.names.keys()) or sorted(rules.receivers)[:1]:
                receivers.setdefault((name,), "self")
        for parts in self._near_values(rules.receivers):
            receivers.setdefault(parts, "field" if len(parts) > 1 else "local")
        for parts, kind in list(receivers.items())[:_MOST_RECEIVERS]:
            self._typed(parts, kind, nearby.places.get(parts, ()), nearby.scope_line)
        self._around(rules.receivers, receivers)
        if function is not None and function.type:
            for link in scene.resolver.named_types(scene.file.path, nearby.scope_line, function.type)[:3]:
                self._add(link.place, "returned", [])

    def _near_values(self, receivers: frozenset[str]) -> list[tuple[str, ...]]:
        """The names and chains nearest to the cursor that may hold objects: those of the function and of its object."""
        nearby, record = self._nearby, self._scene.file.record
        imported = {binding.local.partition(".")[0] for one in record.imports for binding in one.bindings}
        inside: list[tuple[int, tuple[str, ...]]] = []
        own: list[tuple[int, tuple[str, ...]]] = []
        for parts, offsets in nearby.places.items():
            if parts[0] in receivers:
                if len(parts) == _MEMBER or (len(parts) > _MEMBER and parts in nearby.asked):
                    own.append((min(nearby.near(offsets)), parts))
            elif parts[0] not in imported and (len(parts) == 1 or parts in nearby.asked) and nearby.inside(offsets):
                inside.append((min(nearby.near(offsets)), parts))
        return [parts for _, parts in [*sorted(own)[:_MOST_MEMBERS_OF_SELF], *sorted(inside)[:_MOST_VALUES]]]

    def _typed(self, parts: tuple[str, ...], kind: str, offsets: Offsets, line: int) -> None:
        scene = self._scene
        links = scene.resolver.types(scene.file.path, line, parts)
        if not links and kind in {"dot", "param", "local", "field"}:
            links = self._guessed(parts, line)
            kind = kind if kind == "dot" else "guess"
        for link in links[:2]:
            if kind not in {"self", "value"}:
                self._add(link.place, f"type_{kind}", self._features.used(offsets, "r"))
            self._members(link.place, kind, parts, offsets, link.certainty)
            if kind in {"param", "field", "self"}:
                self._beyond(link.place, parts, kind)

    def _around(self, receivers: frozenset[str], known: Mapping[tuple[str, ...], str]) -> None:
        """Values of the other functions of the buffer, and what the functions around give."""
        scene, nearby = self._scene, self._nearby
        found: list[tuple[int, tuple[str, ...], Offsets]] = []
        imported = {binding.local.partition(".")[0] for one in scene.file.record.imports for binding in one.bindings}
        for parts in nearby.asked:
            offsets = nearby.places.get(parts, ())
            if parts in known or parts[0] in receivers or parts[0] in imported or len(parts) > _MEMBER or not offsets:
                continue
            if not is_keyword(parts[0]):
                found.append((min(nearby.near(offsets)), parts, offsets))
        found.sort(key=lambda one: one[:2])
        for _, parts, offsets in found[:_MOST_AROUND]:
            self._typed(parts, "around", offsets, scene.file.text.line_of(nearby.nearest(offsets)))
        self._results()

    def _results(self) -> None:
        """Members of what the functions of the buffer and the methods of the class around give."""
        scene, nearby = self._scene, self._nearby
        function, line = nearby.function, nearby.scope_line
        owner = function.owner if function is not None else ""
        near = [
            one
            for one in scene.file.symbols
            if one.shape in {"function", "method"} and one is not function and one.owner in {"", owner}
        ]
        near.sort(key=lambda one: abs(one.head - line))
        receiver = next(iter(sorted(rules_of(scene.file.language).receivers & {"self", "this"})), "self")
        for one in near[:_MOST_RESULTS]:
            parts = (receiver, f"{one.name}()") if one.owner else (f"{one.name}()",)
            offsets = (nearby.attributes if one.owner else nearby.names).get(one.name, ())
            for link in scene.resolver.types(scene.file.path, line, parts)[:1]:
                self._add(link.place, "type_result", self._features.used(offsets, "r"))
                self._members(link.place, "result", parts, offsets, link.certainty)

    def _beyond(self, place: Place, parts: tuple[str, ...], kind: str) -> None:
        """Members of what the fields of a class in another file hold and its methods give."""
        scene, nearby = self._scene, self._nearby
        levels = [place] if kind != "self" else [link.place for link in scene.resolver.all_bases(place)[:4]]
        for one in levels:
            if one.path == scene.file.path:
                continue
            for member in scene.resolver.members(one)[:_MOST_BEYOND]:
                symbol = member.symbol
                if symbol.name in nearby.attributes and kind == "self" and symbol.shape == "field":
                    continue
                if not (symbol.type or symbol.value) or self._hops >= _MOST_HOPS:
                    continue
                self._hops += 1
                called = symbol.shape == "method" and "property" not in symbol.marks
                chain = (*parts, symbol.name + "()" * called)
                offsets = nearby.attributes.get(symbol.name, ())
                for link in scene.resolver.types(scene.file.path, nearby.scope_line, chain)[:1]:
                    self._members(link.place, "beyond", (*parts, symbol.name), offsets, link.certainty)

    def _guessed(self, parts: tuple[str, ...], line: int) -> tuple[Link, ...]:
        """What an untyped value may be: by what is asked of it in the buffer, else by its own name."""
        scene = self._scene
        if scene.resolver.foreign(scene.file.path, line, parts):
            return ()
        asked = self._nearby.asked.get(parts, {})
        if len(asked) > 1 or (asked and len(next(iter(asked))) > 6):
            found = scene.resolver.having(asked)
            if found:
                return found[:2]
        return scene.resolver.named_like(scene.file.path, parts[-1])

    def _members(self, place: Place, kind: str, parts: tuple[str, ...], offsets: Offsets, certainty: float) -> None:
        """The members of a class and of its bases, as far as they lie in other files."""
        scene, nearby = self._scene, self._nearby
        asked = nearby.asked.get(parts, {})
        receiver = [*self._features.used(offsets, "r"), ("doubt", 1.0 - certainty)]
        dotted = nearby.receiver == parts
        route = f"of_{kind}"
        seen: set[str] = set()
        levels = [(place, 0), *((link.place, 1) for link in scene.resolver.all_bases(place)[:8])]
        for one, level in levels:
            members = scene.resolver.members(one)
            if one.path == scene.file.path:
                seen.update(member.symbol.name for member in members)
                continue
            given = [member for member in members if member.symbol.shape in {"method", "class"}][:_MOST_MEMBERS]
            size = log1p(len(given))
            for member in given:
                name = member.symbol.name
                if name in seen and "overload" not in member.symbol.marks:
                    same = nearby.function is not None and nearby.function.name == name
                    if not (same and level):
                        continue
                seen.add(name)
                features = [*receiver, ("size", size), ("inherited", float(level)), ("dotted", float(dotted))]
                if name in asked:
                    features += self._features.used(asked[name], "n")
                    features.append(("asked", 1.0))
                elif name in nearby.attributes:
                    features += self._features.used(nearby.attributes[name], "a")
                self._add(member, route, features)
