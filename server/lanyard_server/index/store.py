"""What an index process keeps on disk between starts: records by content, and which file had which content.

Owns the file, one for each workspace in the user's cache folder. It holds names and types out of code, so it is its
user's alone. Whatever is wrong with it (no room, no rights, not a database, another format) costs a rebuild and never
an error: a store that cannot be used remembers nothing. Several processes may use one at a time. Used from one thread.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from lanyard_analyzers.index.records import FORMAT

log = logging.getLogger(__name__)

SCHEMA = 1
UNUSED_DAYS = 30
"""Days after which the store of a workspace that nobody opened is removed."""
TOTAL_BYTES = 1_000_000_000
"""All stores together; those that were not used for longest go first."""
_BUSY_S = 0.3
_KEPT = 2  # times as many records as files: contents of other branches are worth keeping, for a while
_TABLES = """
create table if not exists records (key blob primary key, crc integer not null, data blob not null) without rowid;
create table if not exists files (path text primary key, stamp text not null, key blob not null) without rowid;
"""


class Known(NamedTuple):
    """What is known of a file: its stamp (`Listed.stamp`), and the key of its content (b"" where it has no record)."""

    path: str
    stamp: str
    key: bytes


def key_of(digest: bytes, language: str) -> bytes:
    """Equal only for the same content (`pack.digest_of`) in the same language; the format is the whole store's."""
    return digest + language.encode()


def file_for(folder: Path, root: Path) -> Path:
    """The store's file for a workspace."""
    name = hashlib.blake2b(os.fsencode(os.path.realpath(root)), digest_size=12).hexdigest()
    return folder / f"{name}.sqlite"


class Store:
    """See the module. `file` None is a store that remembers nothing.

    The file is opened, and made, when it is first needed: a question before that is answered without it.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.busy = False
        """Whether the last attempt to write failed for another process that uses the file."""
        self._db: sqlite3.Connection | None = None
        self._unopened = file is not None

    @property
    def usable(self) -> bool:
        """Whether what is put here is kept."""
        return self._opened() is not None

    @property
    def is_new(self) -> bool:
        """Whether nothing is known of any file."""
        return not self._rows("select 1 from files limit 1")

    def known(self) -> dict[str, Known]:
        """Everything that is known of files, by path."""
        rows = self._rows("select path, stamp, key from files")
        try:
            return {row[0]: Known(*row) for row in rows if _sound(row)}
        except (TypeError, IndexError):
            return {}

    def records(self, keys: Sequence[bytes]) -> Iterator[tuple[bytes, bytes]]:
        """(key, record) of those keys that are here whole."""
        if self._unopened and self.file is not None and not self.file.exists():
            return
        for at in range(0, len(keys), 500):
            part = keys[at : at + 500]
            marks = ",".join("?" * len(part))
            # The statement is made of question marks alone.
            for key, crc, data in self._rows(f"select key, crc, data from records where key in ({marks})", part):  # noqa: S608
                if isinstance(data, bytes) and zlib.crc32(data) == crc:
                    yield key, data

    def all_records(self) -> Iterator[tuple[bytes, bytes]]:
        """As `records`, for every key: one run through the file is quicker than thousands of look-ups."""
        for key, crc, data in self._rows("select key, crc, data from records"):
            if isinstance(key, bytes) and isinstance(data, bytes) and zlib.crc32(data) == crc:
                yield key, data

    def put(self, files: Iterable[Known], records: Iterable[tuple[bytes, bytes]]) -> bool:
        """Remember files and records; False where that was not possible now: `busy` says whether it may be later."""
        if self.busy and self._db is None:
            self._unopened = True
        data = [(key, zlib.crc32(record), record) for key, record in records]
        return self._write(
            ("insert or replace into records values (?, ?, ?)", data),
            ("insert or replace into files values (?, ?, ?)", [tuple(file) for file in files]),
        )

    def forget(self, paths: Iterable[str]) -> None:
        """These files are not part of the workspace any more."""
        self._write(("delete from files where path = ?", [(path,) for path in paths]))

    def tidy(self) -> None:
        """Drop records of contents that no file has, once they are many; mark the store as used now."""
        counts = [row[0] for row in self._rows("select count(*) from files union all select count(*) from records")]
        if len(counts) == 2 and counts[1] > _KEPT * counts[0] + 100:
            self._write(("delete from records where key not in (select key from files)", [()]))
        if self.file is not None:
            with contextlib.suppress(OSError):
                os.utime(self.file)

    def close(self) -> None:
        """Let the file go."""
        self._unopened = self.busy = False
        db, self._db = self._db, None
        if db is not None:
            with contextlib.suppress(sqlite3.Error):
                db.close()

    def _opened(self) -> sqlite3.Connection | None:
        if self._unopened and self.file is not None:
            self._unopened = False
            self._open(self.file)
        return self._db

    def _open(self, file: Path) -> None:
        for attempt in ("as it is", "new"):
            try:
                self._db = _connected(file)
            except (sqlite3.Error, OSError) as error:
                log.debug("the store %s does not open (%s): %s", file, attempt, error)
                self.busy = _is_busy(error)
                if self.busy:
                    return
                _remove(file)
            else:
                self.busy = False
                return

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        db = self._opened()
        if db is None:
            return []
        try:
            return db.execute(statement, values).fetchall()
        except (sqlite3.Error, OverflowError, UnicodeError, MemoryError) as error:
            self._failed(error)
            return []

    def _write(self, *steps: tuple[str, Sequence[tuple[Any, ...]]]) -> bool:
        db = self._opened()
        if db is None:
            return False
        try:
            with db:
                for statement, rows in steps:
                    db.executemany(statement, rows)
        except (sqlite3.Error, OverflowError, UnicodeError) as error:
            self._failed(error)
            self.busy = _is_busy(error)
            return False
        self.busy = False
        return True

    def _failed(self, error: Exception) -> None:
        log.debug("the store failed: %s", error)
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            file = self.file
            self.close()
            if file is not None and not isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                _remove(file)
                self._open(file)


def prune(folder: Path, keep: Path, now: float | None = None) -> None:
    """Remove the stores of workspaces that nobody uses; `keep` is left alone."""
    now = time.time() if now is None else now
    found: list[tuple[float, int, Path]] = []
    with contextlib.suppress(OSError):
        for file in folder.glob("*.sqlite"):
            seen = file.stat()
            found.append((seen.st_mtime, seen.st_size, file))
    total = 0
    for used, size, file in sorted(found, reverse=True):
        total += size
        if file != keep and (now - used > UNUSED_DAYS * 86_400 or total > TOTAL_BYTES):
            _remove(file)


def _connected(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_CREAT | os.O_RDWR | getattr(os, "O_NOFOLLOW", 0), 0o600))
    if os.name == "posix":
        os.chmod(file, 0o600)
    db = sqlite3.connect(file, timeout=_BUSY_S, isolation_level="DEFERRED")
    try:
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = normal")
        version = db.execute("pragma user_version").fetchone()[0]
        wanted = SCHEMA * 1_000_000 + FORMAT
        if version != wanted:
            # An older or newer Lanyard's: it is only a cache.
            db.executescript("drop table if exists files; drop table if exists records;")
        db.executescript(_TABLES)
        if version != wanted:
            db.execute(f"pragma user_version = {wanted}")
            db.commit()
        db.execute("select count(*) from files").fetchone()
    except BaseException:
        db.close()
        raise
    return db


def _is_busy(error: Exception) -> bool:
    return isinstance(error, sqlite3.OperationalError) and ("locked" in str(error) or "busy" in str(error))


def _sound(row: tuple[Any, ...]) -> bool:
    path, stamp, key = row
    return isinstance(path, str) and isinstance(stamp, str) and isinstance(key, bytes)


def _remove(file: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(OSError):
            file.with_name(file.name + suffix).unlink()
