"""Golden slices: `tests/data/analyzers/golden/<language>/NAME.txt`, in the format of `slicing.py`.

`LANYARD_UPDATE=1` writes what is rendered anew; read each diff before you commit it. `needs` and `never` are not
touched by that: they are what a good engineer would hand over.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from unit.analyzers.slicing import GOLDEN, golden_fixtures, read_fixture, shortcomings, slice_of

ENOUGH = 12


def _id(path: Path) -> str:
    return path.relative_to(GOLDEN).as_posix().removesuffix(".txt")


@pytest.mark.parametrize("path", golden_fixtures(), ids=_id)
def test_slice_holds_what_it_must_and_nothing_wrong(path: Path, tmp_path: Path) -> None:
    fixture = read_fixture(path)
    assert fixture.needs or fixture.never, "a fixture says what is right"
    result, _ = slice_of(fixture, tmp_path)
    assert shortcomings(fixture, result) == [], result.text
    assert result.tokens <= fixture.budget


@pytest.mark.parametrize("path", golden_fixtures(), ids=_id)
def test_slice_is_rendered_as_expected(path: Path, tmp_path: Path) -> None:
    result, _ = slice_of(read_fixture(path), tmp_path)
    if os.environ.get("LANYARD_UPDATE"):
        source = path.read_text(encoding="utf-8").partition("=== slice\n")[0]
        path.write_text(f"{source}=== slice\n{result.text}", encoding="utf-8")
    assert result.text == read_fixture(path).expected


@pytest.mark.parametrize(
    "language", ["bash", "c", "cpp", "csharp", "go", "java", "kotlin", "lua", "php", "ruby", "rust"]
)
def test_a_language_without_an_oracle_has_enough_of_them(language: str) -> None:
    assert sum(path.parent.name == language for path in golden_fixtures()) >= ENOUGH
