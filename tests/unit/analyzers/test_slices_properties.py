"""Promises of slices that hold for every text: budget, origins, determinism, and no line of a removed file."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from lanyard_analyzers.languages import LANGUAGES, language_of
from lanyard_analyzers.slices import Slice, SliceRequest, build_slice
from lanyard_analyzers.slices.outline import forget_outlines
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_analyzers.tokens import estimate
from unit.analyzers.slicing import read_fixture, write

DATA = Path(__file__).parents[2] / "data" / "slices"
KINDS = ["review", "test", "refactor", "document", "explain", "fix", "edit", "complete"]
JUNK = [
    *("(", ")", "{", "}", "\n", "\r\n", "\r", '"', "'", '"""', "/*", "*/", "def ", "class ", "import ", "€", "𝕏", "\f"),
    *("\t", "#", "//", "\u2028", ";"),
]


def origins_hold(result: Slice, files: dict[str, str]) -> None:
    """Every line with an origin is that line of the source, once the secrets are back."""
    restored = result.redactions.restore(result.text)
    lines = restored.split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(result.origins)
    texts = {path: Text.of(content) for path, content in files.items()}
    for line, origin in zip(lines, result.origins, strict=True):
        if origin is not None:
            assert line == texts[origin.path].line_text(origin.line)


def all_requests(root: Path, files: dict[str, str], dice: random.Random) -> list[SliceRequest]:
    workspace = write(root, files)
    requests: list[SliceRequest] = []
    for path, content in files.items():
        language = language_of("", path)
        if language is None or not content:
            continue
        syntax = parse(Text.of(content), language)
        for _ in range(2):
            at = dice.randrange(len(content) + 1)
            end = min(len(content), at + dice.choice([0, 0, 30, 200]))
            target = dice.choice(targets_at(syntax, Span(at, end)))
            count: Callable[[str], int] = dice.choice([estimate, len, lambda text: text.count("\n")])
            budget = dice.choice([3, 20, 60, 150, 400, 2000, 100_000])
            requests.append(
                SliceRequest(
                    dice.choice(KINDS), syntax, path, target, workspace, budget, count, "x is not defined", "total"
                )
            )
    return requests


def check(request: SliceRequest, files: dict[str, str]) -> Slice:
    result, problems = build_slice(request)
    assert result.tokens <= max(request.budget, 0)
    assert result.tokens == (request.count(result.text) if result.text else 0)
    assert result.text or problems
    assert all("\n" not in problem.message for problem in problems)
    if result.text:
        origins_hold(result, files)
    forget_outlines()
    assert build_slice(request) == (result, problems)
    return result


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_promises_hold_on_every_fixture(language: str, tmp_path: Path) -> None:
    files = {path: text.replace("$0", "") for path, text in read_fixture(DATA / f"{language}.txt").files.items()}
    dice = random.Random(language)
    for round_ in range(4):
        for request in all_requests(tmp_path / str(round_), files, dice):
            check(request, files)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_promises_hold_on_broken_code(language: str, tmp_path: Path) -> None:
    fixture = read_fixture(DATA / f"{language}.txt")
    dice = random.Random(f"broken {language}")
    for round_ in range(12):
        files: dict[str, str] = {}
        for path, text in fixture.files.items():
            content = text.replace("$0", "")
            for _ in range(dice.choice([0, 1, 5])):
                at = dice.randrange(len(content) + 1)
                content = content[:at] + dice.choice(JUNK) + content[at + dice.choice([0, 0, 3, 40]) :]
            files[path] = content
        for request in all_requests(tmp_path / str(round_), files, dice):
            check(request, files)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_removed_file_leaves_no_line_behind(language: str, tmp_path: Path) -> None:
    files = {path: text.replace("$0", "") for path, text in read_fixture(DATA / f"{language}.txt").files.items()}
    dice = random.Random(f"removed {language}")
    for request in all_requests(tmp_path, files, dice):
        result = check(request, files)
        for path in {piece.path for piece in result.pieces} - {request.path}:
            (tmp_path / path).unlink()
            without, _ = build_slice(request.__class__(*(getattr(request, name) for name in request.__slots__)))
            assert all(origin is None or origin.path != path for origin in without.origins)
            assert all(piece.path != path for piece in without.pieces)
            (tmp_path / path).write_text(files[path], encoding="utf-8", newline="")
