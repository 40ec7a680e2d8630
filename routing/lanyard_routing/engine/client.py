"""The engine as the rest of Lanyard sees it: ask for it, use its URL, let it go.

Owns sharing within one process and nothing that blocks: all waiting happens in a thread of `starter.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import psutil

from lanyard_routing.adapters.base import EndpointError
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.origin import parse_origin
from lanyard_routing.engine.options import EngineOptions
from lanyard_routing.engine.portfile import PortFile, read_crashes, read_port_file, same_process
from lanyard_routing.engine.starter import Abandoned, EngineFailed, files_of, log_file, obtain
from lanyard_routing.netpolicy import Policy

T = TypeVar("T")
_HEALTH_S = 10.0  # an engine on a busy machine is not taken for one that hangs


@dataclass(frozen=True, slots=True)
class EngineHandle:
    """A running engine: a llama.cpp server at `url` that wants `api_key` as its bearer token."""

    url: str
    api_key: str
    model: str
    pid: int


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What can be told without starting anything. `memory` is the resident size in bytes.

    `stopped`: nobody used it, or nobody has yet; `died`: it ended in some other way, and the next request starts it.
    """

    state: Literal["running", "stopped", "died", "failing"]
    model: str
    handle: EngineHandle | None = None
    memory: int = 0
    crashes: int = 0
    log: Path | None = None


class Engine:
    """One embedded model, shared with every other process of this user that asks for the same one."""

    def __init__(self, options: EngineOptions) -> None:
        self.options = options
        self._token = secrets.token_hex(4)
        self._found: PortFile | None = None
        self._lease: Path | None = None
        self._obtaining: asyncio.Task[EngineHandle] | None = None
        self._give_up = threading.Event()

    async def ensure(self) -> EngineHandle:
        """The running engine; starts or restarts it where needed.

        Cheap while it runs (microseconds), so ask before every request. A cancelled caller does not stop a start that
        others wait for. Raises EngineFailed with one line for the user.
        """
        if self._found is not None and self._still_there(self._found):
            return _handle(self._found)
        self._found = None
        if self._obtaining is None or self._obtaining.done():
            self._give_up.clear()
            self._obtaining = asyncio.create_task(self._obtain())
            self._obtaining.add_done_callback(_seen)
        return await asyncio.shield(self._obtaining)

    async def release(self) -> None:
        """Let the engine go: with its last client gone it ends after its idle time. May be called twice."""
        self._give_up.set()
        if self._obtaining is not None:
            with contextlib.suppress(EngineFailed):
                await asyncio.shield(self._obtaining)
            self._obtaining = None
        self._found = None
        if self._lease is not None:
            self._lease.unlink(missing_ok=True)
            self._lease = None

    def current(self) -> EngineHandle | None:
        """The engine that this process uses, without asking whether it still lives; None before `ensure`."""
        return None if self._found is None else _handle(self._found)

    def alive(self) -> bool:
        """Whether the engine that this process uses still runs; does not count as use."""
        return self._found is not None and same_process(self._found.pid, self._found.started)

    async def answers(self) -> bool:
        """Whether the engine answers now. Where it does not, the next `ensure` looks closer and replaces it."""
        found = self._found
        if found is None:
            return False
        if same_process(found.pid, found.started) and await _healthy(found):
            return True
        if self._found is found:
            self._found = None
        return False

    def status(self) -> EngineStatus:
        """What is known now; reads a file or two, starts nothing, never raises."""
        model = self.options.label
        try:
            files = files_of(self.options)
        except EngineFailed:
            return EngineStatus("failing", model, log=log_file())
        crashes = len(read_crashes(files, window_s=self.options.crash_window_s))
        found = read_port_file(files.port)
        if found is not None and same_process(found.pid, found.started):
            memory = 0
            with contextlib.suppress(psutil.Error):
                memory = int(psutil.Process(found.pid).memory_info().rss)
            return EngineStatus("running", model, _handle(found), memory, crashes, log_file())
        if crashes >= self.options.crash_limit:
            return EngineStatus("failing", model, crashes=crashes, log=log_file())
        # An engine that ends by itself takes its port file with it.
        died = found is not None and found.started > psutil.boot_time()
        return EngineStatus("died" if died else "stopped", model, crashes=crashes, log=log_file())

    def _still_there(self, found: PortFile) -> bool:
        """Touching the lease tells the engine that it is in use; it removes neither file of ours while it lives."""
        if self._lease is None or not same_process(found.pid, found.started):
            return False
        try:
            os.utime(self._lease)
        except OSError:
            return False
        return True

    async def _obtain(self) -> EngineHandle:
        loop = asyncio.get_running_loop()

        def healthy(found: PortFile) -> bool:
            asked = asyncio.run_coroutine_threadsafe(_healthy(found), loop)
            try:
                return asked.result(_HEALTH_S + 1)
            except (TimeoutError, asyncio.CancelledError):
                return False

        try:
            found, lease = await _in_daemon_thread(lambda: obtain(self.options, self._token, healthy, self._give_up))
        except Abandoned:
            raise EngineFailed("the local model was let go while it started: ask again") from None
        self._found, self._lease = found, lease
        return _handle(found)


def _handle(found: PortFile) -> EngineHandle:
    return EngineHandle(found.url, found.api_key, found.model, found.pid)


async def _healthy(found: PortFile) -> bool:
    """Whether the engine answers and accepts our key."""
    http = Http(parse_origin(found.url, name="engine", api_key=found.api_key), Policy())
    try:
        answers = [await http.ask(path, timeout_s=_HEALTH_S / 2) for path in ("/health", "/props")]
    except (EndpointError, RuntimeError):  # RuntimeError: the event loop is being closed
        return False
    finally:
        await http.close()
    return all(answer.status == 200 for answer in answers)


def _seen(task: asyncio.Task[EngineHandle]) -> None:
    """Nobody may be waiting any more: take the exception, so that asyncio does not report it as lost."""
    if not task.cancelled():
        task.exception()


async def _in_daemon_thread(work: Callable[[], T]) -> T:
    """Like `asyncio.to_thread`, but a process that wants to exit does not wait for the thread."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result: T | None = None
        failure: BaseException | None = None
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001  handed to the caller whole
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, name="engine-starter", daemon=True).start()
    return await future
