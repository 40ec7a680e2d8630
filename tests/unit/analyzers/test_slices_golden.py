"""Whole slices, one for each language, as text: `tests/data/slices/<language>.txt`.

`LANYARD_UPDATE=1` writes what is expected anew; look at the diff before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from unit.analyzers.slicing import read_fixture, slice_at

DATA = Path(__file__).parents[2] / "data" / "slices"


@pytest.mark.parametrize("language", sorted(path.stem for path in DATA.glob("*.txt")))
def test_slice_as_expected(language: str, tmp_path: Path) -> None:
    fixture = read_fixture(DATA / f"{language}.txt")
    result, problems = slice_at(tmp_path, fixture.files, fixture.kind, fixture.budget)
    if os.environ.get("LANYARD_UPDATE"):
        source = fixture.path.read_text(encoding="utf-8").partition("=== slice\n")[0]
        fixture.path.write_text(f"{source}=== slice\n{result.text}", encoding="utf-8")
    assert problems == ()
    assert result.text == read_fixture(fixture.path).expected
    assert result.tokens <= fixture.budget
