"""What a name or an expression may stand for while it is resolved.

Values only: a definition, a parameter, a module, an object of a class. The walk over them is `walk.py`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lanyard_analyzers.index.records import Param, Symbol

Via = Literal["scope", "import", "member", "base", "package", "guess"]


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A definition in a file of the workspace. Two are equal where path, name and lines are."""

    path: str
    symbol: Symbol

    @property
    def key(self) -> tuple[str, str, int]:
        """What tells it from others."""
        return self.path, self.symbol.qualified, self.symbol.head

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self.key == other.key

    def __hash__(self) -> int:
        return hash((self.path, self.symbol.head))


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition itself: a class rather than its instance, a function rather than what it gives."""

    place: Place
    via: Via
    certainty: float


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function of a file."""

    function: Place
    param: Param
    certainty: float


@dataclass(frozen=True, slots=True)
class Module:
    """What an import names: the files that it may be, seen from the file that imports it."""

    origin: str
    source: str
    paths: tuple[str, ...]
    certainty: float


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class."""

    place: Place
    via: Via
    certainty: float


@dataclass(frozen=True, slots=True)
class Variable:
    """A local of the function that opens a scope: the texts of its type and of one value."""

    path: str
    scope: int
    name: str
    type: str
    value: str


Value = Variable | Definition | Parameter | Module | Instance
