"""What everything that gathers for a slice looks at, and what it gives: the contract between the parts of `slices`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.resolve.resolver import Resolver
from lanyard_analyzers.slices.model import SliceRequest, Tier

Lines = frozenset[int]


@dataclass(frozen=True, slots=True)
class Use:
    """One reference of the target's text: its parts as `Resolver.chain` takes them, its line, how often it occurs.

    `weight` says how much it matters (1 for the target itself; less the further from the cursor in a completion).
    """

    parts: tuple[str, ...]
    line: int
    times: int = 1
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Scene:
    """A request, made concrete: the buffer as a file of the index, what the target refers to, where it lies."""

    request: SliceRequest
    index: Index
    resolver: Resolver
    file: SourceFile
    uses: tuple[Use, ...]
    lines: tuple[int, int]
    """First and last line of the target."""
    own: Symbol | None
    """The symbol that is the target, if it is one."""


class Option(NamedTuple):
    """One way to show a candidate; `worth` includes that of the smaller options before it.

    `lines` are those of the candidate's file that are shown.
    """

    tier: Tier
    lines: Lines
    worth: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that could be in the slice; `options` go from little to much.

    `worth` of an option is the chance (0 to 1) that the answer needs what it shows and the reader does not have it
    yet, times how much it matters: 1 for the contract of something that the target calls.
    """

    file: SourceFile
    why: str
    options: tuple[Option, ...]
