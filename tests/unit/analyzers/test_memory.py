"""Nothing that is remembered of an index or a file outlives it."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.slices import SliceRequest, build_slice
from lanyard_analyzers.slices.complete import build_context
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_analyzers.workspace import DiskWorkspace

WORKSPACES = {
    "python": ("a.py", "from b import g\n\n\ndef f():\n    return g(1)\n", "b.py", "def g(x):\n    return x\n"),
    "typescript": (
        "a.ts",
        'import { g } from "./b";\n\nexport function f() {\n  return g(1);\n}\n',
        "b.ts",
        "export function g(x: number) {\n  return x;\n}\n",
    ),
    "go": (
        "a.go",
        "package p\n\nfunc f() int {\n\treturn G(1)\n}\n",
        "b.go",
        "package p\n\nfunc G(x int) int {\n\treturn x\n}\n",
    ),
    "rust": ("a.rs", "mod b;\nfn f() -> i32 {\n    b::g(1)\n}\n", "b.rs", "pub fn g(x: i32) -> i32 {\n    x\n}\n"),
    "c": ("a.c", '#include "b.h"\nint f(void) {\n  return g(1);\n}\n', "b.h", "int g(int x);\n"),
}


@pytest.mark.parametrize("language", WORKSPACES)
def test_an_index_and_its_files_are_given_back(language: str, tmp_path: Path) -> None:
    own, content, other, there = WORKSPACES[language]
    (tmp_path / own).write_text(content)
    (tmp_path / other).write_text(there)
    watched = _used(language, tmp_path, own, content)
    gc.collect()
    assert [one() for one in watched] == [None, None]


def test_a_file_that_was_shown_goes_with_its_content(tmp_path: Path) -> None:
    own, content, other, there = WORKSPACES["python"]
    (tmp_path / own).write_text(content)
    (tmp_path / other).write_text(there)
    index = Index(DiskWorkspace(tmp_path))
    _ask(index, "python", tmp_path, own, content)
    before = weakref.ref(index.file(other))
    (tmp_path / other).write_text("def g(x, y):\n    return y\n")
    index.forget(other)
    _ask(index, "python", tmp_path, own, content + "\n")
    gc.collect()
    assert before() is None


def _used(language: str, root: Path, own: str, content: str) -> list[weakref.ref[object]]:
    index = Index(DiskWorkspace(root))
    _ask(index, language, root, own, content)
    file = index.file(own)
    assert file is not None
    return [weakref.ref(index), weakref.ref(file)]


def _ask(index: Index, language: str, root: Path, own: str, content: str) -> None:
    syntax = parse(Text.of(content), language)
    at = content.index("f(") + 1
    target = targets_at(syntax, Span(at, at))[0]
    for kind in ("refactor", "test", "review"):
        build_slice(SliceRequest(kind, syntax, own, target, DiskWorkspace(root), 400, index=index))
    build_context(
        SliceRequest("complete", syntax, own, target, DiskWorkspace(root), 400, index=index, cursor=len(content) - 3)
    )
