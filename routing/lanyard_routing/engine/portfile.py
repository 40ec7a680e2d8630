"""The files through which all editors of a user find one engine: port file, leases, crash record.

Owns their names, their JSON and their permissions; starts and stops nothing. The child imports this module, so it must
stay light: no pydantic, no asyncio, no other part of the package but `paths`.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import psutil

START_TOLERANCE_S = 5.0  # psutil derives start times from the boot time, which clock adjustments move a little


class UnsafeFolder(Exception):
    """The runtime folder belongs to somebody else or is open to others; `str` is one line with the next step."""


@dataclass(frozen=True, slots=True)
class PortFile:
    """One running engine. `started` is its process start time in seconds since the epoch."""

    pid: int
    started: float
    port: int
    api_key: str
    key: str
    model: str

    @property
    def url(self) -> str:
        """Base URL of the engine, always on the loopback address."""
        return f"http://127.0.0.1:{self.port}"


@dataclass(frozen=True, slots=True)
class EngineFiles:
    """Where the files of the engine with this key are."""

    folder: Path
    key: str

    @property
    def lock(self) -> Path:
        """Held by whoever starts, adopts or ends the engine."""
        return self.folder / f"engine-{self.key}.lock"

    @property
    def port(self) -> Path:
        """The port file."""
        return self.folder / f"engine-{self.key}.json"

    @property
    def crashes(self) -> Path:
        """Times of recent unexpected ends."""
        return self.folder / f"engine-{self.key}.crashes"

    def lease(self, pid: int, token: str) -> Path:
        """The lease of one client; its modification time is the client's last use."""
        return self.folder / f"engine-{self.key}.lease-{pid}-{token}"

    def leases(self) -> Iterator[Path]:
        """All leases, live and dead."""
        return self.folder.glob(f"engine-{self.key}.lease-*")


def private_folder(folder: Path) -> Path:
    """Make `folder` with access for this user alone. Raises UnsafeFolder where it is somebody else's."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        seen = folder.lstat()
        if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.getuid():
            raise UnsafeFolder(f"{folder} belongs to another user: remove it or set LANYARD_HOME")
        if stat.S_IMODE(seen.st_mode) & 0o077:
            folder.chmod(0o700)
    return folder


def write_private(path: Path, content: str) -> None:
    """Write `path` in one step, readable by this user alone."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.tmp")
    handle = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(content)
        _replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _replace(part: Path, path: Path) -> None:
    for attempt in range(20):
        try:
            part.replace(path)
        except PermissionError:  # Windows: a reader has the old file open for a moment
            if attempt == 19:
                raise
            time.sleep(0.02)
        else:
            return


def write_port_file(path: Path, value: PortFile) -> None:
    """Publish a running engine."""
    write_private(path, json.dumps(asdict(value)))


def read_port_file(path: Path) -> PortFile | None:
    """The engine that the file names; None where there is no file or it makes no sense."""
    try:
        data: Any = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(data, dict):
        return None
    fields = cast("dict[str, Any]", data)
    try:
        value = PortFile(
            pid=int(fields["pid"]),
            started=float(fields["started"]),
            port=int(fields["port"]),
            api_key=str(fields["api_key"]),
            key=str(fields["key"]),
            model=str(fields["model"]),
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return value if 0 < value.pid < 2**31 and 0 < value.port < 65536 else None


def process_start(pid: int) -> float | None:
    """Start time of a living process; None for a dead one, and for one that is dead but not yet reaped."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            return None if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except (psutil.Error, OSError, ValueError):
        return None


def same_process(pid: int, started: float) -> bool:
    """Whether the process that was started then still lives; a reused process id is told apart by its start."""
    now = process_start(pid)
    return now is not None and abs(now - started) < START_TOLERANCE_S


def take_lease(files: EngineFiles, token: str) -> Path:
    """Note that this process uses the engine."""
    path = files.lease(os.getpid(), token)
    write_private(path, json.dumps({"pid": os.getpid(), "started": process_start(os.getpid()) or time.time()}))
    return path


def live_leases(files: EngineFiles) -> tuple[Path, ...]:
    """Leases whose process lives; the others are removed."""
    alive: list[Path] = []
    for path in files.leases():
        try:
            data = json.loads(path.read_text("utf-8"))
            held = same_process(int(data["pid"]), float(data["started"]))
        except OSError:
            continue
        except (ValueError, KeyError, TypeError):
            held = False
        if held:
            alive.append(path)
        elif not path.name.endswith(".tmp"):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return tuple(alive)


def read_crashes(files: EngineFiles, *, window_s: float) -> tuple[float, ...]:
    """Times of the unexpected ends within the last `window_s` seconds, oldest first."""
    now = time.time()
    try:
        times = [float(line) for line in files.crashes.read_text("utf-8").split()]
    except (OSError, ValueError):
        return ()
    return tuple(sorted(moment for moment in times if now - window_s < moment <= now + 1))


def note_crash(files: EngineFiles, *, window_s: float) -> tuple[float, ...]:
    """Record an unexpected end now; returns all within the window."""
    times = (*read_crashes(files, window_s=window_s), time.time())
    write_private(files.crashes, "\n".join(f"{moment:.3f}" for moment in times))
    return times
