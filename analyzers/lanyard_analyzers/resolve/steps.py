"""The steps of resolution that lead from one kind of thing to another.

Owns what the layers above `Memory` (imports, members, types, the walk) must know of each other, and how definitions
become values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.resolve.memory import Memory
from lanyard_analyzers.resolve.values import Definition, Place, Value

_SAME_NAME = 4
_OTHER = 0.6


class Steps(Memory, ABC):
    """Steps that a lower layer takes and a higher one knows."""

    @abstractmethod
    def name(self, path: str, scope: int, name: str) -> tuple[Value, ...]:
        """What a bare name stands for in a scope of a file."""

    @abstractmethod
    def member(self, place: Place, name: str, certainty: float = 1.0) -> tuple[Definition, ...]:
        """A member of a class by name: its own, else that of the nearest base that has it."""

    @abstractmethod
    def member_of(self, value: Value, name: str) -> tuple[Value, ...]:
        """What `value.name` stands for."""

    @abstractmethod
    def _value(self, path: str, scope: int, parts: tuple[str, ...]) -> tuple[Value, ...]:
        """What `a.b.c` stands for in a scope of a file."""

    @abstractmethod
    def _as_classes(self, value: Value) -> Iterator[Definition]:
        """The classes that a value names when it stands where a type does."""


def definitions(path: str, symbols: Sequence[Symbol], via: str) -> Iterator[Definition]:
    places = preferred([Place(path, symbol) for symbol in symbols])
    for at, place in enumerate(places[:_SAME_NAME]):
        yield Definition(place, via, 1.0 if at == 0 else _OTHER)  # pyright: ignore[reportArgumentType]


def preferred(places: Sequence[Place]) -> list[Place]:
    """Those with a body and without the mark of an overload first; else the order of the text."""
    if len(places) < 2:
        return list(places)
    return sorted(places, key=lambda one: "overload" in one.symbol.marks)


def via_import(value: Value, certainty: float) -> Value:
    if isinstance(value, Definition):
        via = "import" if value.via == "scope" else value.via
        return Definition(value.place, via, value.certainty * certainty)
    return value
