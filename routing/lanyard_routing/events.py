"""Events of the tasks that this process runs, handed to whoever listens.

Owns the live text and its throttling; what must survive is the queue's. Must not await.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from lanyard_routing.task import Event, Moved, Progress, Started

PROGRESS_S = 0.1  # at most ten progress events a second and task

Sink = Callable[[Event], None]


@dataclass(slots=True)
class Run:
    """One attempt under way."""

    started: Started
    parts: list[str] = field(default_factory=list[str])
    tokens: int = 0
    first_at: float = 0.0
    told_parts: int = 0
    told_at: float = float("-inf")

    @property
    def text(self) -> str:
        """All text of this attempt so far."""
        return "".join(self.parts)

    def speed(self, now: float) -> float:
        """Tokens per second since the first one."""
        return self.tokens / (now - self.first_at) if now > self.first_at else 0.0


class Hub:
    """Who listens to which task, and which attempts are under way here."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}
        self._sinks: dict[str, list[Sink]] = {}

    def listen(self, task_id: str, sink: Sink) -> Callable[[], None]:
        """Give `sink` all events from now on, first those that bring it up to date; the result ends that."""
        self._sinks.setdefault(task_id, []).append(sink)
        run = self._runs.get(task_id)
        if run is not None:
            sink(run.started)
            told = "".join(run.parts[: run.told_parts])
            if told:
                sink(Progress(text=told, tokens=run.tokens, tokens_per_s=run.speed(time.monotonic())))

        def stop() -> None:
            listening = self._sinks.get(task_id, [])
            if sink in listening:
                listening.remove(sink)
            if not listening:
                self._sinks.pop(task_id, None)

        return stop

    def runs(self, task_id: str) -> bool:
        """Whether an attempt is under way in this process."""
        return task_id in self._runs

    def begin(self, task_id: str, started: Started) -> Run:
        """An attempt begins."""
        run = self._runs[task_id] = Run(started)
        self._tell(task_id, started)
        return run

    def more(self, task_id: str, run: Run, text: str, tokens: int) -> None:
        """Text has come."""
        now = time.monotonic()
        if not run.parts:
            run.first_at = now
        run.parts.append(text)
        run.tokens += tokens
        if now - run.told_at >= PROGRESS_S and self._runs.get(task_id) is run:
            self._progress(task_id, run, now)

    def end(self, task_id: str, run: Run, moved: Moved | None = None) -> None:
        """The attempt is over; its outcome stands in the queue, unless it goes on elsewhere.

        One that was taken from this process and given to it again may end after the next has begun.
        """
        if self._runs.get(task_id) is not run:
            return
        del self._runs[task_id]
        if moved is None and run.told_parts < len(run.parts):
            self._progress(task_id, run, time.monotonic())
        if moved is not None:
            self._tell(task_id, moved)

    def _progress(self, task_id: str, run: Run, now: float) -> None:
        text = "".join(run.parts[run.told_parts :])
        run.told_parts, run.told_at = len(run.parts), now
        self._tell(task_id, Progress(text=text, tokens=run.tokens, tokens_per_s=run.speed(now)))

    def _tell(self, task_id: str, event: Event) -> None:
        for sink in tuple(self._sinks.get(task_id, ())):
            sink(event)
