"""What it costs to accept a task durably, and to choose a worker: against the bare floor in the same run.

`python tests/bench/queue/enqueue.py [COUNT]`. Floor of the queue: one INSERT of the same bytes into an SQLite file with
the same pragmas, in the calling thread. Floor of the lane: the adapter's generator without the lane around it.
"""

from __future__ import annotations

import asyncio
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from pathlib import Path

from lanyard_routing.adapters.base import Delta, FillRequest, Timeouts
from lanyard_routing.config import DEFAULT_ROUTES, EndpointConfig
from lanyard_routing.fleet import Fleet, Member
from lanyard_routing.immediate import Lane
from lanyard_routing.netpolicy import Policy
from lanyard_routing.queue.sqlite import SqliteQueue
from lanyard_routing.task import Kind, Message, Task
from lanyard_routing.testing.fake import FakeAdapter, FakeReply


def task(number: int) -> Task:
    """A task with a slice of about 2,000 tokens."""
    return Task(
        id=f"{number:032x}",
        kind=Kind.REVIEW,
        title="Review Cart.total",
        workspace="/home/me/project",
        messages=(Message(role="system", content="s" * 600), Message(role="user", content="def f(x):\n" * 800)),
        max_tokens=1024,
        prompt_tokens=2200,
    )


def row(name: str, seconds: list[float], floor: list[float]) -> None:
    """One line of the table, in milliseconds; the ratio is of the medians."""
    ordered = sorted(seconds)
    p50, p95 = statistics.median(ordered), ordered[int(len(ordered) * 0.95)]
    ratio = p50 / statistics.median(floor)
    print(f"{name:<44}{p50 * 1000:>9.3f}{p95 * 1000:>9.3f}{ratio:>8.2f}x")


async def timed(each: Callable[[int], Awaitable[object]], count: int) -> list[float]:
    """Seconds of each of `count` calls."""
    taken: list[float] = []
    for number in range(count):
        before = time.perf_counter()
        await each(number)
        taken.append(time.perf_counter() - before)
    return taken


async def queue(folder: Path, count: int) -> None:
    """The durable queue against a bare INSERT, calls of the two taking turns."""
    db = sqlite3.connect(folder / "floor.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute("CREATE TABLE task (id TEXT PRIMARY KEY, body TEXT)")
    mine = SqliteQueue(folder, session="bench")
    await mine.put(task(10**9))
    bare: list[float] = []
    put: list[float] = []
    for number in range(count):
        given = task(number)
        body = given.model_dump_json()
        before = time.perf_counter()
        db.execute("INSERT INTO task VALUES (?, ?)", (given.id, body))
        between = time.perf_counter()
        await mine.put(given)
        bare.append(between - before)
        put.append(time.perf_counter() - between)
    status = await timed(lambda number: mine.status(f"{number:032x}"), min(count, 500))
    row("INSERT, WAL, synchronous=FULL (floor)", bare, bare)
    row("SqliteQueue.put", put, bare)
    row(f"SqliteQueue.status with {count} queued", status, bare)
    await mine.close()
    db.close()


async def lane(count: int) -> None:
    """The immediate lane over five workers against the adapter alone."""
    fleet = Fleet()
    adapters = [FakeAdapter(name=f"w{number}", default=FakeReply("x")) for number in range(5)]
    for adapter in adapters:
        endpoint = EndpointConfig(name=adapter.name, url="http://127.0.0.1")
        fleet.add(Member(endpoint, adapter, Policy()))
    await fleet.known(5)
    chosen = Lane(fleet, DEFAULT_ROUTES)
    request = FillRequest(prefix="def f(", suffix="", model="fake-1b")

    async def drain(stream: AsyncGenerator[Delta]) -> None:
        async with aclosing(stream) as deltas:
            async for _ in deltas:
                pass

    bare: list[float] = []
    through: list[float] = []
    for _ in range(count):
        bare += await timed(lambda _: drain(adapters[0].fill(request, Timeouts())), 1)
        through += await timed(lambda _: drain(chosen.fill(request)), 1)
        for adapter in adapters:
            adapter.calls.clear()
    row("adapter alone, one delta (floor)", bare, bare)
    row("ImmediateLane.fill over five workers", through, bare)
    extra = statistics.median(through) - statistics.median(bare)
    print(f"the lane adds {extra * 1000:.3f} ms a call (bar: 0.3)")
    await fleet.close()


async def main(count: int) -> None:
    """Both tables."""
    print(f"{'':<44}{'p50 ms':>9}{'p95 ms':>9}{'ratio':>9}")
    with tempfile.TemporaryDirectory() as folder:
        await queue(Path(folder), count)
    await lane(count)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
