"""The shipped doubles keep their promises: rules, gates, records, replay, and the adapter in memory."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from lanyard_routing.adapters.base import (
    ChatRequest,
    Chunk,
    EndpointUnavailable,
    FillRequest,
    ModelMissing,
    Timeouts,
)
from lanyard_routing.adapters.make import Dialect, make_adapter
from lanyard_routing.task import Kind, Message
from lanyard_routing.testing.fake import FakeAdapter, FakeReply
from lanyard_routing.testing.replay import Recorded, Recording, ReplayEndpoint, load_recording
from lanyard_routing.testing.script import Fault, Rule, Say, Script, load_script
from lanyard_routing.testing.scripted import ScriptedEndpoint
from unit.routing.endpoints import drain, opened


def chat(text: str) -> ChatRequest:
    return ChatRequest((Message(role="system", content="review"), Message(role="user", content=text)), 16)


async def reply_of(adapter: object, request: ChatRequest | FillRequest) -> str:
    call = adapter.chat if isinstance(request, ChatRequest) else adapter.fill  # type: ignore[attr-defined]
    return "".join([delta.text async for delta in call(request, Timeouts())])


async def test_the_first_rule_that_fits_answers_and_may_be_used_up() -> None:
    script = Script(
        rules=(
            Rule(match="(?i)review", say=Say(text="busy"), times=1),
            Rule(match="(?i)review", say=Say(text="fine")),
            Rule(form="fill", match=r"def \w+\x00", say=Say(text="(self):")),
        ),
        default=Say(text="what?"),
    )
    async with ScriptedEndpoint(script) as endpoint, opened(endpoint, Dialect.OPENAI) as adapter:
        assert await reply_of(adapter, chat("Review this")) == "busy"
        assert await reply_of(adapter, chat("Review this")) == "fine"
        assert await reply_of(adapter, chat("hello")) == "what?"
        assert await reply_of(adapter, FillRequest("def total", "")) == "(self):"
        endpoint.say("new")
        assert await reply_of(adapter, chat("Review this")) == "new"
    async with ScriptedEndpoint(script) as endpoint, opened(endpoint, Dialect.LLAMACPP) as adapter:
        assert await reply_of(adapter, FillRequest("def total", "")) == "(self):"


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_a_rule_reads_a_prompt_with_context_of_other_files_as_one_without(dialect: Dialect) -> None:
    script = Script(
        rules=(Rule(form="fill", match="free = ship\0\nend", say=Say(text="ping()")),), default=Say(text="no")
    )
    async with ScriptedEndpoint(script, dialects=[dialect]) as endpoint, opened(endpoint, dialect) as adapter:
        for chunks in ((), (Chunk("other.py", "def shipping(): ..."),)):
            asked = FillRequest("free = ship", "\nend", chunks)
            assert await reply_of(adapter, asked) == "ping()"


async def test_a_gate_holds_a_reply_where_it_is_told_to() -> None:
    script = Script(default=Say(text="one two three", gate="middle", gate_after=2))
    async with ScriptedEndpoint(script) as endpoint, opened(endpoint, Dialect.OLLAMA) as adapter:
        stream = adapter.chat(chat("x"), Timeouts())
        assert [(await anext(stream)).text for _ in range(2)] == ["one", " two"]
        await endpoint.reached_gate("middle")
        assert endpoint.busy == 1
        endpoint.open_gate("middle")
        assert [delta.text async for delta in stream] == [" three", ""]
        await endpoint.until(lambda: endpoint.busy == 0)
        assert not endpoint.streams[0].closed_early


async def test_an_endpoint_can_go_down_and_come_back_at_its_port() -> None:
    async with (
        ScriptedEndpoint(Script(default=Say(gate="never"))) as endpoint,
        opened(endpoint, Dialect.OPENAI) as adapter,
    ):
        cut = asyncio.ensure_future(drain(adapter.chat(chat("x"), Timeouts())))
        await endpoint.reached_gate("never")
        await endpoint.refuse()
        with pytest.raises(EndpointUnavailable, match="in the middle"):
            await cut
        assert endpoint.busy == 0
        with pytest.raises(EndpointUnavailable, match="refuses connections"):
            await drain(adapter.chat(chat("x"), Timeouts()))
        await endpoint.accept()
        endpoint.say("back")
        assert await reply_of(adapter, chat("x")) == "back"


async def test_a_wrong_fence_is_text_like_any_other() -> None:
    async with ScriptedEndpoint() as endpoint, opened(endpoint, Dialect.OPENAI) as adapter:
        endpoint.say("x = 1", fault=Fault.WRONG_FENCE)
        assert await reply_of(adapter, chat("x")) == "```brainfuck\nx = 1"


async def test_waiting_for_what_never_happens_ends() -> None:
    async with ScriptedEndpoint() as endpoint:
        with pytest.raises(TimeoutError):
            await endpoint.until(lambda: False, seconds=0.05)


def test_a_script_is_a_json_file(tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    file.write_text('{"rules": [{"match": "x", "say": {"text": "y", "fault": "cut"}}], "slots": 3}')
    script = load_script(file)
    assert (script.rules[0].say.fault, script.slots) == (Fault.CUT, 3)
    file.write_text('{"rules": [{"match": "(", "say": {}}]}')
    with pytest.raises(ValidationError):
        load_script(file)


RECORDING = Recording(
    source="somewhere",
    replies=(
        Recorded(kind=Kind.REVIEW, target="Cart.total", text="the review"),
        Recorded(kind=Kind.TEST, target="Cart.total", text="the tests"),
        Recorded(kind=Kind.REVIEW, target="Cart", text="the class"),
        Recorded(kind=Kind.CHAT, target="", match="(?i)hello", text="hi there", tokens_per_s=1000, prefill_s=0.001),
    ),
)


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        ("```python\ndef total(self): ...\n```\n\nReview `Cart.total`. Report real defects only.", "the review"),
        ("````python\n# Review `Cart.total`\n```\n````\n\nWrite tests for `Cart.total`: all.", "the tests"),
        ("Review `Cart`.", "the class"),
        ("hello", "hi there"),
    ],
)
async def test_a_replay_answers_by_kind_and_target(message: str, reply: str) -> None:
    async with ReplayEndpoint(RECORDING) as endpoint, opened(endpoint, Dialect.OPENAI) as adapter:
        probe = await adapter.probe()
        assert [model.name for model in probe.models] == ["replay"]
        assert probe.models[0].parameters == 32_000_000_000
        assert await reply_of(adapter, chat(message)) == reply


async def test_a_replay_has_nothing_for_what_was_not_recorded() -> None:
    async with ReplayEndpoint(RECORDING) as endpoint, opened(endpoint, Dialect.OPENAI) as adapter:
        with pytest.raises(ModelMissing, match="replays recorded replies and has none for this"):
            await drain(adapter.chat(chat("Refactor `Cart.total`."), Timeouts()))


def test_a_recording_is_a_json_file(tmp_path: Path) -> None:
    file = tmp_path / "replies.json"
    file.write_text(RECORDING.model_dump_json())
    assert load_recording(file) == RECORDING


async def test_the_adapter_in_memory_keeps_the_contract() -> None:
    down = EndpointUnavailable("down")
    gate = asyncio.Event()
    adapter = FakeAdapter(
        replies=[
            FakeReply("a b"),
            FakeReply(error=down),
            FakeReply("a b", error=down, error_after=1),
            FakeReply(gate=gate),
        ]
    )
    *pieces, last = [delta async for delta in adapter.chat(chat("x"), Timeouts())]
    assert [delta.text for delta in pieces] == ["a", " b"]
    assert last.finish == "stop"
    assert last.usage is not None
    with pytest.raises(EndpointUnavailable):
        await anext(adapter.chat(chat("x"), Timeouts()))
    stream = adapter.fill(FillRequest("", ""), Timeouts())
    assert (await anext(stream)).text == "a"
    with pytest.raises(EndpointUnavailable):
        await anext(stream)
    waiting = asyncio.ensure_future(anext(adapter.chat(chat("x"), Timeouts())))
    while not adapter.running:
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert adapter.calls[-1].closed_early
    assert adapter.running == 0


def test_a_scripted_endpoint_runs_from_a_terminal(tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    file.write_text(json.dumps({"default": {"text": "from a file"}}))
    command = [sys.executable, "-m", "lanyard_routing.testing.scripted", "--script", str(file)]
    flags = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, creationflags=flags) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()

        async def ask() -> str:
            adapter = make_adapter(url, Dialect.OLLAMA)
            try:
                return await reply_of(adapter, chat("x"))
            finally:
                await adapter.close()

        assert asyncio.run(ask()) == "from a file"
        process.send_signal(signal.CTRL_BREAK_EVENT if os.name == "nt" else signal.SIGINT)
        assert process.wait(timeout=50) == 0 or os.name == "nt"
