"""Whether a worker may be used: the circuit breaker and the probing.

Owns when a worker is left alone, when it gets a trial, and how often its server is asked. Must not choose workers.
Probes are slow on purpose: llama.cpp wakes every waiting stream for each answer to `/slots`, and a fast poller
keeps cancelled generations alive.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum

FIRST_REST_S, LONGEST_REST_S = 2.0, 300.0
FASTEST_PROBE_S, STEADY_PROBE_S, SLOWEST_PROBE_S = 2.0, 15.0, 30.0
_FAILURES_TO_REST = 3


class Fault(StrEnum):
    """How a request failed at a worker."""

    BROKEN = "broken"  # refused, 5xx, cut, nonsense: a probe sees when it is over
    HUNG = "hung"  # no token in time: a probe may be answered all the same


class Breaker:
    """Circuit breaker of one worker. A hung worker rests, twice as long each time, and then gets one trial."""

    def __init__(self) -> None:
        self._failures = 0
        self._rest = FIRST_REST_S
        self._until: float | None = None
        self._needs_trial = False
        self._trying = False

    def failed(self, fault: Fault, now: float) -> None:
        """A request failed. One that hung opens the breaker at once, others after a few in a row."""
        if self.resting_s(now) and not self._trying:
            return  # sent before the rest began: no news
        self._failures += 1
        if fault is Fault.HUNG:
            self._needs_trial = True
        if self._trying or self._needs_trial or self._failures >= _FAILURES_TO_REST:
            self._until = now + self._rest
            self._rest = min(self._rest * 2, LONGEST_REST_S)
        self._trying = False

    def succeeded(self) -> None:
        """A request got its first token: everything is forgotten."""
        self._failures, self._rest, self._until = 0, FIRST_REST_S, None
        self._needs_trial = self._trying = False

    def answered(self, now: float) -> None:
        """A probe found the server ready. That ends a rest that was not for hanging, once it is over."""
        if self._until is not None and not self._needs_trial and now >= self._until:
            self._failures, self._until = 0, None

    def begin(self) -> None:
        """A request is sent; in the half-open state this is the trial."""
        self._trying = self._until is not None

    def release(self) -> None:
        """The request ended without a verdict (it was closed before its first token, or refused for what it asked)."""
        self._trying = False

    def resting_s(self, now: float) -> float:
        """Seconds until it may be used or tried again, 0.0 where it may be used now."""
        return max(0.0, self._until - now) if self._until is not None else 0.0

    @property
    def tested(self) -> bool:
        """Whether the next request is a trial (once the rest is over)."""
        return self._until is not None

    def allows(self, now: float) -> bool:
        """Whether a request may be sent now."""
        if self._until is None:
            return True
        return now >= self._until and not self._trying


def pause_s(failures: int, fastest: float = FASTEST_PROBE_S) -> float:
    """Seconds from a probe to the next, after so many that failed in a row."""
    return min(fastest * 2.0 ** min(failures - 1, 30), SLOWEST_PROBE_S) if failures else STEADY_PROBE_S


class Pulse:
    """Calls a probe at once, then slowly: steadily while it is well, from fast to slow while it is not.

    `probe` answers whether the server is ready and must not raise.
    """

    def __init__(self, probe: Callable[[], Awaitable[bool]], *, fastest: float = FASTEST_PROBE_S) -> None:
        self._probe = probe
        self._fastest = fastest
        self._nudged = asyncio.Event()
        self._first = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to probe; needs a running event loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="lanyard-pulse")

    def nudge(self) -> None:
        """Ask soon: a request failed, or something waits for this worker."""
        self._nudged.set()

    @property
    def asked(self) -> bool:
        """Whether the first probe has ended."""
        return self._first.is_set()

    async def first(self) -> None:
        """Wait for the end of the first probe."""
        await self._first.wait()

    async def close(self) -> None:
        """Stop probing."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        failures = 0
        while True:
            self._nudged.clear()
            ready = await self._probe()
            self._first.set()
            failures = 0 if ready else failures + 1
            pause = pause_s(failures, self._fastest) * random.uniform(0.8, 1.2)  # editors do not probe in step
            await asyncio.sleep(min(self._fastest, pause))
            # Not wait_for: that of Python 3.11 loses a cancellation that comes together with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, pause - self._fastest)):
                    await self._nudged.wait()
