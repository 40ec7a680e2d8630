"""What the tests of kinds share: a scene made by hand out of a workspace in one text, and what was found in it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from lanyard_analyzers.index import Index
from lanyard_analyzers.resolve import Resolver
from lanyard_analyzers.slices.callers import sites
from lanyard_analyzers.slices.kinds import of_kind
from lanyard_analyzers.slices.scene import Candidate, Scene
from lanyard_analyzers.slices.uses import uses_in
from lanyard_analyzers.targets import Shape
from unit.analyzers.slicing import request_at


def files_of(text: str) -> dict[str, str]:
    """Files out of a text in which a line `--- path` begins each."""
    files: dict[str, str] = {}
    path = ""
    for line in textwrap.dedent(text).lstrip("\n").splitlines(keepends=True):
        if line.startswith("--- "):
            path = line[4:].strip()
            files[path] = ""
        else:
            files[path] += line
    return files


def scene_at(root: Path, text: str, kind: str = "refactor", shape: Shape | None = None, **more: Any) -> Scene:
    """The scene of what the cursor `$0` is in."""
    request = replace(request_at(root, files_of(text), kind=kind, shape=shape), **more)
    index = request.index or Index(request.workspace)
    index.put(request.path, request.syntax)
    file = index.file(request.path)
    assert file is not None
    span = request.target.span
    first, last = file.text.line_of(span.start), file.text.line_of(max(span.start, span.end - 1))
    own = next((one for one in file.symbols if (one.first, one.last) == (first, last) and one.shape != "value"), None)
    uses = uses_in(request.syntax, span, request.diagnostic or "")
    return Scene(request, index, Resolver(index), file, uses, (first, last), own)


def called_from(scene: Scene) -> list[str]:
    """`path: line` of the call sites of the target, in their order."""
    assert scene.own is not None
    return [
        f"{site.file.path}: {site.file.text.line_text(use.line).strip()}"
        for site in sites(scene, scene.own)
        for use in site.uses
    ]


def shown(candidates: Iterable[Candidate]) -> dict[str, list[str]]:
    """What candidates would show at most, by why they are there: each as `path: line | line`."""
    found: dict[str, list[str]] = {}
    for one in candidates:
        lines = [one.file.text.line_text(line).strip() for line in sorted(one.options[-1].lines) if line >= 0]
        found.setdefault(one.why, []).append(f"{one.file.path}: " + " | ".join(line for line in lines if line))
    return found


def gathered(scene: Scene) -> tuple[dict[str, list[str]], tuple[str, ...]]:
    """What the kind of a scene's request asks for, and its notes."""
    candidates, notes = of_kind(scene)
    return shown(candidates), notes
