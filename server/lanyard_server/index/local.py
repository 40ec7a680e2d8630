"""The index for a single command: what the store of the workspace has, else what a look at the workspace gives.

Owns one question without an index process. Where there is no store, a small workspace is read whole for the question
alone; of a larger one the files that hold the target's name are, as many as there is time for, so that its callers are
found. Nothing is written.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from lanyard_analyzers.index.build import indexed
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.resolve.rules import rules_of
from lanyard_analyzers.slices import SliceRequest
from lanyard_analyzers.workspace import DiskWorkspace, Listed
from lanyard_server.index.answers import Answers, Build, Made
from lanyard_server.index.buffers import Buffers
from lanyard_server.index.extraction import extracted
from lanyard_server.index.live import LiveWorkspace
from lanyard_server.index.shelf import Shelf
from lanyard_server.index.store import Store

_SMALL = 4_000_000
"""Bytes of source that are read whole: about a second."""
_SEARCHED = 40_000_000
"""Bytes that are searched for a name: about a second, too."""
_MOST = 200
"""Files that are read because they hold the name."""
_NAME = re.compile(r"[^\W\d][\w$]*")


class LocalIndex:
    """The index of a workspace as its store has it. Files that changed since are read again when they are shown.

    `told` says where the index comes from.
    """

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
        self.told = f"{len(known)} files known from the store"
        self.index = self._shelf.index

    def ask(self, build: Build, request: SliceRequest) -> Made:
        """What `build` makes of a request, true of the files as they are now."""
        if not self.records:
            self._look(request)
        return Answers(self._shelf, Buffers()).true(build, request) or build(request)

    def close(self) -> None:
        """Let the store go."""
        self._shelf.store.close()

    def _look(self, request: SliceRequest) -> None:
        """Read what a question may need of a workspace that nothing is known of."""
        files = list(indexed(self.live.listing.values()))
        disk = DiskWorkspace(self.live.root)
        if sum(one.size for one in files) <= _SMALL:
            for one in files:
                self._shelf.take(extracted(disk, one))
            self.told = f"no store: {len(files)} files read"
            return
        names = _names(request)
        found = 0
        for one in _holding(disk, _near(files, request.path), names) if names else ():
            self._shelf.take(extracted(disk, one))
            found += 1
            if found >= _MOST:
                break
        named = f", and {found} that hold {' or '.join(sorted(names))}" if names else ""
        self.told = f"no store: read what was asked for{named}"


def _names(request: SliceRequest) -> frozenset[str]:
    """What a target is called by: its own name, for a constructor its class's."""
    if request.kind == "complete":
        return frozenset()
    parts = _NAME.findall(request.target.name)
    constructs = len(parts) > 1 and parts[-1] in rules_of(request.syntax.language).constructors
    return frozenset(parts[-2:-1] if constructs else parts[-1:])


def _near(files: Sequence[Listed], path: str) -> list[Listed]:
    """Files by how much of their directories they share with a path, those of its language first."""
    own, language = posixpath.dirname(path).split("/"), language_of("", path)

    def place(one: Listed) -> tuple[bool, int, str]:
        parts = posixpath.dirname(one.path).split("/")
        shared = 0
        for here, there in zip(own, parts, strict=False):
            if here != there:
                break
            shared += 1
        return language_of("", one.path) != language, len(own) + len(parts) - 2 * shared, one.path

    return sorted(files, key=place)


def _holding(disk: DiskWorkspace, files: Sequence[Listed], names: frozenset[str]) -> Iterator[Listed]:
    """Those of the files whose texts hold one of the names."""
    looked = 0
    for one in files:
        looked += one.size
        if looked > _SEARCHED:
            return
        content = disk.read_listed(one.path)
        if content is not None and any(name in content for name in names):
            yield one
