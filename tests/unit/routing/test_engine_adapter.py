"""The embedded engine's adapter at an engine that answers, but not every request."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lanyard_routing.adapters.base import EndpointTimeout, EndpointUnavailable, FillRequest, Model, Timeouts
from lanyard_routing.engine.adapter import EngineAdapter
from lanyard_routing.engine.client import Engine, EngineHandle
from lanyard_routing.engine.options import EngineOptions
from lanyard_routing.testing.wire import Listener, Request, Response

REPLY = {"content": "x", "stop": True, "stop_type": "eos"}


class Answering(Engine):
    """An engine that is somewhere else and always well."""

    def __init__(self, url: str) -> None:
        super().__init__(EngineOptions(model=Path("none.gguf")))
        self._url = url

    async def ensure(self) -> EngineHandle:
        return EngineHandle(self._url, "key", "m", 1)

    async def answers(self) -> bool:
        return True


@pytest.mark.parametrize(("closed", "whole"), [(1, True), (2, False)])
async def test_a_connection_that_the_engine_closed_is_tried_again_once(closed: int, whole: bool) -> None:
    asked = 0

    async def answer(request: Request, response: Response) -> None:
        nonlocal asked
        asked += 1
        if asked <= closed:
            response.close()
            return
        await response.begin("text/event-stream")
        await response.chunk(b"data: " + json.dumps(REPLY).encode() + b"\n\n")
        await response.finish()

    listener = Listener(answer, lambda request: None)
    adapter = EngineAdapter(Answering(f"http://127.0.0.1:{await listener.open(0)}"), Model("m"))
    try:
        stream = adapter.fill(FillRequest("a", "b"), Timeouts())
        if whole:
            assert "".join([delta.text async for delta in stream]) == "x"
        else:
            with pytest.raises(EndpointUnavailable):
                await anext(stream)
        assert asked == 2
    finally:
        await adapter.close()
        await listener.close()


async def test_who_has_waited_for_a_slow_engine_does_not_wait_again() -> None:
    asked = 0

    async def answer(request: Request, response: Response) -> None:
        nonlocal asked
        asked += 1
        await response.begin("text/event-stream")

    listener = Listener(answer, lambda request: None)
    adapter = EngineAdapter(Answering(f"http://127.0.0.1:{await listener.open(0)}"), Model("m"))
    try:
        with pytest.raises(EndpointTimeout):
            await anext(adapter.fill(FillRequest("a", "b"), Timeouts(first_token=1.0)))
        assert asked == 1
    finally:
        await adapter.close()
        await listener.close()
