"""The index process: takes messages from the server that started it, answers, and works on the index in between.

Owns the loop and the process's end: it ends when its pipe does, which is when the server has ended, however that came
about, and when it hangs. It prints nothing; what goes wrong stands in its log, without any code.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import logging
import os
import queue
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from lanyard_analyzers.index.build import Extracted
from lanyard_server.index import frames
from lanyard_server.index.buffers import Buffers
from lanyard_server.index.live import LiveWorkspace
from lanyard_server.index.messages import (
    AskContext,
    AskSlice,
    AskStatus,
    Cancel,
    Changed,
    Closed,
    Failed,
    FromHost,
    Lost,
    Opened,
    Patterns,
    Start,
    Status,
    ToHost,
    Touched,
)
from lanyard_server.index.pool import Pool
from lanyard_server.index.shelf import Shelf
from lanyard_server.index.store import Store
from lanyard_server.index.upkeep import Share, Upkeep

if TYPE_CHECKING:
    from lanyard_server.index.answers import Answers

log = logging.getLogger(__name__)

_NICE = 5
_HANG_S = 60.0
"""Seconds for one step, however long the file; after them the process ends itself, since nothing else of it can."""
_WATCH_S = 1.0  # between two times that the watch over a step is set anew: that starts a thread
_IDLE_S = 0.5
_TICK_S = 0.02
_FIRST_S = 0.01

_Ask = AskSlice | AskContext | AskStatus


class Host:
    """One workspace's index and its conversation."""

    def __init__(self, start: Start, sink: BinaryIO) -> None:
        self._sink = sink
        self._events: queue.SimpleQueue[ToHost | Extracted] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._asked: deque[_Ask] = deque()
        live = LiveWorkspace(Path(start.root), start.ignore)
        store = Store(Path(start.store) if start.store else None)
        self._shelf = Shelf(live, store)
        self._buffers = Buffers()
        self._made_answers: Answers | None = None
        self._pool = Pool(start.root, start.helpers, os.getcwd(), self._events.put)
        share: Share = "helpers first" if (os.cpu_count() or 1) > 2 else "reads too"
        self._upkeep = Upkeep(self._shelf, self._pool, share="helpers only" if start.trust == "cautious" else share)

    def listen(self, source: BinaryIO) -> None:
        """Read messages until the server ends; in a thread of its own."""
        decoder = msgspec.msgpack.Decoder(ToHost)
        try:
            while (message := frames.read(source, decoder)) is not None:
                if isinstance(message, Cancel):
                    self._cancelled.add(message.id)
                self._events.put(message)
        except (frames.Broken, OSError, ValueError):
            pass
        self._pool.close()
        os._exit(0)  # at once, whatever the main thread is at

    def run(self) -> None:
        """Answer and work, for ever."""
        self._drain(_FIRST_S)  # what the server sends with its first message comes before all work
        steps = self._upkeep.steps()
        rest = "more"
        watched = 0.0
        while True:
            if time.monotonic() > watched:
                faulthandler.dump_traceback_later(_HANG_S, exit=True)
                watched = time.monotonic() + _WATCH_S
            waits = rest == "wait" and not self._asked
            self._drain((_TICK_S if self._pool.busy else _IDLE_S) if waits else 0)
            if self._asked:
                self._answer(self._asked.popleft())
                rest = "more"  # a step between two answers, or whoever asks without end would keep the index as it is
                if self._asked:
                    continue
            self._pool.watch()
            rest = next(steps)

    def _drain(self, wait_s: float) -> None:
        """Take in what has come, in its order; wait for something where there is nothing to do."""
        try:
            event = self._events.get(timeout=wait_s) if wait_s else self._events.get_nowait()
            while True:
                self._take(event)
                event = self._events.get_nowait()
        except queue.Empty:
            pass

    def _take(self, event: ToHost | Extracted) -> None:
        match event:
            case Opened():
                self._buffers.open(event)
            case Changed():
                if not self._buffers.change(event):
                    self._say(Lost(event.path))
            case Closed():
                self._buffers.close(event.path)
            case Touched():
                self._upkeep.touched(event.paths)
            case Patterns():
                self._shelf.live.patterns = event.ignore
                self._upkeep.touched(())
            case AskSlice() | AskContext() | AskStatus():
                self._asked.append(event)
            case Cancel():
                self._asked = deque(asked for asked in self._asked if asked.id != event.id)
                self._cancelled.discard(event.id)
            case Extracted():
                self._upkeep.taken(event)
            case Start():
                pass

    def _answer(self, asked: _Ask) -> None:
        if asked.id in self._cancelled:
            return
        try:
            self._upkeep.settle()
            match asked:
                case AskSlice():
                    self._say(self._answers.slice(asked))
                case AskContext():
                    self._say(self._answers.context(asked))
                case AskStatus():
                    self._say(self._status(asked.id))
        except Exception as error:
            log.debug("a question failed", exc_info=error)
            self._say(Failed(asked.id, type(error).__name__))

    @property
    def _answers(self) -> Answers:
        if self._made_answers is None:
            # What makes slices is half of all imports: a process that is started again is ready before it is asked
            from lanyard_server.index.answers import Answers  # noqa: PLC0415

            self._made_answers = Answers(self._shelf, self._buffers)
        return self._made_answers

    def _status(self, number: int) -> Status:
        upkeep = self._upkeep
        return Status(
            number,
            upkeep.state,
            self._shelf.known,
            len(self._shelf.live.listing),
            _memory(),
            1000 * upkeep.ready_after,
            1000 * upkeep.complete_after,
        )

    def _say(self, message: FromHost) -> None:
        try:
            frame = frames.packed(message)
        except (TypeError, ValueError) as error:  # half a character, which no text of ours has on purpose
            number = getattr(message, "id", 0)
            frame = frames.packed(Failed(number, type(error).__name__))
        self._sink.write(frame)
        self._sink.flush()


def _memory() -> int:
    import psutil  # noqa: PLC0415 - 30 ms that only this question costs

    return psutil.Process().memory_info().rss


def run() -> None:
    """Entry of `python -m lanyard_server.index serve`."""
    source, sink = frames.own_pipes()
    if hasattr(os, "nice"):
        os.nice(_NICE)
    gc.disable()  # what is loaded at the start stays
    code = 0
    try:
        start = frames.read(source, msgspec.msgpack.Decoder(ToHost))
        if isinstance(start, Start):
            host = Host(start, sink)
            threading.Thread(target=host.listen, args=(source,), name="messages", daemon=True).start()
            gc.set_threshold(50_000)
            gc.enable()
            host.run()
    except (BrokenPipeError, frames.Broken):
        pass
    except BaseException as error:
        code = 3
        with contextlib.suppress(OSError):
            sys.stderr.write(f"index: {type(error).__name__}\n")
            log.debug("the index process ends", exc_info=error)
    os._exit(code)  # helpers and threads end with it
