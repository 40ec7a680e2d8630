"""One completion at a time for each document: a new request ends the one before.

Owns who is superseded, and the pause before a worker is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

_REMEMBERED = 256
"""Documents whose last request is remembered, for the pause."""


class Superseded(Exception):
    """A later request for the same document came; this one is to be answered with null."""


@dataclass(slots=True)
class _Turn:
    task: asyncio.Task[object]
    superseded: bool = False


class Turns:
    """The running completion of each document."""

    def __init__(self) -> None:
        self._current: dict[str, _Turn] = {}
        self._last_asked: dict[str, float] = {}

    async def take(self, uri: str, work: Awaitable[T]) -> T:
        """Await `work` as the document's only completion; whatever ran for it is cancelled first.

        Raises Superseded when a later call for the same document ends this one, CancelledError when the client does.
        """
        task = asyncio.current_task()
        assert task is not None
        self._supersede(uri)
        turn = self._current[uri] = _Turn(task)
        try:
            return await work
        except asyncio.CancelledError:
            if turn.superseded and task.uncancel() == 0:
                raise Superseded from None
            raise
        finally:
            if self._current.get(uri) is turn:
                del self._current[uri]

    def _supersede(self, uri: str) -> None:
        before = self._current.get(uri)
        if before is not None and not before.superseded:
            before.superseded = True
            before.task.cancel()

    async def pause(self, uri: str, window_s: float) -> None:
        """Wait out `window_s` seconds where the request before came less than that ago.

        Someone who types slower than the window never waits; of a burst of keys only the first and the last reach
        a worker, because those between are superseded while they wait.
        """
        now = asyncio.get_running_loop().time()
        before = self._last_asked.pop(uri, None)
        self._last_asked[uri] = now
        if len(self._last_asked) > _REMEMBERED:
            del self._last_asked[next(iter(self._last_asked))]
        if before is not None and now - before < window_s:
            await asyncio.sleep(window_s)
