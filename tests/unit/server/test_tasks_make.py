"""From an order to a task: what is refused, and what the task holds."""

from __future__ import annotations

import pytest

from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import Shape, find_target
from lanyard_analyzers.text import Text
from lanyard_routing.task import Kind, Task
from lanyard_server.tasks.ignored import open_workspace
from lanyard_server.tasks.make import Order, make_task
from lanyard_server.tasks.prompts import ASKS

LONG = "def f(a):\n" + "    x = [a, a, a, a]\n" * 400 + "    return x\n"
KEY = "AKIA" + "Z7Q2M4X3W5LR6T2B"


def drafted(root, kind=Kind.REFACTOR, code="def f(a):\n    return a\n", budget=4000, patterns=(), **order):
    (root / "a.py").write_text(code, errors="replace")
    syntax = parse(Text.of(code, 3), "python")
    target = find_target(syntax, "f", Shape.FUNCTION)
    workspace = open_workspace(root, {}, patterns)
    return make_task(
        Order(kind, syntax, target, (root / "a.py").as_uri(), "a.py", str(root), workspace, budget, **order)
    )


@pytest.mark.parametrize("kind", [Kind.REFACTOR, Kind.DOCUMENT, Kind.FIX])
def test_code_that_would_be_cut_is_not_sent_to_be_rewritten(tmp_path, kind):
    draft, [line] = drafted(tmp_path, kind, LONG, budget=500)
    assert draft is None
    assert "raise slices.budget" in line
    assert drafted(tmp_path, kind, LONG, budget=8000)[0] is not None


@pytest.mark.parametrize("kind", [Kind.REVIEW, Kind.EXPLAIN, Kind.TEST])
def test_code_that_is_cut_is_read_all_the_same_and_that_is_said(tmp_path, kind):
    draft, [line] = drafted(tmp_path, kind, LONG, budget=500)
    assert draft is not None
    assert "left out" in line


@pytest.mark.parametrize("kind", list(ASKS))
def test_every_kind_makes_a_task_within_its_budget(tmp_path, kind):
    draft, problems = drafted(tmp_path, kind, diagnostic="it is {odd} `too`", diagnostic_line=10**6)
    assert problems == ()
    assert draft.slice.tokens <= 4000
    task = draft.task
    assert task.kind is kind
    assert "def f(a)" in task.messages[1].content
    assert task.context["version"] == 3


def test_a_secret_in_a_diagnostic_is_neither_sent_nor_shown_in_the_title(tmp_path):
    code = f'def f(a):\n    k = "{KEY}"\n    return a, k\n'
    draft, _ = drafted(tmp_path, Kind.FIX, code, diagnostic=f"{KEY} is hard-coded", diagnostic_line=1)
    task = draft.task
    assert KEY not in task.title
    assert KEY not in "".join(message.content for message in task.messages)
    stored = task.model_dump_json()
    assert stored.count(KEY) == 1  # in the text that the reply is landed on


@pytest.mark.parametrize("kind", list(ASKS))
def test_half_a_character_of_a_buffer_keeps_no_task_from_the_queue(tmp_path, kind):
    draft, _ = drafted(
        tmp_path, kind, "def f(a):\n    return '\ud83d', a\n", diagnostic="odd \ud83d", diagnostic_line=1
    )
    assert "return '?', a" in draft.task.messages[1].content
    assert Task.model_validate_json(draft.task.model_dump_json()) == draft.task


def test_what_the_settings_exclude_names_the_setting(tmp_path):
    draft, [line] = drafted(tmp_path, patterns=("a.*",))
    assert draft is None
    assert line == (
        "a.py is excluded by privacy.ignore (a.*), so nothing of it is sent; "
        "to allow it, take the pattern out of your settings"
    )


def test_a_review_is_told_what_changed_since_the_document_was_opened(tmp_path):
    before = Text.of("def f(a):\n    return a or 1\n")
    draft, _ = drafted(tmp_path, Kind.REVIEW, before=before)
    assert "# changed lately: line 2\n# line 2 was:\n# -     return a or 1\n" in draft.slice.text
    draft, _ = drafted(tmp_path, Kind.REFACTOR, before=before)
    assert "changed lately" not in draft.slice.text
