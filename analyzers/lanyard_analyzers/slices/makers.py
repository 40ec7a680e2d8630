"""What it takes to make an instance of a class whose constructor is written in a base.

Owns which languages inherit constructors; how a constructor is shown is `offer.py`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from lanyard_analyzers.resolve.resolver import Link, Place, Resolver

CONSTRUCTORS: Mapping[str, str] = MappingProxyType(
    {
        "python": "__init__",
        "javascript": "constructor",
        "typescript": "constructor",
        "tsx": "constructor",
        "php": "__construct",
        "ruby": "initialize",
    }
)
"""The constructor of each language in which a class without its own has that of its nearest base."""


def inherited_constructor(resolver: Resolver, language: str, place: Place) -> Link | None:
    """The constructor that a class has from a base; None where it has its own or none that the workspace defines."""
    name = CONSTRUCTORS.get(language)
    if name is None or place.symbol.shape != "class" or not place.symbol.bases:
        return None
    found = next(iter(resolver.member(place, name)), None)
    if found is None or (found.place.symbol.owner == place.symbol.qualified and found.place.path == place.path):
        return None
    return found
