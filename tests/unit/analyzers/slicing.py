"""What the tests of slices share: workspaces out of a text, with `$0` where the cursor is.

A fixture is one text file:

    kind: review            the task's kind
    budget: 400             tokens
    shape: class            the innermost target of that shape, rather than the innermost of all; may be left out
    needs: func Get(        a line of the slice must hold this, blanks apart; as many such lines as it takes
    needs: @store/item.go   some line must come from that file
    never: type Item int    no line of the slice may hold this; `never: @PATH` likewise
    --- store/item.go       a file follows, as it is; one of them has `$0` at the cursor
    === slice               the slice as it is rendered today, to the end of the file

`needs` and `never` say what is right and outlive a change in rendering; the slice is there to be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from lanyard_analyzers.languages import language_of
from lanyard_analyzers.slices import Problem, Slice, SliceRequest, build_slice
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import Shape, targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_analyzers.workspace import DiskWorkspace

GOLDEN = Path(__file__).parents[2] / "data" / "analyzers" / "golden"
"""One folder a language, one fixture a case."""
_FILE = re.compile(r"^--- (\S+)\n", re.MULTILINE)


@dataclass(frozen=True)
class Fixture:
    """One golden file: a head of `key: value` lines, files, and the slice that is expected."""

    path: Path
    kind: str
    budget: int
    files: Mapping[str, str]
    expected: str
    shape: Shape | None = None
    needs: tuple[str, ...] = field(default=())
    never: tuple[str, ...] = field(default=())


def read_fixture(path: Path) -> Fixture:
    source, _, expected = path.read_text(encoding="utf-8").partition("=== slice\n")
    head, *rest = _FILE.split(source)
    lines = [line.split(": ", 1) for line in head.splitlines() if line.strip()]
    keys = {key: value for key, value in lines if key not in {"needs", "never"}}
    assert keys.keys() <= {"kind", "budget", "shape"}, f"{path}: unknown keys"
    files = dict(zip(rest[::2], rest[1::2], strict=True))
    assert sum("$0" in content for content in files.values()) == 1, f"{path}: the cursor has to be in one file"
    return Fixture(
        path,
        keys["kind"],
        int(keys["budget"]),
        files,
        expected,
        Shape(keys["shape"]) if "shape" in keys else None,
        tuple(value.strip() for key, value in lines if key == "needs"),
        tuple(value.strip() for key, value in lines if key == "never"),
    )


def golden_fixtures() -> list[Path]:
    """All golden fixtures, in the order of their languages and names."""
    return sorted(GOLDEN.glob("*/*.txt"))


def slice_of(fixture: Fixture, root: Path) -> tuple[Slice, tuple[Problem, ...]]:
    """The slice that is made of a fixture today."""
    return slice_at(root, fixture.files, fixture.kind, fixture.budget, fixture.shape)


def shortcomings(fixture: Fixture, result: Slice) -> list[str]:
    """What a slice lacks, and what it has though it must not, by the fixture's own `needs` and `never`."""
    lines = [_squeezed(line) for line in result.text.splitlines()]
    paths = {origin.path for origin in result.origins if origin is not None}

    def shown(wanted: str) -> bool:
        if wanted.startswith("@") and wanted[1:] in fixture.files:
            return wanted[1:] in paths
        return any(_squeezed(wanted) in line for line in lines)

    missing = [f"needs: {one}" for one in fixture.needs if not shown(one)]
    return missing + [f"never: {one}" for one in fixture.never if shown(one)]


def _squeezed(line: str) -> str:
    return " ".join(line.split())


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
    language = language_of("", path, content=content)
    assert language is not None
    syntax = parse(Text.of(content.replace("$0", "", 1)), language)
    targets = targets_at(syntax, Span(at, at))
    target = next(one for one in targets if shape is None or one.shape == shape)
    request = SliceRequest(kind, syntax, path, target, workspace, budget)
    return replace(request, cursor=at) if kind == "complete" else request


def slice_at(
    root: Path, files: Mapping[str, str], kind: str = "review", budget: int = 2000, shape: Shape | None = None
) -> tuple[Slice, tuple[Problem, ...]]:
    return build_slice(request_at(root, files, kind, budget, shape))
