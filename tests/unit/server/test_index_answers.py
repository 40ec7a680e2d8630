"""Answers while an index is not complete."""

from __future__ import annotations

from pathlib import Path

from lanyard_server.index.answers import Answers
from lanyard_server.index.buffers import Buffers
from lanyard_server.index.live import LiveWorkspace
from lanyard_server.index.messages import AskContext, Context, Opened
from lanyard_server.index.shelf import Shelf
from lanyard_server.index.store import Store

LARGE = 30  # modules of 20,000 characters each: more than one first context reads


def desk(root: Path) -> tuple[Shelf, Answers, AskContext]:
    """A module that imports many large ones, and uses the last."""
    for number in range(LARGE):
        filling = "".join(f"# {'x' * 75}\n" for _ in range(260))
        (root / f"m{number:02}.py").write_text(f"def f{number}(money):\n    return money\n\n\n{filling}")
    imports = "".join(f"from m{number:02} import f{number}\n" for number in range(LARGE))
    text = f"{imports}\n\ndef pay(bill):\n    first = f{LARGE - 1}(bill)\n    "
    (root / "app.py").write_text(text)
    shelf, buffers = Shelf(LiveWorkspace(root, ()), Store(None)), Buffers()
    buffers.open(Opened("app.py", "python", 1, text))
    return shelf, Answers(shelf, buffers), AskContext(0, "app.py", 1, len(text), 4000)


def shown(answers: Answers, asked: AskContext) -> list[str]:
    found = answers.context(asked)
    assert isinstance(found, Context)
    return [piece.path for piece in found.pieces]


def test_the_first_context_reads_a_part_of_what_is_imported_and_the_next_the_rest(tmp_path: Path) -> None:
    shelf, answers, asked = desk(tmp_path)
    first = shown(answers, asked)
    assert 0 < len(first) < LARGE
    again = shown(answers, asked)
    assert set(first) < set(again)
    shelf.complete = True
    assert len(shown(answers, asked)) == LARGE


def test_a_complete_index_reads_all_that_a_context_needs(tmp_path: Path) -> None:
    shelf, answers, asked = desk(tmp_path)
    shelf.complete = True
    assert len(shown(answers, asked)) == LARGE
