"""The same method above and below: what bases promise, what subclasses and implementations make of it.

Owns that search, bounded in width and depth. Overloads of the target (other declarations of its name) count as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.languages import is_test_path, language_of
from lanyard_analyzers.resolve.facts import facts_of
from lanyard_analyzers.resolve.resolver import Place
from lanyard_analyzers.resolve.rules import rules_of
from lanyard_analyzers.slices.model import Tier
from lanyard_analyzers.slices.scene import Candidate, Lines, Option, Scene
from lanyard_analyzers.slices.test_links import family_of
from lanyard_analyzers.slices.weights import weights_of

_BASES = 12
_CLASSES = 60
"""Classes that are asked for their bases, in all."""
_FILES = 40
_MENTIONING = 2_000
"""Files that mention a class and are looked at for their path, in the order of paths: 2 ms."""
_SHOWN = 6
_SMALL = 14
_FADES = 0.8


def overrides(scene: Scene) -> Iterator[Candidate]:
    """Heads of the same method in bases and subclasses, of overloads, and of the interfaces that ask for it."""
    worth, own = weights_of(scene.request.kind).overrides, scene.own
    if not worth or own is None:
        return
    seen = {(scene.file.path, own.first)}
    for rank, (place, why, sure) in enumerate(_same(scene, own)):
        key = (place.path, place.symbol.first)
        if key in seen or len(seen) > _SHOWN:
            continue
        seen.add(key)
        file = scene.index.file(place.path)
        if file is None:
            continue
        head = _head(place.symbol)
        owner = file.by_qualified.get(place.symbol.owner)
        if owner is not None:
            head |= {owner.head}
        value = worth * sure * _FADES**rank
        options = [Option(Tier.SIGNATURE, head, value)]
        if place.symbol.last - place.symbol.first < _SMALL:
            whole = frozenset(range(place.symbol.first, place.symbol.last + 1)) | head
            options.append(Option(Tier.VERBATIM, whole, value * 1.2))
        yield Candidate(file, why, tuple(options))


def _same(scene: Scene, own: Symbol) -> Iterator[tuple[Place, str, float]]:
    for other in scene.file.by_name.get(own.name, ()):
        if other.qualified == own.qualified and other is not own and other.shape == own.shape:
            yield Place(scene.file.path, other), "overload of the target", 1.0
    owner = scene.file.by_qualified.get(own.owner) if own.owner else None
    if owner is None or own.name in rules_of(scene.file.language).constructors:
        return
    place = Place(scene.file.path, owner)
    for link in scene.resolver.all_bases(place)[:_BASES]:
        for member in scene.resolver.members(link.place):
            if member.symbol.name == own.name:
                yield member, "overridden by the target", link.certainty
    yield from _below(scene, place, own)
    if scene.file.language == "go":
        yield from _interfaces(scene, own)


def _below(scene: Scene, top: Place, own: Symbol) -> Iterator[tuple[Place, str, float]]:
    """The overriding methods of subclasses, level by level."""
    pending, known, asked = [top], {(top.path, top.symbol.first)}, 0
    while pending and asked < _CLASSES:
        above = pending.pop(0)
        for path in _mentioning(scene, above.symbol.name):
            facts = facts_of(scene.index, path)
            for symbol in facts.derived if facts is not None else ():
                if (path, symbol.first) in known or not any(above.symbol.name in base for base in symbol.bases):
                    continue
                asked += 1
                if asked > _CLASSES:
                    return
                place = Place(path, symbol)
                sure = max(
                    (
                        link.certainty
                        for link in scene.resolver.bases(place)
                        if (link.place.path, link.place.symbol.first) == (above.path, above.symbol.first)
                    ),
                    default=0.0,
                )
                if not sure:
                    continue
                known.add((path, symbol.first))
                pending.append(place)
                for member in scene.resolver.members(place):
                    if member.symbol.name == own.name and member.symbol.shape == "method":
                        yield member, "overrides the target", sure


def _mentioning(scene: Scene, name: str) -> list[str]:
    """The target's file, then others that mention a name in the order of paths, tests last."""
    own, language = scene.file.path, scene.file.language
    family = family_of(language)
    sources, tests = [own], list[str]()
    for path in islice(scene.index.mentioning(name), _MENTIONING):
        if path != own and language_of("", path) in family:
            (tests if is_test_path(path, language) else sources).append(path)
            if len(sources) == _FILES:
                break
    return [*sources, *tests][:_FILES]


def _interfaces(scene: Scene, own: Symbol) -> Iterator[tuple[Place, str, float]]:
    """Interfaces that have a method of that name: in Go, what has their methods is one of them."""
    for path, symbol in islice(scene.index.defining(own.name), _CLASSES):
        if symbol.owner and symbol.owner != own.owner and symbol.body_first < 0 and path.endswith(".go"):
            yield Place(path, symbol), "interface with this method", 0.6


def _head(symbol: Symbol) -> Lines:
    return frozenset(range(symbol.head, min(symbol.head_end, symbol.head + 8) + 1))
