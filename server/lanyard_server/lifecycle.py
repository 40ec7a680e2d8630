"""The life of one connection: initialize, shutdown, exit, the editor's death.

Owns what may be asked when, the making of the session, and the end: what runs is cancelled, what was written is
flushed, the exit code is what the specification says.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types

from lanyard_server.feature import Feature
from lanyard_server.parent import is_visible, watch
from lanyard_server.session import Session
from lanyard_server.version import VERSION
from lanyard_server.wire import INVALID_REQUEST, NOT_INITIALIZED

if TYPE_CHECKING:
    from lanyard_server.protocol import LanyardProtocol

log = logging.getLogger(__name__)

CLOSE_S = 3.0
"""Seconds that cancelled work, and after it each closer, gets to end."""

MakeSession = Callable[["LanyardProtocol", types.InitializeParams], Session]
MakeCapabilities = Callable[[Session], types.ServerCapabilities]


class Lifecycle:
    """The state of one connection. `watch`: the editor runs on this machine, and its death is the connection's end."""

    def __init__(self, make_session: MakeSession, capabilities: MakeCapabilities, *, watch: bool) -> None:
        self._make_session = make_session
        self._capabilities = capabilities
        self._watch = watch
        self._session: Session | None = None
        self._shutting_down: asyncio.Task[Any] | None = None
        self._ending: asyncio.Task[None] | None = None

    @property
    def session(self) -> Session:
        """The session; there is none before `initialize`, and nothing that needs one is let through then."""
        return cast("Session", self._session)

    def refusal(self, method: str) -> tuple[int, str] | None:
        """The error code and line for a request that may not be made now."""
        if self._shutting_down is not None or self._ending is not None:
            return INVALID_REQUEST, "the server is shutting down"
        if self._session is None and method != "initialize":
            return NOT_INITIALIZED, "the first request is initialize"
        if self._session is not None and method == "initialize":
            return INVALID_REQUEST, "initialize was answered already"
        return None

    def ignores(self, method: str) -> bool:
        """Whether a notification has no meaning now."""
        if method == "exit":
            return False
        return self._session is None or self._shutting_down is not None or self._ending is not None

    def features(self, protocol: LanyardProtocol) -> tuple[Feature, ...]:
        """The lifecycle's own methods."""

        def initialize(_: Session, params: types.InitializeParams) -> types.InitializeResult:
            self._session = self._make_session(protocol, params)
            capabilities = self._capabilities(self._session)
            editor = params.process_id
            if self._watch and editor is not None and is_visible(editor):
                self._session.spawn(watch(editor, protocol.disconnected), "the watch on the editor")
            return types.InitializeResult(capabilities, types.ServerInfo("lanyard", VERSION))

        async def shutdown(_: Session, __: Any) -> None:
            self._shutting_down = asyncio.current_task()
            await self._close(protocol)

        def exit_(_: Session, __: Any) -> None:
            self._end(protocol)

        return (
            Feature("initialize", "session", initialize),
            Feature("shutdown", "snapshot", shutdown),
            Feature("exit", "session", exit_),
        )

    def answered(self, method: str, protocol: LanyardProtocol) -> None:
        """A request has been answered."""
        if method == "initialize":
            protocol.warm()

    def disconnected(self, protocol: LanyardProtocol) -> None:
        """The client is gone without a word."""
        self._end(protocol)

    def _end(self, protocol: LanyardProtocol) -> None:
        if self._ending is None:
            self._ending = asyncio.get_running_loop().create_task(self._finish(protocol))

    async def _finish(self, protocol: LanyardProtocol) -> None:
        code = 0 if self._shutting_down is not None else 1
        if self._shutting_down is not None:
            await asyncio.wait([self._shutting_down], timeout=2 * CLOSE_S)
        else:
            await self._close(protocol)
        await protocol.finish(code)

    async def _close(self, protocol: LanyardProtocol) -> None:
        await protocol.cancel_running(CLOSE_S)
        session = self._session
        if session is None:
            return
        spawned = list(session.spawned)
        for task in spawned:
            task.cancel()
        if spawned:
            await asyncio.wait(spawned, timeout=CLOSE_S)
        for closer in reversed(session.closers):
            try:
                async with asyncio.timeout(CLOSE_S):
                    await closer()
            except Exception as error:  # noqa: BLE001 - the end must come whatever one part does
                log.error("closing failed: %s", type(error).__name__)
        session.closers.clear()
