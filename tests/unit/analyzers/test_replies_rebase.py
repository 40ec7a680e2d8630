"""Hunks and rebasing, against oracles that know what happened."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lanyard_analyzers.replies import hunks, rebase
from lanyard_analyzers.text import Edit, Span, Text

END = st.sampled_from(("\n", "\r\n", "\r"))
LINE = st.builds(lambda words, end: words + end, st.text(st.sampled_from("ab 😀"), max_size=3), END)
LINES = st.lists(LINE, max_size=12)


def applied(content: str, edits: tuple[Edit, ...]) -> str:
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        content = content[: edit.span.start] + edit.new + content[edit.span.end :]
    return content


@settings(max_examples=500)
@given(st.text(st.sampled_from("ab\n\r"), max_size=30), st.text(st.sampled_from("ab\n\r"), max_size=30))
def test_hunks_turn_one_text_into_the_other(before: str, after: str) -> None:
    edits = hunks(before, after)
    assert applied(before, edits) == after
    assert all(one.span.end < other.span.start for one, other in pairwise(edits))
    assert (edits == ()) == (before == after)


def test_hunks_are_small_also_in_a_large_text() -> None:
    lines = [f"line {n}\n" for n in range(20_000)]
    after = list(lines)
    after[5], after[19_000] = "new\n", ""
    edits = hunks("".join(lines), "".join(after))
    assert [edit.new for edit in edits] == ["new\n", ""]


def test_a_difference_too_large_to_search_is_one_hunk() -> None:
    before, after = "x\n" + "a\n" * 3000 + "b\n", "y\n" + "a\n" * 2000 + "c\n"
    assert hunks(before, after) == (Edit(Span(0, len(before)), after),)


@settings(max_examples=1000)
@given(st.tuples(LINES, LINES, LINES, LINES), LINES, st.sampled_from(("with", "without")), st.data())
def test_a_rebased_edit_lands_where_its_lines_went(
    texts: tuple[list[str], ...], new: list[str], line_end: str, data: st.DataObject
) -> None:
    """The user replaced the lines `gone` by `come`; the edit lies wholly before or wholly after them."""
    before, gone, after, come = texts
    lines = [*before, *gone, *after]
    # A lone "\r" before a "\n" is one line end, so these would not be the lines that the text has.
    for some in (lines, [*before, *come, *after], new):
        assume(not any(one.endswith("\r") and other.startswith("\n") for one, other in pairwise(some)))
    base, now = Text.of("".join(lines)), Text.of("".join([*before, *come, *after]))
    side = data.draw(st.sampled_from(("before", "after")))
    first_line, last_line = (0, len(before)) if side == "before" else (len(before) + len(gone), len(lines))
    if first_line == last_line:
        return
    a = data.draw(st.integers(first_line, last_line - 1))
    b = data.draw(st.integers(a + 1, last_line))
    start, end = (sum(map(len, lines[:n])) for n in (a, b))
    ends = lines[b - 1][len(lines[b - 1].rstrip("\r\n")) :] if line_end == "without" else ""
    edit = Edit(Span(start, end - len(ends)), "".join(new))
    moved, problem = rebase((edit,), base, now)
    if moved is None:
        assert problem
        return
    shift = 0 if side == "before" else len(now) - len(base)
    truth = Edit(Span(edit.span.start + shift, edit.span.end + shift), edit.new)
    assert applied(now.content, moved) == applied(now.content, (truth,))


CODE = "import a\n\n\ndef f():\n    return 1\n\n\ndef g():\n    return 1\n"


@pytest.mark.parametrize(
    ("change", "survives"),
    [
        (("import a\n", "import a\nimport b\n"), True),
        (("def g", "def h"), True),
        (("return 1\n\n\ndef g", "return 2\n\n\ndef g"), False),
        (("def f():", "def f(x):"), False),
        (("return 1\n\n\ndef g", "return 1 + 1\n\n\ndef g"), False),
        (("    return 1\n\n\ndef g", "    return 1\n    # end\n\n\ndef g"), True),
        (("", ""), True),
        ((CODE, ""), False),
        ((CODE, CODE + CODE), False),
    ],
)
def test_an_edit_survives_what_leaves_its_lines_alone(change: tuple[str, str], survives: bool) -> None:
    base = Text.of(CODE)
    now = Text.of(CODE.replace(*change, 1) if change[0] else CODE, 5)
    start = CODE.index("def f")
    edit = Edit(Span(start, start + len("def f():\n    return 1")), "def f():\n    return 3")
    moved, problem = rebase((edit,), base, now)
    assert (moved is not None) == survives
    assert bool(problem) != survives
    if moved is not None:
        assert now.slice(moved[0].span) == "def f():\n    return 1"


def test_edits_stand_or_fall_together() -> None:
    base, now = Text.of("a\nb\nc\nd\n"), Text.of("new\na\nb\nc\nX\n")
    one, other = Edit(Span(0, 1), "A"), Edit(Span(6, 7), "D")
    assert rebase((one,), base, now)[0] == (Edit(Span(4, 5), "A"),)
    assert rebase((one, other), base, now) == (None, "the code was edited meanwhile")


def test_code_that_moved_as_a_whole_is_followed() -> None:
    base = Text.of("def f():\n    return 1\n\n\ndef g():\n    return 2\n")
    now = Text.of("def g():\n    return 2\n\n\ndef f():\n    return 1\n")
    moved, _ = rebase((Edit(Span(0, 22), "new"),), base, now)
    assert moved is not None
    assert now.slice(moved[0].span).startswith("def f():")


@pytest.mark.parametrize("span", [Span(-1, 2), Span(3, 99), Span(2, 1)])
def test_a_span_outside_the_text_is_refused(span: Span) -> None:
    assert rebase((Edit(span, ""),), Text.of("abc"), Text.of("abcd"))[0] is None
