"""Findings: diagnostics by pull and by push, moved by typing, dismissed, fixed."""

from __future__ import annotations

import json

import pytest

from integration.background.harness import PUSHED, Say, a_yard, capabilities, replying
from support.lsp_client import FULL_CAPABILITIES

CODE = "import os\n\n\ndef f(path):\n    h = open(path)\n    data = h.read()\n    return data\n"
FIXED = "def f(path):\n    with open(path) as h:\n        return h.read()\n"


def finding(quote: str, message: str, severity: str = "warning") -> dict[str, str]:
    return {"quote": quote, "severity": severity, "message": message, "suggestion": f"mend {message}"}


FINDINGS = json.dumps(
    {
        "findings": [
            finding("    h = open(path)", "the file stays open", "error"),
            finding("    data = h.read()", "reads it all"),
            finding("    never_there()", "made up"),
        ]
    }
)


@pytest.fixture
async def yard(tmp_path):
    async with a_yard(tmp_path) as made:
        made.endpoint.says(("has this problem", replying(FIXED)), Say(text=FINDINGS))
        yield made


async def test_findings_are_pulled_moved_and_dismissed(yard):
    async with yard.editor() as editor:
        uri = editor.open("a.py", CODE)
        task = await editor.run("a.py", "Review f", 4)
        await editor.line(r"^Review f: 2 findings, shown as diagnostics\.$")
        await editor.client.wait_for("workspace/diagnostic/refresh")
        assert len(editor.lines("^Review f: .*place")) == 1  # the made-up one is told, not shown
        first, second = await editor.diagnostics("a.py")
        assert (first["range"]["start"]["line"], first["severity"]) == (4, 1)
        assert first["message"] == "the file stays open\nmend the file stays open"

        top = {"line": 0, "character": 0}
        editor.client.change(uri, {"range": {"start": top, "end": top}, "text": "# new\n\n"})
        lines = [d["range"]["start"]["line"] for d in await editor.diagnostics("a.py")]
        assert lines == [6, 7]

        fixes = await editor.actions("a.py", 6, only=["quickfix"], diagnostics=[first])
        assert [a["title"] for a in fixes] == [
            "Dismiss finding: the file stays open",
            "Dismiss all 2 findings: Review f",
            "Fix: the file stays open",
        ]
        dismissal = fixes[0]["command"]
        assert await editor.command(dismissal["command"], *dismissal["arguments"]) == {"dismissed": True}
        [left] = await editor.diagnostics("a.py")
        assert left["message"].startswith("reads it all")
        assert await editor.command("lanyard.dismiss", task) == {"dismissed": True}
        assert await editor.diagnostics("a.py") == []
        assert second["message"].startswith("reads it all")


async def test_a_finding_whose_line_is_edited_goes_and_the_others_stay(yard):
    async with yard.editor() as editor:
        uri = editor.open("a.py", CODE)
        await editor.run("a.py", "Review f", 4)
        await editor.line("shown as diagnostics")
        at = {"line": 5, "character": 8}
        editor.client.change(uri, {"range": {"start": at, "end": at}, "text": "x"})
        [left] = await editor.diagnostics("a.py")
        assert left["message"].startswith("the file stays open")
        at = {"line": 4, "character": 8}
        editor.client.change(uri, {"range": {"start": at, "end": at}, "text": "x"})
        assert await editor.diagnostics("a.py") == []
        await editor.line("findings was edited; they are closed|they are closed")


@pytest.mark.parametrize("client", ["does not pull", "cannot be told to pull again"])
async def test_findings_are_pushed_to_clients_that_need_it(yard, client):
    workspace = {k: v for k, v in FULL_CAPABILITIES["workspace"].items() if k != "diagnostics"}
    declared = capabilities(PUSHED if client == "does not pull" else {"workspace": workspace})
    async with yard.editor(declared=declared) as editor:
        assert "diagnosticProvider" not in editor.client.server_capabilities
        uri = editor.open("a.py", CODE)
        task = await editor.run("a.py", "Review f", 4)
        shown = await editor.published("a.py", 2)
        assert [d["range"]["start"]["line"] for d in shown] == [4, 5]
        top = {"line": 0, "character": 0}
        editor.client.change(uri, {"range": {"start": top, "end": top}, "text": "\n"})
        await editor.client.wait_for(
            "textDocument/publishDiagnostics",
            lambda p: p.get("version") == 2 and [d["range"]["start"]["line"] for d in p["diagnostics"]] == [5, 6],
        )
        await editor.command("lanyard.dismissFinding", task, 1)
        await editor.published("a.py", 1)
        await editor.command("lanyard.dismissFinding", task, 0)
        await editor.published("a.py", 0)


async def test_a_finding_is_fixed_from_its_diagnostic(yard):
    async with yard.editor() as editor:
        editor.open("a.py", CODE)
        await editor.run("a.py", "Review f", 4)
        await editor.line("shown as diagnostics")
        shown = (await editor.diagnostics("a.py"))[0]
        title = "Fix: the file stays open"
        task = await editor.run("a.py", title, 4, diagnostics=[shown])
        await editor.line(f"^{title}: .*Apply")
        assert (await editor.command("lanyard.showDiff", task))["after"] == CODE[: CODE.index("def f")] + FIXED
        await editor.command("lanyard.apply", task)


async def test_a_clean_review_and_one_that_is_nonsense_say_so_in_one_line(yard):
    async with yard.editor() as editor:
        editor.open("a.py", CODE)
        yard.endpoint.says(Say(text='{"findings": []}'))
        await editor.run("a.py", "Review f", 4)
        await editor.line(r"^Review f: no findings\.$")
        yard.endpoint.says(Say(text="I think it is lovely."))
        await editor.run("a.py", "Review f", 4)
        await editor.line("^Review f: (?!no findings)")
        assert await editor.diagnostics("a.py") == []
