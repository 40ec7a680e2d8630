"""Whether an occurrence of a name means one definition: the resolver's answer, and a guess where it has none.

Owns what the name of a definition is at its call sites (a constructor is called by its class's name) and the guess
for receivers of unknown type, by how rare the name is and by what the receiver is called.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.resolve.resolver import Place
from lanyard_analyzers.resolve.rules import rules_of
from lanyard_analyzers.slices.scene import Scene
from lanyard_analyzers.slices.sites import UNKNOWN, Occurrence, around

_MANY = 4
"""Definitions of one name from which on an unknown receiver says nothing."""
_RARE = 0.6
_THROUGH_BASE = 0.7
_READ_LINES = 200
_READ_CHARACTERS = 20_000
_MEMBERS = 8
_KIN = 24
_DECLARED = frozenset({"c", "cpp"})
_DECLARATIONS = 40
_SUPER = frozenset({"super", "super()", "parent", "base"})
_SUPER_CALL = ("super",)
_BARE_SUPER = frozenset({"javascript", "typescript", "tsx", "java"})
# Methods of strings, collections, files and futures: on an untyped receiver they are rarely ours.
# fmt: off
_COMMON = frozenset({
    "add", "append", "catch", "clear", "clone", "close", "contains", "copy", "count", "debug", "decode", "delete",
    "dump", "dumps", "each", "emit", "encode", "equals", "error", "exception", "exists", "extend", "filter", "find",
    "first", "flush", "forEach", "format", "get", "group", "groups", "has", "hashCode", "indexOf", "info", "insert",
    "items", "iter", "join", "json", "keys", "last", "len", "length", "load", "loads", "log", "lower", "map",
    "match", "mkdir", "next", "now", "open", "pop", "push", "put", "read", "reduce", "remove", "replace", "reset",
    "run", "search", "send", "set", "size", "slice", "sort", "split", "start", "stop", "strip", "test", "then",
    "toString", "trim", "unwrap", "update", "upper", "values", "warning", "write",
})
# fmt: on


@dataclass(frozen=True)
class Meanings:
    """What occurrences of a definition's name may mean. `aliases` are the same method in bases, by certainty."""

    scene: Scene
    place: Place
    owner: str
    """The last name of the class that the definition is a member of; "" for none."""
    names: tuple[str, ...]
    """What it is called by, likeliest first."""
    word: str
    """The identifier that a file must hold to be looked at."""
    made: Place | None
    """For a constructor: its class."""
    aliases: tuple[tuple[Place, float], ...]
    rarity: int
    """How many classes or files define the name."""
    stems: frozenset[str]
    """Words by which an import may name the file of the definition."""
    _imports: dict[str, bool] = field(default_factory=dict[str, bool])

    def imported_by(self, path: str) -> bool:
        """Whether a file's imports may bind the definition, its class or its module."""
        known = self._imports.get(path)
        if known is None:
            record = self.scene.index.record(path)
            known = record is not None and any(
                binding.name in self.names
                or binding.name == self.owner != ""
                or not self.stems.isdisjoint(binding.source.replace("::", "/").replace(".", "/").split("/"))
                for one in record.imports
                for binding in one.bindings
            )
            self._imports[path] = known
        return known

    def hopeless(self, path: str) -> bool:
        """Whether nothing in a file ties a common name to the definition, so that every site would be a guess."""
        if not self.owner or (self.rarity <= _MANY and self.place.symbol.name not in _COMMON):
            return False
        record = self.scene.index.record(path)
        if record is None:
            return True
        return not (self.imported_by(path) or any(record.mentions(name) for name in self.kin))

    @cached_property
    def kin(self) -> tuple[str, ...]:
        """The names of the target's class and of those made from it, two levels down, bounded."""
        found = {self.owner: None}
        level = [self.owner]
        for _ in range(2):
            below: list[str] = []
            for name in level[:_KIN]:
                for path in self.scene.index.mentioning(name)[:_KIN]:
                    for symbol in self.scene.index.symbols(path):
                        if symbol.shape == "class" and symbol.name not in found and _is_base(name, symbol.bases):
                            found[symbol.name] = None
                            below.append(symbol.name)
            level = below
        return tuple(found)[:_KIN]

    def may_mean(self, file: SourceFile, use: Occurrence, inner: Symbol | None) -> bool:
        """Whether an occurrence is worth asking the resolver about."""
        receiver = use.parts[:-1]
        if self.made is not None and use.parts[-1] == self.place.symbol.name != self.made.symbol.name:
            return bool(receiver)  # super().__init__(…), X::new(…)
        if self.made is not None and use.parts[-1] == "super":
            return len(use.parts) == 1 and use.form == "call"
        if self.made is not None and use.form == "read":
            end = use.at + len(use.parts[-1])
            return file.language == "ruby" and file.text.content.startswith(".new", end)
        if self.owner and self.made is None and not receiver:
            return rules_of(file.language).bare_members
        return True

    def certainty(self, file: SourceFile, use: Occurrence) -> float:
        """How sure it is that an occurrence means the definition; 0 where it means another."""
        parts = use.parts
        if parts == _SUPER_CALL:
            return self._made_by_super(file, use)
        if parts[0] in _SUPER:
            links = self.scene.resolver.chain(file.path, use.line, parts)
            return max((link.certainty for link in links if link.place == self.place), default=0.0)
        if parts[0] != UNKNOWN:
            resolver = self.scene.resolver
            targets = [(self.place, 1.0), *self.aliases]
            if self.made is not None:
                targets.append((self.made, 1.0 if use.form != "read" else 0.5))
            best = max(resolver.leads_to(file.path, use.line, parts, place) * sure for place, sure in targets)
            if resolver.chain(file.path, use.line, parts):
                return best
        return self._guess(file, use)

    def _made_by_super(self, file: SourceFile, use: Occurrence) -> float:
        """For `super(…)`: whether the class around is made from the target's."""
        inner = around(file, use.line)
        owner = file.by_qualified.get(inner.owner) if inner is not None else None
        if owner is None or use.form != "call":
            return 0.0
        links = self.scene.resolver.bases(Place(file.path, owner))
        return max((link.certainty for link in links if link.place == self.made), default=0.0)

    def _guess(self, file: SourceFile, use: Occurrence) -> float:
        """For a receiver of which nothing is known."""
        receiver = use.parts[:-1]
        if not receiver:
            bare = not self.owner or rules_of(file.language).bare_members
            bound = any(one.local == use.parts[0] for each in file.record.imports for one in each.bindings)
            return _RARE / 2 if bare and not bound and self.rarity == 1 and self.imported_by(file.path) else 0.0
        last = receiver[-1].removesuffix("()").lstrip("$").replace("_", "").lower()
        if not self.owner:
            return _RARE if last in self.stems and last else 0.0
        if self.scene.resolver.foreign(file.path, use.line, receiver):
            return 0.0
        fits = self._fits(file, use) if len(receiver) == 1 else None
        if fits is not None:
            return _RARE if fits else 0.0
        alike = len(last) > 2 and (last in self.owner.lower() or self.owner.lower() in last)
        if self.rarity > _MANY or use.parts[-1] in _COMMON:
            return _RARE / 2 if alike else 0.0
        return min(0.9, _RARE / self.rarity + (0.3 if alike else 0.0))

    def _fits(self, file: SourceFile, use: Occurrence) -> bool | None:
        """Whether the class has all that a function asks of an untyped receiver; None where that says nothing."""
        inner, name = around(file, use.line), use.parts[0]
        owner = self.scene.file.by_qualified.get(self.place.symbol.owner)
        if inner is None or owner is None or inner.last - inner.first > _READ_LINES:
            return None
        starts = file.text.starts
        text = file.text.content[starts[inner.first] : file.text.line_span(inner.last).end]
        asked = re.findall(rf"(?<![\w$.]){re.escape(name)}(?:\?\.|!?\.|->|::)([^\W\d]\w*)", text[:_READ_CHARACTERS])
        members = sorted(set(asked))[:_MEMBERS]
        if len(members) < 2 or _COMMON.issuperset(members):
            return None
        classes = self.scene.resolver.having(members)
        if not classes:
            return None
        mine = {Place(self.scene.file.path, owner)}
        mine |= {link.place for link in self.scene.resolver.all_bases(Place(self.scene.file.path, owner))[:12]}
        return any(link.place in mine for link in classes)


def meanings_of(scene: Scene, place: Place) -> Meanings:
    """What a definition is called by at its call sites."""
    symbol, language = place.symbol, scene.file.language
    owner = _last(symbol.owner)
    made = _made(scene, symbol)
    names = (owner, symbol.name) if made is not None and symbol.name != owner else (symbol.name,)
    if made is not None and language in _BARE_SUPER:
        names = (*names, "super")
    word = names[0].rstrip("?!=")
    stem = place.path.rpartition("/")[2].partition(".")[0]
    folder = place.path.rpartition("/")[0].rpartition("/")[2]
    by_folder = language in {"go", "java", "kotlin", "csharp"} or stem in {"__init__", "index", "mod", "lib"}
    stems = {stem, folder} if by_folder else {stem}
    return Meanings(
        scene,
        place,
        owner,
        names,
        word,
        made,
        _aliases(scene, place) if made is None else (),
        _rarity(scene, symbol),
        frozenset(stems - {"", "__init__", "index", "mod", "lib"}),
    )


def _made(scene: Scene, symbol: Symbol) -> Place | None:
    """The class that a constructor makes."""
    if not symbol.owner or symbol.shape != "method":
        return None
    if symbol.name not in rules_of(scene.file.language).constructors and symbol.name != _last(symbol.owner):
        return None
    owner = scene.file.by_qualified.get(symbol.owner)
    return Place(scene.file.path, owner) if owner is not None else None


def _aliases(scene: Scene, place: Place) -> tuple[tuple[Place, float], ...]:
    """What else a call may mean where it means the target: declarations of it, the same method in its bases."""
    declared: list[tuple[Place, float]] = []
    if scene.file.language in _DECLARED:
        same = islice(scene.index.defining(place.symbol.name), _DECLARATIONS)
        declared = [(Place(path, one), 1.0) for path, one in same if _declares(one, place.symbol)]
    return (*declared, *_above(scene, place))


def _declares(one: Symbol, target: Symbol) -> bool:
    return one.qualified == target.qualified and one is not target and (one.body_first < 0 or target.body_first < 0)


def _above(scene: Scene, place: Place) -> tuple[tuple[Place, float], ...]:
    """The same method in the bases of the target's class: a call of it may reach the target."""
    owner = scene.file.by_qualified.get(place.symbol.owner) if place.symbol.owner else None
    if owner is None:
        return ()
    found: list[tuple[Place, float]] = []
    for link in scene.resolver.all_bases(Place(place.path, owner))[:12]:
        sure = _THROUGH_BASE * link.certainty
        members = scene.resolver.members(link.place)
        found += [(member, sure) for member in members if member.symbol.name == place.symbol.name]
    return tuple(found[:6])


def _rarity(scene: Scene, symbol: Symbol) -> int:
    """How many owners define a name, up to a few more than are told apart."""
    owners: set[tuple[str, str]] = set()
    for path, one in scene.index.defining(symbol.name):
        if (one.shape in {"function", "method", "class", "field"} and one.around == symbol.around) or one.owner:
            owners.add((path, one.owner))
            if len(owners) > _MANY:
                break
    return max(1, len(owners))


def _is_base(name: str, bases: tuple[str, ...]) -> bool:
    return any(_last(base.partition("[")[0].partition("<")[0].strip()) == name for base in bases)


def _last(qualified: str) -> str:
    return qualified.rpartition(".")[2].rpartition("::")[2]
