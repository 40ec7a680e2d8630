"""The llama.cpp adapter against llama.cpp itself, with the model that comes with Lanyard."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.request
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import pytest

from lanyard_routing.adapters.base import (
    Adapter,
    ChatRequest,
    Chunk,
    ContextExceeded,
    Delta,
    EndpointError,
    FillRequest,
    Timeouts,
)
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.make import Dialect, detect_dialect, make_adapter
from lanyard_routing.adapters.origin import parse_origin
from lanyard_routing.netpolicy import Policy
from lanyard_routing.task import Capability, Message, Sampling

MODEL = Path(__file__).parents[3] / "routing" / "lanyard_routing" / "data" / "lanyard-fim.gguf"
PREFIX = "def add(a: int, b: int) -> int:\n    "
SUFFIX = "\n\n\nprint(add(1, 2))\n"


@pytest.fixture(scope="module")
def server_url() -> Generator[str]:
    command = [sys.executable, str(Path(__file__).with_name("llama_server.py")), str(MODEL)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        assert process.stdout is not None
        said = next(line for line in process.stdout if line.startswith("listening "))
        yield said.split()[1]
        process.kill()


@pytest.fixture
async def engine(server_url: str) -> AsyncGenerator[Adapter]:
    adapter = make_adapter(server_url, Dialect.LLAMACPP, name="engine")
    yield adapter
    await adapter.close()


async def test_its_dialect_is_detected(server_url: str) -> None:
    assert await detect_dialect(server_url) is Dialect.LLAMACPP
    with urllib.request.urlopen(f"{server_url}/v1/models") as answer:
        assert json.load(answer)["data"][0]["owned_by"] == "llamacpp"  # what detection goes by where /props hangs


async def test_a_probe_tells_what_the_model_can_do(engine: Adapter) -> None:
    probe = await engine.probe()
    assert probe.ready
    assert (probe.slots, probe.busy) == (2, 0)
    (model,) = probe.models
    assert model.name == "lanyard-fim.gguf"
    assert model.capabilities == {Capability.COMPLETION}
    assert model.parameters > 1_000_000
    assert model.context > 0
    assert not model.remote


async def test_a_fill_streams_and_ends_with_its_usage(engine: Adapter) -> None:
    await engine.probe()
    request = await talkative(engine, 8)
    *pieces, last = [delta async for delta in engine.fill(request, Timeouts())]
    assert pieces
    assert last.finish in ("stop", "length")
    assert last.usage is not None
    assert last.usage.prompt_tokens > 0
    assert 0 < last.usage.completion_tokens <= 8
    assert last.model == "lanyard-fim.gguf"
    assert all(delta.logprob is not None and delta.logprob <= 0 for delta in pieces)


async def test_chunks_of_other_files_are_part_of_the_prompt(engine: Adapter) -> None:
    sizes: list[int] = []
    for chunks in ((), (Chunk("other.py", "RATE = 0.25\n"),)):
        request = FillRequest(PREFIX, SUFFIX, chunks, "main.py", max_tokens=1)
        last = [delta async for delta in engine.fill(request, Timeouts())][-1]
        assert last.usage is not None
        sizes.append(last.usage.prompt_tokens)
    assert sizes[0] + 5 <= sizes[1]


async def test_a_stop_word_ends_a_fill(engine: Adapter) -> None:
    request = await talkative(engine, 24)
    whole = "".join([delta.text async for delta in engine.fill(request, Timeouts())])
    sampling = request.sampling.model_copy(update={"stop": (whole[len(whole) // 2],)})
    stopping = FillRequest(PREFIX, SUFFIX, max_tokens=24, sampling=sampling)
    *pieces, last = [delta async for delta in engine.fill(stopping, Timeouts())]
    assert last.finish == "stop"
    assert "".join(delta.text for delta in pieces) == whole.partition(sampling.stop[0])[0]


async def test_a_chat_streams(engine: Adapter) -> None:
    request = ChatRequest((Message(role="user", content="hi é 𝄞"),), max_tokens=6)
    *pieces, last = [delta async for delta in engine.chat(request, Timeouts())]
    assert last.usage is not None
    assert last.usage.completion_tokens <= 6
    assert all(delta.finish is None for delta in pieces)


async def test_a_reply_schema_is_forced(engine: Adapter) -> None:
    schema = {
        "type": "object",
        "properties": {"severity": {"enum": ["error", "hint"]}},
        "required": ["severity"],
        "additionalProperties": False,
    }
    request = ChatRequest((Message(role="user", content="hi"),), max_tokens=200, reply_schema=schema)
    text = "".join([delta.text async for delta in engine.chat(request, Timeouts())])
    assert json.loads(text)["severity"] in ("error", "hint")


async def test_tokens_are_counted(engine: Adapter) -> None:
    assert await engine.count_tokens("") == 0
    short, long = await engine.count_tokens("def f(): pass"), await engine.count_tokens("def f(): pass\n" * 50)
    assert short is not None
    assert long is not None
    assert 0 < short < long


async def test_too_long_a_prompt_is_said_so(engine: Adapter) -> None:
    request = ChatRequest((Message(role="user", content="swordfish = 1\n" * 20_000),), max_tokens=4)
    with pytest.raises(ContextExceeded, match=r"longer than the model's context \(\d+ tokens for \d+\)") as caught:
        await anext(engine.chat(request, Timeouts()))
    assert "swordfish" not in str(caught.value)


@pytest.mark.parametrize("form", ["fill", "chat"])
async def test_closing_a_stream_frees_the_slot(engine: Adapter, server_url: str, form: str) -> None:
    http = Http(parse_origin(server_url), Policy())
    async with asyncio.timeout(200):
        request = await talkative(engine, 200)
        chat = ChatRequest((Message(role="user", content="hi"),), 200, request.sampling)
        left: list[bool] = []
        # On a busy machine it may be done before it can be left; never each time.
        while not any(left) and len(left) < 20:
            stream = engine.fill(request, Timeouts()) if form == "fill" else engine.chat(chat, Timeouts())
            left.append(await leave(stream, http))
    assert any(left), "it stopped because it was left, not because it was done"
    await http.close()


async def leave(stream: AsyncGenerator[Delta], http: Http) -> bool:
    """Close a stream after its first piece; whether that ended it before it was done."""
    await anext(stream)
    await stream.aclose()
    while await busy(http):
        await asyncio.sleep(0.05)
    latest = max(await slots(http), key=lambda each: each.get("id_task", -1))
    return bool(latest["next_token"][0]["has_next_token"])


async def test_leaving_during_the_prefill_frees_the_slot(engine: Adapter, server_url: str) -> None:
    http = Http(parse_origin(server_url), Policy())
    request = ChatRequest((Message(role="user", content="x = [1, 2, 3]\n" * 40),), max_tokens=200)
    waiting = asyncio.ensure_future(anext(engine.chat(request, Timeouts())))
    async with asyncio.timeout(120):
        while not waiting.done() and not await busy(http):
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        while await busy(http):
            await asyncio.sleep(0.05)
    await http.close()


async def test_an_unknown_path_is_the_dialects_fault(server_url: str) -> None:
    adapter = make_adapter(server_url, Dialect.OLLAMA, name="engine")
    with pytest.raises(EndpointError, match=r"does not know /api/tags \(404\); check its dialect"):
        await anext(adapter.chat(ChatRequest((Message(role="user", content="hi"),), 4), Timeouts()))
    await adapter.close()


async def talkative(engine: Adapter, tokens: int) -> FillRequest:
    """A request that this model answers at length: how much it says is the model's affair, not the adapter's."""
    for seed in range(200):
        request = FillRequest(
            PREFIX, SUFFIX, max_tokens=tokens, sampling=Sampling(temperature=2.0, top_p=1.0, seed=seed)
        )
        last = [delta async for delta in engine.fill(request, Timeouts())][-1]
        if last.usage is not None and last.usage.completion_tokens == tokens:
            return request
    raise AssertionError("the model says nothing, whatever the seed")


async def slots(http: Http) -> list[dict[str, Any]]:
    return (await http.ask("/slots", timeout_s=60)).json()


async def busy(http: Http) -> int:
    return sum(bool(each["is_processing"]) for each in await slots(http))
