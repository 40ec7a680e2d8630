"""Work-done progress: one async context manager for begin, reports and end.

Owns the tokens and what Cancel does. A token comes from the request where the client gave one, else it is made where
the client declares `window.workDoneProgress`; a client that declares nothing sees nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any

from lanyard_server.feature import Feature, RequestFailed
from lanyard_server.session import Session

REPORT_EVERY_S = 0.1
"""Reports that come faster than this are merged: the last one wins."""

CREATE_S = 5.0
"""Seconds that a client gets to make a token; the work goes on without progress afterwards."""

Token = int | str
Cancel = Callable[[], Awaitable[Any]]

_asked: ContextVar[Token | None] = ContextVar("work-done token of the running request", default=None)


def asked_progress(token: Token | None) -> Context:
    """A context in which the next `work_done` uses the token that the client gave with its request."""
    context = copy_context()
    context.run(_asked.set, token)
    return context


@dataclass(slots=True)
class Report:
    """Call it with a line for the user and, where it is known, the share done (0 to 1)."""

    _session: Session
    _token: Token | None
    _last_sent: float = field(default=0.0)
    _pending: asyncio.TimerHandle | None = None

    def __call__(self, message: str, share: float | None = None) -> None:
        if self._token is None:
            return
        self._drop_pending()
        value: dict[str, Any] = {"kind": "report", "message": message}
        if share is not None:
            value["percentage"] = round(100 * max(0.0, min(1.0, share)))
        wait = self._last_sent + REPORT_EVERY_S - time.monotonic()
        if wait <= 0:
            self._send(value)
        else:
            self._pending = asyncio.get_running_loop().call_later(wait, self._send, value)

    def at_once(self, message: str) -> None:
        """A line that is not merged with the ones after it: something has changed, not only grown."""
        if self._token is not None:
            self._drop_pending()
            self._send({"kind": "report", "message": message})

    def end(self, message: str | None = None) -> None:
        """The last message; the context manager calls it."""
        if self._token is None:
            return
        self._drop_pending()
        self._send({"kind": "end"} if message is None else {"kind": "end", "message": message})
        self._token = None

    def _send(self, value: dict[str, Any]) -> None:
        self._pending = None
        self._last_sent = time.monotonic()
        self._session.out.notify("$/progress", {"token": self._token, "value": value})

    def _drop_pending(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None


@asynccontextmanager
async def work_done(session: Session, title: str, cancel: Cancel | None = None) -> AsyncGenerator[Report]:
    """Show progress while the body runs.

    Cancel in the editor awaits `cancel()` where one is given, else it cancels the task that runs the body. A client
    that refuses or cannot show progress costs nothing but the progress.
    """
    token = await _token(session)
    report = Report(session, token)
    if token is None:
        yield report
        return
    cancels = _cancels(session)
    cancels[token] = cancel or _cancel_of(asyncio.current_task())
    begin = {"kind": "begin", "title": title, "cancellable": True}
    session.out.notify("$/progress", {"token": token, "value": begin})
    try:
        yield report
    finally:
        cancels.pop(token, None)
        report.end()


async def _token(session: Session) -> Token | None:
    given = _asked.get()
    if given is not None:
        _asked.set(None)
        return given
    window = getattr(session.capabilities, "window", None)
    if not getattr(window, "work_done_progress", None):
        return None
    numbers = session.state.setdefault(f"{__name__}.numbers", itertools.count(1))
    token = f"lanyard-progress-{next(numbers)}"
    try:
        async with asyncio.timeout(CREATE_S):
            await session.out.request("window/workDoneProgress/create", {"token": token})
    except (RequestFailed, TimeoutError):
        return None
    return token


def _cancels(session: Session) -> dict[Token, Cancel]:
    return session.state.setdefault(__name__, {})


def _cancel_of(task: asyncio.Task[Any] | None) -> Cancel:
    async def cancel() -> None:
        if task is not None:
            task.cancel()

    return cancel


async def _cancelled(session: Session, params: Any) -> None:
    cancel = _cancels(session).pop(params.token, None)
    if cancel is not None:
        with contextlib.suppress(RequestFailed):
            await cancel()


FEATURES = (Feature("window/workDoneProgress/cancel", "snapshot", _cancelled),)
