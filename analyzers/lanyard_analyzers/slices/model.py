"""What is asked of a slice, and what a slice is. Values only; building them belongs to `build.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.redact import Redactions
from lanyard_analyzers.syntax import Syntax
from lanyard_analyzers.targets import Target
from lanyard_analyzers.text import Text
from lanyard_analyzers.tokens import estimate
from lanyard_analyzers.workspace import Workspace

DROPPED_MOST = 40

Kind = Literal["review", "test", "refactor", "document", "explain", "fix", "edit", "complete"]


class Tier(StrEnum):
    """How much of a piece is shown, most first: all of it, a class without bodies, a head, a name."""

    VERBATIM = "verbatim"
    OUTLINE = "outline"
    SIGNATURE = "signature"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class SliceRequest:
    """What a slice is wanted for.

    `kind` is the task's kind; other kinds than those of `Kind` are treated like `explain`. `syntax` is the buffer as
    it stands, `path` its posix path relative to the workspace's root. `budget` is in tokens as `count` counts them.
    `diagnostic` and `instruction` only steer what is chosen: their words count as references; neither is in the text.
    """

    kind: str
    syntax: Syntax
    path: str
    target: Target
    workspace: Workspace
    budget: int
    count: Callable[[str], int] = estimate
    diagnostic: str | None = None
    instruction: str = ""
    index: Index | None = None
    """The index of the workspace; without one, one is made for this request alone."""
    cursor: int | None = None
    """For `complete`: the offset in the text that is written at."""
    before: Text | None = None
    """The text as it was when the recent work began, for showing a review what changed."""
    recent: tuple[tuple[str, int], ...] = ()
    """Places (path, line) that were edited or looked at last, newest first."""
    diagnostic_line: int | None = None
    """The 0-based line that the diagnostic stands at."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One line for the user, with the next step."""

    message: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a line of a slice comes from; `line` is 0-based."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a slice: 0-based lines of a file, last one included, how they are shown, and why they are there."""

    path: str
    first_line: int
    last_line: int
    tier: Tier
    why: str
    tokens: int


@dataclass(frozen=True, slots=True)
class Slice:
    """The context of a task.

    Lines of `text` end with `\\n`. `whole_tokens` are about those of the whole files that the pieces come from.
    `origins` has one entry for each line of `text`, None for headings and markers. A slice that was refused has no
    text.
    """

    text: str = ""
    tokens: int = 0
    whole_tokens: int = 0
    pieces: tuple[Piece, ...] = ()
    origins: tuple[Origin | None, ...] = ()
    redactions: Redactions = field(default_factory=Redactions)
    dropped: tuple[Piece, ...] = ()
    """What was gathered and had no room, worthiest first, at most `DROPPED_MOST`; for `lanyard slice --explain`."""
