"""Endpoints for the tests of adapters: an adapter opened and closed, and a server with canned answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from lanyard_routing.adapters.base import Adapter, Delta
from lanyard_routing.adapters.make import Dialect, make_adapter
from lanyard_routing.testing.scripted import ScriptedEndpoint
from lanyard_routing.testing.wire import Listener, Request, Response


async def drain(stream: AsyncGenerator[Delta]) -> None:
    async for _ in stream:
        pass


@asynccontextmanager
async def opened(endpoint: ScriptedEndpoint, dialect: Dialect) -> AsyncGenerator[Adapter]:
    adapter = make_adapter(endpoint.url, dialect, name="gpu")
    try:
        yield adapter
    finally:
        await adapter.close()


@asynccontextmanager
async def canned(answers: Mapping[str, tuple[int, Any]]) -> AsyncGenerator[tuple[str, list[str]]]:
    """A server with one answer a path: JSON for objects, text as it is, bytes as a stream that never ends."""
    asked: list[str] = []

    async def answer(request: Request, response: Response) -> None:
        asked.append(request.path)
        status, body = answers.get(request.path, (404, {"error": {"message": "File Not Found"}}))
        if isinstance(body, bytes):
            await response.begin("text/event-stream")
            await response.chunk(body)
            await asyncio.Event().wait()
        elif isinstance(body, str):
            await response.whole(status, body.encode(), kind="text/plain")
        else:
            await response.whole(status, json.dumps(body).encode())

    listener = Listener(answer, lambda request: None)
    port = await listener.open(0)
    try:
        yield f"http://127.0.0.1:{port}", asked
    finally:
        await listener.close()
