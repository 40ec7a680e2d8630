"""One index process as the server sees it: started, asked, started again when it fails.

Owns the process's life and the conversation, on the event loop and without ever blocking it. Whoever asks gets an
answer or None within its patience; what to do without one is the caller's.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lanyard_server.index import frames
from lanyard_server.index.messages import (
    AskContext,
    AskSlice,
    AskStatus,
    Cancel,
    Context,
    Failed,
    FromHost,
    Lost,
    Opened,
    Patterns,
    Sliced,
    SliceQuestion,
    Start,
    Status,
    ToHost,
)

log = logging.getLogger(__name__)

HANG_S = 15.0
"""Seconds without a word, though something was asked, after which the process is killed."""
_END_S = 10.0  # that a killed process gets to be gone
_WRITE_MOST = 64 * 1024 * 1024  # bytes that wait for a process that does not read


@dataclass(frozen=True, slots=True)
class Restarts:
    """When a process that ended unasked is started again: at once, then after `backoff_s`, four times that, and so
    on; after `limit` such ends within `window_s` it is left alone for `rest_s`."""

    backoff_s: float = 1.0
    limit: int = 4
    window_s: float = 300.0
    rest_s: float = 900.0


class IndexClient:
    """The index process of one workspace.

    `opened` gives the buffers that a new process is to know; `lost` is told of a buffer that must be sent whole; `told`
    gets the one line for the user.
    """

    def __init__(
        self,
        start: Start,
        *,
        opened: Callable[[], Iterable[Opened]],
        lost: Callable[[str], None],
        told: Callable[[str], None],
        log_file: Path,
        restarts: Restarts | None = None,
    ) -> None:
        self._start, self._opened, self._lost, self._told = start, opened, lost, told
        self._log_file, self._restarts = log_file, restarts or Restarts()
        self._numbers = itertools.count(1)
        self._pending: dict[int, asyncio.Future[FromHost]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._probing: asyncio.Task[None] | None = None
        self._ends: list[float] = []
        self._closing = False

    @property
    def process_id(self) -> int | None:
        """The id of the running process; None while there is none."""
        return None if self._process is None else self._process.pid

    async def run(self) -> None:
        """Keep a process running until this is cancelled; it has ended then."""
        loop = asyncio.get_running_loop()
        failing = False
        try:
            while True:
                begun = loop.time()
                try:
                    await self._live()
                except OSError as error:
                    log.debug("the index process does not start: %s", error)
                now = loop.time()
                # One that was well for long enough has nothing to do with those before it.
                self._ends = [end for end in self._ends if now - end < self._restarts.window_s]
                self._ends.append(now)
                failing = failing and now - begun < self._restarts.window_s
                log.debug("the index process of %s has ended", self._start.root)
                self._start = msgspec.structs.replace(self._start, trust="cautious")
                if len(self._ends) >= self._restarts.limit:
                    if not failing:
                        failing = True
                        self._told(
                            f"Lanyard's index of {Path(self._start.root).name} keeps failing, so tasks see less of the "
                            f"workspace; {self._log_file} says more, and `lanyard doctor` checks the installation."
                        )
                    await asyncio.sleep(self._restarts.rest_s)
                    self._ends.clear()
                elif len(self._ends) > 1:
                    await asyncio.sleep(self._restarts.backoff_s * 4 ** (len(self._ends) - 2))
        finally:
            self._closing = True
            if self._probing is not None:
                self._probing.cancel()

    def tell(self, message: ToHost) -> bool:
        """Send a message that has no answer; False where there is no process to hear it."""
        process = self._process
        if process is None or process.stdin is None or process.returncode is not None:
            return False
        try:
            frame = frames.packed(message)
        except (TypeError, ValueError) as error:  # half a character: a mistake of the editor's
            log.debug("a message cannot be sent: %s", type(error).__name__)
            return False
        if process.stdin.transport.get_write_buffer_size() > _WRITE_MOST:
            _kill(process)
            return False
        process.stdin.write(frame)
        return True

    def follow(self, patterns: tuple[str, ...]) -> None:
        """The user's `privacy.ignore` is this now."""
        self._start = msgspec.structs.replace(self._start, ignore=patterns)
        self.tell(Patterns(patterns))

    async def slice(self, question: SliceQuestion, patience_s: float) -> Sliced | None:
        """A slice; None where none comes in time."""
        found = await self._ask(lambda number: AskSlice(number, question), patience_s)
        return found if isinstance(found, Sliced) else None

    async def context(self, asked: AskContext, patience_s: float) -> Context | None:
        """The context of a completion; None where none comes in time. The question's number is not looked at."""
        found = await self._ask(lambda number: msgspec.structs.replace(asked, id=number), patience_s)
        return found if isinstance(found, Context) else None

    async def status(self, patience_s: float = 5.0) -> Status | None:
        """How far the index is; None where the process does not say."""
        found = await self._ask(AskStatus, patience_s)
        return found if isinstance(found, Status) else None

    async def _ask(self, make: Callable[[int], ToHost], patience_s: float) -> FromHost | None:
        number = next(self._numbers)
        if not self.tell(make(number)):
            return None
        answer: asyncio.Future[FromHost] = asyncio.get_running_loop().create_future()
        self._pending[number] = answer
        try:
            async with asyncio.timeout(patience_s):
                found = await answer
        except TimeoutError:
            self.tell(Cancel(number))
            self._probe()
            return None
        except asyncio.CancelledError:
            # Who waits is cancelled by way of what it waits for; that alone is cancelled when the process has gone.
            if (task := asyncio.current_task()) is None or not task.cancelling():
                return None
            self.tell(Cancel(number))
            raise
        finally:
            self._pending.pop(number, None)
        if isinstance(found, Failed):
            log.debug("the index has no answer: %s", found.why)
            return None
        return found

    def _probe(self) -> None:
        """Somebody waited in vain: see whether the process is only slow, else end it."""
        if not self._closing and (self._probing is None or self._probing.done()):
            self._probing = asyncio.get_running_loop().create_task(self._proved(), name="index probe")

    async def _proved(self) -> None:
        process = self._process
        number = next(self._numbers)
        if process is None or not self.tell(AskStatus(number)):
            return
        answer: asyncio.Future[FromHost] = asyncio.get_running_loop().create_future()
        self._pending[number] = answer
        await asyncio.wait([answer], timeout=HANG_S)
        self._pending.pop(number, None)
        if not answer.done() and process is self._process:
            log.debug("the index process hangs")
            _kill(process)

    async def _live(self) -> None:
        """One process, from its start to its end."""
        process = self._process = await self._spawn()
        assert process.stdout is not None
        decoder = msgspec.msgpack.Decoder(FromHost)
        try:
            self.tell(self._start)
            for buffer in self._opened():
                self.tell(buffer)
            while (message := await frames.receive(process.stdout, decoder)) is not None:
                self._heard(message)
        except frames.Broken as error:
            log.debug("the index process speaks nonsense: %s", error)
        finally:
            if process is self._process:
                self._process = None
            self._give_up()
            await _ended(process)

    def _heard(self, message: FromHost) -> None:
        if isinstance(message, Lost):
            self._lost(message.path)
            return
        answer = self._pending.get(message.id)
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _give_up(self) -> None:
        for answer in self._pending.values():
            answer.cancel()

    async def _spawn(self) -> asyncio.subprocess.Process:
        # -P and the folder keep Python from importing out of the editor's working directory, which is a stranger's.
        descriptor = _log(self._log_file)
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "lanyard_server.index",
                "serve",
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=descriptor,
                cwd=Path(sys.executable).parent,
                start_new_session=os.name == "posix",
                creationflags=subprocess.CREATE_NO_WINDOW if sys.platform == "win32" else 0,
            )
        finally:
            if descriptor >= 0:
                os.close(descriptor)


def _log(file: Path) -> int:
    """A descriptor for what a process says at its end; nowhere, where no file can be made."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return os.open(file, os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_WRONLY, 0o600)
    except OSError:
        return subprocess.DEVNULL


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Kill a process and take its exit status."""
    _kill(process)
    if process.stdin is not None:
        process.stdin.close()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_END_S):
            await process.wait()


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
