"""The members of classes, their bases, and which class a member belongs to.

Owns the order in which bases are looked through, and its bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.resolve.beyond import EXTENDED, extensions
from lanyard_analyzers.resolve.facts import Facts
from lanyard_analyzers.resolve.imports import Imports
from lanyard_analyzers.resolve.rules import Extends, rules_of
from lanyard_analyzers.resolve.steps import preferred
from lanyard_analyzers.resolve.texts import names_in_type
from lanyard_analyzers.resolve.values import Definition, Place

_BASES = 40
_SAME_NAME = 4
_OTHER = 0.6
_INHERITED = 0.97
_MERGED = frozenset({"typescript", "tsx"})
"""Languages in which a class and an interface of one name are one type."""


class Members(Imports):
    """What a class has, of itself and of its bases."""

    def __init__(self, index: Index) -> None:
        super().__init__(index)
        self._tables: dict[Place, dict[str, list[Place]]] = {}

    def refresh(self) -> None:
        """Forget what rests on files that have changed since the last time."""
        super().refresh()
        self._tables.clear()

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
                for at, one in enumerate(preferred(own))
            )
        for base in self.all_bases(place):
            own = self._named_members(base.place).get(name)
            if own:
                sure = certainty * base.certainty * _INHERITED
                return tuple(Definition(one, "base", sure) for one in preferred(own)[:2])
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
