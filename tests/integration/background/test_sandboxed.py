"""Written tests are run in the sandbox, and the evidence says how it went."""

from __future__ import annotations

import sys

import pytest

from integration.background.harness import Editor, a_yard, replying

CODE = "def f(a):\n    return a + 1\n"
COMMAND = f'[tests]\ncommand = "{sys.executable} -m pytest -q -p no:cacheprovider {{file}}"\n'

PROPOSED = "^Write tests for f: .*Apply"


async def evidence(editor: Editor, count: int = 1) -> str:
    """What the diagnostic of the newest of so many proposals says."""
    await editor.line(PROPOSED, count)
    return (await editor.diagnostics("a.py"))[count - 1]["message"]


@pytest.mark.needs("bwrap")
async def test_the_evidence_says_what_ran_and_the_unsaved_buffer_counts(tmp_path):
    async with a_yard(tmp_path, config=COMMAND) as yard, yard.editor() as editor:
        yard.endpoint.says(replying("from a import f\n\n\ndef test_f():\n    assert f(1) == 2\n"))
        editor.write("a.py", "def f(a):\n    return None\n")
        uri = editor.uri("a.py")
        editor.client.open(uri, CODE)  # not saved: on disk the test would fail
        await editor.run("a.py", "Write tests for f", 1)
        assert "1 passed in a sandbox" in await evidence(editor)
        yard.endpoint.says(
            replying(
                "from pathlib import Path\n\nfrom a import f\n\n\ndef test_f():\n"
                f"    Path({str(tmp_path)!r}, 'escaped').touch()\n    assert f(1) == 3\n"
            )
        )
        await editor.run("a.py", "Write tests for f", 1)
        assert "1 of 1 failed in a sandbox: test_f" in await evidence(editor, 2)
        assert not (tmp_path / "escaped").exists()
        assert not list(yard.root.rglob("test_*"))


@pytest.mark.parametrize("command", ["'", "   ", "no-such-program {file}"])
async def test_a_command_that_cannot_run_is_said_so_and_the_proposal_is_there(tmp_path, command):
    async with a_yard(tmp_path, config=f'[tests]\ncommand = "{command}"\n') as yard, yard.editor() as editor:
        yard.endpoint.says(replying("from a import f\n\n\ndef test_f():\n    assert f(1) == 2\n"))
        editor.open("a.py", CODE)
        await editor.run("a.py", "Write tests for f", 1)
        assert "not run: " in await evidence(editor)
