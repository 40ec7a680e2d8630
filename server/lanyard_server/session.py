"""The session: what one connected editor has told us, and what serves it.

Owns the state that handlers read. Only `run="session"` handlers change it; everything else works on values
taken from it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from lanyard_analyzers.syntax import Syntax
    from lanyard_analyzers.text import Edit, Text
    from lanyard_routing.dispatch import Dispatcher
    from lanyard_routing.router import ImmediateLane
    from lanyard_routing.yard import Yard
    from lanyard_server.positions import Encoding
    from lanyard_server.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Document:
    """A snapshot of one open document.

    `language` is the analyzers' language id, None where Lanyard has no grammar for it. `syntax` belongs to exactly
    this `text`. `path` is None for documents that are not files (`untitled:`).
    """

    uri: str
    language_id: str
    language: str | None
    text: Text
    syntax: Syntax | None
    path: Path | None

    @property
    def version(self) -> int:
        """The client's version of this text."""
        return self.text.version


@dataclass(frozen=True, slots=True)
class Root:
    """One workspace folder."""

    uri: str
    path: Path
    name: str


class Documents(Protocol):
    """The open documents; every value that it hands out is a snapshot."""

    def get(self, uri: str) -> Document | None:
        """The document as it is now; None where it is not open."""
        ...

    def glance(self, uri: str) -> Document | None:
        """As `get`, for what cannot wait for a parse: `syntax` is None where the tree is not up to date."""
        ...

    def before(self, uri: str) -> Text | None:
        """The text that the document was opened with; None where it is the same still, not open, or was too large."""
        ...

    def uris(self) -> tuple[str, ...]:
        """The open documents' URIs, the one that changed last first."""
        ...

    def all(self) -> tuple[Document, ...]:
        """All open documents, the one that changed last first."""
        ...

    def follow(self, edited: Callable[[str, Edit | None], None]) -> None:
        """Call `edited` with the URI of each edit, on the path of a key; None stands for a whole new text."""
        ...


class Outbound(Protocol):
    """Messages to the client; never blocks on a client that does not read."""

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        ...

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and wait for its answer, plain JSON. Safe to cancel: a late answer is dropped.

        Raises RequestFailed where the client answers with an error or goes away.
        """
        ...

    def show(self, message: str) -> None:
        """Show one line to the user (`window/showMessage`, info)."""
        ...

    def warn(self, message: str) -> None:
        """Show one line to the user as a warning."""
        ...

    def log(self, message: str) -> None:
        """Write one line to the client's log (`window/logMessage`); no prompt, code or secret."""
        ...


@dataclass(slots=True)
class Runtime:
    """What serves model work; started after `initialized`, None in the session until then."""

    immediate: ImmediateLane
    router: Dispatcher
    yard: Yard | None = None


@dataclass(slots=True)
class Session:
    """Everything that a handler may look at.

    `capabilities` is the client's ClientCapabilities (lsprotocol). `state` holds the per-feature state, keyed by
    the feature's module name, so that the session knows no feature. `closers` are awaited at shutdown, the last
    one added first; `spawn` starts work that lives as long as the session at most. `opened` is set once `runtime` is
    there, or is known not to come. `reread` are called each time that `settings` have been read anew.
    """

    out: Outbound
    documents: Documents
    settings: Settings
    encoding: Encoding
    capabilities: Any
    roots: tuple[Root, ...]
    runtime: Runtime | None
    client_name: str
    trusted: bool
    state: dict[str, Any]
    initialization_options: Mapping[str, Any]
    closers: list[Callable[[], Awaitable[None]]] = field(default_factory=list[Callable[[], Awaitable[None]]])
    spawned: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])
    opened: asyncio.Event = field(default_factory=asyncio.Event)
    reread: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def spawn(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Run work in the background: kept alive, cancelled at shutdown, and a failure of it is logged."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self.spawned.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.spawned.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log.error("%s failed: %s", task.get_name(), type(error).__name__)
            log.debug("%s failed", task.get_name(), exc_info=error)

    def root_of(self, path: Path | None) -> Root | None:
        """The innermost workspace folder that holds `path`; None for a file outside all of them."""
        if path is None:
            return None
        holding = [root for root in self.roots if path.is_relative_to(root.path)]
        return max(holding, key=lambda root: len(root.path.parts), default=None)
