"""The one worker loop: takes tasks from the queue when a worker has a free slot, calls it, and says how it ended.

Owns late binding, retry on another worker and the steps down the fallbacks. Must not know SQLite, HTTP or who waits
for the result. A task leaves this loop in the queue's hands only: finished, failed, or queued again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace

from lanyard_routing.adapters.base import (
    ChatRequest,
    ContextExceeded,
    Delta,
    EndpointError,
    EndpointUnavailable,
    RequestRejected,
)
from lanyard_routing.calls import call
from lanyard_routing.config import RouteConfig
from lanyard_routing.events import Hub, Run
from lanyard_routing.failure_log import log_failure
from lanyard_routing.fleet import USABLE, Fleet, Worker
from lanyard_routing.queue.base import Claim, Offer, TaskQueue, Waiting
from lanyard_routing.router import QueueRefused
from lanyard_routing.routes import Candidate, Need, need_of, plan
from lanyard_routing.task import Failure, Moved, Reply, Started, Usage

_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 12
LEASE_S, EXTEND_S = 30.0, 10.0
RECOVER_S = 2.0  # how soon the tasks of an editor that died are taken over
PRUNE_S = 3600.0
NOTE_S = 5.0
KNOWN_S = 3.0  # so long the first round waits for the first probes
_FIRST_REST_S, _LONGEST_REST_S = 2.0, 15.0
_TICK_S = 1.0


class WorkerLoop:
    """Runs tasks of the queue at the fleet's workers. `told` gets lines for the user about the queue itself."""

    def __init__(
        self,
        queue: TaskQueue,
        fleet: Fleet,
        table: Sequence[RouteConfig],
        hub: Hub,
        *,
        told: Callable[[str], None] = lambda line: None,
        tick_s: float = _TICK_S,
    ) -> None:
        self._queue, self._fleet, self._table, self._hub, self._told = queue, fleet, table, hub, told
        self._tick_s = tick_s
        self._woken = asyncio.Event()
        self._running: dict[str, tuple[Claim, asyncio.Task[None]]] = {}
        self._noted: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._loop: asyncio.Task[None] | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._refused = ""

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._unsubscribe = self._queue.subscribe(self.wake)
        self._fleet.listen(self.wake)
        self._loop = asyncio.create_task(self._run(), name="lanyard-worker-loop")

    def wake(self) -> None:
        """Something changed: look again."""
        self._woken.set()

    async def close(self) -> None:
        """Close all streams and give the tasks back to the queue."""
        self._unsubscribe()
        runs = [run for _, run in self._running.values()]
        for each in [self._loop, *runs]:
            if each is not None:
                each.cancel()
        await asyncio.gather(*filter(None, [self._loop, *runs]), return_exceptions=True)

    async def _run(self) -> None:
        await self._fleet.known(KNOWN_S)
        while True:
            self._woken.clear()
            pause = self._tick_s
            try:
                pause = self._tick_s if await self._round() else max(self._tick_s, RECOVER_S)
                self._refused = ""
            except QueueRefused as error:
                if str(error) != self._refused:
                    self._refused = str(error)
                    self._told(str(error))
                await asyncio.sleep(self._tick_s)  # the disk will not be better in a moment
            except Exception as error:  # noqa: BLE001  the loop outlives a mistake in it; the log has the place
                log_failure(_log, "the worker loop", error)
                await asyncio.sleep(self._tick_s)
            # Not wait_for: that of Python 3.11 loses a cancellation that comes together with the event.
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._woken.wait()

    async def _round(self) -> bool:
        """Look once at everything; False where no task runs or waits."""
        claims = [claim for claim, _ in self._running.values()]
        tokens = {claim.token for claim in claims}
        if self._due("extend", EXTEND_S):
            held = await self._queue.extend(claims, LEASE_S)
        else:
            held = await self._queue.held(claims)
        for claim, run in list(self._running.values()):
            if claim.token in tokens - held:
                run.cancel()  # cancelled by its user, or taken over while this machine slept
        if self._due("recover", RECOVER_S):
            await self._queue.recover()
        if self._due("prune", PRUNE_S):
            await self._queue.prune()
        load = await self._queue.load()
        for name, ledger in self._fleet.ledgers().items():
            mine = sum(claim.worker == name for claim, _ in self._running.values())
            ledger.elsewhere(load.get(name, 0) - mine)
        while await self._take_one():
            pass
        return await self._look_at_waiting() or bool(self._running)

    def _due(self, what: str, every_s: float) -> bool:
        now = time.monotonic()
        if now - self._last.get(what, float("-inf")) < every_s:
            return False
        self._last[what] = now
        return True

    async def _take_one(self) -> bool:
        workers = self._fleet.workers()
        for worker in workers:
            if worker.condition in USABLE and worker.free > 0:
                chooser = _Chooser(worker.name, self._table, workers)
                claim = await self._queue.claim(Offer(worker.name, worker.slots, chooser, LEASE_S))
                if claim is not None:
                    self._begin(claim, chooser.chosen[claim.task.id])
                    await asyncio.sleep(0)  # it is in the ledger before the next choice
                    return True
        return False

    def _begin(self, claim: Claim, candidate: Candidate) -> None:
        run = asyncio.create_task(self._work(claim, candidate), name=f"lanyard-task-{claim.task.id}")
        self._running[claim.token] = claim, run

        def ended(_: asyncio.Task[None]) -> None:
            self._running.pop(claim.token, None)
            self.wake()

        run.add_done_callback(ended)

    async def _work(self, claim: Claim, candidate: Candidate) -> None:
        task = claim.task
        need = need_of(task, tried=claim.tried, above_context=claim.above_context)
        route = plan(need, self._table, ()).route
        request = ChatRequest(task.messages, task.max_tokens, task.sampling, claim.model, task.reply_schema)
        began = time.monotonic()
        run = self._hub.begin(task.id, Started(worker=candidate.worker.name, model=claim.model, attempt=claim.attempt))
        try:
            if claim.attempt > MAX_ATTEMPTS:
                await self._settle(lambda: self._queue.fail(task.id, _worn_out(claim), claim=claim))
                return
            last = Delta("")
            stream = call(
                self._fleet,
                candidate,
                need,
                lambda adapter, model: adapter.chat(request, route.timeout.as_timeouts()),
            )
            async with aclosing(stream) as deltas:
                async for delta in deltas:
                    last = delta
                    self._hub.more(task.id, run, delta.text, delta.tokens)
            ended = time.monotonic()
            first = (run.first_at or ended) - began
            usage = _usage(last.usage, run.tokens, first_s=first, total_s=ended - began)
            reply = Reply(
                text=run.text,
                worker=candidate.worker.name,
                model=last.model or claim.model,
                finish=last.finish or "stop",
                usage=usage,
            )
            await self._settle(lambda: self._queue.finish(claim, reply))
        except EndpointError as error:
            await self._failed(claim, candidate, need, run, error)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  no task is lost to a mistake of ours
            log_failure(_log, f"task {task.id}", error)
            failure = EndpointUnavailable(f"{candidate.worker.name}: failed ({type(error).__name__})")
            await self._failed(claim, candidate, need, run, failure)
        finally:
            self._hub.end(task.id, run)

    async def _failed(self, claim: Claim, candidate: Candidate, need: Need, run: Run, error: EndpointError) -> None:
        """The next step down: another worker, a smaller one, the queue, or the user."""
        name, line = candidate.worker.name, str(error)
        if isinstance(error, RequestRejected) and not isinstance(error, ContextExceeded):
            failure = Failure(message=line, attempts=(*claim.lines, line))
            await self._settle(lambda: self._queue.fail(claim.task.id, failure, claim=claim))
            return
        need = replace(need, tried=need.tried | {name})
        if isinstance(error, ContextExceeded):
            need = replace(need, above_context=max(need.above_context, candidate.model.context))
        if claim.attempt >= MAX_ATTEMPTS:
            await self._settle(lambda: self._queue.fail(claim.task.id, _worn_out(claim, line), claim=claim))
            return
        placed = plan(need, self._table, self._fleet.workers())
        if placed.candidates:
            self._hub.end(claim.task.id, run, Moved(worker=placed.candidates[0].worker.name, why=line))
            await self._settle(
                lambda: self._queue.requeue(
                    claim, line=line, tried=sorted(need.tried), above_context=need.above_context
                )
            )
            return
        if isinstance(error, ContextExceeded) or placed.step == "ask":
            why = placed.why if placed.hopeless else _ask_line(line)
            failure = Failure(message=why, attempts=(*claim.lines, line))
            await self._settle(lambda: self._queue.fail(claim.task.id, failure, claim=claim))
            return
        rest = min(_FIRST_REST_S * 2 ** (claim.attempt - 1), _LONGEST_REST_S)
        await self._settle(
            lambda: self._queue.requeue(claim, line=line, why=f"{line}; waits and tries again", rest_s=rest)
        )
        return

    async def _settle(self, write: Callable[[], Awaitable[bool]]) -> None:
        """Write an outcome; with a full disk it stays here and is tried again until this process ends."""
        pause = 0.2
        while True:
            try:
                await write()
                return
            except QueueRefused as error:
                if str(error) != self._refused:
                    self._refused = str(error)
                    self._told(str(error))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 10.0)

    async def _look_at_waiting(self) -> bool:
        """Say what waiting tasks wait for; end those that wait in vain. False where none waits."""
        workers, now = self._fleet.workers(), time.monotonic()
        waiting = await self._queue.waiting(64)
        self._noted = {task.id: self._noted[task.id] for task in waiting if task.id in self._noted}
        for task in waiting:
            placed = plan(need_of(task, tried=task.tried, above_context=task.above_context), self._table, workers)
            if placed.candidates:
                if not placed.candidates[0].worker.free:
                    self._fleet.nudge([placed.candidates[0].worker.name])
                continue
            self._fleet.nudge(placed.waits_for)
            if task.tried:
                await self._queue.choose(task.id, task.worker)  # all have failed or gone: begin anew
                continue
            if now - self._noted.get(task.id, float("-inf")) < NOTE_S:
                continue
            self._noted[task.id] = now
            if placed.step == "ask" and not self._fleet.unknown():
                await self._queue.fail(task.id, Failure(message=placed.why))
            elif placed.why != task.why:
                await self._queue.note(task.id, placed.why)
        return bool(waiting)


class _Chooser:
    """`Offer.suits` for one worker: takes what this worker would finish first, leaves the rest to the others."""

    def __init__(self, name: str, table: Sequence[RouteConfig], workers: Sequence[Worker]) -> None:
        self.chosen: dict[str, Candidate] = {}
        self._name, self._table = name, table
        self._workers = {worker.name: worker for worker in workers}

    def __call__(self, task: Waiting) -> str | None:
        need = need_of(task, tried=task.tried, above_context=task.above_context)
        placed = plan(need, self._table, tuple(self._workers.values()))
        if not placed.candidates:
            return None
        best = placed.candidates[0]
        if best.worker.name == self._name:
            self.chosen[task.id] = best
            return best.model.name
        # It waits for the other one, whose next free slot is then later for the tasks behind it.
        spent = (best.seconds - best.worker.free_in) / best.worker.slots
        self._workers[best.worker.name] = replace(best.worker, free_in=best.worker.free_in + spent)
        return None


def _usage(told: Usage | None, tokens: int, *, first_s: float, total_s: float) -> Usage:
    """What the endpoint told, with what it did not tell as seen from here."""
    told = told or Usage()
    return told.model_copy(
        update={
            "completion_tokens": told.completion_tokens or tokens,
            "first_token_s": told.first_token_s or first_s,
            "total_s": told.total_s or total_s,
        }
    )


def _ask_line(line: str) -> str:
    return f"{line}; try again, or run it on another worker"


def _worn_out(claim: Claim, line: str = "") -> Failure:
    lines = (*claim.lines, line) if line else claim.lines
    last = lines[-1] if lines else "the editor that ran it ended each time"
    return Failure(message=f"gave up after {claim.attempt} attempts: {last}; try again later", attempts=lines)
