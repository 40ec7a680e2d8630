"""Keeping the index up with the disk, in steps of a few milliseconds between which questions are answered.

Owns the order: list the files, take the records of those that have not changed from the store, sketch the others so
that each question has its full answer soon, read them (in helpers and here), then look at what changed now and then.
The process decides when a step is made (`host.py`).
"""

from __future__ import annotations

import gc
import posixpath
import time
from collections.abc import Iterable, Iterator
from typing import Literal

from lanyard_analyzers.ignore import GIT_IGNORE, LANYARD_IGNORE
from lanyard_analyzers.index.build import Extracted
from lanyard_analyzers.index.sketch import has_sketch, sketch_file
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.workspace import DiskWorkspace, Listed
from lanyard_server.index.extraction import extracted
from lanyard_server.index.pool import Pool
from lanyard_server.index.shelf import Shelf
from lanyard_server.index.store import prune

LOOK_S = 10.0
"""Seconds between two walks of the workspace, for what no editor tells."""
_LOOK_SHARE = 200  # and at least so many times what the last walk took, so that it is half a percent of a core at most
_FEW = 40  # files that are read here, without helpers
_OWN_MOST = 60_000  # bytes of a file that this process reads itself while it has helpers
_STEP = 64  # files between two looks at the questions
_STEP_BYTES = 100_000  # of files that are sketched between two looks: 3 ms

Step = Literal["more", "wait"]
State = Literal["listing", "building", "ready"]
Share = Literal["reads too", "helpers first", "helpers only"]
"""Whether this process extracts files itself: beside the helpers, where none can be had, or never."""


class Upkeep:
    """See the module. `steps` never ends."""

    def __init__(self, shelf: Shelf, pool: Pool, *, share: Share) -> None:
        self.state: State = "listing"
        self.ready_after = self.complete_after = 0.0
        self._begun = time.monotonic()
        self._shelf, self._pool, self._share = shelf, pool, share
        self._live, self._store = shelf.live, shelf.store
        self._touched: dict[str, None] = {}
        self._unread: dict[str, Listed] = {}
        self._unknown: set[str] = set()
        self._left: dict[str, str] = {}  # what stays unread, by the stamp of its sketch
        self._walking = False
        self._look_at = 0.0

    def touched(self, paths: Iterable[str]) -> None:
        """Somebody says that these files changed; none named: anything may have."""
        named = dict.fromkeys(paths)
        self._touched.update(named)
        if not named:
            self._look_at = 0.0

    def taken(self, file: Extracted) -> None:
        """A helper has read a file, or did not survive it."""
        if file.path in self._live.listing:
            self._take(file)

    def _take(self, file: Extracted) -> None:
        self._shelf.take(file)
        self._known(file.path)

    def _known(self, path: str) -> None:
        """A question about the whole workspace is answered as if the file had been read."""
        self._unknown.discard(path)
        if not self._unknown and not self.complete_after:
            self.complete_after = time.monotonic() - self._begun
            self._shelf.complete = True

    def steps(self) -> Iterator[Step]:
        """Do the next piece of work at each `next`; "wait" where there is none for now."""
        while True:
            if time.monotonic() > self._look_at:
                begun = time.process_time()
                yield from self._list()
                cost = time.process_time() - begun
                yield from self._catch_up()
                self._ready()
                self._look_at = time.monotonic() + max(LOOK_S, _LOOK_SHARE * cost)
            elif self._touched:
                yield from self._follow()
            elif self._unread:
                todo, self._unread = list(self._unread.values()), {}
                yield from self._read(todo)
                self._shelf.flush()
            else:
                yield "wait"

    def _list(self) -> Iterator[Step]:
        live, found = self._live, dict[str, Listed]()
        live.refresh()
        self._touched, self._unread = {}, {}
        self._walking = True
        first = not live.listing
        if first and self.state == "listing" and self._store.is_new:
            self._pool.prepare()  # their start takes as long as the listing
        for number, one in enumerate(live.walk()):
            found[one.path] = one
            if first:
                live.listing[one.path] = one
            if number % _STEP == 0:
                yield "more"
        if found.keys() != live.listing.keys() or first:
            self._shelf.remove([path for path in live.listing if path not in found])
            live.listing = found
            self._shelf.index.list()
        live.listing = found
        self._walking = False
        yield "more"

    def _catch_up(self) -> Iterator[Step]:
        """Bring each listed file's record up to its stamp: from the store if it can be, else by reading it."""
        if self.state == "listing":
            self.state = "building"
        shelf = self._shelf
        behind = [one for one in self._live.listing.values() if not self._settled(one)]
        if not behind:
            return
        known = self._store.known()
        yield "more"
        same = {one.path: kept for one in behind if (kept := known.get(one.path)) and kept.stamp == one.stamp != ""}
        keys = [kept.key for kept in same.values() if kept.key]
        # One run through the file is quicker than thousands of look-ups.
        records = dict(self._store.all_records() if len(keys) > _FEW else self._store.records(keys))
        yield "more"
        todo: list[Listed] = []
        for number, one in enumerate(behind):
            kept = same.get(one.path)
            record = b"" if kept is None else records.get(kept.key, b"")
            if language_of("", one.path) is None:
                shelf.load(one.path, one.stamp, b"")
            elif kept is None or (kept.key and not record) or not shelf.load(one.path, one.stamp, record):
                shelf.renew(one.path)
                todo.append(one)
            if number % _STEP == 0:
                yield "more"
        del records
        yield from self._read(todo)

    def _settled(self, one: Listed) -> bool:
        return self._shelf.has(one.path, one.stamp) or (one.stamp != "" and self._left.get(one.path) == one.stamp)

    def _read(self, todo: list[Listed]) -> Iterator[Step]:
        workspace = DiskWorkspace(self._live.root)
        if len(todo) <= _FEW and self._share == "reads too":
            for one in todo:
                self._take(extracted(workspace, one))
                yield "more"
            return
        near = {posixpath.dirname(path) for path in self._shelf.buffers}
        # What nobody has a sketch of comes early: until it is read, questions are not answered in full
        todo.sort(key=lambda one: (posixpath.dirname(one.path) not in near, has_sketch(one.path)))
        self._unknown = {one.path for one in todo}
        self._pool.add(todo)
        yield from self._sketch(workspace, todo)
        while self._pool.busy:
            alone = self._pool.alone
            one = self._pool.take_back() if alone or self._share == "reads too" else None
            if one is not None and (alone or one.size <= _OWN_MOST):
                # Where one of these files may have ended the process before this one, they stay unread this time.
                if self._share == "helpers only":
                    self._left[one.path] = one.stamp
                else:
                    self._take(extracted(workspace, one))
                yield "more"
                continue
            if one is not None:
                self._pool.add([one])
            yield "wait"
        self._pool.close()

    def _sketch(self, workspace: DiskWorkspace, todo: list[Listed]) -> Iterator[Step]:
        """Sketch files while helpers read them, the last ones first."""
        size = 0
        for one in reversed(todo):
            if self._shelf.has(one.path, one.stamp):
                continue
            found = sketch_file(workspace, one)
            if found is not None and one.path in self._live.listing:
                self._shelf.expect(found)
                self._known(one.path)
            size += one.size
            if size > _STEP_BYTES:
                size = 0
                yield "more"

    def settle(self) -> None:
        """Take in what was said of a few files, before a question is answered; they are read when they are needed."""
        if self._touched and len(self._touched) <= _FEW:
            for path in self._touched:
                self._notice(path)
            if not self._walking:  # a walk ends with what it saw, which may be older: they are looked at again then
                self._touched = {}

    def _follow(self) -> Iterator[Step]:
        """Look at files that somebody named, and read those that changed."""
        named, self._touched = list(self._touched), {}
        self._live.refresh()
        for path in named:
            self._notice(path)
            yield "more"

    def _notice(self, path: str) -> None:
        """See what became of a file; it is read later."""
        live, shelf = self._live, self._shelf
        stamp, before = live.stamp(path), live.listing.get(path)
        if posixpath.basename(path) in {GIT_IGNORE, LANYARD_IGNORE} or (before is None and stamp is None):
            self._look_at = 0.0  # rules, or a directory
        if stamp is None:
            shelf.remove(known for known in list(live.listing) if (known + "/").startswith(path + "/"))
            shelf.index.list()
        elif before is None or not stamp or before.stamp != stamp:
            live.listing[path] = one = Listed(path, 0, stamp)
            shelf.renew(path)
            if before is None:
                shelf.index.list()
            if language_of("", path) is not None:
                self._unread[path] = one

    def _ready(self) -> None:
        self._shelf.flush()
        if self.state == "ready":
            return
        self.state = "ready"
        self._pool.close()
        self.ready_after = time.monotonic() - self._begun
        self.complete_after = self.complete_after or self.ready_after
        self._shelf.complete = True
        self._store.tidy()
        if self._store.file is not None:
            prune(self._store.file.parent, self._store.file)
        # What is here stays: no collection need look at all of it again.
        gc.collect()
        gc.freeze()
