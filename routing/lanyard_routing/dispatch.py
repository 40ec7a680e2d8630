"""The four verbs over a queue, and the results that wait for their user.

Owns `Router` as everyone uses it, from any process of the machine: a task may run in another editor's process, whose
progress is then told without its live text. Runs no task itself (`worker.py` does).
"""

from __future__ import annotations

import asyncio
import uuid
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from lanyard_routing.adapters.base import EndpointError
from lanyard_routing.config import DEFAULT_ROUTES, RouteConfig
from lanyard_routing.events import Hub
from lanyard_routing.fallbacks import Action, Option, Question, question
from lanyard_routing.fleet import Fleet
from lanyard_routing.queue.base import TaskQueue
from lanyard_routing.queue.sqlite import SqliteQueue
from lanyard_routing.router import RoutingError
from lanyard_routing.routes import need_of, plan
from lanyard_routing.task import FINAL_STATES, Event, Finished, Queued, Receipt, Started, State, Status, Task


class _Inbox:
    """Live events, and word that the queue has changed."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque()
        self._changed = True
        self._woken = asyncio.Event()

    def put(self, event: Event) -> None:
        self.events.append(event)
        self._woken.set()

    def changed(self) -> None:
        self._changed = True
        self._woken.set()

    async def take(self) -> Event | None:
        """The next live event; None where there is none and the queue has changed."""
        while True:
            if self.events:
                return self.events.popleft()
            if self._changed:
                self._changed = False
                return None
            self._woken.clear()
            await self._woken.wait()


COUNT_S = 1.0
"""Seconds that an endpoint gets to count the tokens of a prompt; the estimate does as well."""

LOOK_S = 15.0
"""Seconds between two looks for results of an editor that was killed: that changes nothing in the queue."""


class Counted(NamedTuple):
    """Tokens of a text as a model counts."""

    model: str
    tokens: int


class UnknownTask(RoutingError):
    """No such task is known (any more)."""


class Dispatcher:
    """`router.Router` over a task queue."""

    def __init__(self, queue: TaskQueue, hub: Hub, fleet: Fleet, table: Sequence[RouteConfig] = DEFAULT_ROUTES) -> None:
        self._queue, self._hub, self._fleet, self._table = queue, hub, fleet, table

    async def submit(self, task: Task) -> Receipt:
        """See Router."""
        return await self._queue.put(task)

    async def count_tokens(self, task: Task, text: str) -> Counted | None:
        """How many tokens the model that would get the task now makes of a text; None where it does not say at once.

        Asked only of an endpoint that the task may be sent to.
        """
        candidates = plan(need_of(task), self._table, self._fleet.workers()).candidates
        member = self._fleet.get(candidates[0].worker.name) if candidates else None
        if member is None:
            return None
        model = candidates[0].model.name
        try:
            async with asyncio.timeout(COUNT_S):
                tokens = await member.adapter.count_tokens(text, model)
        except (TimeoutError, EndpointError):
            return None
        return None if tokens is None else Counted(model, tokens)

    async def status(self, task_id: str) -> Status | None:
        """See Router."""
        return await self._queue.status(task_id)

    async def cancel(self, task_id: str) -> bool:
        """See Router."""
        return await self._queue.cancel(task_id)

    async def stream(self, task_id: str) -> AsyncGenerator[Event]:
        """See Router; ends at once for an unknown task.

        `Queued` or `Moved` after `Started` means that the text so far is void. The text of an attempt is that of all
        `Progress` events since its `Started`, for whoever comes late too.
        """
        inbox = _Inbox()
        forget = self._queue.subscribe(inbox.changed)
        stop = self._hub.listen(task_id, inbox.put)
        last: Event | None = None
        started: Started | None = None
        try:
            while True:
                event = await inbox.take()
                if event is None:
                    status = await self._queue.status(task_id)
                    if status is None:
                        return
                    if inbox.events:  # live events are older than what the queue says now
                        inbox.changed()
                        continue
                    event = self._standing(status)
                    if event is None or event == last:
                        continue
                if isinstance(event, Started):
                    # Each is told by the queue and live. One that was given back unended is followed by its like.
                    if started is not None and (event == started or event.attempt < started.attempt):
                        continue
                    started = event
                elif isinstance(event, Queued):
                    started = None
                last = event
                yield event
                if isinstance(event, Finished):
                    return
        finally:
            stop()
            forget()

    def _standing(self, status: Status) -> Event | None:
        match status.state:
            case State.QUEUED:
                return Queued(position=status.position, why=status.why)
            case State.RUNNING:
                if self._hub.runs(status.task.id):
                    return None  # told live
                return Started(worker=status.worker or "", model=status.model or "", attempt=status.attempts)
            case _:
                return Finished(state=status.state, reply=status.reply, failure=status.failure)

    async def list(self, limit: int = 500) -> tuple[Status, ...]:
        """The newest tasks of this machine, newest first."""
        return await self._queue.list(limit)

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` after each change of the queue; calling what this returns ends it."""
        return self._queue.subscribe(changed)

    async def unfinished(self, workspace: str) -> tuple[Status, ...]:
        """Tasks of the workspace that are not over and that no other living session follows."""
        return await self._queue.unfinished(workspace)

    async def retry(self, task_id: str, *, worker: str | None = None) -> Task:
        """Submit a task again under a new id, at `worker` if one is named; raises UnknownTask, QueueRefused."""
        status = await self._queue.status(task_id)
        if status is None:
            raise UnknownTask(f"task {task_id} is not known any more; start it anew from the editor")
        task = status.task.model_copy(update={"id": uuid.uuid4().hex, "worker": worker or status.task.worker})
        await self._queue.put(task)
        return task

    async def question(self, task_id: str) -> Question | None:
        """What the user may choose where the task failed or waits for a worker that is not there."""
        status = await self._queue.status(task_id)
        return None if status is None else question(status, self._table, self._fleet.workers())

    async def answer(self, task_id: str, option: Option) -> Task | None:
        """Do what the user chose; the task to follow now, which is a new one after a failure. None where it ended."""
        status = await self._queue.status(task_id)
        if status is None:
            return None
        if option.action is Action.CANCEL:
            await self._queue.cancel(task_id)
            return None
        if option.action is Action.WAIT:
            return status.task
        if status.state in FINAL_STATES:
            return await self.retry(task_id, worker=option.worker)
        await self._queue.choose(task_id, option.worker)
        return status.task

    async def claim_results(self, workspace: str, *, task_id: str | None = None) -> tuple[Status, ...]:
        """Take results for delivery; each goes to one living session, and is offered again until it is confirmed."""
        return await self._queue.claim_results(workspace, task_id=task_id)

    async def confirm_result(self, task_id: str) -> bool:
        """The result reached its user."""
        return await self._queue.confirm_result(task_id)

    async def results(self, workspace: str) -> AsyncGenerator[Status]:
        """Results that nobody else delivers, those that are there and those that come; ends when it is closed."""
        woken = asyncio.Event()
        forget = self._queue.subscribe(woken.set)
        try:
            while True:
                woken.clear()
                for status in await self._queue.claim_results(workspace):
                    yield status
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await woken.wait()
        finally:
            forget()


@asynccontextmanager
async def open_queue_only(state: Path, *, session: str = "command") -> AsyncGenerator[Dispatcher]:
    """The queue in the folder `state` without workers: for commands that look, cancel or submit."""
    queue = SqliteQueue(state, session=session)
    try:
        yield Dispatcher(queue, Hub(), Fleet())
    finally:
        await queue.close()
