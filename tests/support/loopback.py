"""A protocol without a process: messages go in as JSON, answers are kept in a list."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any

from lanyard_server import app, progress
from lanyard_server.capabilities import build_capabilities
from lanyard_server.feature import Command, Feature
from lanyard_server.features import configuration, sync, workspace_folders
from lanyard_server.lifecycle import Lifecycle
from lanyard_server.protocol import LanyardProtocol
from lanyard_server.session import Session

CORE = (*sync.FEATURES, *workspace_folders.FEATURES, *configuration.FEATURES, *progress.FEATURES)


class Kept:
    """A sink that keeps what was sent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.loss: list[str] = []
        self.closed = False
        self.changed = asyncio.Event()

    def send(self, body: bytes, loss: str) -> None:
        self.sent.append(json.loads(body))
        self.loss.append(loss)
        self.changed.set()

    async def close(self) -> None:
        self.closed = True


class Loopback:
    """The protocol, its sink, and what a client does."""

    def __init__(self, features: Iterable[Feature | Command] = ()) -> None:
        self.sink = Kept()
        self.features = (*CORE, *features)
        self.lifecycle = Lifecycle(
            app.make_session, lambda session: build_capabilities(session, self.features), watch=False
        )
        self.protocol = LanyardProtocol(self.features, self.sink, self.lifecycle)
        self._next = 0

    @property
    def session(self) -> Session:
        return self.lifecycle.session

    def send(self, message: Any) -> None:
        self.protocol.receive(json.dumps(message).encode())

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any = None) -> int:
        """Send a request; its id."""
        self._next += 1
        self.send({"jsonrpc": "2.0", "id": self._next, "method": method, "params": params})
        return self._next

    async def answer(self, request_id: Any) -> dict[str, Any]:
        """The one response to a request."""
        found = await self.until(lambda m: "method" not in m and m.get("id") == request_id)
        await asyncio.sleep(0)
        assert sum("method" not in m and m.get("id") == request_id for m in self.sink.sent) == 1
        return found

    async def request(self, method: str, params: Any = None) -> Any:
        response = await self.answer(self.ask(method, params))
        assert "error" not in response, response
        return response["result"]

    async def until(self, fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message that fits, once it has been sent."""
        async with asyncio.timeout(50):
            while True:
                for message in self.sink.sent:
                    if fits(message):
                        return message
                self.sink.changed.clear()
                await self.sink.changed.wait()

    async def until_method(self, method: str) -> dict[str, Any]:
        return await self.until(lambda m: m.get("method") == method)

    async def settle(self) -> None:
        """Wait until everything that was sent so far has been handled."""
        await self.answer(self.ask("no/such/method"))

    def reply(self, request: dict[str, Any], result: Any) -> None:
        self.send({"jsonrpc": "2.0", "id": request["id"], "result": result})

    async def initialize(self, capabilities: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        params = {"processId": None, "rootUri": None, "capabilities": capabilities or {}, **more}
        result = await self.request("initialize", params)
        self.notify("initialized", {})
        return result["capabilities"]
