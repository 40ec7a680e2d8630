"""Lenses above functions, through the real server: off by default, and true after each change of the tasks."""

from __future__ import annotations

from typing import Any

import pytest

from integration.background.harness import FULL_CAPABILITIES, Say, a_yard, capabilities, replying
from integration.background.test_proposals import CODE, NEW, TITLE
from support.lsp_client import LspClient

REFRESHED = capabilities({"workspace": FULL_CAPABILITIES["workspace"] | {"codeLens": {"refreshSupport": True}}})
AT = 3  # the line of `def total`


async def lenses(editor: Any, path: str = "a.py", line: int = AT) -> list[str]:
    found = await editor.client.request("textDocument/codeLens", {"textDocument": {"uri": editor.uri(path)}})
    return [one["command"]["title"] for one in found if one["range"]["start"]["line"] == line]


async def until(editor: Any, expected: list[str]) -> None:
    """Ask again as the server says, until these lenses are there."""
    client: LspClient = editor.client
    told = 0
    while await lenses(editor) != expected:
        told += 1
        await client.until(lambda n=told: len(client.messages("workspace/codeLens/refresh")) >= n, f"{expected}")


@pytest.fixture
async def yard(tmp_path):
    async with a_yard(tmp_path, config="[lens]\nenabled = true\n") as made:
        yield made


async def test_there_are_none_unless_they_are_asked_for(tmp_path):
    async with a_yard(tmp_path) as yard, yard.editor() as editor:
        editor.open("a.py", CODE)
        assert await lenses(editor) == []


async def test_a_lens_runs_a_task_and_tells_its_state_until_its_proposal_is_dismissed(yard):
    yard.endpoint.says(replying(NEW, gate="go"))
    async with yard.editor(declared=REFRESHED) as editor:
        editor.open("a.py", CODE)
        assert await lenses(editor) == ["Review", "Write tests"]
        task = await editor.run("a.py", TITLE, AT)
        await until(editor, ["refactoring at gpu-1", "Cancel"])
        yard.endpoint.open_gate("go")
        await until(editor, ["proposal waits", "Review", "Write tests"])
        told = len(editor.client.messages("workspace/codeLens/refresh"))
        await editor.command("lanyard.dismiss", task)
        await editor.client.until(
            lambda: len(editor.client.messages("workspace/codeLens/refresh")) > told, "word of the dismissal"
        )
        assert await lenses(editor) == ["Review", "Write tests"]


async def test_the_lens_of_a_reviewed_function_counts_its_findings(yard):
    finding = '{"findings": [{"quote": "    result = 0", "severity": "warning", "message": "Use sum."}]}'
    yard.endpoint.says(Say(text=finding))
    async with yard.editor(declared=REFRESHED) as editor:
        editor.open("a.py", CODE)
        found = await editor.client.request("textDocument/codeLens", {"textDocument": {"uri": editor.uri("a.py")}})
        review = next(one["command"] for one in found if one["range"]["start"]["line"] == AT)
        await editor.command(review["command"], *review["arguments"])
        await until(editor, ["Review (1 finding)", "Write tests"])


async def test_a_file_without_a_grammar_or_that_is_not_open_has_none(yard):
    async with yard.editor(declared=REFRESHED) as editor:
        editor.open("notes.txt", "def f():\n", "plaintext")
        assert await lenses(editor, "notes.txt", 0) == []
        assert await lenses(editor, "nowhere.py", 0) == []
