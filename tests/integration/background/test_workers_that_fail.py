"""Workers that fail, seen from the editor: the second one finishes the task; without one the user is asked, once."""

from __future__ import annotations

import pytest

from integration.background.harness import ASKING, Editor, Fault, Say, a_yard, capabilities, replying

CODE = "def f(a):\n    b = a\n    return b\n"
NEW = "def f(a):\n    return a\n"
TITLE = "Refactor f"
RESULT = f"^{TITLE}: .*Apply"
FAULTS = (
    Fault.HANG_BEFORE,
    Fault.HANG_MIDDLE,
    Fault.BUSY,
    Fault.CUT,
    Fault.INVALID_JSON,
    Fault.HALF_UTF8,
)


@pytest.mark.parametrize("fault", [*FAULTS, "refuses"])
async def test_a_task_is_finished_at_the_second_worker_with_one_clear_line(tmp_path, fault):
    # The limits are those of both workers: where the fault is no silence, they are not what ends the first attempt.
    limit = 4 if fault in (Fault.HANG_BEFORE, Fault.HANG_MIDDLE) else 60
    async with a_yard(tmp_path, "gpu-1", "gpu-2", first_token=limit, silence=limit) as yard:
        first, second = yard.endpoints["gpu-1"], yard.endpoints["gpu-2"]
        second.says(replying(NEW))
        if fault != "refuses":
            first.says(replying(NEW, fault=fault))
        async with yard.editor() as editor:
            editor.open("a.py", CODE)
            if fault == "refuses":
                first.says(replying(NEW, gate="never", gate_after=2))
                await editor.run("a.py", TITLE, 1)
                await first.reached_gate("never")
                await first.refuse()
            else:
                await editor.run("a.py", TITLE, 1)
            await editor.line(RESULT)
            [proposal] = await editor.diagnostics("a.py")
            assert "by gpu-2" in proposal["message"]
            assert len(first.streams) >= 1
            moved = [m["message"] for m in editor.client.messages("window/logMessage") if "goes on at" in m["message"]]
            assert len(moved) == 1
            assert moved[0].startswith(f'{TITLE}: endpoint "gpu-1"')
            assert moved[0].endswith("; goes on at gpu-2")
            assert len(editor.lines(TITLE)) == 1
            assert len(await editor.diagnostics("a.py")) == 1


async def waiting_for_gpu_1(editor: Editor, yard) -> str:
    """A task whose only worker is gone."""
    await yard.endpoint.refuse()
    editor.open("a.py", CODE)
    task = await editor.run("a.py", TITLE, 1)
    await editor.client.until(lambda: any("gpu-1" in each for each in editor.reports(TITLE)), "what it waits for")
    return task


def choosing(editor: Editor, wanted: str) -> list:
    """Answers every question with the action that starts with `wanted`; the questions so far."""
    asked: list = []

    def answer(params):
        asked.append(params)
        return next((a for a in params["actions"] if wanted and a["title"].startswith(wanted)), None)

    editor.client.answers["window/showMessageRequest"] = answer
    return asked


async def test_a_task_that_waits_asks_once_and_can_be_cancelled(tmp_path):
    async with a_yard(tmp_path) as yard, yard.editor(declared=capabilities(ASKING)) as editor:
        asked = choosing(editor, "Cancel the task")
        await waiting_for_gpu_1(editor, yard)
        await editor.ended(TITLE)
        [question] = asked
        assert question["message"].startswith(f"{TITLE}: ")
        assert "gpu-1" in question["message"]
        assert [a["title"] for a in question["actions"]][:2] == ["Keep waiting", "Try again now"]
        assert editor.lines(TITLE) == []


async def test_a_task_that_is_kept_waiting_is_done_when_its_worker_returns_and_asks_no_more(tmp_path):
    async with a_yard(tmp_path) as yard, yard.editor(declared=capabilities(ASKING)) as editor:
        asked = choosing(editor, "Keep waiting")
        await waiting_for_gpu_1(editor, yard)
        await editor.client.wait_for("window/showMessageRequest")
        yard.endpoint.says(replying(NEW))
        await yard.endpoint.accept()
        await editor.line(RESULT)
        assert len(asked) == 1


async def test_a_client_that_cannot_ask_sees_what_is_waited_for(tmp_path):
    async with a_yard(tmp_path) as yard, yard.editor() as editor:
        task = await waiting_for_gpu_1(editor, yard)
        assert await editor.command("lanyard.cancel", task) == {"cancelled": True}
        await editor.ended(TITLE)
        assert editor.client.messages("window/showMessageRequest") == []


@pytest.mark.parametrize("asks", [True, False])
async def test_a_failed_task_asks_once_or_says_one_line(tmp_path, asks):
    async with a_yard(tmp_path) as yard:
        declared = capabilities(ASKING) if asks else None
        yard.endpoint.says(Say(fault=Fault.ECHO))  # 400: no other attempt would help
        async with yard.editor(declared=declared) as editor:
            asked = choosing(editor, "")
            editor.open("a.py", CODE)
            await editor.run("a.py", TITLE, 1)
            if asks:
                question = await editor.client.wait_for("window/showMessageRequest")
                assert "Try again now" in [a["title"] for a in question["actions"]]
            else:
                await editor.line(f"^{TITLE}: ")
            assert len(asked) + len(editor.lines(TITLE)) == 1
            assert "return b" not in str(asked) + str(editor.lines())
        async with yard.editor(declared=declared) as editor:
            asked = choosing(editor, "")
            editor.open("a.py")
            yard.endpoint.says(replying(NEW))
            await editor.run("a.py", TITLE, 1)
            await editor.line(RESULT)
            assert len(editor.lines(TITLE)) == 1
            assert asked == []


async def test_trying_again_from_the_question_gives_a_result(tmp_path):
    async with a_yard(tmp_path) as yard, yard.editor(declared=capabilities(ASKING)) as editor:
        yard.endpoint.says(Say(fault=Fault.ECHO))
        editor.open("a.py", CODE)

        def answer(params):
            yard.endpoint.says(replying(NEW))
            return next(a for a in params["actions"] if a["title"] == "Try again now")

        editor.client.answers["window/showMessageRequest"] = answer
        await editor.run("a.py", TITLE, 1)
        await editor.line(RESULT)
        assert len(await editor.diagnostics("a.py")) == 1
