"""The SQLite file behind the queue: one thread, one connection, and what is said when it fails.

Owns opening, migrating, transactions, moving a damaged file aside, and the mapping of SQLite's errors to one line.
Knows no tasks but for `salvage`, which copies what a damaged file still gives.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sqlite3
import stat
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from filelock import FileLock, Timeout

from lanyard_routing.queue.schema import TooNew, migrate
from lanyard_routing.router import QueueRefused

_log = logging.getLogger(__name__)

T = TypeVar("T")
P = ParamSpec("P")

BUSY_S = 5.0
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_TABLES = ("body", "reply", "task")


class Store:
    """A database file. All work runs in one thread of its own, so that the event loop never waits for a disk.

    `told` is called in that thread with one line when a damaged file was moved aside.
    """

    def __init__(self, path: Path, told: Callable[[str], None], *, busy_s: float = BUSY_S) -> None:
        self.path = path
        self.opened = 0  # how often; counted in the thread
        self._told = told
        self._busy_s = busy_s
        self._db: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lanyard-queue")
        self._closed = False
        self._lock = FileLock(f"{path}.lock", timeout=busy_s, mode=0o600, thread_local=False)

    async def run(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `work(connection, ...)` in the thread; raises QueueRefused. Once begun it ends, cancelled or not."""
        if self._closed:
            raise QueueRefused("the queue is closed")
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: self._guarded(lambda db: work(db, *args, **kwargs))
        )

    async def close(self) -> None:
        """Close the file; work that comes later is refused."""
        if not self._closed:
            self._closed = True
            await asyncio.get_running_loop().run_in_executor(self._thread, self._drop)
            self._thread.shutdown(wait=False)

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            try:
                return work(self._open())
            except sqlite3.DatabaseError as error:
                if not _is_damaged(error):
                    raise
                self._move_aside()
                return work(self._open())
        except TooNew:
            self._drop()
            raise QueueRefused(
                f"the queue {self.path} was written by a newer Lanyard; update this one, or restart this editor"
            ) from None
        except sqlite3.Error as error:
            if self._db is not None and self._db.in_transaction:
                with contextlib.suppress(sqlite3.Error):
                    self._db.execute("ROLLBACK")
            if not isinstance(error, sqlite3.OperationalError) or _code(error) == sqlite3.SQLITE_CANTOPEN:
                self._drop()
            raise QueueRefused(_say(self.path, error)) from error
        except UnicodeEncodeError:
            raise QueueRefused("a name with half a character in it has no place in the queue; correct it") from None
        except Timeout:
            raise QueueRefused(f"the queue {self.path} is held by another process; close other editors") from None
        except OSError as error:
            raise QueueRefused(f"the queue {self.path} cannot be opened: {error.strerror or error}") from error

    def _open(self) -> sqlite3.Connection:
        if self._db is not None:
            # Another process may have moved a damaged file away; what we wrote into that one would be lost.
            with contextlib.suppress(OSError):
                if _identity(self.path) == self._file:
                    return self._db
            self._drop()
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _close_to_others(self.path.parent)
        with self._lock:  # two processes that turn a new file to WAL at once would find it locked
            self._db = self._connect()
            self.opened += 1
            self._file = _identity(self.path)
        return self._db

    def _connect(self) -> sqlite3.Connection:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))  # it will hold code
        db = sqlite3.connect(self.path, timeout=self._busy_s, isolation_level=None, check_same_thread=False)
        try:
            db.row_factory = sqlite3.Row
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            db.execute("PRAGMA secure_delete = FAST")  # prompts hold code
            migrate(db)
        except BaseException:
            db.close()
            raise
        return db

    def _drop(self) -> None:
        if self._db is not None:
            with contextlib.suppress(sqlite3.Error):
                self._db.close()
        self._db = self._file = None

    def _move_aside(self) -> None:
        self._drop()
        with self._lock:
            if not _damaged_file(self.path):
                return  # another process was quicker
            aside = self.path.with_name(f"{self.path.stem}.damaged-{time.time_ns()}{self.path.suffix}")
            for ending in ("-wal", "-shm", ""):
                with contextlib.suppress(FileNotFoundError):
                    os.replace(f"{self.path}{ending}", f"{aside}{ending}")
            saved = salvage(aside, self._open())
        self._told(f"the queue was damaged and is now kept as {aside}; a new one was begun with {saved} of its tasks")


@contextlib.contextmanager
def transaction(db: sqlite3.Connection) -> Generator[None]:
    """All or nothing. Takes the write lock at once, so that it cannot fail half-way for a lock."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def salvage(damaged: Path, into: sqlite3.Connection) -> int:
    """Copy the tasks that a damaged file still gives; how many."""
    kept: list[dict[str, dict[str, object]]] = []
    try:
        source = sqlite3.connect(f"{damaged.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
    except sqlite3.Error:
        return 0
    with contextlib.closing(source):
        source.row_factory = sqlite3.Row
        for seq in _readable_numbers(source):
            with contextlib.suppress(sqlite3.Error, TypeError, KeyError):  # a row that is gone, or not one of ours
                task = dict(source.execute("SELECT * FROM task WHERE seq = ?", (seq,)).fetchone())
                body = dict(source.execute("SELECT * FROM body WHERE id = ?", (task["id"],)).fetchone() or {})
                reply = dict(source.execute("SELECT * FROM reply WHERE id = ?", (task["id"],)).fetchone() or {})
                if body:
                    kept.append({"body": body, "reply": reply, "task": task})
    saved = 0
    for row in kept:
        with contextlib.suppress(sqlite3.Error), transaction(into):
            for table in _TABLES:
                values = row[table]
                if values:
                    names, marks = ", ".join(values), ", ".join("?" * len(values))
                    into.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))  # noqa: S608
            saved += 1
    return saved


def _readable_numbers(source: sqlite3.Connection) -> list[int]:
    numbers: list[int] = []
    for order in ("", " DESC"):  # from both ends, up to the damage
        with contextlib.suppress(sqlite3.Error):
            for row in source.execute(f"SELECT seq FROM task NOT INDEXED ORDER BY seq{order}"):  # noqa: S608
                numbers.append(row[0])  # noqa: PERF401  what came before an error counts
    return sorted(set(numbers))


def _close_to_others(folder: Path) -> None:
    """Whoever made a folder inside this one first made this one readable for all; chats and diffs are kept here too."""
    if os.name == "posix":
        with contextlib.suppress(OSError):
            if stat.S_IMODE(folder.stat().st_mode) & 0o077:
                folder.chmod(0o700)


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _damaged_file(path: Path) -> bool:
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            return db.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok"
    except sqlite3.DatabaseError as error:
        return _is_damaged(error)


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _is_damaged(error: sqlite3.Error) -> bool:
    return _code(error) in _DAMAGED


def _say(path: Path, error: sqlite3.Error) -> str:
    match _code(error):
        case sqlite3.SQLITE_FULL:
            return f"the disk that holds the queue {path} is full; free some space and try again"
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return f"the queue {path} cannot be written; check the permissions of the file and its folder"
        case sqlite3.SQLITE_CANTOPEN:
            return f"the queue {path} cannot be opened; check the permissions of its folder"
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"the queue {path} is locked by another process for too long; try again, or close other editors"
        case sqlite3.SQLITE_IOERR:
            return f"the queue {path} cannot be written or read ({error}); check that its disk is well and not full"
        case _:
            _log.error("queue %s: %r", path, error)
            return f"the queue {path} failed ({error}); `lanyard doctor` says more"
