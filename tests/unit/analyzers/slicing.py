"""What the tests of slices share: workspaces out of a text, with `$0` where the cursor is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lanyard_analyzers.languages import language_of
from lanyard_analyzers.slices import Problem, Slice, SliceRequest, build_slice
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import Shape, targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_analyzers.workspace import DiskWorkspace

_FILE = re.compile(r"^--- (.*)\n", re.MULTILINE)


@dataclass(frozen=True)
class Fixture:
    """One golden file: a head of `key: value` lines, files, and the slice that is expected."""

    path: Path
    kind: str
    budget: int
    files: Mapping[str, str]
    expected: str


def read_fixture(path: Path) -> Fixture:
    source, _, expected = path.read_text(encoding="utf-8").partition("=== slice\n")
    head, *rest = _FILE.split(source)
    keys = dict(line.split(": ", 1) for line in head.splitlines())
    files = dict(zip(rest[::2], rest[1::2], strict=True))
    return Fixture(path, keys["kind"], int(keys["budget"]), files, expected)


def write(root: Path, files: Mapping[str, str]) -> DiskWorkspace:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content.replace("$0", ""), encoding="utf-8", newline="")
    return DiskWorkspace(root)


def request_at(
    root: Path, files: Mapping[str, str], kind: str = "review", budget: int = 2000, shape: Shape | None = None
) -> SliceRequest:
    """The request for what the cursor `$0` is in; the innermost target, or the innermost of a shape."""
    workspace = write(root, files)
    path, content = next((path, content) for path, content in files.items() if "$0" in content)
    at = content.index("$0")
    language = language_of("", path)
    assert language is not None
    syntax = parse(Text.of(content.replace("$0", "", 1)), language)
    targets = targets_at(syntax, Span(at, at))
    target = next(one for one in targets if shape is None or one.shape == shape)
    return SliceRequest(kind, syntax, path, target, workspace, budget)


def slice_at(
    root: Path, files: Mapping[str, str], kind: str = "review", budget: int = 2000, shape: Shape | None = None
) -> tuple[Slice, tuple[Problem, ...]]:
    return build_slice(request_at(root, files, kind, budget, shape))
