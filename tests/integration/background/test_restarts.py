"""Servers that die, restart, or share a workspace: every task done, every result shown, once."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from integration.background.harness import a_yard, replying
from support.lsp_client import LspError

CODE = "def f(a):\n    b = a\n    return b\n"
NEW = "def f(a):\n    return a\n"
TITLE = "Refactor f"
RESULT = f"^{TITLE}: .*Apply"


@pytest.fixture
async def yard(tmp_path):
    async with a_yard(tmp_path) as made:
        yield made


@pytest.mark.parametrize("state", ["running", "queued"])
async def test_kill_9_loses_no_task_and_its_result_is_shown_once(yard, state):
    yard.endpoint.says(replying(NEW, gate="held", gate_after=3))
    async with yard.editor(end="kill") as editor:
        editor.open("a.py", CODE)
        for _ in range(3 if state == "queued" else 1):
            await editor.run("a.py", TITLE, 1)
        await yard.endpoint.reached_gate("held")
        if state == "queued":
            await editor.client.until(lambda: "queued" in editor.reports(TITLE))
    await yard.endpoint.until(lambda: all(each.ended for each in yard.endpoint.streams))
    yard.endpoint.open_gate("held")
    tasks = 3 if state == "queued" else 1
    async with yard.editor() as editor:
        editor.open("a.py")
        await editor.line(RESULT, tasks)
        await editor.ended(TITLE, tasks)
        shown = await editor.diagnostics("a.py")
        assert len(shown) == len({d["data"]["entry"] for d in shown}) == tasks
        assert len(editor.lines(RESULT)) == tasks
        for each in shown:
            await editor.command("lanyard.dismiss", each["data"]["entry"])
    async with yard.editor() as editor:
        editor.open("a.py")
        assert await editor.diagnostics("a.py") == []
        assert editor.lines(TITLE) == []


@pytest.mark.parametrize("end", ["shutdown", "kill"])
async def test_a_proposal_comes_again_until_it_is_answered(yard, end):
    yard.endpoint.says(replying(NEW))
    async with yard.editor(end=end) as editor:
        editor.open("a.py", CODE)
        first = await editor.run("a.py", TITLE, 1)
        await editor.line(RESULT)
        second = await editor.run("a.py", TITLE, 1)
        await editor.line(RESULT, 2)
        await editor.command("lanyard.dismiss", second)
    # Meanwhile the file was edited elsewhere, above the proposal.
    (yard.root / "a.py").write_text("import os\n\n" + CODE)
    async with yard.editor(end=end) as editor:
        await editor.line(RESULT)  # before the document is open
        uri = editor.open("a.py")
        [shown] = await editor.diagnostics("a.py")
        assert (shown["data"]["entry"], shown["range"]["start"]["line"]) == (first, 2)
        await editor.command("lanyard.apply", first)
        assert editor.edits()[0]["documentChanges"][0]["textDocument"]["uri"] == uri
    async with yard.editor() as editor:
        editor.open("a.py")
        assert await editor.diagnostics("a.py") == []


async def test_a_proposal_for_code_that_is_gone_says_so_once(yard):
    yard.endpoint.says(replying(NEW))
    async with yard.editor(end="kill") as editor:
        editor.open("a.py", CODE)
        await editor.run("a.py", TITLE, 1)
        await editor.line(RESULT)
    (yard.root / "a.py").unlink()
    async with yard.editor() as editor:
        await editor.line("is gone; the proposal is dropped")
    async with yard.editor() as editor:
        await editor.settle()
        assert editor.lines(TITLE) == []


async def test_two_editors_on_one_workspace_show_a_result_in_one_of_them(yard):
    yard.endpoint.says(replying(NEW))
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(yard.editor())
        second = await stack.enter_async_context(yard.editor())
        for editor in (first, second):
            editor.open("a.py", CODE)
        for _ in range(3):
            await first.run("a.py", TITLE, 1)
            await second.run("a.py", TITLE, 1)
        await asyncio.gather(first.line(RESULT, 3), second.line(RESULT, 3))
        shown = [d["data"]["entry"] for e in (first, second) for d in await e.diagnostics("a.py")]
        assert len(shown) == len(set(shown)) == 6


@pytest.mark.parametrize("end", ["shutdown", "kill"])
async def test_the_other_editor_takes_over_what_an_ended_one_left(yard, end):
    yard.endpoint.says(replying(NEW, gate="held"))
    async with yard.editor() as other:
        other.open("a.py", CODE)
        async with yard.editor(end=end) as editor:
            editor.open("a.py")
            await editor.run("a.py", TITLE, 1)
            await yard.endpoint.reached_gate("held")
        yard.endpoint.open_gate("held")
        await other.line(RESULT)
        [shown] = await other.diagnostics("a.py")
        await other.command("lanyard.apply", shown["data"]["entry"])
        with pytest.raises(LspError):
            await other.command("lanyard.apply", shown["data"]["entry"])


async def test_a_folder_that_is_added_brings_its_results(yard, tmp_path):
    yard.endpoint.says(replying(NEW))
    async with yard.editor(end="kill") as editor:
        editor.open("a.py", CODE)
        await editor.run("a.py", TITLE, 1)
        await editor.line(RESULT)
    elsewhere = (tmp_path / "elsewhere").resolve()
    elsewhere.mkdir()
    async with yard.editor(root=elsewhere) as editor:
        await editor.settle()
        assert editor.lines(TITLE) == []
        added = {"uri": yard.root.as_uri(), "name": "work"}
        editor.client.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [added], "removed": []}})
        await editor.line(RESULT)
