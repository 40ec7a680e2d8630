"""Every fault at every adapter: the right error class, one clear line, no hang, nothing left behind."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest

from lanyard_routing.adapters.base import (
    Adapter,
    AddressRefused,
    ChatRequest,
    ContextExceeded,
    Delta,
    EndpointError,
    EndpointTimeout,
    EndpointUnavailable,
    FillRequest,
    ModelMissing,
    RequestRejected,
    Timeouts,
)
from lanyard_routing.adapters.make import Dialect, make_adapter
from lanyard_routing.task import Message
from lanyard_routing.testing.script import Fault, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint

AMPLE = Timeouts(connect=60, first_token=60, silence=60)
# What is left early is what the fault is about; a busy machine is no fault.
QUICK = {
    Fault.HANG_BEFORE: Timeouts(connect=60, first_token=0.3, silence=60),
    Fault.HANG_HEADERS: Timeouts(connect=60, first_token=0.3, silence=60),
    Fault.HANG_MIDDLE: Timeouts(connect=60, first_token=60, silence=0.2),
}
SECRET = "swordfish_prompt_text = 1"
REPLY = "one two three four five six"

EXPECTED: dict[Fault, tuple[type[EndpointError], str]] = {
    Fault.RESET: (EndpointUnavailable, "closed the connection"),
    Fault.HANG_BEFORE: (EndpointTimeout, "sent no token within 0.3 s"),
    Fault.HANG_HEADERS: (EndpointTimeout, "sent no token within 0.3 s"),
    Fault.HANG_MIDDLE: (EndpointTimeout, "fell silent for 0.2 s"),
    Fault.BUSY: (EndpointUnavailable, "busy or loading"),
    Fault.TOO_MANY: (EndpointUnavailable, "too many requests"),
    Fault.BROKEN: (EndpointUnavailable, "CUDA error: out of memory"),
    Fault.UNAUTHORIZED: (RequestRejected, "api_key"),
    Fault.MISSING: (ModelMissing, "has no model"),
    Fault.UNRECORDED: (ModelMissing, "replays recorded replies"),
    Fault.CONTEXT: (ContextExceeded, "9000 tokens for 4096"),
    Fault.ECHO: (RequestRejected, "rejects the request (400)"),
    Fault.REDIRECT: (AddressRefused, "follows no redirects"),
    Fault.CUT: (EndpointUnavailable, "in the middle of its reply"),
    Fault.NO_END: (EndpointUnavailable, "in the middle of its reply"),
    Fault.ERROR_MIDSTREAM: (EndpointUnavailable, "CUDA error: device lost"),
    Fault.INVALID_JSON: (EndpointUnavailable, "not JSON"),
    Fault.HALF_UTF8: (EndpointUnavailable, "half a UTF-8 character"),
    Fault.BAD_UTF8: (EndpointUnavailable, "not UTF-8"),
    Fault.ENDLESS_LINE: (EndpointUnavailable, "a line of more than 8 MB"),
    Fault.NOT_HTTP: (EndpointUnavailable, "no HTTP server"),
}
HALFWAY = {
    Fault.HANG_MIDDLE,
    Fault.CUT,
    Fault.ERROR_MIDSTREAM,
    Fault.INVALID_JSON,
    Fault.HALF_UTF8,
    Fault.BAD_UTF8,
    Fault.ENDLESS_LINE,
    Fault.NO_END,
}


def test_every_fault_is_in_the_table() -> None:
    assert set(EXPECTED) == set(Fault) - {Fault.NONE, Fault.WRONG_FENCE}


@pytest.mark.parametrize("form", ["chat", "fill"])
@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("fault", list(EXPECTED))
async def test_a_fault_ends_in_one_clear_line(fault: Fault, dialect: Dialect, form: str) -> None:
    await settled()
    before = open_files()
    script = Script(default=Say(text=REPLY, fault=fault), location="http://127.0.0.1:9")
    async with ScriptedEndpoint(script) as endpoint, opened(endpoint.url, dialect) as adapter:
        deltas: list[Delta] = []
        expected, words = EXPECTED[fault]
        limits = QUICK.get(fault, AMPLE)
        async with asyncio.timeout(50):
            with pytest.raises(EndpointError) as caught:
                await collect(adapter.chat(CHAT, limits) if form == "chat" else adapter.fill(FILL, limits), deltas)
        assert type(caught.value) is expected
        line = str(caught.value)
        assert line.startswith('endpoint "gpu"')
        assert words in line
        assert "\n" not in line
        assert len(line) < 300
        assert "swordfish" not in line
        heard = "".join(delta.text for delta in deltas)
        assert REPLY.startswith(heard)
        assert not heard or fault in HALFWAY
        assert heard or fault not in (Fault.HANG_MIDDLE, Fault.NO_END)
        await endpoint.until(lambda: endpoint.busy == 0)
    await settled()
    assert open_files() <= before  # what earlier tests had open may be gone by now


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_nobody_listens(dialect: Dialect) -> None:
    async with ScriptedEndpoint() as endpoint:
        url = endpoint.url
    async with opened(url, dialect) as adapter:
        with pytest.raises(EndpointUnavailable, match="refuses connections") as caught:
            await collect(adapter.chat(CHAT, AMPLE), [])
        assert type(caught.value) is EndpointUnavailable
        probe = await adapter.probe()
        assert not probe.ready
        assert "refuses connections" in probe.why


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_a_listener_that_accepts_nothing_is_left_after_the_connect_timeout(dialect: Dialect) -> None:
    import socket

    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        # The backlog is filled, so that the kernel leaves further connections unanswered.
        fillers = [socket.socket() for _ in range(8)]
        for each in fillers:
            each.settimeout(0)
            each.connect_ex(full.getsockname())
        async with asyncio.timeout(50), opened(f"http://127.0.0.1:{full.getsockname()[1]}", dialect) as adapter:
            with pytest.raises(
                EndpointTimeout, match=r"accepted no connection within 0\.2 s|sent no token within 0.5 s"
            ):
                await collect(adapter.chat(NAMED, Timeouts(0.2, 0.5, 1.0)), [])
        for each in fillers:
            each.close()


@pytest.mark.parametrize("form", ["chat", "fill"])
@pytest.mark.parametrize("dialect", list(Dialect))
@pytest.mark.parametrize("gate_after", [0, 2])
async def test_closing_the_generator_closes_the_connection(dialect: Dialect, form: str, gate_after: int) -> None:
    say = Say(text=REPLY, gate="here", gate_after=gate_after)
    async with ScriptedEndpoint(Script(default=say)) as endpoint, opened(endpoint.url, dialect) as adapter:
        stream = adapter.chat(CHAT, Timeouts()) if form == "chat" else adapter.fill(FILL, Timeouts())
        for _ in range(gate_after):
            await anext(stream)
        waiting = asyncio.ensure_future(anext(stream))
        await endpoint.reached_gate("here")
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await stream.aclose()
        await endpoint.until(lambda: endpoint.streams[0].closed_early)
        assert endpoint.busy == 0


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_a_reader_who_stops_after_a_piece_closes_the_connection(dialect: Dialect) -> None:
    async with (
        ScriptedEndpoint(Script(default=Say(text=REPLY, gate="end", gate_after=3))) as endpoint,
        opened(endpoint.url, dialect) as adapter,
    ):
        async with aclosing(adapter.chat(CHAT, Timeouts())) as stream:
            async for delta in stream:
                assert delta.text == "one"
                break
        await endpoint.until(lambda: endpoint.streams[0].closed_early)


FILL = FillRequest(prefix=SECRET, suffix="\nswordfish_suffix", max_tokens=16)
CHAT = ChatRequest((Message(role="user", content=SECRET),), max_tokens=16)
NAMED = ChatRequest((Message(role="user", content=SECRET),), max_tokens=16, model="m:latest")


@asynccontextmanager
async def opened(url: str, dialect: Dialect) -> AsyncGenerator[Adapter]:
    adapter = make_adapter(url, dialect, name="gpu")
    try:
        yield adapter
    finally:
        await adapter.close()


async def collect(stream: AsyncGenerator[Delta], into: list[Delta]) -> None:
    async with aclosing(stream) as deltas:
        async for delta in deltas:
            into.append(delta)  # noqa: PERF401  what came before an error counts


async def settled() -> None:
    """Closed transports give up their sockets one turn of the loop later."""
    gc.collect()
    for _ in range(5):
        await asyncio.sleep(0)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    await asyncio.gather(*others)


def open_files() -> int:
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
