"""Reading workspace files within the ignore rules: the only place where the analyzers touch the disk.

Owns which file may be read, how its bytes become text, and a bounded cache of texts. It must not parse, and it must
not raise for any path: what cannot be read is `None`, and `refusal` says why.
"""

from __future__ import annotations

import os
import stat
import time
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import NamedTuple, Protocol, runtime_checkable

from lanyard_analyzers.ignore import IgnoreRules

READ_LIMIT = 1_000_000
"""Bytes; a larger file is generated or data, and would fill no slice with sense."""
FILES_LIMIT = 100_000
"""Paths that `files` gives at most, and directory entries / 10 that it looks at."""
_CACHE_LIMIT = 8_000_000
_SETTLED_NS = 100_000_000
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_NO_FOLLOW: int = getattr(os, "O_NOFOLLOW", 0)
_UNUSUAL = frozenset({"", ".", ".."})


class Workspace(Protocol):
    """What a slice may read. Paths are posix and relative to the root; ignored files are absent."""

    @property
    def name(self) -> str: ...
    def read(self, path: str, /) -> str | None: ...
    def files(self) -> Iterable[str]: ...


class Listed(NamedTuple):
    """A file of a workspace: its size in bytes, and a stamp that is the same again only while the file is unchanged
    (empty: nothing can be said)."""

    path: str
    size: int
    stamp: str


@runtime_checkable
class SaysWhy(Protocol):
    """A workspace that can say in a clause why it refuses a path (`excluded`: whether or not the file is there)."""

    def refusal(self, path: str, /) -> str | None: ...
    def excluded(self, path: str, /) -> str | None: ...


class DiskWorkspace:
    """The files below `root`, with the unsaved buffers of the editor laid over them.

    Make one for each task: its ignore rules are those of the moment in which a directory is first asked about.
    `overlays` maps paths to contents; an overlay of an ignored file stays unreadable.
    """

    def __init__(self, root: Path, overlays: Mapping[str, str] | None = None) -> None:
        self._root = root.resolve()
        self._root_text = os.path.realpath(root)
        self._overlays = dict(overlays or {})
        self._rules = IgnoreRules(self._root)
        self._directories: dict[str, str] = {}

    @property
    def name(self) -> str:
        """The name of the root directory, for messages."""
        return self._root.name

    def read(self, path: str, /) -> str | None:
        """The text of a file, or None when it is ignored, absent, binary, larger than 1 MB or outside the root."""
        if path not in self._overlays and not (_is_plain(path) and os.path.exists(f"{self._root_text}/{path}")):
            return None  # soon: what is asked for and absent is mostly a guess of where an import leads
        return self._look(path)[0]

    def read_listed(self, path: str, /) -> str | None:
        """Like `read`, for a path that `listed` has just given: the rules need not be asked again."""
        real = f"{self._root_text}/{path}"
        if not _NO_FOLLOW or path in self._overlays or os.path.islink(real):
            return self.read(path)
        return _read(real, _NO_FOLLOW)[0]

    def refusal(self, path: str, /) -> str | None:
        """Why `read(path)` gives None, as a clause ("excluded by .gitignore (*.log)"); None when it can be read."""
        return self._look(path)[1]

    def excluded(self, path: str, /) -> str | None:
        """Why the path may not be looked at, whether or not the file is there; None when it may."""
        return self._place(path)[1]

    def files(self) -> Iterator[str]:
        """Paths that may be read, directory by directory in the order of names; symlinks are not followed.

        Unsaved new files come first. Lazy, and bounded by `FILES_LIMIT`.
        """
        for path in sorted(self._overlays):
            if not (self._root / path).exists() and self._place(path)[1] is None:
                yield path
        for path, _ in self._walk():
            yield path

    def listed(self) -> Iterator[Listed]:
        """Like `files`, of what is on the disk alone, with what tells whether a file has changed since."""
        now = time.time_ns()
        for path, entry in self._walk():
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            yield Listed(path, found.st_size, _stamp(found, now))

    def stamp(self, path: str, /) -> str | None:
        """What `listed` gives for a path now; None where there is no plain file or it may not be read."""
        real = self._place(path)[0]
        try:
            found = os.lstat(real) if real is not None else None
        except (OSError, ValueError):
            return None
        return _stamp(found, time.time_ns()) if found is not None and stat.S_ISREG(found.st_mode) else None

    def _walk(self) -> Iterator[tuple[str, os.DirEntry[str]]]:
        given = looked = 0
        pending = [""]
        while pending:
            directory = pending.pop()
            entries = _entries(f"{self._root_text}/{directory}")
            if directory and self._rules.enter(directory, entries) is not None:
                continue
            below: list[str] = []
            for name, entry in sorted(entries.items()):
                looked += 1
                if given >= FILES_LIMIT or looked >= FILES_LIMIT * 10:
                    return
                path = f"{directory}/{name}" if directory else name
                kind = _kind(entry)
                if kind == "directory":
                    below.append(path)
                elif kind == "file" and self._rules.why(path) is None:
                    yield path, entry
                    given += 1
            pending += reversed(below)

    def _look(self, path: str) -> tuple[str | None, str | None]:
        real, why = self._place(path)
        if real is None:
            return None, why
        if path in self._overlays:
            return self._overlays[path], None
        return _read(real)

    def _place(self, path: str) -> tuple[str | None, str | None]:
        """(the real path, None), or (None, why it may not be looked at)."""
        if not _is_plain(path):
            return None, "outside the workspace"
        excluded = self._rules.why(path)
        if excluded is not None:
            return None, f"excluded by {excluded}"
        named = os.path.join(self._root_text, *path.split("/"))
        try:
            real = self._real(named)
        except (OSError, ValueError):
            return None, "not a path of this machine"
        if real == named:
            return real, None
        place = Path(real)
        if not place.is_relative_to(self._root):
            return None, "a link that leaves the workspace"
        excluded = self._rules.why(place.relative_to(self._root).as_posix())
        return (real, None) if excluded is None else (None, f"a link to a file excluded by {excluded}")

    def _real(self, named: str) -> str:
        """Where a path really lies; the places of directories are remembered, as their rules are."""
        directory, name = os.path.split(named)
        known = self._directories.get(directory)
        if known is None:
            known = self._directories[directory] = os.path.realpath(directory)
        place = os.path.join(known, name)
        return os.path.realpath(named) if os.path.islink(place) else place


def _is_plain(path: str) -> bool:
    """Whether a path is relative, posix and normal: no `..`, no drive, no backslash, no empty part."""
    if not path or "\\" in path or "\0" in path or path[1:2] == ":":
        return False
    return _UNUSUAL.isdisjoint(path.split("/"))


def _entries(directory: str) -> dict[str, os.DirEntry[str]]:
    """The entries of a directory by name; unprintable names are left out."""
    try:
        with os.scandir(directory) as entries:
            return {entry.name: entry for entry in entries if entry.name.isprintable() and "\\" not in entry.name}
    except OSError:
        return {}


def _kind(entry: os.DirEntry[str]) -> str:
    try:
        if entry.is_file(follow_symlinks=False):
            return "file"
        return "directory" if entry.is_dir(follow_symlinks=False) else ""
    except OSError:
        return ""


def _stamp(found: os.stat_result, now: int) -> str:
    """Empty for a file changed this very moment: it can change again within one tick of its time stamp."""
    if now - found.st_mtime_ns <= _SETTLED_NS:
        return ""
    return f"{found.st_mtime_ns}.{found.st_ctime_ns}.{found.st_size}.{found.st_ino}"


def _read(path: str, flags: int = 0) -> tuple[str | None, str | None]:
    try:
        # Non-blocking, and checked after opening: a named pipe would hold the reader for ever
        descriptor = os.open(path, _FLAGS | flags)
    except (OSError, ValueError) as error:
        return None, "not there" if isinstance(error, FileNotFoundError) else "not readable"
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return None, "not a plain file"
        if found.st_size > READ_LIMIT:
            return None, f"larger than {READ_LIMIT // 1_000_000} MB"
        key = (path, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)
        cached = _CACHE.get(key)
        if cached is not None:
            return cached, None
        data = os.read(descriptor, found.st_size + 1)
        while len(data) != found.st_size and len(data) <= READ_LIMIT:
            more = os.read(descriptor, READ_LIMIT + 1 - len(data))  # it has changed since, or came in parts
            if not more:
                break
            data += more
    except OSError:
        return None, "not readable"
    finally:
        os.close(descriptor)
    if len(data) > READ_LIMIT:
        return None, f"larger than {READ_LIMIT // 1_000_000} MB"
    text = _decode(data)
    if text is None:
        return None, "binary"
    # A file changed this very moment can change again within one tick of its time stamp
    if time.time_ns() - found.st_mtime_ns > _SETTLED_NS:
        _CACHE.put(key, text)
    return text, None


def _decode(data: bytes) -> str | None:
    """UTF-8 with or without a byte order mark, UTF-16 with one, else Latin-1; None for binary data."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").removeprefix("\ufeff")
    if b"\0" in data[:8192]:
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


_Key = tuple[str, int, int, int, int]


class _Cache:
    """Texts by path and time stamp, oldest use dropped first, `_CACHE_LIMIT` characters in all."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._texts: OrderedDict[_Key, str] = OrderedDict()
        self._size = 0

    def get(self, key: _Key) -> str | None:
        with self._lock:
            text = self._texts.get(key)
            if text is not None:
                self._texts.move_to_end(key)
            return text

    def put(self, key: _Key, text: str) -> None:
        with self._lock:
            if key in self._texts:
                return
            self._texts[key] = text
            self._size += len(text)
            while self._size > _CACHE_LIMIT:
                self._size -= len(self._texts.popitem(last=False)[1])


_CACHE = _Cache()
