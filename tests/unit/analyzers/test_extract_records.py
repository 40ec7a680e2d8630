"""Records of C#, Ruby, PHP, Kotlin, Lua and shell files: `tests/data/analyzers/records/<language>.txt`.

A fixture is code, then `=== record` with a line for each import and each symbol of its record. `LANYARD_UPDATE=1`
writes the lines anew; read the diff before you commit it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from lanyard_analyzers.index.extract import extract
from lanyard_analyzers.index.records import FileRecord, Symbol

DATA = Path(__file__).parents[2] / "data" / "analyzers" / "records"
FIXTURES = sorted(DATA.glob("*.txt"))


def told(record: FileRecord) -> Iterator[str]:
    if record.package or record.default:
        yield f"package {record.package} default {record.default}"
    for one in record.imports:
        names = ", ".join(f"{b.local} = {b.source} | {b.name}" for b in one.bindings)
        yield f"import {one.first}-{one.last} {names}{' exported' if one.exported else ''}"
    for symbol in record.symbols:
        yield " ".join(_told(symbol))


def _told(symbol: Symbol) -> Iterator[str]:
    yield f"{symbol.shape} {symbol.qualified} {symbol.first}-{symbol.last} head {symbol.head}-{symbol.head_end}"
    if symbol.body_first >= 0:
        yield f"body {symbol.body_first}-{symbol.body_last}"
    if symbol.doc_first >= 0:
        yield f"doc {symbol.doc_first}-{symbol.doc_last}"
    if symbol.owner:
        yield f"of {symbol.owner}"
    if symbol.params:
        yield "(" + ", ".join(f"{one.name}: {one.type}" if one.type else one.name for one in symbol.params) + ")"
    for word, text in (("type", symbol.type), ("value", symbol.value), ("from", ", ".join(symbol.bases))):
        if text:
            yield f"{word} {text}"
    if symbol.marks:
        yield f"[{' '.join(symbol.marks)}]"


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_file_is_read_whole(path: Path) -> None:
    code, _, expected = path.read_text(encoding="utf-8").partition("=== record\n")
    found = "\n".join(told(extract(code, path.stem))) + "\n"
    if os.environ.get("LANYARD_UPDATE"):
        path.write_text(f"{code}=== record\n{found}", encoding="utf-8")
        return
    assert found == expected


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_file_that_breaks_off_anywhere_is_read_as_far_as_it_goes(path: Path) -> None:
    code = path.read_text(encoding="utf-8").partition("=== record\n")[0]
    for end in range(0, len(code), 23):
        record = extract(code[:end], path.stem)
        for index, one in enumerate(record.symbols):
            assert 0 <= one.first <= one.head <= one.head_end <= one.last < record.lines
            assert one.around < index
