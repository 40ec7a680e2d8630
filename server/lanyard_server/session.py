"""The session: what one connected editor has told us, and what serves it.

Owns the state that handlers read. Only `run="session"` handlers change it; everything else works on values
taken from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from lanyard_analyzers.syntax import Syntax
    from lanyard_analyzers.text import Text
    from lanyard_routing.router import ImmediateLane, Router
    from lanyard_server.positions import Encoding
    from lanyard_server.settings import Settings


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

    def all(self) -> tuple[Document, ...]:
        """All open documents, the one that changed last first."""
        ...


class Outbound(Protocol):
    """Messages to the client; never blocks on a client that does not read."""

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        ...

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and wait for its answer; safe to cancel (a late answer is dropped). Raises RequestFailed."""
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
    router: Router


@dataclass(slots=True)
class Session:
    """Everything that a handler may look at.

    `capabilities` is the client's ClientCapabilities (lsprotocol). `state` holds the per-feature state, keyed by
    the feature's module name, so that the session knows no feature.
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

    def root_of(self, path: Path | None) -> Root | None:
        """The innermost workspace folder that holds `path`; None for a file outside all of them."""
        if path is None:
            return None
        holding = [root for root in self.roots if path.is_relative_to(root.path)]
        return max(holding, key=lambda root: len(root.path.parts), default=None)
