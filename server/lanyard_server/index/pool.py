"""The extraction helpers of an index process: started when there is much to read, ended when it is read.

Owns the processes, which files each of them has, and the limit on how long one file may take. What they read comes
back through `deliver`, called from a thread a helper. It decides nothing about the index.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, BinaryIO, cast

import msgspec

from lanyard_analyzers.index.build import Extracted
from lanyard_analyzers.workspace import Listed
from lanyard_server.index import frames
from lanyard_server.index.extraction import Task

if TYPE_CHECKING:
    import subprocess

BATCH = 24
"""Files of one task; small, so that the helpers end together."""
HANG_S = 20.0
"""Seconds after which a helper that says nothing is killed; the file that it was reading gets no record."""
_FAILURES = 3  # helpers that could not be started or ended without a word, and there are no more

_RETRY_S = 2.0  # between two tries to start one


class _Helper:
    """One process with what it has still to read. its files are guarded by the pool's lock."""

    def __init__(self, command: list[str], cwd: str) -> None:
        from subprocess import DEVNULL, PIPE, Popen  # noqa: PLC0415 - not before the first answer

        self.process: subprocess.Popen[bytes] = Popen(command, cwd=cwd, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
        self.files: deque[Listed] = deque()
        self.feeding = threading.Lock()  # files are noted and sent in one order
        self.heard = time.monotonic()
        self.said = False
        self.ended = False

    def end(self, patience_s: float) -> None:
        from subprocess import TimeoutExpired  # noqa: PLC0415 - as above

        with contextlib.suppress(TimeoutExpired):
            self.process.wait(patience_s)

    @property
    def stdin(self) -> BinaryIO:
        return cast("BinaryIO", self.process.stdin)

    @property
    def stdout(self) -> BinaryIO:
        return cast("BinaryIO", self.process.stdout)


class Pool:
    """Reads files in up to `count` processes. All methods are called from the process's one main thread."""

    def __init__(self, root: str, count: int, cwd: str, deliver: Callable[[Extracted], None]) -> None:
        self._root, self._count, self._cwd, self._deliver = root, count, cwd, deliver
        self._waiting: deque[Listed] = deque()
        self._helpers: list[_Helper] = []
        self._lock = threading.Lock()
        self._failures = 0
        self._retry_at = 0.0

    @property
    def busy(self) -> bool:
        """Whether something is still to be read."""
        with self._lock:
            return bool(self._waiting) or any(helper.files for helper in self._helpers)

    @property
    def alone(self) -> bool:
        """Whether there is no helper, and none will come: what is still to be read is the caller's, by `take_back`."""
        return not self._helpers and not self._count

    def prepare(self) -> None:
        """Start the helpers before there is something to read, where much will be; `close` ends them."""
        while len(self._helpers) < self._count and self._start():
            pass

    def add(self, files: Iterable[Listed]) -> None:
        """Read these files too."""
        with self._lock:
            self._waiting.extend(files)
            wanted = min(self._count, -(-len(self._waiting) // BATCH))
            idle = [helper for helper in self._helpers if not helper.files]
        for helper in idle * 2:
            self._feed(helper)
        while len(self._helpers) < wanted and self._start():
            pass

    def take_back(self) -> Listed | None:
        """A file that nobody has begun, for the main process to read itself; the last ones first."""
        with self._lock:
            return self._waiting.pop() if self._waiting else None

    def watch(self) -> None:
        """Kill what hangs, replace what died; call it now and then."""
        now = time.monotonic()
        for helper in list(self._helpers):
            with self._lock:
                hangs = bool(helper.files) and now - helper.heard > HANG_S
            if hangs:
                helper.process.kill()
            if helper.ended:
                self._bury(helper)
        if not self._helpers and self._count and now >= self._retry_at and self.busy and not self._start():
            self._retry_at = now + _RETRY_S
            self._failed()

    def close(self) -> None:
        """End all helpers at once."""
        helpers, self._helpers = self._helpers, []
        for helper in helpers:
            helper.process.kill()
            helper.end(1)

    def _start(self) -> bool:
        # -P and the folder keep Python from importing out of a stranger's working directory.
        command = [sys.executable, "-P", "-m", "lanyard_server.index", "extract"]
        try:
            helper = _Helper(command, self._cwd)
        except OSError:
            return False
        self._helpers.append(helper)
        threading.Thread(target=self._listen, args=(helper,), name="extraction", daemon=True).start()
        for _ in range(2):  # one task to do and one that waits, so that the helper never does
            self._feed(helper)
        return True

    def _feed(self, helper: _Helper) -> None:
        with helper.feeding:
            with self._lock:
                files = [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]
                if files and not helper.files:
                    helper.heard = time.monotonic()
                helper.files.extend(files)
            if files:
                with contextlib.suppress(OSError, ValueError):  # it has ended: its reader notices
                    helper.stdin.write(frames.packed(Task(self._root, tuple(files))))
                    helper.stdin.flush()

    def _listen(self, helper: _Helper) -> None:
        decoder = msgspec.msgpack.Decoder(Extracted)
        try:
            while (taken := frames.read(helper.stdout, decoder)) is not None:
                with self._lock:
                    expected = helper.files.popleft() if helper.files else None
                    left = len(helper.files)
                helper.heard, helper.said = time.monotonic(), True
                if expected is None or taken.path != expected.path:
                    break
                self._deliver(taken)
                if left <= BATCH:
                    self._feed(helper)
        except (frames.Broken, OSError, ValueError):
            pass
        helper.process.kill()
        helper.ended = True

    def _bury(self, helper: _Helper) -> None:
        """The file that it died on has no record; the others go to its successor."""
        self._helpers.remove(helper)
        helper.process.wait()
        with self._lock:
            left, helper.files = list(helper.files), deque()
            self._waiting.extendleft(reversed(left[1:]))
            more = bool(self._waiting)
        if not helper.said:
            self._failed()
        if left:
            self._deliver(Extracted(left[0].path, left[0].stamp, None))
        if more and self._count:
            self._start()

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= _FAILURES:
            self._count = 0
