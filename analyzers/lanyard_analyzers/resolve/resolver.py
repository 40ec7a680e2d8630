"""Which definition a reference means.

Contract. Owns the walk from a name over scopes, imports, re-exports, members, bases and shallow types to definitions;
what differs between languages is in `rules/`. Where several definitions remain they are given in order of certainty,
and a guess says that it is one. It works on records alone: no text, no tree, and total.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Symbol

Via = Literal["scope", "import", "member", "base", "package", "guess"]


@dataclass(frozen=True, slots=True)
class Place:
    """A definition in a file of the workspace."""

    path: str
    symbol: Symbol


@dataclass(frozen=True, slots=True)
class Link:
    """A definition that a reference may mean: how it was found, and how sure that is (1 is certain)."""

    place: Place
    via: Via
    certainty: float


class Resolver:
    """Resolution over one state of an index; make a new one when the index has changed. Answers are remembered."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def chain(self, path: str, line: int, parts: Sequence[str]) -> tuple[Link, ...]:
        """What the last part of `a.b.c` means at a line of a file, likeliest first.

        A part with `()` at its end is a call: what follows belongs to what it gives (`("make()", "run")`). The
        separators of the language (`.`, `::`, `->`, `?.`) do not matter. A chain of one part is a bare name.
        """
        raise NotImplementedError

    def types(self, path: str, line: int, parts: Sequence[str]) -> tuple[Link, ...]:
        """The classes that the value of a chain has, as annotations, constructor calls and declarations tell."""
        raise NotImplementedError

    def named_types(self, path: str, line: int, text: str) -> tuple[Link, ...]:
        """The classes and aliases of the workspace that the text of a type names (`Optional[list[Cart]]` → `Cart`)."""
        raise NotImplementedError

    def bases(self, place: Place) -> tuple[Link, ...]:
        """The classes that a class is made from, in the order written; nearest first with `all_bases`."""
        raise NotImplementedError

    def all_bases(self, place: Place) -> tuple[Link, ...]:
        """All classes above a class in the order of lookup, itself left out; bounded, and safe for cycles."""
        raise NotImplementedError

    def members(self, place: Place) -> tuple[Place, ...]:
        """The methods and fields of a class itself, wherever they are written (`impl` blocks, partial classes)."""
        raise NotImplementedError

    def member(self, place: Place, name: str) -> tuple[Link, ...]:
        """A member of a class by name: its own first, then those of its bases."""
        raise NotImplementedError

    def exported(self, path: str, name: str) -> tuple[Link, ...]:
        """What a file gives under a name: its own definition, or what it passes on."""
        raise NotImplementedError

    def leads_to(self, path: str, line: int, parts: Sequence[str], target: Place) -> float:
        """How sure it is that a chain means `target` (0: it means something else), for telling callers apart."""
        raise NotImplementedError
