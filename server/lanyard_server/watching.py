"""Word of changes for one client: many changes in a row are told once.

Owns the merging and its end with the session. What changes, and how the client is told, is the feature's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lanyard_server.session import Session

MERGED_S = 0.25
"""Seconds between a change and the word of it; what changes meanwhile is told with it."""


class Watch:
    """Calls `tell` after changes of the session's queue, until the session ends."""

    def __init__(self, session: Session, tell: Callable[[], Coroutine[Any, Any, None]], *, name: str) -> None:
        """The session's runtime must be there; `name` is for the log, where `tell` fails."""
        assert session.runtime is not None
        self._session, self._tell, self._name = session, tell, name
        self._timer: asyncio.TimerHandle | None = None
        self._over = False
        self._forget: Callable[[], None] = session.runtime.router.listen(self.changed)
        session.closers.append(self.close)

    def changed(self) -> None:
        """Something has changed."""
        if self._timer is None and not self._over:
            self._timer = asyncio.get_running_loop().call_later(MERGED_S, self._due)

    async def close(self) -> None:
        """The session ends."""
        self._over = True
        self._forget()
        if self._timer is not None:
            self._timer.cancel()

    def _due(self) -> None:
        self._timer = None
        self._session.spawn(self._tell(), self._name)


__all__ = ["MERGED_S", "Watch"]
