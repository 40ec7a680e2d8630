"""Chat through the real server: streamed, cancelled, missing, and in a Markdown document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from integration.immediate.harness import Lane, lane
from lanyard_routing.testing.script import Fault, Rule, Say, Script
from support.lsp_client import LspError


def partials(desk: Lane, token: str) -> str:
    return "".join(p["value"]["text"] for p in desk.client.messages("$/progress") if p["token"] == token)


async def test_an_answer_streams_and_comes_whole(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.script = Script(default=Say(text="Use a list for that.", gate="half", gate_after=2))
        desk.open("x = []\n")
        params = {"text": "list or tuple?", "context": [{"uri": desk.uri}], "partialResultToken": "p"}
        asked = desk.client.ask("lanyard/chat", params)
        await desk.client.until(lambda: partials(desk, "p").startswith("Use"), "the first words")
        assert not asked.answer.done()
        desk.endpoint.open_gate("half")
        answer = await asked
        assert answer["message"] == {"role": "assistant", "content": "Use a list for that."}
        assert partials(desk, "p") == "Use a list for that."
        assert answer["worker"] == "desk"
        assert answer["model"]
        assert "x = []" in desk.endpoint.streams[-1].text


async def test_cancelling_closes_the_stream(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.say("never ending answer", fault=Fault.HANG_MIDDLE)
        asked = desk.client.ask("lanyard/chat", {"text": "?"})
        await desk.endpoint.until(lambda: len(desk.endpoint.streams) == 1)
        desk.client.cancel(asked)
        with pytest.raises(LspError) as failure:
            await asked
        assert failure.value.code == -32800
        await desk.endpoint.until(lambda: desk.endpoint.streams[0].ended)


async def test_without_a_chat_model_one_line_says_how_to_get_one(tmp_path: Path) -> None:
    async with lane(tmp_path, serves='"completion"') as desk:
        with pytest.raises(LspError) as failure:
            await desk.client.request("lanyard/chat", {"text": "?"})
        assert "\n" not in str(failure.value.message)
        assert "Ollama" in str(failure.value.message)


@pytest.mark.parametrize("params", [{}, {"text": ""}, {"messages": [{"role": "tool", "content": "x"}]}, [1], "x"])
async def test_params_that_ask_nothing_are_invalid(tmp_path: Path, params: Any) -> None:
    async with lane(tmp_path) as desk:
        with pytest.raises(LspError) as failure:
            await desk.client.request("lanyard/chat", params)
        assert failure.value.code == -32602


class Buffer:
    """The editor's side of `workspace/applyEdit`, with its version check."""

    def __init__(self, desk: Lane, uri: str, text: str) -> None:
        self.desk, self.uri, self.text, self.version = desk, uri, text, 1
        desk.client.open(uri, text, "markdown")
        desk.client.answers["workspace/applyEdit"] = self.apply

    def apply(self, params: Any) -> Any:
        (change,) = params["edit"]["documentChanges"]
        if change["textDocument"]["version"] not in (None, self.version):
            return {"applied": False}
        (edit,) = change["edits"]
        lines = self.text.split("\n")
        start = edit["range"]["start"]
        offset = sum(len(line) + 1 for line in lines[: start["line"]]) + start["character"]
        self.text = self.text[:offset] + edit["newText"] + self.text[offset:]
        self.version += 1
        self.desk.client.change(self.uri, {"range": edit["range"], "text": edit["newText"]})
        return {"applied": True}


async def test_a_markdown_document_is_answered_in_place(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.script = Script(rules=(Rule(say=Say(text="Use a list.\n\n```python\nx = []\n```"), form="chat"),))
        uri = (desk.root / "talk.lanyard.md").as_uri()
        buffer = Buffer(desk, uri, "## You\n\nlist or tuple?\n")
        place = {"line": 2, "character": 0}
        listing = {
            "textDocument": {"uri": uri},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": []},
        }
        actions = await desk.client.request("textDocument/codeAction", listing)
        (send,) = [action for action in actions if action["kind"] == "source.lanyard.send"]
        await desk.client.request("workspace/executeCommand", send["command"])
        assert buffer.text == (
            "## You\n\nlist or tuple?\n\n## Lanyard\n\nUse a list.\n\n```python\nx = []\n```\n\n## You\n\n\n"
        )


async def test_a_stopped_answer_says_so(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.say("half an answer", fault=Fault.HANG_MIDDLE)
        uri = (desk.root / "talk.lanyard.md").as_uri()
        buffer = Buffer(desk, uri, "## You\n\nwhy?\n")
        asked = desk.client.ask("workspace/executeCommand", {"command": "lanyard.chat.send", "arguments": [uri]})
        await desk.client.until(lambda: "## Lanyard" in buffer.text, "the answer to begin")
        token = (await desk.client.wait_for("window/workDoneProgress/create"))["token"]
        desk.client.notify("window/workDoneProgress/cancel", {"token": token})
        with pytest.raises(LspError) as failure:
            await asked
        assert failure.value.code == -32800
        await desk.endpoint.until(lambda: desk.endpoint.streams[0].ended)
        await desk.client.until(lambda: buffer.text.endswith("_Stopped._\n\n## You\n\n\n"), "the answer's end")


async def test_a_new_chat_document_is_shown(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        made = await desk.client.request("workspace/executeCommand", {"command": "lanyard.chat.new"})
        shown = await desk.client.wait_for("window/showDocument")
        assert shown["uri"] == made["uri"]
        assert made["uri"].endswith(".lanyard.md")


async def test_what_a_context_would_cost_is_told_before_it_is_sent(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.open("x = []\ny = 2\n")
        (desk.root / ".gitignore").write_text("secret.py\n")
        (desk.root / "secret.py").write_text("x = 1\n")
        lines = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
        secret = (desk.root / "secret.py").as_uri()
        asked = {"items": [{"uri": desk.uri}, {"uri": desk.uri, "range": lines}, {"uri": secret}]}
        whole, part, refused = (await desk.client.request("lanyard/contextSize", asked))["items"]
        assert (whole["label"], part["label"]) == ("a.py", "a.py:1-1")
        assert whole["tokens"] > part["tokens"] > 0
        assert "excluded by" in refused["problem"]
        assert not desk.endpoint.streams
