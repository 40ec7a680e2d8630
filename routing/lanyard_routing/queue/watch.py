"""Word of changes in a queue that several processes share.

Owns the polling of a version and the calling of subscribers; knows no tasks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from lanyard_routing.router import QueueRefused

_SLOWEST_S = 0.5
_LIVELY_S = 10.0  # after a change, more are likely


class Watch:
    """Calls subscribers after changes of this process at once, and after others' within `fastest_s` to half a second.

    `version` gives a value that is another one when another process has written.
    """

    def __init__(self, version: Callable[[], Awaitable[object]], *, fastest_s: float) -> None:
        self._version = version
        self._fastest_s = fastest_s
        self._subscribers: dict[object, Callable[[], None]] = {}
        self._task: asyncio.Task[None] | None = None

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` after every change, until the result is called."""
        key = object()
        self._subscribers[key] = changed
        if self._task is None:
            self._task = asyncio.create_task(self._poll(), name="lanyard-queue-watch")
        return lambda: self._subscribers.pop(key, None) and None

    def changed(self) -> None:
        """This process has changed something."""
        for changed in tuple(self._subscribers.values()):
            changed()

    async def close(self) -> None:
        """Stop polling."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _poll(self) -> None:
        seen: object = None
        quiet_s = 0.0
        while True:
            pause = self._fastest_s if quiet_s < _LIVELY_S else _SLOWEST_S
            await asyncio.sleep(pause)
            quiet_s += pause
            if not self._subscribers:
                continue
            try:
                version = await self._version()
            except QueueRefused:
                continue
            if version != seen:  # the first one too: it may stand for a change since the subscriber looked
                quiet_s = 0.0
                self.changed()
            seen = version
