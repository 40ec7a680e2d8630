"""Proposals: shown, looked at, applied, dismissed, and brought along while the user goes on typing."""

from __future__ import annotations

from typing import Any

import pytest

from integration.background.harness import Editor, Say, Yard, a_yard, capabilities, replying
from support.lsp_client import FULL_CAPABILITIES, LspError

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
NEW = """\
def total(lines):
    return sum(lines)
"""
AFTER = CODE.replace(CODE[CODE.index("def total") : CODE.index("\n\ndef other")], NEW)
TITLE = "Refactor total"


def applied(text: str, edits: list[dict[str, Any]], encoding: str = "utf-16") -> str:
    """What an editor makes of text edits; the independent oracle."""
    unit = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    lines = [*text.splitlines(keepends=True), ""]

    def at(place: dict[str, int]) -> int:
        head = lines[place["line"]].encode(unit)[: place["character"] * width].decode(unit)
        return sum(map(len, lines[: place["line"]])) + len(head)

    for edit in sorted(edits, key=lambda e: at(e["range"]["start"]), reverse=True):
        text = text[: at(edit["range"]["start"])] + edit["newText"] + text[at(edit["range"]["end"]) :]
    return text


async def proposed(editor: Editor, yard: Yard, text: str = CODE, path: str = "a.py", line: int = 4) -> str:
    """A proposal for `total`, shown; its id."""
    yard.endpoint.says(replying(NEW))
    editor.open(path, text)
    task = await editor.run(path, TITLE, line)
    await editor.line(f"^{TITLE}: .*Apply it from the quick fixes")
    return task


@pytest.fixture
async def yard(tmp_path):
    async with a_yard(tmp_path) as made:
        yield made


async def test_a_proposal_is_a_diagnostic_with_three_quick_fixes_and_touches_nothing(yard):
    async with yard.editor() as editor:
        task = await proposed(editor, yard)
        [shown] = await editor.diagnostics("a.py")
        assert (shown["range"]["start"]["line"], shown["severity"], shown["source"]) == (3, 3, "lanyard")
        assert "parsed" in shown["message"]
        assert "by gpu-1 (m-32b" in shown["message"]
        fixes = await editor.actions("a.py", 3, only=["quickfix"], diagnostics=[shown])
        assert [a["title"] for a in fixes] == [f"{w}: {TITLE}" for w in ("Apply", "Show diff", "Dismiss")]
        assert fixes[0]["diagnostics"] == [shown]
        no_source = {"range": shown["range"], "message": shown["message"]}  # as Vim's clients send it back
        assert len(await editor.actions("a.py", 3, only=["quickfix"], diagnostics=[no_source])) == 3
        diff = await editor.command("lanyard.showDiff", task)
        assert "-    result = 0\n" in diff["diff"]
        assert "+    return sum(lines)\n" in diff["diff"]
        assert diff["after"] == AFTER
        document = await editor.client.wait_for("window/showDocument", lambda p: p["uri"].endswith(".diff"))
        assert document["takeFocus"] is False
        assert editor.edits() == []
        await editor.command("lanyard.dismiss", task)
        assert await editor.diagnostics("a.py") == []
        with pytest.raises(LspError, match="not there any more"):
            await editor.command("lanyard.apply", task)


async def test_apply_sends_one_edit_with_the_version(yard):
    async with yard.editor() as editor:
        task = await proposed(editor, yard)
        assert await editor.command("lanyard.apply", task) == {"applied": True}
        [edit] = editor.edits()
        [change] = edit["documentChanges"]
        assert change["textDocument"] == {"uri": editor.uri("a.py"), "version": 1}
        assert applied(CODE, change["edits"]) == AFTER
        assert await editor.diagnostics("a.py") == []


async def test_a_client_without_document_changes_gets_changes(tmp_path, yard):
    workspace = FULL_CAPABILITIES["workspace"] | {"workspaceEdit": {}}
    async with yard.editor(declared=capabilities({"workspace": workspace})) as editor:
        task = await proposed(editor, yard)
        await editor.command("lanyard.apply", task)
        [edit] = editor.edits()
        assert applied(CODE, edit["changes"][editor.uri("a.py")]) == AFTER


@pytest.mark.parametrize("answer", ["refuses", "fails"])
async def test_an_edit_that_the_editor_refuses_stays_a_proposal(yard, answer):
    def refuse(_: Any) -> Any:
        if answer == "fails":
            raise LspError({"code": -32603, "message": "no such window"})
        return {"applied": False, "failureReason": "the buffer is read-only"}

    async with yard.editor() as editor:
        task = await proposed(editor, yard)
        editor.client.answers["workspace/applyEdit"] = refuse
        with pytest.raises(LspError, match=r"read-only|no such window") as error:
            await editor.command("lanyard.apply", task)
        assert "It is still there" in str(error.value)
        assert len(await editor.diagnostics("a.py")) == 1
        editor.client.answers["workspace/applyEdit"] = lambda _: {"applied": True}
        assert await editor.command("lanyard.apply", task) == {"applied": True}


async def test_apply_pressed_twice_applies_once(yard):
    async with yard.editor() as editor:
        task = await proposed(editor, yard)
        arguments = {"command": "lanyard.apply", "arguments": [task]}
        first, second = (editor.client.ask("workspace/executeCommand", arguments) for _ in range(2))
        assert await first == {"applied": True}
        with pytest.raises(LspError, match=r"being applied|not there any more"):
            await second
        assert len(editor.edits()) == 1


async def test_an_edit_elsewhere_moves_the_proposal(yard):
    yard.endpoint.says(replying(NEW, gate="typing"))
    async with yard.editor() as editor:
        uri = editor.open("a.py", CODE)
        task = await editor.run("a.py", TITLE, 4)
        await yard.endpoint.reached_gate("typing")
        top = {"line": 0, "character": 0}
        editor.client.change(uri, {"range": {"start": top, "end": top}, "text": "# astral 😀\n"})
        await editor.settle()  # two connections: the reply may else be read before the change
        yard.endpoint.open_gate("typing")
        await editor.line(f"^{TITLE}: .*Apply")
        [shown] = await editor.diagnostics("a.py")
        assert shown["range"]["start"]["line"] == 4
        tail = {"line": 11, "character": 6}
        editor.client.change(uri, {"range": {"start": tail, "end": tail}, "text": "😀"})
        await editor.command("lanyard.apply", task)
        [change] = editor.edits()[0]["documentChanges"]
        assert change["textDocument"]["version"] == 3
        now = applied("# astral 😀\n" + CODE, [{"range": {"start": tail, "end": tail}, "newText": "😀"}])
        assert "sum(lines)" in applied(now, change["edits"])
        assert "result" not in applied(now, change["edits"])


async def test_an_edit_in_its_region_drops_the_proposal_with_one_line(yard):
    yard.endpoint.says(replying(NEW, gate="typing"))
    inside = {"line": 5, "character": 4}
    typed = {"range": {"start": inside, "end": inside}, "text": "x"}
    async with yard.editor() as editor:
        uri = editor.open("a.py", CODE)
        await editor.run("a.py", TITLE, 4)
        await yard.endpoint.reached_gate("typing")
        editor.client.change(uri, typed)
        await editor.settle()
        yard.endpoint.open_gate("typing")
        assert "Run it again" in await editor.line("the proposal is dropped")
        assert await editor.diagnostics("a.py") == []
        assert len(editor.lines(TITLE)) == 1

        task = await proposed(editor, yard, path="b.py")
        editor.client.change(editor.uri("b.py"), typed)
        assert await editor.diagnostics("b.py") == []
        assert "dropped" in await editor.line("the proposal is dropped", 2)
        with pytest.raises(LspError, match="not there any more"):
            await editor.command("lanyard.apply", task)


async def test_documentation_and_fixes_are_proposals_too(yard):
    documented = NEW.replace("lines):\n", 'lines):\n    """The sum of `lines`."""\n')
    original = CODE[CODE.index("def total") : CODE.index("\n\ndef other")]
    with_doc = original.replace("lines):\n", 'lines):\n    """The sum of `lines`."""\n')
    yard.endpoint.says(("has this problem", replying(NEW)), ("documentation comment", replying(with_doc)))
    async with yard.editor() as editor:
        editor.open("a.py", CODE)
        task = await editor.run("a.py", "Document total", 4)
        await editor.line("^Document total: .*Apply")
        assert with_doc in (await editor.command("lanyard.showDiff", task))["after"]
        await editor.command("lanyard.dismiss", task)

        yard.endpoint.says(("documentation comment", replying(documented)))
        await editor.run("a.py", "Document total", 4)
        assert "changes code" in await editor.line("^Document total: refused")

        yard.endpoint.says(("has this problem", replying(NEW)))
        where = {"start": {"line": 6, "character": 8}, "end": {"line": 6, "character": 14}}
        lint = {"range": where, "message": "use sum()", "source": "lint"}
        task = await editor.run("a.py", "Fix: use sum()", 6, diagnostics=[lint])
        await editor.line(r"^Fix: use sum\(\): .*Apply")
        assert (await editor.command("lanyard.showDiff", task))["after"] == AFTER
        asked = yard.endpoint.streams[-1].text
        assert "use sum()" in asked
        assert "`result = result + line`" in asked


async def test_tests_become_a_new_file_or_are_added_to_the_one_that_is_there(yard):
    tests = "from a import total\n\n\ndef test_total():\n    assert total([1]) == 1\n"
    yard.endpoint.says(replying(tests))
    creating = FULL_CAPABILITIES["workspace"] | {
        "workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]}
    }
    async with yard.editor(declared=capabilities({"workspace": creating})) as editor:
        editor.open("a.py", CODE)
        task = await editor.run("a.py", "Write tests for total", 4)
        await editor.line("^Write tests for total: .*Apply")
        [shown] = await editor.diagnostics("a.py")
        assert "not run: tests.command is not set" in shown["message"]
        await editor.command("lanyard.apply", task)
        create, filled = editor.edits()[-1]["documentChanges"]
        place = create["uri"]
        assert (create["kind"], filled["textDocument"]["uri"]) == ("create", place)
        assert place.startswith(editor.root.as_uri() + "/")
        assert place.rpartition("/")[2] == "test_a.py"
        assert applied("", filled["edits"]) == tests

        path = place.removeprefix(editor.root.as_uri() + "/")
        editor.open(path, "def test_old():\n    pass\n")
        task = await editor.run("a.py", "Write tests for total", 4)
        await editor.line("^Write tests for total: .*Apply", 2)
        await editor.command("lanyard.apply", task)
        [change] = editor.edits()[-1]["documentChanges"]
        assert change["textDocument"]["version"] == 1
        after = applied("def test_old():\n    pass\n", change["edits"])
        assert after.index("from a import total") >= 0
        assert after.index("test_old") < after.index("def test_total")


async def test_tests_for_a_client_that_cannot_create_files_are_plain_changes(yard):
    yard.endpoint.says(replying("from a import total\n\n\ndef test_total():\n    assert total([]) == 0\n"))
    async with yard.editor() as editor:
        editor.open("a.py", CODE)
        task = await editor.run("a.py", "Write tests for total", 4)
        await editor.line("^Write tests for total: .*Apply")
        await editor.command("lanyard.apply", task)
        [(uri, edits)] = editor.edits()[0]["changes"].items()
        assert uri.endswith("test_a.py")
        assert applied("", edits).startswith("from a import total")


async def test_an_explanation_is_shown_as_a_document_or_by_its_path(yard):
    yard.endpoint.says(Say(text="It **adds** them."))
    async with yard.editor() as editor:
        editor.open("a.py", CODE)
        await editor.run("a.py", "Explain total", 4)
        shown = await editor.client.wait_for("window/showDocument", lambda p: p["uri"].endswith(".md"))
        path = yard.tmp / "home" / "state" / "shown" / shown["uri"].rpartition("/")[2]
        found = path if path.exists() else next((yard.tmp / "home").rglob(path.name))
        assert found.read_text() == "# Explain total\n\nIt **adds** them.\n"
    old = {"window": {"workDoneProgress": True}}
    async with yard.editor(declared=capabilities(old)) as editor:
        editor.open("a.py")
        await editor.run("a.py", "Explain total", 4)
        assert (await editor.line(r"^Written to .*\.md$")).removeprefix("Written to ").startswith(str(yard.tmp))
        assert not editor.client.messages("window/showDocument")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
async def test_the_applied_edit_gives_exactly_the_expected_text(yard, encoding):
    declared = capabilities({"general": {"positionEncodings": [encoding]}})
    async with yard.editor(declared=declared) as editor:
        for number, ends in enumerate(("\n", "\r\n"), 1):
            text = ("# 😀 é\nname = '😀'; other = 'é'\n" + CODE).replace("\n", ends)
            path = f"a{number}.py"
            yard.endpoint.says(replying(NEW.replace("sum(", "'😀é', sum(")))
            editor.open(path, text)
            task = await editor.run(path, TITLE, 6)
            await editor.line(f"^{TITLE}: .*Apply", number)
            await editor.command("lanyard.apply", task)
            [change] = editor.edits()[-1]["documentChanges"]
            expected = "# 😀 é\nname = '😀'; other = 'é'\n" + AFTER.replace("sum(", "'😀é', sum(")
            assert applied(text, change["edits"], encoding) == expected.replace("\n", ends)
