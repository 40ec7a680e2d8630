"""Replies of every kind, landed: a proposal that is right, or one line and no edit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import Shape, find_target
from lanyard_analyzers.text import Text
from lanyard_analyzers.workspace import DiskWorkspace
from lanyard_routing.task import Kind, Reply, Task
from lanyard_server.tasks.land import land
from lanyard_server.tasks.make import Order, make_task
from lanyard_server.tasks.results import Explanation, Landed, Proposal, Review

CODE = "import os\n\n\ndef f(a):\n    b = a\n    c = b\n    return c\n\n\ndef g():\n    return 2\n"
GOOD = "def f(a):\n    return a\n"


def task_of(root: Path, kind: Kind = Kind.REFACTOR, code: str = CODE, name: str = "f", **order: Any) -> Task:
    path = root / "a.py"
    path.write_bytes(code.encode())
    syntax = parse(Text.of(code, 1), "python")
    target = find_target(syntax, name, Shape.FUNCTION)
    assert target is not None
    given = {"workspace": DiskWorkspace(root), "budget": 4000, **order}
    draft, problems = make_task(Order(kind, syntax, target, path.as_uri(), "a.py", str(root), **given))
    assert draft is not None, problems
    return draft.task


def reply(text: str, finish: Any = "stop") -> Reply:
    return Reply(text=text, worker="gpu-1", model="m", finish=finish)


def fenced(code: str, fence: str = "python") -> str:
    return f"```{fence}\n{code}\n```\n"


async def landed(task: Task, answer: Reply, now: str | None = CODE) -> Landed:
    async def current(uri: str) -> Text | None:
        if uri.endswith("/a.py"):
            return None if now is None else Text.of(now, 2)
        return None

    async def run_tests(path: str, content: str) -> str:
        return "not run"

    return await land(task, answer, current, run_tests)


REFUSED = {
    "prose": "I would rather not change this function.",
    "empty": "",
    "white space": " \n\t\n",
    "an empty block": fenced(""),
    "the wrong language": fenced("fn f(a: u8) -> u8 { a }", "rust"),
    "code that does not parse": fenced("def f(a:\n    return ((a\n"),
    "another function": fenced("def h(a):\n    return a\n"),
    "many times the size": fenced("def f(a):\n" + "    x = [a, a, a, a]\n" * 400 + "    return a\n"),
    "a placeholder comment": fenced("def f(a):\n    # ... rest of the code unchanged\n    return a\n"),
    "bare dots": fenced("def f(a):\n    ...\n"),
    "nothing new": fenced(CODE[CODE.index("def f") : CODE.index("\n\n\ndef g")]),
    "a secret of another file": fenced('def f(a):\n    return "LANYARD_SECRET_7"\n'),
    "a fence that never ends, cut in the middle": "```python\ndef f(a):\n    return (a,",
    "half a character": fenced("def f(a):\n    return '\ud83d"),
}


@pytest.mark.parametrize("why", REFUSED)
async def test_a_reply_that_cannot_be_used_is_one_line_and_no_edit(tmp_path, why):
    came = await landed(task_of(tmp_path), reply(REFUSED[why]))
    assert came.result is None
    [line] = came.problems
    assert line.startswith("Refactor f: refused, ")
    assert line.endswith("Run it again, or choose a larger model.")
    assert "\n" not in line


async def test_a_reply_at_its_length_limit_is_refused_even_where_it_looks_whole(tmp_path):
    came = await landed(task_of(tmp_path), reply(fenced(GOOD), "length"))
    assert came.result is None
    assert came.problems == (
        "Refactor f: refused, the model stopped at its length limit. Run it again, or choose a larger model.",
    )


@pytest.mark.parametrize(
    "text",
    [
        fenced(GOOD),
        fenced(GOOD, "py"),
        fenced(GOOD, ""),
        f"Here you are:\n\n{fenced(GOOD)}\nI removed two variables.",
        fenced(GOOD.replace("\n", "\r\n")),
        fenced(CODE.replace("    b = a\n    c = b\n    return c\n", "    return a\n")),
        f"```python title=../../etc/passwd\n{GOOD}```\n",
        f"File: /etc/passwd\n{fenced(GOOD)}",
    ],
)
async def test_a_good_reply_in_any_dress_changes_the_target_alone(tmp_path, text):
    came = await landed(task_of(tmp_path), reply(text))
    assert isinstance(came.result, Proposal), came.problems
    assert came.result.change.uri == (tmp_path / "a.py").as_uri()
    after = came.result.change.after()
    assert after == CODE.replace("    b = a\n    c = b\n    return c\n", "    return a\n")


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
async def test_line_ends_and_characters_of_the_file_are_kept(tmp_path, ends):
    code = ("# 😀\x0c\n" + CODE).replace("\n", ends)
    came = await landed(task_of(tmp_path, code=code), reply(fenced("def f(a):\n    return '😀'\n")), code)
    assert isinstance(came.result, Proposal), came.problems
    expected = "# 😀\x0c\n" + CODE.replace("    b = a\n    c = b\n    return c\n", "    return '😀'\n")
    assert came.result.change.after() == expected.replace("\n", ends)
    assert came.result.diff("a.py").count("@@") == 2


async def test_a_file_without_a_last_line_end_keeps_having_none(tmp_path):
    code = "def f(a):\n    b = a\n    return b"
    came = await landed(task_of(tmp_path, code=code), reply(fenced(GOOD)), code)
    assert isinstance(came.result, Proposal)
    assert came.result.change.after() == GOOD.rstrip("\n")


async def test_what_else_the_answer_needs_is_said(tmp_path):
    whole = CODE.replace("import os\n", "import os\nimport math\n")
    whole = whole.replace("    b = a\n    c = b\n    return c\n", "    return math.fsum(a)\n")
    came = await landed(task_of(tmp_path), reply(fenced(whole)))
    assert isinstance(came.result, Proposal)
    assert came.problems == ("Refactor f: the answer also needs import math.",)


async def test_a_secret_comes_back_and_is_not_in_an_explanation(tmp_path):
    key = "AKIA" + "Z7Q2M4X3W5LR6T2B"
    code = f'def f(a):\n    k = "{key}"\n    return a, k\n'
    task = task_of(tmp_path, code=code)
    assert key not in task.messages[1].content
    came = await landed(task, reply(fenced('def f(a):\n    return a, "LANYARD_SECRET_1"\n')), code)
    assert isinstance(came.result, Proposal), came.problems
    assert came.result.change.after() == f'def f(a):\n    return a, "{key}"\n'
    came = await landed(task_of(tmp_path, Kind.EXPLAIN, code=code), reply("It has LANYARD_SECRET_1."), code)
    assert isinstance(came.result, Explanation)
    assert key not in came.result.markdown


async def test_an_explanation_that_is_cut_is_shown_and_said_so_and_an_empty_one_refused(tmp_path):
    task = task_of(tmp_path, Kind.EXPLAIN)
    came = await landed(task, reply("It adds", "length"))
    assert isinstance(came.result, Explanation)
    assert came.problems == ("Explain f: the model stopped at its length limit.",)
    came = await landed(task, reply("  \n"))
    assert came.result is None
    assert len(came.problems) == 1


@pytest.mark.parametrize("text", ["", "[]", "null", '{"findings": 7}', "{" * 500, "lovely code", "\ud83d"])
async def test_a_review_that_is_none_is_one_line(tmp_path, text):
    came = await landed(task_of(tmp_path, Kind.REVIEW), reply(text))
    assert came.result is None or (isinstance(came.result, Review) and not came.result.findings)
    assert len(came.problems) <= 1
    assert all("\n" not in line for line in came.problems)


@pytest.mark.parametrize("now", [None, CODE.replace("b = a", "b = a + 1")])
async def test_code_that_is_gone_or_was_edited_drops_the_proposal_with_one_line(tmp_path, now):
    came = await landed(task_of(tmp_path), reply(fenced(GOOD)), now)
    assert came.result is None
    [line] = came.problems
    assert "the proposal is dropped" in line


async def test_a_task_of_another_version_is_one_line(tmp_path):
    task = task_of(tmp_path).model_copy(update={"context": {"uri": 7}})
    came = await landed(task, reply(fenced(GOOD)))
    assert (came.result, len(came.problems)) == (None, 1)
