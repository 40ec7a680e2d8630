"""Whether an occurrence of a name means one definition: the resolver's answer, and a guess where it has none.

Owns what the name of a definition is at its call sites (a constructor is called by its class's name) and the guess
for receivers of unknown type, by how rare the name is and by what the receiver is called.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.resolve.resolver import Place
from lanyard_analyzers.resolve.rules import rules_of
from lanyard_analyzers.slices.scene import Scene
from lanyard_analyzers.slices.sites import UNKNOWN, Occurrence

_MANY = 4
"""Definitions of one name from which on an unknown receiver says nothing."""
_RARE = 0.6
_THROUGH_BASE = 0.7
_CALLABLE = frozenset({"function", "method", "class"})
_SUPER = frozenset({"super", "super()", "parent", "base"})


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

    def may_mean(self, file: SourceFile, use: Occurrence, inner: Symbol | None) -> bool:
        """Whether an occurrence is worth asking the resolver about."""
        receiver = use.parts[:-1]
        if self.made is not None and use.parts[-1] == self.place.symbol.name != self.made.symbol.name:
            return bool(receiver)  # super().__init__(…), X::new(…)
        if self.made is not None and use.form == "read":
            end = use.at + len(use.parts[-1])
            return file.language == "ruby" and file.text.content.startswith(".new", end)
        if self.owner and self.made is None and not receiver:
            return rules_of(file.language).bare_members
        return True

    def certainty(self, file: SourceFile, use: Occurrence) -> float:
        """How sure it is that an occurrence means the definition; 0 where it means another."""
        parts = use.parts
        if parts[0] != UNKNOWN:
            resolver = self.scene.resolver
            targets = [(self.place, 1.0), *self.aliases]
            if self.made is not None:
                targets.append((self.made, 1.0 if use.form != "read" else 0.5))
            best = max(resolver.leads_to(file.path, use.line, parts, place) * sure for place, sure in targets)
            if best > 0 or resolver.chain(file.path, use.line, parts):
                return best
        return self._guess(file, use)

    def _guess(self, file: SourceFile, use: Occurrence) -> float:
        """For a receiver of which nothing is known."""
        receiver = use.parts[:-1]
        if not receiver:
            bare = not self.owner or rules_of(file.language).bare_members
            return _RARE / 2 if bare and self.rarity == 1 and self.imported_by(file.path) else 0.0
        last = receiver[-1].removesuffix("()").lstrip("$").replace("_", "").lower()
        if not self.owner:
            return _RARE if last in self.stems and last else 0.0
        if receiver[0] in _SUPER:
            return 0.0
        alike = len(last) > 2 and (last in self.owner.lower() or self.owner.lower() in last)
        if self.rarity > _MANY:
            return _RARE / 2 if alike else 0.0
        return min(0.9, _RARE / self.rarity + (0.3 if alike else 0.0))


def meanings_of(scene: Scene, place: Place) -> Meanings:
    """What a definition is called by at its call sites."""
    symbol, language = place.symbol, scene.file.language
    owner = _last(symbol.owner)
    made = _made(scene, symbol)
    names = (owner, symbol.name) if made is not None and symbol.name != owner else (symbol.name,)
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
        _aliases(scene, place) if owner and made is None else (),
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
    """The same method in the bases of its class: a call of it may reach the target."""
    owner = scene.file.by_qualified.get(place.symbol.owner)
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


def _last(qualified: str) -> str:
    return qualified.rpartition(".")[2].rpartition("::")[2]
