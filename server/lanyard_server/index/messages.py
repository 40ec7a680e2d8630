"""What the server and an index process say to each other.

Owns the messages: values only. Paths are posix and relative to the workspace's root. The server sends `ToHost` and
receives `FromHost`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from lanyard_analyzers.slices.model import Problem, Slice
from lanyard_analyzers.targets import Target

Trust = Literal["fresh", "cautious"]
"""`cautious`: a process before this one ended without a word, so nothing that was never read is parsed in this one."""


class Start(msgspec.Struct, frozen=True, tag=True):
    """The first message: which workspace, what to leave alone, where the store is ("" for none)."""

    root: str
    ignore: tuple[str, ...]
    store: str
    helpers: int
    trust: Trust = "fresh"


class Patterns(msgspec.Struct, frozen=True, tag=True):
    """The user's `privacy.ignore` has changed."""

    ignore: tuple[str, ...]


class Opened(msgspec.Struct, frozen=True, tag=True):
    """A buffer stands for the file of its path, with this text; also where edits got lost."""

    path: str
    language: str
    version: int
    text: str


class Change(msgspec.Struct, frozen=True, array_like=True):
    """Replace the code points from `start` to `end` by `new`."""

    start: int
    end: int
    new: str


class Changed(msgspec.Struct, frozen=True, tag=True):
    """Edits of a buffer, in their order, each in the text before it; `size` is that of the text after them all."""

    path: str
    before: int
    version: int
    size: int
    changes: tuple[Change, ...]


class Closed(msgspec.Struct, frozen=True, tag=True):
    """The file on disk counts again."""

    path: str


class Touched(msgspec.Struct, frozen=True, tag=True):
    """Files that were written, made or removed; without paths: anything may have changed."""

    paths: tuple[str, ...] = ()


class SliceQuestion(msgspec.Struct, frozen=True):
    """A slice request without what cannot travel; the fields are those of `SliceRequest`."""

    kind: str
    path: str
    language: str
    text: str
    target: Target
    budget: int
    diagnostic: str | None = None
    instruction: str = ""
    cursor: int | None = None
    before: str | None = None
    recent: tuple[tuple[str, int], ...] = ()
    diagnostic_line: int | None = None


class AskSlice(msgspec.Struct, frozen=True, tag=True):
    """Answered by `Sliced` or `Failed`."""

    id: int
    question: SliceQuestion


class AskContext(msgspec.Struct, frozen=True, tag=True):
    """What a completion at an offset of a buffer needs of other files; answered by `Context` or `Failed`."""

    id: int
    path: str
    version: int
    offset: int
    budget: int
    recent: tuple[tuple[str, int], ...] = ()


class AskStatus(msgspec.Struct, frozen=True, tag=True):
    """Answered by `Status`."""

    id: int


class Cancel(msgspec.Struct, frozen=True, tag=True):
    """The answer to a question is not wanted any more; it gets none if it has not been begun."""

    id: int


ToHost = Start | Patterns | Opened | Changed | Closed | Touched | AskSlice | AskContext | AskStatus | Cancel


class Sliced(msgspec.Struct, frozen=True, tag=True):
    """A slice with its problems; `wall_ms` is how long it took to make."""

    id: int
    slice: Slice
    problems: tuple[Problem, ...]
    wall_ms: float


class ContextPiece(msgspec.Struct, frozen=True):
    """A part of another file as it is shown to a model."""

    path: str
    text: str


class Context(msgspec.Struct, frozen=True, tag=True):
    """The pieces for a completion, what changes least first. They hold while the cursor is in these lines, the last
    one included: those of the definition that it stands in."""

    id: int
    pieces: tuple[ContextPiece, ...]
    first_line: int
    last_line: int
    wall_ms: float


class Status(msgspec.Struct, frozen=True, tag=True):
    """How far the index is: files with a record, files listed; `memory` is the resident size in bytes."""

    id: int
    state: Literal["listing", "building", "ready"]
    known: int
    total: int
    memory: int
    ready_ms: float
    """From the process's start until each file had its record; 0 while some have none."""
    complete_ms: float
    """From the process's start until each question had its full answer; 0 before."""


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A question has no answer; `why` is a word for the log."""

    id: int
    why: str


class Lost(msgspec.Struct, frozen=True, tag=True):
    """The edits of a buffer do not fit the text that is here: it is to be sent whole."""

    path: str


FromHost = Sliced | Context | Status | Failed | Lost
