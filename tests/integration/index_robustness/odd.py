"""What the tests of odd workspaces share: a workspace on disk, a slice of it, and what must hold of every slice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lanyard_analyzers.index import Index
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.slices import Slice, SliceRequest, build_slice
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_analyzers.workspace import DiskWorkspace

KINDS = ("review", "refactor", "test", "fix", "document", "complete")


class Odd:
    """A workspace in a folder, with one index that lives as long as it."""

    def __init__(self, root: Path, files: Mapping[str, str | bytes]) -> None:
        self.root = root
        for path, content in files.items():
            self.write(path, content)
        self.workspace = DiskWorkspace(root)
        self.index = Index(self.workspace)

    def write(self, path: str, content: str | bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        data = content.encode() if isinstance(content, str) else content
        (self.root / path).write_bytes(data)

    def slice(
        self, path: str, needle: str, kind: str = "review", budget: int = 2000, text: str | None = None
    ) -> tuple[Slice, list[str]]:
        """The slice of what the first `needle` of a file is in, with the messages of its problems."""
        content = text if text is not None else self.workspace.read(path)
        assert content is not None
        at = content.index(needle)
        syntax = parse(Text.of(content), language_of("", path) or "python")
        target = targets_at(syntax, Span(at, at))[0]
        cursor = at if kind == "complete" else None
        request = SliceRequest(
            kind, syntax, path, target, self.workspace, budget, index=self.index, cursor=cursor, diagnostic="no 'get'"
        )
        made, problems = build_slice(request)
        self.index.drop(path)  # the buffer is closed again
        assert made.tokens <= budget
        assert made.text or problems
        return made, [problem.message for problem in problems]

    def all_kinds(self, path: str, needle: str, budget: int = 2000) -> str:
        """The slices of all kinds, one after the other."""
        return "\n".join(self.slice(path, needle, kind, budget)[0].text for kind in KINDS)
