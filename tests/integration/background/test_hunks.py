"""A proposal taken hunk by hunk, through the real server."""

from __future__ import annotations

from typing import Any

import pytest

from integration.background.harness import a_yard, replying
from integration.background.test_proposals import applied
from support.lsp_client import LspError

CODE = """\
class Box:
    def add(self, thing):
        self.things = self.things + [thing]

    def size(self):
        return len(self.things)

    def clear(self):
        self.things = list()
"""
NEW = CODE.replace("self.things + [thing]", "[*self.things, thing]").replace("list()", "[]")
LINE = "        self.things = self.things + [thing]\n"
WRAPPED = CODE.replace(LINE, f'        """\n{LINE}        """\n')
TITLE = "Refactor Box"


async def proposed(editor: Any, yard: Any, new: str = NEW) -> str:
    yard.endpoint.says(replying(new))
    editor.open("a.py", CODE)
    task = await editor.run("a.py", TITLE, 0, 6)
    await editor.line(f"^{TITLE}: .*Apply it from the quick fixes")
    return task


@pytest.fixture
async def yard(tmp_path):
    async with a_yard(tmp_path) as made:
        yield made


async def test_a_proposal_shows_its_hunks_and_both_texts(yard):
    async with yard.editor() as editor:
        task = await proposed(editor, yard)
        shown = await editor.client.request("lanyard/proposal", {"id": task})
        assert (shown["before"], shown["after"], shown["new"]) == (CODE, NEW, False)
        assert [h["firstLine"] for h in shown["hunks"]] == [2, 8]
        assert shown["hunks"][1] == {
            "index": 1,
            "firstLine": 8,
            "before": "        self.things = list()\n",
            "after": "        self.things = []\n",
        }
        assert "parsed" in shown["evidence"]


async def test_one_hunk_is_applied_and_the_other_stays_a_proposal(yard):
    async with yard.editor() as editor:
        task = await proposed(editor, yard)
        answer = await editor.command("lanyard.apply", task, [1])
        assert answer == {"applied": True, "left": 1}
        [edits] = [each["edits"] for each in editor.edits()[-1]["documentChanges"]]
        now = applied(CODE, edits)
        assert now == CODE.replace("list()", "[]")
        editor.client.change(editor.uri("a.py"), {"text": now})
        rest = await editor.client.request("lanyard/proposal", {"id": task})
        assert [h["after"] for h in rest["hunks"]] == ["        self.things = [*self.things, thing]\n"]
        assert rest["after"] == NEW
        assert await editor.command("lanyard.apply", task) == {"applied": True}
        with pytest.raises(LspError, match="not there any more"):
            await editor.client.request("lanyard/proposal", {"id": task})


async def test_a_hunk_keeps_its_number_so_that_a_second_click_takes_no_other(yard):
    async with yard.editor() as editor:
        task = await proposed(editor, yard, NEW.replace("len(self.things)", "sum(1 for _ in self.things)"))
        assert await editor.command("lanyard.apply", task, [0]) == {"applied": True, "left": 2}
        [edits] = [each["edits"] for each in editor.edits()[-1]["documentChanges"]]
        editor.client.change(editor.uri("a.py"), {"text": applied(CODE, edits)})
        before = len(editor.edits())
        with pytest.raises(LspError, match="that hunk is applied already"):
            await editor.command("lanyard.apply", task, [0])
        assert len(editor.edits()) == before
        shown = await editor.client.request("lanyard/proposal", {"id": task})
        assert [h["index"] for h in shown["hunks"]] == [1, 2]
        assert await editor.command("lanyard.apply", task, [2]) == {"applied": True, "left": 1}
        [last] = editor.edits()[-1]["documentChanges"][0]["edits"]
        assert last["newText"].strip() == "self.things = []"


async def test_hunks_that_need_each_other_are_not_torn_apart(yard):
    async with yard.editor() as editor:
        task = await proposed(editor, yard, WRAPPED)
        with pytest.raises(LspError, match="do not parse without the others"):
            await editor.command("lanyard.apply", task, [0])
        assert not editor.edits()
        assert len((await editor.client.request("lanyard/proposal", {"id": task}))["hunks"]) == 2


@pytest.mark.parametrize("chosen", [[], [2], [-1], ["0"], "0", [True]])
async def test_numbers_that_are_no_hunks_are_refused(yard, chosen):
    async with yard.editor() as editor:
        task = await proposed(editor, yard)
        with pytest.raises(LspError) as failure:
            await editor.command("lanyard.apply", task, chosen)
        assert failure.value.code == -32602
        assert not editor.edits()
