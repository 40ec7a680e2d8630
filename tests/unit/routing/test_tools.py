"""Tools: what each engine is asked and answers, and what of a model's calls is let through."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lanyard_routing.adapters.base import ChatRequest, Delta, Timeouts, Tool, ToolCallRefused
from lanyard_routing.adapters.make import Dialect, make_adapter
from lanyard_routing.adapters.streaming import Counts
from lanyard_routing.adapters.tools import Called, Offer
from lanyard_routing.config import EndpointConfig
from lanyard_routing.fleet import Fleet, Member
from lanyard_routing.immediate import Lane
from lanyard_routing.netpolicy import Policy
from lanyard_routing.router import NoWorker
from lanyard_routing.task import Capability, Message, ToolCall
from lanyard_routing.testing.fake import FakeAdapter
from lanyard_routing.testing.script import Say, Script, ServedModel
from lanyard_routing.testing.scripted import ScriptedEndpoint
from unit.routing.endpoints import canned, opened

READ = Tool("read_file", "Reads a file.", {"type": "object", "properties": {"path": {"type": "string"}}})
CALL = ToolCall(id="c1", name="read_file", arguments={"path": "café.py"})
TALK = (
    Message(role="user", content="what is in it?"),
    Message(role="assistant", content="", calls=(CALL,)),
    Message(role="tool", content="x = 1", call="c1"),
)
ASKS = ChatRequest(TALK, 64, tools=(READ,))
OPENAI_TALK = [
    {"role": "user", "content": "what is in it?"},
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "read_file", "arguments": '{"path": "café.py"}'}}
        ],
    },
    {"role": "tool", "content": "x = 1", "tool_call_id": "c1"},
]
FUNCTION = {
    "type": "function",
    "function": {"name": "read_file", "description": "Reads a file.", "parameters": READ.parameters},
}
VLLM = {"object": "list", "data": [{"id": "qwen3", "owned_by": "vllm", "max_model_len": 4096}]}
STUDIO = {"data": [{"id": "qwen3"}, {"id": "gemma"}]}


async def last_of(stream: Any) -> tuple[str, Delta]:
    deltas = [delta async for delta in stream]
    return "".join(delta.text for delta in deltas), deltas[-1]


@pytest.mark.parametrize("dialect", [Dialect.LLAMACPP, Dialect.OPENAI])
async def test_openai_forms_offer_tools_and_join_the_pieces_of_calls(dialect: Dialect) -> None:
    other = ToolCall(id="c2", name="read_file", arguments={})
    script = Script(default=Say(text="I look.", calls=(CALL, other)))
    async with ScriptedEndpoint(script) as endpoint, opened(endpoint, dialect) as adapter:
        text, last = await last_of(adapter.chat(ASKS, Timeouts()))
        assert (text, last.finish, last.calls) == ("I look.", "stop", (CALL, other))
        body = endpoint.streams[0].body
        assert body["messages"] == OPENAI_TALK
        assert (body["tools"], body["tool_choice"]) == ([FUNCTION], "auto")


async def test_ollama_is_offered_tools_and_gives_calls_whole() -> None:
    script = Script(default=Say(text="", pieces=(), calls=(CALL,)))
    async with ScriptedEndpoint(script) as endpoint, opened(endpoint, Dialect.OLLAMA) as adapter:
        _, last = await last_of(adapter.chat(ASKS, Timeouts()))
        (call,) = last.calls
        assert (call.name, call.arguments) == (CALL.name, CALL.arguments)
        assert call.id  # Ollama gives none
        body = endpoint.streams[0].body
        assert body["tools"] == [FUNCTION]
        assert body["messages"][1]["tool_calls"][0]["function"]["arguments"] == {"path": "café.py"}
        assert body["messages"][2]["tool_name"] == "read_file"


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_a_chat_without_tools_is_asked_as_ever(dialect: Dialect) -> None:
    async with ScriptedEndpoint() as endpoint, opened(endpoint, dialect) as adapter:
        await last_of(adapter.chat(ChatRequest(TALK[:1], 64), Timeouts()))
        assert not {"tools", "tool_choice"} & endpoint.streams[0].body.keys()


@pytest.mark.parametrize("dialect", list(Dialect))
async def test_a_tool_that_was_not_offered_is_refused_in_one_line(dialect: Dialect) -> None:
    script = Script(default=Say(text="", calls=(ToolCall(id="c1", name="run\nshell"),)))
    async with ScriptedEndpoint(script) as endpoint, opened(endpoint, dialect) as adapter:
        with pytest.raises(ToolCallRefused, match='called the tool "run shell", which it was not offered'):
            await last_of(adapter.chat(ASKS, Timeouts()))


@pytest.mark.parametrize(
    ("written", "finish", "says"),
    [
        ('{"path": "a', "stop", "wrote no JSON object"),
        ('{"path": "a', "length", "ran out of tokens"),
        ('["a"]', "stop", "wrote no JSON object"),
        ('{"n": NaN}', "stop", "wrote no JSON object"),
        ("[" * 200_000, "stop", "wrote no JSON object"),
    ],
)
async def test_arguments_that_are_no_json_object_are_refused_in_one_line(written: str, finish: Any, says: str) -> None:
    script = Script(default=Say(text="", calls=(CALL,), written=written, finish=finish))
    async with ScriptedEndpoint(script) as endpoint, opened(endpoint, Dialect.OPENAI) as adapter:
        with pytest.raises(ToolCallRefused, match=says) as failure:
            await last_of(adapter.chat(ASKS, Timeouts()))
        assert "\n" not in str(failure.value)


def test_calls_without_indices_and_with_one_index_for_all_stay_apart() -> None:
    for places in ((None, None), (0, 0)):
        called = Called()
        for place, identity, path in zip(places, ("a", "b"), ("x", "y"), strict=True):
            called.add(place, identity, "read_file", '{"path": ')
            called.add(place, "", "", f'"{path}"}}')
        calls = called.checked(Offer.of([READ]), label="gpu", finish="stop")
        assert [(call.id, call.arguments["path"]) for call in calls] == [("a", "x"), ("b", "y")]


def test_nothing_written_is_a_call_without_arguments_and_half_characters_are_mended() -> None:
    counts = Counts()
    counts.called.add(0, "a", "read_file", "")
    counts.called.add(1, "b", "read_file", '{"path": "\\ud83d"}')
    empty, mended = counts.called.checked(Offer.of([READ]), label="gpu", finish="stop")
    assert empty.arguments == {}
    assert json.dumps(mended.arguments, ensure_ascii=False).encode()


@pytest.mark.parametrize("dialect", [Dialect.LLAMACPP, Dialect.OLLAMA])
@pytest.mark.parametrize("able", [True, False])
async def test_a_probe_claims_tools_where_the_server_says_so(dialect: Dialect, able: bool) -> None:
    more = (Capability.TOOLS,) if able else ()
    script = Script(models=(ServedModel(capabilities=(Capability.CHAT, *more)),))
    async with ScriptedEndpoint(script) as endpoint, opened(endpoint, dialect) as adapter:
        assert (Capability.TOOLS in (await adapter.probe()).models[0].capabilities) is able
        asked = [each.path for each in endpoint.asked].count("/apply-template")
        await adapter.probe()
        assert [each.path for each in endpoint.asked].count("/apply-template") == asked <= 1


async def test_llamacpp_is_believed_where_it_says_that_its_template_knows_no_tools() -> None:
    answers: dict[str, tuple[int, Any]] = {
        "/health": (200, {}),
        "/props": (200, {"total_slots": 1, "chat_template_caps": {"supports_tools": False}}),
        "/v1/models": (200, {"data": [{"id": "m"}]}),
        "/infill": (400, {}),
        "/apply-template": (200, {"prompt": "lanyard_probe"}),
    }
    async with canned(answers) as (url, _):
        adapter = make_adapter(url, Dialect.LLAMACPP)
        assert Capability.TOOLS not in (await adapter.probe()).models[0].capabilities
        await adapter.close()


@pytest.mark.parametrize(
    ("status", "able"), [(200, True), (400, False)], ids=["--enable-auto-tool-choice", "without it"]
)
async def test_vllm_claims_tools_where_it_takes_a_request_with_one(status: int, able: bool) -> None:
    message = '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'
    answers: dict[str, tuple[int, Any]] = {
        "/v1/models": (200, VLLM),
        "/v1/chat/completions": (status, {"choices": []} if able else {"error": {"message": message}}),
    }
    async with canned(answers) as (url, asked):
        adapter = make_adapter(url, Dialect.OPENAI)
        for _ in range(2):
            assert (Capability.TOOLS in (await adapter.probe()).models[0].capabilities) is able
        assert asked.count("/v1/chat/completions") == 1
        await adapter.close()


V1 = {
    "models": [
        {"key": "qwen3", "capabilities": {"vision": False, "trained_for_tool_use": True}},
        {"key": "gemma", "capabilities": {"trained_for_tool_use": False}},
    ]
}
V0 = {"data": [{"id": "qwen3", "capabilities": ["tool_use"]}, {"id": "gemma"}]}


@pytest.mark.parametrize("lists", [{"/api/v1/models": (200, V1)}, {"/api/v0/models": (200, V0)}], ids=["0.4", "0.3"])
async def test_lm_studio_claims_tools_by_its_own_lists_and_runs_no_model(lists: dict[str, tuple[int, Any]]) -> None:
    async with canned({"/v1/models": (200, STUDIO), **lists}) as (url, asked):
        adapter = make_adapter(url, Dialect.OPENAI)
        for _ in range(2):
            able = {m.name for m in (await adapter.probe()).models if Capability.TOOLS in m.capabilities}
            assert able == {"qwen3"}
        assert asked.count(next(iter(lists))) == 1
        assert "/v1/chat/completions" not in asked
        await adapter.close()


async def test_a_server_that_says_nothing_of_tools_is_offered_none() -> None:
    async with canned({"/v1/models": (200, STUDIO)}) as (url, _):
        adapter = make_adapter(url, Dialect.OPENAI)
        assert all(Capability.TOOLS not in model.capabilities for model in (await adapter.probe()).models)
        await adapter.close()


async def fleet_of(tools: bool | None, adapter: FakeAdapter) -> Fleet:
    fleet = Fleet()
    endpoint = EndpointConfig.model_validate({"name": "gpu", "url": "http://127.0.0.1:9", "tools": tools})
    fleet.add(Member(endpoint, adapter, Policy()))
    await fleet.known(5)
    return fleet


@pytest.mark.parametrize("tools", [True, False, None])
async def test_the_users_word_on_tools_counts_before_the_servers(tools: bool | None) -> None:
    adapter = FakeAdapter()
    fleet = await fleet_of(tools, adapter)
    try:
        stream = Lane(fleet, ()).chat(ASKS)
        if tools:
            assert (await last_of(stream))[0] == "ok"
        else:
            with pytest.raises(NoWorker, match="tools = true"):
                await last_of(stream)
            assert adapter.calls == []
    finally:
        await fleet.close()


async def test_a_model_that_was_named_is_asked_and_no_other() -> None:
    fleet = await fleet_of(None, adapter := FakeAdapter())
    try:
        with pytest.raises(NoWorker, match="no worker serves qwen3; choose another model"):
            await last_of(Lane(fleet, ()).chat(ChatRequest(TALK[:1], 8, model="qwen3")))
        assert adapter.calls == []
        assert (await last_of(Lane(fleet, ()).chat(ChatRequest(TALK[:1], 8, model="fake-1b"))))[0] == "ok"
    finally:
        await fleet.close()
