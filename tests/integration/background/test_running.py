"""A task under way: progress, cancelling in three ways, and what is refused before it starts."""

from __future__ import annotations

import os
import re
import sys

import pytest

from integration.background.harness import Say, Yard, a_yard, capabilities, replying
from support.lsp_client import LspError

CODE = "def f(a):\n    b = a\n    return b\n"
NEW = "def f(a):\n    return a\n"
TITLE = "Refactor f"


@pytest.fixture
async def yard(tmp_path):
    async with a_yard(tmp_path) as made:
        yield made


async def at_the_gate(editor, yard: Yard) -> str:
    """A task whose reply has begun; its id."""
    yard.endpoint.says(replying(NEW, gate="middle", gate_after=3))
    editor.open("a.py", CODE)
    task = await editor.run("a.py", TITLE, 1)
    await yard.endpoint.reached_gate("middle")
    return task


async def state_of(yard: Yard, task: str) -> str:
    from lanyard_routing import paths
    from lanyard_routing.dispatch import open_queue_only

    before = os.environ.get("LANYARD_HOME")
    os.environ["LANYARD_HOME"] = yard.env["LANYARD_HOME"]
    try:
        async with open_queue_only(paths.state_dir()) as router:
            status = await router.status(task)
            return status.state.value if status else "unknown"
    finally:
        os.environ.pop("LANYARD_HOME")
        if before is not None:
            os.environ["LANYARD_HOME"] = before


async def test_progress_names_worker_tokens_and_speed(yard):
    async with yard.editor() as editor:
        yard.endpoint.says(replying(NEW, gate="first"))
        editor.open("b.py", CODE.replace("f(", "first("))
        await editor.run("b.py", "Refactor first", 1)
        await yard.endpoint.reached_gate("first")
        said = re.compile(r"gpu-1 \(m-32b\) reads \d+ tokens")
        await editor.client.until(lambda: any(said.fullmatch(each) for each in editor.reports("Refactor first")))
        yard.endpoint.open_gate("first")
        await at_the_gate(editor, yard)
        token = await editor.token(TITLE)
        await editor.client.wait_for(
            "$/progress", lambda p: p["token"] == token and "tokens/s" in p["value"].get("message", "")
        )
        yard.endpoint.open_gate("middle")
        await editor.ended(TITLE)
        values = [p["value"] for p in editor.client.messages("$/progress") if p["token"] == token]
        assert values[0] == {"kind": "begin", "title": TITLE, "cancellable": True}
        assert values[-1]["kind"] == "end"
        said = editor.reports(TITLE)
        assert any(re.fullmatch(r"gpu-1 \(m-32b\) reads \d+ tokens", each) for each in said)
        assert any(re.fullmatch(r"gpu-1: \d+ tokens, \d+ tokens/s", each) for each in said)
        await editor.line(f"^{TITLE}: .*Apply")


async def test_a_task_behind_others_says_how_many(tmp_path):
    async with a_yard(tmp_path) as yard, yard.editor() as editor:
        yard.endpoint.says(replying(NEW, gate="first"))
        editor.open("a.py", CODE)
        for _ in range(4):  # two slots
            await editor.run("a.py", TITLE, 1)
        await yard.endpoint.until(lambda: len(yard.endpoint.streams) == 2)
        await editor.client.until(lambda: "queued, 1 ahead" in editor.reports(TITLE), "a place in the queue")
        yard.endpoint.open_gate("first")
        await editor.line(f"^{TITLE}: .*Apply", 4)


@pytest.mark.parametrize("way", ["progress", "command"])
async def test_cancelling_closes_the_models_stream(yard, way):
    async with yard.editor() as editor:
        task = await at_the_gate(editor, yard)
        if way == "progress":
            editor.client.notify("window/workDoneProgress/cancel", {"token": await editor.token(TITLE)})
        else:
            assert await editor.command("lanyard.cancel", task) == {"cancelled": True}
        await yard.endpoint.until(lambda: yard.endpoint.streams[-1].closed_early)
        await editor.ended(TITLE)
        assert await state_of(yard, task) == "cancelled"
        assert await editor.command("lanyard.cancel", task) == {"cancelled": False}
        assert editor.lines(TITLE) == []

        yard.endpoint.says(replying(NEW))
        again = await editor.command("lanyard.retry", task)
        assert again["task"] != task
        await editor.line(f"^{TITLE}: .*Apply")
        with pytest.raises(LspError, match="only what failed can be run again"):
            await editor.command("lanyard.retry", again["task"])


async def test_a_command_that_is_cancelled_leaves_no_task_behind(yard):
    async with yard.editor() as editor:
        yard.endpoint.says(replying(NEW))
        editor.open("a.py", CODE)
        [action] = [a for a in await editor.actions("a.py", 1) if a["title"] == TITLE]
        outcomes: list[str] = []
        for _ in range(8):
            asked = editor.client.ask("workspace/executeCommand", action["command"])
            editor.client.cancel(asked)
            try:
                outcomes.append((await asked)["task"])
            except LspError as error:
                assert error.code == -32800  # noqa: PT017 - the other outcome is an answer
        await editor.settle()
        for task in outcomes:  # an answer was on its way already: that one runs to its end
            await editor.line(f"^{TITLE}: .*Apply")
            assert task
        assert len(outcomes) < 8
        await editor.client.until(lambda: len(editor.lines(f"^{TITLE}: .*Apply")) == len(outcomes))


ODD = (
    (None, "the argument"),
    ({"kind": "dance"}, "kind"),
    ({"kind": "complete"}, "no code action"),
    ({"shape": "planet"}, "shape"),
    ({"range": {"start": {"line": -1, "character": 0}, "end": {"line": 0, "character": 0}}}, "range.start.line"),
    ({"uri": "file:///nowhere.py"}, "not open"),
    ({"name": "gone"}, "gone is not in this document any more"),
    ({"line": -3}, "line"),
)


async def test_arguments_of_any_kind_get_one_line(yard):
    async with yard.editor() as editor:
        yard.endpoint.says(replying(NEW))
        editor.open("a.py", CODE)
        [action] = [a for a in await editor.actions("a.py", 1) if a["title"] == TITLE]
        given = action["command"]["arguments"][0]
        for argument, says in ODD:
            with pytest.raises(LspError, match=re.escape(says)) as error:
                await editor.command("lanyard.run", *([] if argument is None else [given | argument]))
            assert "\n" not in error.value.message
        assert yard.endpoint.streams == []
        far = {"kind": "fix", "line": 10**9, "diagnostic": "x" * 100_000}
        assert (await editor.command("lanyard.run", given | far))["task"]


async def test_other_commands_with_wrong_arguments_get_one_line(yard):
    async with yard.editor() as editor:
        for command in ("cancel", "retry", "apply", "showDiff", "dismiss", "dismissFinding"):
            with pytest.raises(LspError, match="takes the id"):
                await editor.command(f"lanyard.{command}", 7)
        with pytest.raises(LspError, match="not known"):
            await editor.command("lanyard.retry", "never")
        assert await editor.command("lanyard.dismiss", "never") == {"dismissed": False}
        assert await editor.command("lanyard.dismissFinding", "never", 0) == {"dismissed": False}
        assert await editor.command("lanyard.cancel", "never") == {"cancelled": False}


async def test_a_client_that_never_answers_about_progress_gets_its_result(yard):
    from support.lsp_client import NoAnswer

    def silence(_: object) -> object:
        raise NoAnswer

    async with yard.editor() as editor:
        editor.client.answers["window/workDoneProgress/create"] = silence
        yard.endpoint.says(replying(NEW))
        editor.open("a.py", CODE)
        await editor.run("a.py", TITLE, 1)
        await editor.line(f"^{TITLE}: .*Apply")


async def test_lines_selected_before_an_edit_are_not_guessed(yard):
    async with yard.editor() as editor:
        uri = editor.open("a.py", CODE)
        found = await editor.actions("a.py", 1, 0, end=(2, 0))
        top = {"line": 0, "character": 0}
        editor.client.change(uri, {"range": {"start": top, "end": top}, "text": "import os\n"})
        with pytest.raises(LspError, match="select them again"):
            await editor.command("lanyard.run", found[0]["command"]["arguments"][0])


async def test_a_document_outside_all_folders_has_its_own(tmp_path, yard):
    async with yard.editor() as editor:
        yard.endpoint.says(replying(NEW))
        outside = (tmp_path / "elsewhere").resolve()
        outside.mkdir()
        (outside / "a.py").write_text(CODE)
        editor.root = outside
        editor.open("a.py")
        task = await editor.run("a.py", TITLE, 1)
        await editor.line(f"^{TITLE}: .*Apply")
    async with yard.editor() as editor:
        assert editor.lines(TITLE) == []
        editor.root = outside
        editor.open("a.py")
        await editor.line(f"^{TITLE}: .*Apply")
        assert await editor.command("lanyard.apply", task) == {"applied": True}
        editor.client.open("untitled:Untitled-1", CODE)
        params = {"textDocument": {"uri": "untitled:Untitled-1"}, "context": {"diagnostics": []}}
        at = {"line": 1, "character": 4}
        found = await editor.client.request("textDocument/codeAction", params | {"range": {"start": at, "end": at}})
        if found:
            with pytest.raises(LspError, match="Save this document first"):
                await editor.command("lanyard.run", found[0]["command"]["arguments"][0])
        virtual = {"textDocument": {"uri": "memfs:/shop/a.py"}, "context": {"diagnostics": []}}
        editor.client.open("memfs:/shop/a.py", CODE)
        of_it = await editor.client.request("textDocument/codeAction", virtual | {"range": {"start": at, "end": at}})
        assert of_it == []
        if found:
            asked = {**found[0]["command"]["arguments"][0], "uri": "memfs:/shop/a.py"}
            with pytest.raises(LspError, match="needs a file on a disk; here completion and chat work"):
                await editor.command("lanyard.run", asked)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of a running process are set on Linux")
async def test_a_full_disk_is_one_line_and_nothing_is_lost(yard):
    import psutil

    async with yard.editor() as editor:
        yard.endpoint.says(replying(NEW, gate="held"))
        editor.open("a.py", CODE)
        before = await editor.run("a.py", TITLE, 1)
        await yard.endpoint.reached_gate("held")
        assert editor.client.process is not None
        process = psutil.Process(editor.client.process.pid)
        _, most = process.rlimit(psutil.RLIMIT_FSIZE)
        process.rlimit(psutil.RLIMIT_FSIZE, (1, most))  # no file may be written any further
        for _ in range(2):
            with pytest.raises(LspError) as error:
                await editor.run("a.py", TITLE, 1)
            assert "\n" not in error.value.message
            assert re.search("disk|full|queue", error.value.message), error.value.message
        assert (await editor.actions("a.py", 1))[0]["title"] == TITLE
        process.rlimit(psutil.RLIMIT_FSIZE, (most, most))
        yard.endpoint.open_gate("held")
        await editor.line(f"^{TITLE}: .*Apply")
        assert await editor.command("lanyard.dismiss", before) == {"dismissed": True}
        await editor.run("a.py", TITLE, 1)
        await editor.line(f"^{TITLE}: .*Apply", 2)


async def test_no_word_of_the_code_in_log_or_stderr(yard):
    async with yard.editor(declared=capabilities()) as editor:
        yard.endpoint.says(Say(text="no code at all, canary-reply"))
        editor.open("a.py", CODE.replace("b", "canary_code"))
        await editor.run("a.py", TITLE, 1)
        await editor.line("refused")
        logged = str(editor.client.messages("window/logMessage")) + editor.client.stderr_text() + str(editor.lines())
        assert "canary" not in logged
