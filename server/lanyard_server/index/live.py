"""The workspace as an index process sees it: rules as they are now, and the stamp under which a file was read.

Owns the listing of the files and their stamps. Rules are read anew with each `refresh`, so that a changed .gitignore
counts for the very next slice. Used from one thread.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from lanyard_analyzers.workspace import Listed
from lanyard_server.tasks.ignored import RuledWorkspace, open_workspace


class LiveWorkspace:
    """Implements `Workspace` and `SaysWhy` over the disk.

    `listing` is what was listed so far; `files` gives its paths, not what a walk would find now. `read_at` are the
    stamps of the contents that were handed out. `ration` is how many characters may still be read (None: no bound);
    what was there and was not read for its sake stands in `held_back`.
    """

    def __init__(self, root: Path, patterns: Sequence[str]) -> None:
        self.root = root.resolve()
        self._text = str(self.root)
        self.patterns = tuple(patterns)
        self.listing: dict[str, Listed] = {}
        self.read_at: dict[str, str | None] = {}
        self.ration: int | None = None
        self.held_back: list[str] = []
        self._inner: RuledWorkspace = open_workspace(self.root, None, self.patterns)

    def refresh(self) -> None:
        """Read the ignore rules anew where they are asked next."""
        self._inner = open_workspace(self.root, None, self.patterns)

    @property
    def name(self) -> str:
        """See Workspace."""
        return self._inner.name

    def read(self, path: str, /) -> str | None:
        """See Workspace."""
        # Most of what resolution asks for is not there, and the rules need not be asked about that.
        stamp = self._inner.stamp(path) if os.path.lexists(f"{self._text}/{path}") else None
        if stamp is not None and self.ration is not None and self.ration <= 0:
            self.held_back.append(path)
            return None
        self.read_at[path] = stamp
        content = None if stamp is None else self._inner.read(path)
        if self.ration is not None and content is not None:
            self.ration -= len(content)
        return content

    def refusal(self, path: str, /) -> str | None:
        """See SaysWhy."""
        return self._inner.refusal(path)

    def excluded(self, path: str, /) -> str | None:
        """See SaysWhy."""
        return self._inner.excluded(path)

    def files(self) -> tuple[str, ...]:
        """The paths listed so far, in the order of the listing."""
        return tuple(self.listing)

    def walk(self) -> Iterator[Listed]:
        """The files that may be read, found on disk now; lazy."""
        return self._inner.listed()

    def stamp(self, path: str) -> str | None:
        """The stamp of a file as it is on disk now (see `Listed`); None where it is gone or may not be read."""
        return self._inner.stamp(path)
