"""What a target leads to, before it is decided how to show it: places with the chance that they are needed.

Owns the collecting of places and how several reasons for one place become one; how a place is shown is `offer.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from lanyard_analyzers.resolve.resolver import Place


@dataclass(slots=True)
class Found:
    """A place, why it may be needed, the chance of that, and the members of it that are asked for."""

    place: Place
    why: str
    chance: float
    members: dict[str, None] = field(default_factory=dict[str, None])


class Finds:
    """Places in the order in which they were found first; the best reason for each counts."""

    def __init__(self) -> None:
        self._found: dict[Place, Found] = {}

    def add(self, place: Place, why: str, chance: float, members: Iterable[str] = ()) -> None:
        """Note a place; a place that is known already gets the better reason, and all members asked of it."""
        known = self._found.get(place)
        if known is None:
            known = self._found[place] = Found(place, why, chance)
        elif chance > known.chance:
            known.why, known.chance = why, chance
        for member in members:
            known.members[member] = None

    def chance(self, place: Place) -> float:
        """The chance of a place, 0 where it was not found."""
        known = self._found.get(place)
        return known.chance if known is not None else 0.0

    def __iter__(self) -> Iterator[Found]:
        return iter(list(self._found.values()))
