"""One streamed completion from the immediate lane, closed as soon as enough has come.

Owns the time limit and the early stop of the stream.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Literal

from lanyard_analyzers.complete import Situation, StreamStop
from lanyard_routing.adapters.base import Delta, EndpointTimeout, FillRequest
from lanyard_routing.router import ImmediateLane
from lanyard_server.session import Session


@dataclass(frozen=True, slots=True)
class Received:
    """What a worker sent until the stream ended or was closed."""

    text: str
    finish: Literal["stop", "length"]
    model: str


async def receive(
    session: Session, lane: ImmediateLane, request: FillRequest, *, situation: Situation, timeout_s: float
) -> Received:
    """Ask for a completion. Raises RoutingError or EndpointError; cancelling it closes the stream.

    What has come after `timeout_s` seconds is used; nothing by then raises EndpointTimeout.
    """
    stop = StreamStop(situation)
    finish: Literal["stop", "length"] = "stop"
    model = ""
    stream = lane.fill(request)
    try:
        async with asyncio.timeout(timeout_s):
            async for delta in stream:
                model = delta.model or model
                enough = stop.feed(delta.text) if delta.text else stop.enough
                if delta.finish is not None:
                    finish = delta.finish
                    session.spawn(_read_out(stream), "the end of a completion's stream")
                    return Received(stop.text, finish, model)
                if enough:
                    break
    except TimeoutError:
        if not stop.text.strip():
            raise EndpointTimeout(f"a completion took longer than {timeout_s:g} s (completion.timeout_s)") from None
        finish = "length"
    except BaseException:
        await stream.aclose()
        raise
    await stream.aclose()
    return Received(stop.text, finish, model)


async def _read_out(stream: AsyncGenerator[Delta]) -> None:
    """Let the stream end by itself: its connection can be used again, and the answer need not wait for it."""
    try:
        async for _ in stream:
            pass
    finally:
        await stream.aclose()
