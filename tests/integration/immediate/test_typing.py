"""Ghost text while somebody types: streams opened, streams closed, and one answer for each request."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from integration.immediate.harness import lane
from lanyard_routing.testing.script import Fault, Rule, Say, Script
from lanyard_server.completion.trouble import LASTING_S
from support.lsp_client import FULL_CAPABILITIES, LspError

TYPED = "total = price * amount"


async def test_a_request_for_each_key_the_one_before_cancelled(tmp_path: Path) -> None:
    """As VS Code does it: a cancel, a change, a request, for each key."""
    async with lane(tmp_path) as desk:
        desk.endpoint.say("never ending", fault=Fault.HANG_MIDDLE)
        desk.open("")
        asked: list[Any] = []
        for column, key in enumerate(TYPED):
            if asked:
                desk.client.cancel(asked[-1])
            desk.insert(0, column, key)
            asked.append(desk.ask(0, column + 1))
            await desk.endpoint.until(lambda: len(desk.endpoint.streams) == len(asked))
        desk.client.cancel(asked[-1])
        for each in asked:
            with pytest.raises(LspError) as failure:
                await each
            assert failure.value.code == -32800
        await desk.endpoint.until(lambda: all(stream.ended for stream in desk.endpoint.streams))
        assert len(desk.endpoint.streams) == len(TYPED)
        assert [stream.text.split("\0")[0] for stream in desk.endpoint.streams][-1] == TYPED


async def test_a_request_for_each_key_without_any_cancel(tmp_path: Path) -> None:
    """As Neovim does it: the server itself ends the request before, and answers it with null."""
    async with lane(tmp_path) as desk:
        desk.endpoint.say("never ending", fault=Fault.HANG_MIDDLE)
        desk.open("")
        asked: list[Any] = []
        for column, key in enumerate(TYPED):
            desk.insert(0, column, key)
            asked.append(desk.ask(0, column + 1))
            await desk.endpoint.until(lambda: len(desk.endpoint.streams) == len(asked))
        for each in asked[:-1]:
            assert await each is None
        await desk.endpoint.until(lambda: sum(stream.ended for stream in desk.endpoint.streams) == len(TYPED) - 1)
        desk.client.cancel(asked[-1])
        with pytest.raises(LspError):
            await asked[-1]


async def test_keys_faster_than_the_pause_cost_two_requests(tmp_path: Path) -> None:
    async with lane(tmp_path, debounce_ms=2000) as desk:
        first = Rule(match="^t\0", say=Say(text="never ending", fault=Fault.HANG_MIDDLE))
        desk.endpoint.script = Script(rules=(first,), default=Say(text="1"))
        desk.open("")
        asked: list[Any] = []
        for column, key in enumerate(TYPED):
            desk.insert(0, column, key)
            asked.append(desk.ask(0, column + 1))
        answers = [await each for each in asked]
        assert answers[:-1] == [None] * (len(TYPED) - 1)
        assert [item["insertText"] for item in answers[-1]["items"]] == ["1"]
        assert len(desk.endpoint.streams) <= 2


async def test_typing_along_the_ghost_text_costs_no_request(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.say("price * amount\n")
        desk.open("total = ")
        assert await desk.texts(0, 8) == ["price * amount"]
        for column, key in enumerate("price * a"):
            desk.insert(0, 8 + column, key)
            assert await desk.texts(0, 9 + column) == ["price * amount"[column + 1 :]]
        assert len(desk.endpoint.streams) == 1


async def test_the_stream_is_closed_at_the_end_of_the_scope(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.script = Script(
            default=Say(pieces=("a = 1", "\n    return a", "\n\ndef", " g"), gate="end", gate_after=3)
        )
        desk.open("def f():\n    \n")
        assert await desk.texts(1, 4) == ["a = 1\n    return a"]
        await desk.endpoint.until(lambda: desk.endpoint.streams[0].ended)


async def test_a_connection_is_used_again_after_a_whole_reply(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.say("1")
        desk.open("")
        for column in range(6):
            desk.insert(0, column, "x")
            await desk.texts(0, column + 1)
        assert len(desk.endpoint.streams) == 6
        assert len({each.connection for each in desk.endpoint.streams}) < 6, "only one that a probe has is not free"


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 15), ("utf-16", 12), ("utf-32", 11)])
async def test_ranges_in_each_encoding(tmp_path: Path, encoding: str, column: int) -> None:
    capabilities = {**FULL_CAPABILITIES, "general": {"positionEncodings": [encoding]}}
    async with lane(tmp_path, capabilities=capabilities) as desk:
        desk.endpoint.say('"ü𝒳"')
        desk.open('s = "é😀" + f()\n')
        answer = await desk.client.request("textDocument/inlineCompletion", desk.params(0, column + 2))
        (item,) = answer["items"]
        place = {"line": 0, "character": column + 2}
        assert item == {"insertText": '"ü𝒳"', "range": {"start": place, "end": place}}
        assert desk.endpoint.streams[0].text == 's = "é😀" + f(\0)\n'


async def test_editors_without_ghost_text_get_a_list(tmp_path: Path) -> None:
    document = {key: value for key, value in FULL_CAPABILITIES["textDocument"].items() if key != "inlineCompletion"}
    async with lane(tmp_path, capabilities={**FULL_CAPABILITIES, "textDocument": document}) as desk:
        assert "completionProvider" in desk.client.server_capabilities
        desk.endpoint.say("al(cart)\n")
        desk.open("x = tot\n")
        params = {**desk.params(0, 7), "context": {"triggerKind": 1}}
        answer = await desk.client.request("textDocument/completion", params)
        (item,) = answer["items"]
        assert (item["label"], item["textEdit"]["newText"]) == ("total(cart)", "total(cart)")


async def test_ghost_text_is_offered_to_those_who_know_it(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        assert desk.client.server_capabilities["inlineCompletionProvider"] is not None
        assert "completionProvider" not in desk.client.server_capabilities


@pytest.mark.parametrize(
    "fault", [Fault.RESET, Fault.BUSY, Fault.BROKEN, Fault.CUT, Fault.INVALID_JSON, Fault.HALF_UTF8, Fault.NO_END]
)
async def test_a_failing_endpoint_shows_nothing_and_logs_one_line(tmp_path: Path, fault: Fault) -> None:
    async with lane(tmp_path) as desk:
        good = Rule(say=Say(text="1"), match="good")
        desk.endpoint.script = Script(rules=(good,), default=Say(text="one two three four", fault=fault))
        desk.open("x = ")
        begun = asyncio.get_running_loop().time()
        for _ in range(3):
            assert await desk.texts(0, 4) in ([], ["one two"])
        logged = [p["message"] for p in desk.client.messages("window/logMessage") if "completion:" in p["message"]]
        assert len(logged) <= 2
        if asyncio.get_running_loop().time() - begun < LASTING_S:
            assert desk.client.messages("window/showMessage") == []
