"""Inline edits through the real server: streamed, checked, refused, rebased, cancelled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from integration.immediate.harness import Lane, lane
from lanyard_routing.testing.script import Fault, Rule, Say, Script
from support.lsp_client import LspError

CODE = """\
import os


def total(lines):
    result = 0
    for line in lines:
        result = result + line
    return result


def other():
    return 2
"""
NEW = "    return sum(lines)\n"


def asking(desk: Lane, first: int, last: int, instruction: str = "use sum", **more: Any) -> dict[str, Any]:
    place = {"start": {"line": first, "character": 0}, "end": {"line": last, "character": 0}}
    return {"textDocument": {"uri": desk.uri}, "range": place, "instruction": instruction, **more}


def says(code: str, **more: Any) -> Script:
    return Script(rules=(Rule(form="chat", say=Say(text=f"Sure:\n```python\n{code}```\nDone.", **more)),))


def partials(desk: Lane, token: str) -> str:
    return "".join(p["value"].get("text", "") for p in desk.client.messages("$/progress") if p["token"] == token)


async def test_the_new_lines_stream_and_the_edits_come_checked(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.script = says(NEW, gate="late", gate_after=8)
        desk.open(CODE)
        asked = desk.client.ask("lanyard/edit", asking(desk, 4, 8, partialResultToken="p"))
        await desk.client.until(lambda: partials(desk, "p") == NEW, "the code without the talk around it")
        assert not asked.answer.done()
        desk.endpoint.open_gate("late")
        found = await asked
        assert "parsed" in found["checks"]
        assert (found["worker"], found["version"]) == ("desk", 1)
        [edit] = found["edits"]
        assert edit["newText"] == NEW
        assert edit["range"]["start"] == {"line": 4, "character": 0}
        begun = next(p["value"] for p in desk.client.messages("$/progress") if p["token"] == "p")
        assert begun["range"]["start"] == edit["range"]["start"]
        assert begun["range"]["end"]["line"] == edit["range"]["end"]["line"] - 1  # the end of its last line
        prompt = desk.endpoint.streams[-1].text
        assert "use sum" in prompt
        assert "for line in lines" in prompt


async def test_a_cursor_without_selection_means_the_function_around_it(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.script = says("def total(lines):\n    return sum(lines)\n")
        desk.open(CODE)
        found = await desk.client.request("lanyard/edit", asking(desk, 5, 5))
        assert [e["newText"] for e in found["edits"]] == [NEW]


async def test_an_edit_asked_for_before_other_typing_lands_where_its_code_is_now(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.script = says(NEW, gate="late", gate_after=1)
        desk.open(CODE)
        asked = desk.client.ask("lanyard/edit", asking(desk, 4, 8))
        await desk.endpoint.until(lambda: len(desk.endpoint.streams) == 1)
        desk.insert(0, 0, "# one more line\n")
        await desk.settle()
        desk.endpoint.open_gate("late")
        found = await asked
        assert found["version"] == 2
        assert found["edits"][0]["range"]["start"]["line"] == 5


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("    return sum(lines\n", "Refused"),
        ("    # ... existing code ...\n    return 1\n", "Refused"),
        (CODE[CODE.index("    result = 0") : CODE.index("\n\ndef other")], "changes nothing"),
    ],
)
async def test_what_must_not_reach_the_buffer_is_refused_in_one_line(tmp_path: Path, code: str, why: str) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.script = says(code)
        desk.open(CODE)
        with pytest.raises(LspError) as failure:
            await desk.client.request("lanyard/edit", asking(desk, 4, 8))
        assert why in str(failure.value)
        assert "\n" not in str(failure.value)


async def test_code_edited_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.script = says(NEW, gate="late", gate_after=1)
        desk.open(CODE)
        asked = desk.client.ask("lanyard/edit", asking(desk, 4, 8))
        await desk.endpoint.until(lambda: len(desk.endpoint.streams) == 1)
        desk.insert(5, 4, "# mine: ")
        await desk.settle()
        desk.endpoint.open_gate("late")
        with pytest.raises(LspError, match="no longer fits"):
            await asked


async def test_cancelling_closes_the_stream(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        desk.endpoint.script = says(NEW, fault=Fault.HANG_MIDDLE)
        desk.open(CODE)
        asked = desk.client.ask("lanyard/edit", asking(desk, 4, 8))
        await desk.endpoint.until(lambda: len(desk.endpoint.streams) == 1)
        desk.client.cancel(asked)
        with pytest.raises(LspError) as failure:
            await asked
        assert failure.value.code == -32800
        await desk.endpoint.until(lambda: desk.endpoint.streams[0].ended)


async def test_an_ignored_file_is_not_sent(tmp_path: Path) -> None:
    async with lane(tmp_path) as desk:
        (desk.root / ".gitignore").write_text("a.py\n")
        desk.open(CODE)
        with pytest.raises(LspError, match="excluded by"):
            await desk.client.request("lanyard/edit", asking(desk, 4, 8))
        assert not desk.endpoint.streams
