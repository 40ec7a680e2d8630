"""The index of an index process, with what stands behind each record: a stamp of the disk, a buffer, the store.

Owns the one rule that makes a slice true: a record counts while its file has the stamp that it was made from. Decides
neither when files are looked at (`upkeep.py`) nor what is asked (`answers.py`). Used from one thread.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable
from contextlib import contextmanager

import msgspec

from lanyard_analyzers.index.build import Extracted
from lanyard_analyzers.index.extract import extract
from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.pack import Packed, digest_of, unpack
from lanyard_analyzers.index.records import FileRecord
from lanyard_analyzers.index.sketch import Sketch
from lanyard_analyzers.syntax import Syntax
from lanyard_server.index.live import LiveWorkspace
from lanyard_server.index.store import Known, Store, key_of

_FLUSH = 200
"""Records that are brought to the store at a time; one transaction each is what makes it slow."""
_WAITING = 2_000
"""Records that wait for a busy store at most, the newest: 10 MB. The others are read again at the next start."""
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Packed)


class Shelf:
    """Records by path, in memory and in the store."""

    def __init__(self, live: LiveWorkspace, store: Store) -> None:
        self.live, self.store = live, store
        self.index = Index(live, self._extracted, filled_by="feed")
        self.buffers: set[str] = set()
        self.complete = False  # whether a question was ever answered from all files; `upkeep.py` says so
        self._made_from: dict[str, str] = {}
        self._files: dict[str, Known] = {}  # what waits for the store, and what it holds: in the order of coming
        self._records: dict[bytes, bytes] = {}
        self._flush_at = _FLUSH

    @property
    def known(self) -> int:
        """How many files have a record, or are known to have none."""
        return len(self._made_from)

    def has(self, path: str, stamp: str) -> bool:
        """Whether the record of a file stands for that stamp."""
        return stamp != "" and self._made_from.get(path) == stamp

    def take(self, file: Extracted) -> None:
        """A file was read: by a helper, or by this process."""
        self._feed(file)
        key = b""
        if file.packed is not None:
            key = key_of(file.packed.digest, file.packed.language)
            self._records[key] = _encoder.encode(file.packed)
        self._files.pop(file.path, None)
        self._files[file.path] = Known(file.path, file.stamp, key)
        if len(self._files) >= self._flush_at:
            self.flush()

    def expect(self, sketch: Sketch) -> None:
        """A file was sketched: questions are answered from that until it is read."""
        if sketch.path not in self._made_from:
            self.index.expect(sketch)

    def load(self, path: str, stamp: str, record: bytes) -> bool:
        """Let what the store has stand for a file; b"" where it has no record. False where that is no record."""
        try:
            packed = _decoder.decode(record) if record else None
        except (msgspec.DecodeError, ValueError):
            return False
        self._feed(Extracted(path, stamp, packed))
        return True

    def remove(self, paths: Iterable[str]) -> None:
        """These files are gone, or not ours to look at any more."""
        gone = list(paths)
        for path in gone:
            self.live.listing.pop(path, None)
            self._files.pop(path, None)
            self.renew(path)
        self.store.forget(gone)

    @contextmanager
    def rationed(self, size: int) -> Generator[None]:
        """Let only so many characters of unread files be read for one question; what it did without is told anew."""
        self.live.ration = size
        try:
            yield
        finally:
            self.live.ration = None
            self.index.retell(self.live.held_back)
            self.live.held_back.clear()

    def renew(self, path: str) -> None:
        """A file has changed: what is known of it is void, and is read again when it is asked for."""
        self._made_from.pop(path, None)
        self.live.read_at.pop(path, None)
        if path not in self.buffers:
            self.index.forget(path)

    def lay(self, path: str, syntax: Syntax) -> None:
        """A buffer stands for a file."""
        self.buffers.add(path)
        self.index.put(path, syntax)

    def lift(self, path: str) -> None:
        """The file on disk counts again."""
        if path in self.buffers:
            self.buffers.discard(path)
            if path not in self._made_from or not self.index.withdraw(path):
                self.index.drop(path)
                self.renew(path)

    def stale(self, paths: Iterable[str], *, unless_unsettled: Collection[str] = ()) -> list[str]:
        """Which of these files are not what the index knows, or may not be shown (any more), by the disk of now.

        A file that was written a moment ago is, since its stamp says nothing yet; `unless_unsettled` were read since.
        """
        return [path for path in paths if not self._holds(path, unless_unsettled)]

    def flush(self) -> None:
        """Bring to the store what waits for it. While another process writes there, it goes on waiting."""
        if not self._files:
            return
        if self.store.put(self._files.values(), self._records.items()) or not self.store.busy:
            self._files, self._records, self._flush_at = {}, {}, _FLUSH
            return
        kept = [*self._files.values()][-_WAITING:]
        self._files = {one.path: one for one in kept}
        self._records = {one.key: self._records[one.key] for one in kept if one.key in self._records}
        self._flush_at = len(kept) + _FLUSH  # each try waits for the other process

    def _holds(self, path: str, read: Collection[str]) -> bool:
        if path in self.buffers:
            return self.live.excluded(path) is None
        now = self.live.stamp(path)
        if now == "":
            return path in read
        return bool(now) and self._made_from.get(path, now) == now and self.live.read_at.get(path, now) == now

    def _feed(self, file: Extracted) -> None:
        self._made_from[file.path] = file.stamp
        self.index.feed(file)

    def _extracted(self, content: str, language: str) -> FileRecord:
        """For a file that is asked for before its turn: from the store where the content is known."""
        for _, data in self.store.records([key_of(digest_of(content), language)]):
            try:
                return unpack(_decoder.decode(data))
            except (msgspec.MsgspecError, ValueError):
                break
        return extract(content, language)
