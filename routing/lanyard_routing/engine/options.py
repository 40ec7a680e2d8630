"""What an engine is started with, and the key under which editors that want the same one meet.

Owns the limits (context, slots, idle times) and their reasons. No process is started here.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

LARGEST_BATCH = 1408
"""Tokens; three quarters hold the 1,024 tokens of prefix that a completion prompt has at most."""


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """One embedded engine.

    `batch` is tokens. llama.cpp's `/infill` keeps three quarters of it of the prefix and one quarter of the suffix, so
    it must hold a whole completion prompt; it computes a batch in smaller steps (`child.py`), which is what memory
    depends on. The price: a request is cancelled between batches only, though what was computed serves the next one.
    `context` is tokens per slot; `threads` 0 lets the engine choose. `slots` is how many requests run side by side:
    two, so that a new completion does not wait for a cancelled one to end its batch. `idle_s` counts from the last
    use with no client left; with clients that stay open but ask nothing, the engine ends after `held_idle_s` and
    comes back with the next request. Of unexpected ends, `crash_limit` within `crash_window_s` stop the restarts;
    `backoff_s` is the pause before the second restart, and four times as long before each one after it.
    """

    model: Path
    name: str = ""
    context: int = 2048
    slots: int = 2
    batch: int = 896
    threads: int = 0
    idle_s: float = 300.0
    held_idle_s: float = 3600.0
    start_timeout_s: float = 60.0
    crash_limit: int = 4
    crash_window_s: float = 300.0
    backoff_s: float = 1.0

    @property
    def label(self) -> str:
        """Name of the model for people."""
        return self.name or self.model.stem


def options_for(model: Path, *, name: str = "", trained_context: int = 0, largest_context: int = 4096) -> EngineOptions:
    """Options for a model that was trained with `trained_context` tokens (0: unknown).

    The context of a slot costs memory whether it is used or not, so it is bounded by `largest_context`. A batch leaves
    an eighth of it to the reply: a longer prompt is then cut by llama.cpp and not refused.
    """
    if trained_context <= 0:
        return EngineOptions(model=model, name=name)
    context = max(256, min(trained_context, largest_context))
    return EngineOptions(model=model, name=name, context=context, batch=min(LARGEST_BATCH, context * 7 // 8))


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What the child process is told on its command line; holds nothing secret."""

    folder: str
    key: str
    model: str
    name: str
    context: int
    slots: int
    batch: int
    threads: int
    idle_s: float
    held_idle_s: float
    log: str

    def dump(self) -> str:
        """One command-line argument."""
        return json.dumps(asdict(self))

    @staticmethod
    def load(argument: str) -> ChildSpec:
        """The inverse of `dump`. Raises ValueError or TypeError for anything else."""
        fields: dict[str, Any] = json.loads(argument)
        return ChildSpec(**fields)


@cache
def version() -> str:
    """Versions that must agree before two processes share an engine."""
    found: list[str] = []
    for distribution in ("lanyard", "xllamacpp"):
        try:
            found.append(metadata.version(distribution))
        except metadata.PackageNotFoundError:
            found.append("0")
    return "+".join(found)


def engine_key(options: EngineOptions) -> str:
    """16 hex digits; equal only for the same file content, limits and versions.

    The content is told by size and modification time: hashing gigabytes would cost seconds at every start.
    Raises OSError where the model file is missing.
    """
    seen = options.model.stat()
    what = (
        str(options.model.resolve()),
        seen.st_size,
        seen.st_mtime_ns,
        options.context,
        options.slots,
        options.batch,
        version(),
    )
    return hashlib.sha256(repr(what).encode()).hexdigest()[:16]
