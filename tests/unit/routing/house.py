"""One process's share of the routing with adapters in memory, for tests of the worker loop and of its followers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path

from lanyard_routing.config import RouteConfig
from lanyard_routing.dispatch import Dispatcher
from lanyard_routing.events import Hub
from lanyard_routing.fleet import Fleet, Member
from lanyard_routing.netpolicy import Policy
from lanyard_routing.queue.sqlite import SqliteQueue
from lanyard_routing.task import Event, Finished, Progress, Started
from lanyard_routing.worker import WorkerLoop
from unit.routing.fakes import Fake, endpoint, task

Open = Callable[..., Awaitable["House"]]


class House:
    """One process's share: a fleet, a queue, a loop."""

    def __init__(self, folder: Path, session: str, fakes: Sequence[Fake], table: Sequence[RouteConfig]) -> None:
        self.told: list[str] = []
        self.fleet = Fleet(probe_s=0.01)
        for fake in fakes:
            self.fleet.add(Member(endpoint(fake.name), fake, Policy()))
        self.queue = SqliteQueue(folder, session=session, poll_s=0.005)
        self.hub = Hub()
        self.router = Dispatcher(self.queue, self.hub, self.fleet, table)
        self.loop = WorkerLoop(self.queue, self.fleet, table, self.hub, told=self.told.append, tick_s=0.02)
        self.loop.start()

    async def run(self, task_id: str = "t1", **more: object) -> list[Event]:
        await self.router.submit(task(task_id, **more))
        return await self.follow(task_id)

    async def follow(self, task_id: str) -> list[Event]:
        async with asyncio.timeout(50), aclosing(self.router.stream(task_id)) as events:
            return [event async for event in events]

    async def close(self) -> None:
        await self.loop.close()
        await self.queue.close()
        await self.fleet.close()


def final(events: Sequence[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    assert sum(isinstance(event, Finished) for event in events) == 1
    return events[-1]


def text_since_start(events: Sequence[Event]) -> str:
    last = max(number for number, event in enumerate(events) if isinstance(event, Started))
    return "".join(event.text for event in events[last:] if isinstance(event, Progress))
