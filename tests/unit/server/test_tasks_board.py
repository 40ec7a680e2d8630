"""The board: entries go along with later edits, or leave with a word."""

from __future__ import annotations

import pytest

from lanyard_analyzers.replies import Finding
from lanyard_analyzers.replies.findings import Severity
from lanyard_analyzers.text import Edit, Span, Text
from lanyard_routing.task import Kind
from lanyard_server.tasks.board import Board
from lanyard_server.tasks.results import Evidence, FileChange, Proposal, Review

URI = "file:///shop/cart.py"
BASE = Text.of("import os\n\n\ndef total():\n    a = 1\n    return a\n\n\ndef other():\n    pass\n", 1)
EVIDENCE = Evidence(("parsed",), 1, 1, "gpu-1", "m", 10, 1.0)


def span_of(piece: str, text: Text = BASE) -> Span:
    start = text.content.index(piece)
    return Span(start, start + len(piece))


def proposal(id_: str = "p1") -> Proposal:
    edit = Edit(span_of("    a = 1\n    return a\n"), "    return 1\n")
    return Proposal(
        id_, Kind.REFACTOR, "Refactor total", URI, BASE, span_of("def total():"),
        FileChange(URI, BASE, (edit,)), EVIDENCE,
    )  # fmt: skip


def review(*quotes: str) -> Review:
    findings = tuple(Finding(span_of(q), q, Severity.WARNING, f"about {q.strip()}", "") for q in quotes)
    return Review("r1", "Review total", URI, BASE, span_of("def total():"), findings, "")


def changed(old: str, new: str, text: Text = BASE) -> Text:
    return text.replace(Edit(span_of(old, text), new), text.version + 1)


def test_a_proposal_moves_with_an_edit_above_it():
    board, now = Board(), changed("import os\n", "import os\nimport sys\n")
    board.add(proposal())
    assert board.follow(URI, now) == ()
    moved = board.proposals["p1"]
    assert moved.change.after() == now.content.replace("    a = 1\n    return a\n", "    return 1\n")
    assert now.slice(moved.anchor) == "def total():"


def test_a_proposal_whose_code_was_edited_leaves_with_one_line():
    board = Board()
    board.add(proposal())
    [(gone, line)] = board.follow(URI, changed("a = 1", "a = 2"))
    assert gone == "p1"
    assert line.startswith("Refactor total: ")
    assert "Run it again" in line
    assert "\n" not in line
    assert not board.proposals


def test_a_new_file_that_came_to_exist_meanwhile_is_not_overwritten():
    board, new = Board(), "file:///shop/test_cart.py"
    change = FileChange(new, None, (Edit(Span(0, 0), "def test(): pass\n"),))
    board.add(Proposal("p2", Kind.TEST, "Write tests", URI, BASE, Span(0, 0), change, EVIDENCE))
    [(gone, line)] = board.follow(new, Text.of("mine\n"))
    assert gone == "p2"
    assert "exists by now" in line


def test_findings_move_one_by_one_and_go_with_their_code():
    board = Board()
    board.add(review("    a = 1", "    pass"))
    now = changed("    a = 1\n", "    a = compute()\n    b = 2\n")
    assert board.follow(URI, now) == ()
    [left] = board.reviews["r1"].findings
    assert now.slice(left.span) == "    pass"


def test_a_review_without_findings_left_is_closed_with_a_word():
    board = Board()
    board.add(review("    a = 1"))
    [(gone, line)] = board.follow(URI, changed("a = 1", "b = 1"))
    assert (gone, board.reviews) == ("r1", {})
    assert "closed" in line


@pytest.mark.parametrize("text", ["", "\r\n", "def total():\n", "\U0001f600" * 40, BASE.content * 3])
def test_any_text_may_come(text):
    board = Board()
    board.add(proposal())
    board.add(review("    a = 1", "    pass"))
    board.follow(URI, Text.of(text, 2))
    for entry in board.proposals.values():
        assert entry.change.base == Text.of(text, 2)
    for entry in board.reviews.values():
        assert all(f.span.end <= len(text) for f in entry.findings)


def test_the_same_result_twice_is_shown_once():
    board = Board()
    board.add(proposal())
    board.add(proposal())
    assert list(board.proposals) == ["p1"]


def test_findings_are_dismissed_one_by_one():
    board = Board()
    board.add(review("    a = 1", "    pass"))
    assert board.drop_finding("r1", 0) is False
    assert [f.quote for f in board.reviews["r1"].findings] == ["    pass"]
    assert board.drop_finding("r1", 7) is False
    assert board.drop_finding("r1", 0) is True
    assert not board.reviews


def test_a_diff_names_both_sides_and_keeps_a_missing_last_line_end():
    base = Text.of("a\nb")
    change = FileChange(URI, base, (Edit(Span(2, 3), "c"),))
    made = Proposal("p", Kind.FIX, "Fix", URI, base, Span(0, 0), change, EVIDENCE)
    assert made.diff("cart.py").splitlines() == [
        "--- a/cart.py",
        "+++ b/cart.py",
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "\\ No newline at end of file",
        "+c",
        "\\ No newline at end of file",
    ]
