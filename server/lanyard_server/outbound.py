"""Messages to the client: notifications, requests and their answers, lines for the user.

Owns the requests that wait for the client's answer, and which messages may be lost when the client does not read.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Mapping
from typing import Any, cast

from lanyard_server.feature import RequestFailed
from lanyard_server.plain import one_line
from lanyard_server.transport import Loss
from lanyard_server.wire import CANCELLED, Response

_WARNING, _INFO = 2, 3
_LOSSY = frozenset({"window/logMessage", "$/logTrace", "telemetry/event"})

Send = Callable[[Mapping[str, Any], Loss], None]


class ClientOutbound:
    """The way to one client; implements `session.Outbound`. Used from the event loop's thread alone."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._ids = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._closed = False

    def notify(self, method: str, params: Any) -> None:
        """Send a notification."""
        loss: Loss = "may be lost" if method in _LOSSY or _is_report(method, params) else "keep"
        self._send({"jsonrpc": "2.0", "method": method, "params": params}, loss)

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and wait for its answer, plain JSON. Safe to cancel: a late answer is dropped.

        Raises RequestFailed where the client answers with an error or goes away.
        """
        if self._closed:
            raise RequestFailed("the editor has gone")
        request_id = f"lanyard-{next(self._ids)}"
        future = self._waiting[request_id] = asyncio.get_running_loop().create_future()
        self._send({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}, "keep")
        try:
            return await future
        except asyncio.CancelledError:
            if request_id in self._waiting:
                self.notify("$/cancelRequest", {"id": request_id})
            raise
        finally:
            self._waiting.pop(request_id, None)

    def answered(self, response: Response) -> None:
        """The client answered a request of ours; an answer nobody waits for is dropped."""
        future = self._waiting.pop(response.id, None) if isinstance(response.id, str) else None
        if future is None or future.done():
            return
        if response.error is None:
            future.set_result(response.result)
        else:
            future.set_exception(_failure(response.error))

    def close(self) -> None:
        """Nothing more will come: those who wait get RequestFailed."""
        self._closed = True
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(RequestFailed("the editor has gone", CANCELLED))
        self._waiting.clear()

    def show(self, message: str) -> None:
        """Show one line to the user (`window/showMessage`, info)."""
        self.notify("window/showMessage", {"type": _INFO, "message": one_line(message)})

    def warn(self, message: str) -> None:
        """Show one line to the user as a warning."""
        self.notify("window/showMessage", {"type": _WARNING, "message": one_line(message)})

    def log(self, message: str) -> None:
        """Write one line to the client's log (`window/logMessage`); no prompt, code or secret."""
        self.notify("window/logMessage", {"type": _INFO, "message": one_line(message)})


def _is_report(method: str, params: Any) -> bool:
    if method != "$/progress" or not isinstance(params, dict):
        return False
    value = cast("dict[str, Any]", params).get("value")
    return isinstance(value, dict) and cast("dict[str, Any]", value).get("kind") == "report"


def _failure(error: Any) -> RequestFailed:
    fields = cast("dict[str, Any]", error) if isinstance(error, dict) else {}
    code = fields.get("code")
    return RequestFailed(
        one_line(str(fields.get("message") or "the editor refused")), code if isinstance(code, int) else -32803
    )
