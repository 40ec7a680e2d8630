"""The index for a single command: what the store of the workspace has, and nothing built.

Owns one question without an index process. Where there is no store, the open file and what it imports are read for
the question alone. Nothing is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lanyard_analyzers.slices import SliceRequest
from lanyard_analyzers.workspace import Listed
from lanyard_server.index.answers import Answers, Build, Made
from lanyard_server.index.buffers import Buffers
from lanyard_server.index.live import LiveWorkspace
from lanyard_server.index.shelf import Shelf
from lanyard_server.index.store import Store


class LocalIndex:
    """The index of a workspace as its store has it. Files that changed since are read again when they are shown."""

    def __init__(self, root: Path, patterns: Sequence[str], store: Path) -> None:
        self.live = LiveWorkspace(root, patterns)
        # A store that is not there is not made: an index process does that.
        self._shelf = Shelf(self.live, Store(store if store.is_file() else None))
        known, records = self._shelf.store.known(), dict(self._shelf.store.all_records())
        for path, stamp, key in known.values():
            if self._shelf.load(path, stamp, records.get(key, b"")):
                self.live.listing[path] = Listed(path, 0, stamp)
        if not known:
            self.live.listing = {one.path: one for one in self.live.walk()}
        self.records = len(known)
        self.index = self._shelf.index

    def ask(self, build: Build, request: SliceRequest) -> Made:
        """What `build` makes of a request, true of the files as they are now."""
        return Answers(self._shelf, Buffers()).true(build, request) or build(request)

    def close(self) -> None:
        """Let the store go."""
        self._shelf.store.close()
