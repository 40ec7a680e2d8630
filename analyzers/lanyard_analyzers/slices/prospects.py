"""What may be written next at a cursor: definitions of other files, each with what speaks for it.

Owns the routes from the buffer to definitions (imports, modules, the class around, values in scope) and the features
of each; what the features are worth is `chances.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import exp, log1p

from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.resolve.resolver import Link, Place
from lanyard_analyzers.resolve.rules import rules_of
from lanyard_analyzers.slices.fellows import Fellows
from lanyard_analyzers.slices.nearby import UNKNOWN, Nearby, Offsets, subwords
from lanyard_analyzers.slices.scene import Scene

_LINE = 40.0
"""Characters that count as one line."""
_MOST_MEMBERS = 120
_MOST_EXPORTS = 120
_MOST_RECEIVERS = 130
_MOST_MEMBERS_OF_SELF = 80
_MEMBER = 2
_MOST_VALUES = 40
_MOST_STARS = 12
_MOST_FILES = 30
_PACKAGE_FILES = ("__init__.", "index.", "mod.rs", "lib.rs")
_EXCEPTION = ("Error", "Exception", "Warning", "Failure", "Timeout", "Interrupt", "Exit")


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
            if value and (name not in known or value > known[name]):
                known[name] = value


class Prospects:
    """The prospects of one cursor."""

    def __init__(self, scene: Scene, nearby: Nearby) -> None:
        self._scene = scene
        self._nearby = nearby
        self._found: dict[Place, Prospect] = {}
        self._usage: dict[tuple[int, str], Sequence[tuple[str, float]]] = {}

    def gather(self) -> list[Prospect]:
        """All of them, in the order of the routes."""
        self._imports()
        self._values()
        self._package()
        fellows = Fellows(self._scene, self._nearby)
        for one in self._found.values():
            one.note(self._common(one.place.symbol))
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
        path, line = scene.file.path, nearby.scope_line
        record = scene.file.record
        function = nearby.function
        locals_: list[tuple[str, float]] = []
        for statement in record.imports:
            if statement.around >= 0 and (function is None or record.symbols[statement.around] is not function):
                continue
            size = log1p(len(statement.bindings))
            locals_ += [(binding.local, size) for binding in statement.bindings if binding.local != "*"]
        many = log1p(len(locals_))
        for local, size in dict.fromkeys(locals_):
            parts = tuple(local.split("."))
            offsets = nearby.names.get(parts[0], ())
            used = [*self._used(offsets, "n"), ("imports", many), ("siblings", size)]
            links = scene.resolver.chain(path, line, parts)
            for rank, link in enumerate(links[:3]):
                self._add(link.place, "import", [*used, ("doubt", 1.0 - link.certainty + rank)])
                if link.place.symbol.shape == "class":
                    self._members(link.place, "class", parts, offsets, link.certainty)
                elif link.place.symbol.shape in {"function", "method"}:
                    self._given(parts, offsets)
                elif link.place.symbol.shape == "value":
                    self._typed(parts, "value", offsets)
            if not links:
                self._module(parts, offsets, 0)
        self._starred()

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
                        self._add(place, "starred", [*self._used(offsets, "n"), ("size", size)])

    def _module(self, parts: tuple[str, ...], offsets: Offsets, depth: int) -> None:
        scene, nearby = self._scene, self._nearby
        path, line = scene.file.path, nearby.scope_line
        files = scene.resolver.modules(path, line, parts)
        asked = nearby.asked.get(parts, {})
        receiver = list(self._used(offsets, "r"))
        for name, at in asked.items():
            links = scene.resolver.chain(path, line, (*parts, name))[:2]
            if not links and depth < 2:
                self._module((*parts, name), at, depth + 1)
            for link in links:
                self._add(link.place, "attribute", [*receiver, *self._used(at, "n")])
                if link.place.symbol.shape == "class":
                    self._members(link.place, "class", (*parts, name), at, link.certainty)
        for one in files[:2]:
            given = [place for place in scene.resolver.exports(one) if place.symbol.name not in asked]
            size = log1p(len(given))
            given = sorted(given, key=lambda place: place.symbol.name.startswith("_"))[:_MOST_EXPORTS]
            for place in given:
                self._add(place, "attribute", [*receiver, ("size", size), ("unasked", 1.0)])

    def _given(self, parts: tuple[str, ...], offsets: Offsets) -> None:
        """Members of what an imported function gives."""
        called = (*parts[:-1], parts[-1] + "()")
        for link in self._scene.resolver.types(self._scene.file.path, self._nearby.scope_line, called)[:2]:
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
                    self._add(place, "beside", self._used(nearby.names.get(place.symbol.name, ()), "n"))

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
            self._typed(parts, kind, nearby.places.get(parts, ()))
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

    def _typed(self, parts: tuple[str, ...], kind: str, offsets: Offsets) -> None:
        scene, nearby = self._scene, self._nearby
        path, line = scene.file.path, nearby.scope_line
        links = scene.resolver.types(path, line, parts)
        if not links and kind in {"dot", "param", "local", "field"}:
            links = self._guessed(parts, line)
            kind = kind if kind == "dot" else "guess"
        for link in links[:2]:
            if kind not in {"self", "value"}:
                self._add(link.place, f"type_{kind}", self._used(offsets, "r"))
            self._members(link.place, kind, parts, offsets, link.certainty)

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
        receiver = [*self._used(offsets, "r"), ("doubt", 1.0 - certainty)]
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
                    features += self._used(asked[name], "n")
                    features.append(("asked", 1.0))
                elif name in nearby.attributes:
                    features += self._used(nearby.attributes[name], "a")
                self._add(member, route, features)

    # Features

    def _used(self, offsets: Offsets, prefix: str) -> Sequence[tuple[str, float]]:
        """How often and how near something occurs."""
        key = (id(offsets), prefix)  # the lists live as long as `nearby`
        known = self._usage.get(key)
        if known is None:
            known = self._usage[key] = tuple(self._usage_of(offsets, prefix))
        return known

    def _usage_of(self, offsets: Offsets, prefix: str) -> Iterator[tuple[str, float]]:
        nearby = self._nearby
        if not offsets:
            yield f"{prefix}_unused", 1.0
            return
        before, after = nearby.near(offsets)
        yield f"{prefix}_times", log1p(len(offsets))
        yield f"{prefix}_before", exp(-before / _LINE / 12)
        yield f"{prefix}_after", exp(-after / _LINE / 12)
        yield f"{prefix}_just", exp(-before / _LINE / 2)
        yield f"{prefix}_inside", float(nearby.inside(offsets))
        yield f"{prefix}_alike", nearby.alike(offsets)

    def _common(self, symbol: Symbol) -> list[tuple[str, float]]:
        """What a definition's own name and shape say, at this cursor."""
        nearby, name = self._nearby, symbol.name
        found = [(f"is_{symbol.shape}", 1.0)]
        if name[:1] == "_":
            found.append(("dunder" if name[:2] == "__" else "private", 1.0))
        words = subwords(name)
        if words:
            many = len(words)
            found.append(("words", len(words & nearby.words) / many))
            found.append(("named", len(words & nearby.named) / many))
            found.append(("missing", len(words & nearby.missing_words) / many))
        exception = symbol.shape == "class" and (
            name.endswith(_EXCEPTION) or any(base.endswith(_EXCEPTION) for base in symbol.bases)
        )
        raising = nearby.lead in {"raise", "except", "throw"}
        if exception:
            found.append(("exception", 1.0))
        if raising:
            found.append(("raised" if exception else "unraised", 1.0))
        if nearby.dotted:
            found.append(("undotted", 1.0))
        if nearby.lead == "@" and symbol.shape != "value":
            found.append(("decorates", 1.0))
        function = nearby.function
        if function is None:
            found.append(("outside", 1.0))
        elif function.name == name:
            found.append(("same_name", 1.0))
        if "test" in symbol.marks:
            found.append(("test", 1.0))
        if nearby.begun:
            found.append(("begun" if name.startswith(nearby.begun) else "unbegun", 1.0))
        return found
