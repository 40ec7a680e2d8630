"""`lanyard/chat` with tools: offered, called, answered; secrets stay here, and nothing is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from integration.immediate.harness import lane
from lanyard_routing.task import ToolCall
from lanyard_routing.testing.script import Rule, Say, Script
from support.lsp_client import LspError

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
READ = {"name": "read_file", "description": "Reads a file.", "parameters": {"type": "object"}}
TOOLS = '"completion", "chat", "tools"'


async def test_a_tool_is_called_and_its_answer_goes_back(tmp_path: Path) -> None:
    async with lane(tmp_path, serves=TOOLS) as desk:
        call = ToolCall(id="c1", name="read_file", arguments={"path": "a.py"})
        rules = (Rule(match="x = 1", say=Say(text="It is one.")), Rule(say=Say(text="I look.", calls=(call,))))
        desk.endpoint.script = Script(rules=rules)
        messages: list[dict[str, Any]] = [
            {"role": "system", "content": "You are an agent."},
            {"role": "user", "content": "a rule"},
            {"role": "user", "content": "what is x?"},
        ]
        first = await desk.client.request("lanyard/chat", {"messages": messages, "tools": [READ], "maxTokens": 99})
        calls = [{"id": "c1", "name": "read_file", "arguments": {"path": "a.py"}}]
        assert first["message"] == {"role": "assistant", "content": "I look.", "calls": calls}
        messages += [first["message"], {"role": "tool", "call": "c1", "content": "x = 1"}]
        second = await desk.client.request("lanyard/chat", {"messages": messages, "tools": [READ]})
        assert second["message"] == {"role": "assistant", "content": "It is one."}
        asked, again = (stream.body for stream in desk.endpoint.streams)
        system, user = asked["messages"]
        assert system["content"].startswith("You are an agent.\n\nCode and files")
        assert user["content"] == "a rule\n\nwhat is x?"
        assert asked["max_tokens"] == 99
        assert [each["role"] for each in again["messages"]] == ["system", "user", "assistant", "tool"]


async def test_secrets_leave_neither_in_answers_of_tools_nor_in_arguments_and_no_tool_gets_one(tmp_path: Path) -> None:
    async with lane(tmp_path, serves=TOOLS) as desk:
        back = ToolCall(id="c2", name="read_file", arguments={"deep": [{"token": "LANYARD_SECRET_1"}]})
        desk.endpoint.script = Script(default=Say(text="", pieces=(), calls=(back,)))
        old = {"id": "c1", "name": "read_file", "arguments": {"token": SECRET}}
        messages = [
            {"role": "user", "content": "log in"},
            {"role": "assistant", "content": "", "calls": [old]},
            {"role": "tool", "call": "c1", "content": f"token = '{SECRET}'"},
        ]
        tool = {**READ, "description": f"uses {SECRET}"}
        with pytest.raises(LspError, match="hand a secret to the tool read_file") as failure:
            await desk.client.request("lanyard/chat", {"messages": messages, "tools": [tool]})
        assert SECRET not in str(failure.value)
        assert SECRET not in str(desk.endpoint.streams[0].body)


async def test_a_call_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    async with lane(tmp_path, serves=TOOLS) as desk:
        for call, written in (("delete_all", None), ("read_file", "{path")):
            said = Say(text="", pieces=(), calls=(ToolCall(id="c1", name=call),), written=written)
            desk.endpoint.script = Script(default=said)
            with pytest.raises(LspError) as failure:
                await desk.client.request("lanyard/chat", {"text": "go", "tools": [READ]})
            assert "ask again" in str(failure.value.message)
            assert "\n" not in str(failure.value.message)
        desk.endpoint.script = Script()
        assert (await desk.client.request("lanyard/chat", {"text": "go"}))["message"]["content"] == "ok"


async def test_a_model_without_tools_is_not_asked(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        with pytest.raises(LspError, match="no model of the fleet can call tools"):
            await desk.client.request("lanyard/chat", {"text": "go", "tools": [READ]})
        assert desk.endpoint.streams == []


async def test_an_answer_to_no_call_is_refused(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        messages = [{"role": "user", "content": "?"}, {"role": "tool", "call": "c9", "content": "x"}]
        with pytest.raises(LspError) as failure:
            await desk.client.request("lanyard/chat", {"messages": messages})
        assert failure.value.code == -32602
