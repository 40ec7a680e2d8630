"""An endpoint that means harm, or is broken: what it sends is bounded, and costs no more than its size."""

from __future__ import annotations

import json

import pytest

from lanyard_routing.adapters import framing
from lanyard_routing.adapters.base import ChatRequest, EndpointUnavailable, Timeouts, ToolCallRefused
from lanyard_routing.adapters.framing import FramingError, Sse
from lanyard_routing.adapters.make import Dialect, make_adapter
from lanyard_routing.adapters.streaming import MOST_MODELS
from lanyard_routing.adapters.tools import MOST_CALLS, Called, Offer
from lanyard_routing.task import Message
from unit.routing.endpoints import canned, drain

ESCAPE = "\x1b]0;owned\x07"
ASKED = ChatRequest((Message(role="user", content="hi"),), 8, model="m")
NAMES = ["good", f"good{ESCAPE}", "two\nlines", "turned\u202e", "x" * 5_000]


def test_an_event_of_nothing_but_empty_lines_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_LINE", 1000)
    with pytest.raises(FramingError, match="an event of more than"):
        Sse().feed(b"data:\n" * 2000)


async def test_a_reply_of_many_times_what_was_asked_for_is_cut_off() -> None:
    event = b"data: " + json.dumps({"choices": [{"delta": {"content": "x" * 1000}}]}).encode() + b"\n\n"
    async with canned({"/v1/chat/completions": (200, event * 40)}) as (url, _):
        adapter = make_adapter(url, Dialect.OPENAI)
        with pytest.raises(EndpointUnavailable, match="many times as much"):
            await drain(adapter.chat(ASKED, Timeouts()))
        await adapter.close()


@pytest.mark.parametrize(
    ("dialect", "answers"),
    [
        (Dialect.OPENAI, {"/v1/models": (200, {"data": [{"id": name} for name in NAMES]})}),
        (
            Dialect.OLLAMA,
            {
                "/api/tags": (200, {"models": [{"name": name, "capabilities": ["completion"]} for name in NAMES]}),
                "/api/ps": (200, {"models": []}),
            },
        ),
    ],
)
async def test_a_model_whose_name_cannot_be_shown_is_none(dialect: Dialect, answers: dict) -> None:
    async with canned(answers) as (url, _):
        adapter = make_adapter(url, dialect)
        probe = await adapter.probe()
        await adapter.close()
    assert [model.name for model in probe.models] == ["good"]


async def test_a_list_of_models_without_end_is_cut() -> None:
    listed = [{"id": f"m{number}"} for number in range(MOST_MODELS + 100)]
    async with canned({"/v1/models": (200, {"data": listed})}) as (url, _):
        adapter = make_adapter(url, Dialect.OPENAI)
        probe = await adapter.probe()
        await adapter.close()
    assert len(probe.models) == MOST_MODELS


def test_calls_without_end_are_not_kept() -> None:
    called = Called()
    for number in range(10 * MOST_CALLS):
        called.add(number, f"c{number}", "read_file", "{}")
    assert len(called.parts) == MOST_CALLS + 1
    with pytest.raises(ToolCallRefused):
        called.checked(Offer(frozenset({"read_file"})), label="gpu", finish="stop")
