"""What an index process costs and how soon it answers, through its pipes as the server asks it.

    WORKSPACE=/path/to/Django python tests/bench/index_process/bench_index_process.py

Of a cold workspace: the first context (the file and what it imports) and the time until the index is complete. Of an
unchanged one: the same after a restart. Then the median and 95th percentile of warm questions, of an edit followed by
a question, and of a file saved and asked about; memory; and what a key costs the server's event loop. Without
WORKSPACE a workspace of 400 modules is made up. Wall and CPU time of this process and its children; on a busy machine
the CPU column is the one to look at. Bars are for Django on two quiet cores.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil

from lanyard_analyzers.languages import language_of
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import Shape, targets_at
from lanyard_analyzers.text import Edit, Span, Text
from lanyard_server.index.client import IndexClient
from lanyard_server.index.messages import (
    AskContext,
    Change,
    Changed,
    Opened,
    SliceQuestion,
    Start,
    Status,
    Touched,
)
from lanyard_server.index.store import file_for

RUNS = 40
BUDGET = 1024
PATIENCE_S = 120.0


def make(root: Path) -> str:
    """A workspace of 400 modules that import each other; the path of one in the middle."""
    for number in range(400):
        folder = root / f"part{number % 20:02}"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()
        others = [(number * 7 + k) % 400 for k in (1, 2, 3)]
        lines = [f"from part{k % 20:02}.m{k} import Thing{k}, help_{k}" for k in others]
        lines += ["", f"class Thing{number}:", '    """A thing."""', "    size: int = 3", ""]
        for k in range(10):
            lines += [f"    def act_{k}(self, value: int) -> int:", f"        total = help_{others[0]}(value, {k})"]
            lines += [f"        thing = Thing{others[1]}()", "        return total + thing.act_1(value)", ""]
        lines += [f"def help_{number}(value: int, step: int = 1) -> int:", "    return value + step", ""]
        (folder / f"m{number}.py").write_text("\n".join(lines))
    return "part10/m210.py"


class Asker:
    """One document of the workspace, asked about."""

    def __init__(self, root: Path, path: str) -> None:
        self.root, self.path, self.version = root, path, 1
        language = language_of("", path)
        assert language is not None
        self.language = language
        self.content = (root / path).read_text("utf-8")
        syntax = parse(Text.of(self.content), language)
        middle = len(self.content) // 2
        inner = [one for one in targets_at(syntax, Span(middle, middle)) if one.shape is not Shape.FILE]
        self.target = inner[0] if inner else targets_at(syntax, Span(0, 0))[0]

    def opened(self) -> Opened:
        return Opened(self.path, self.language, self.version, self.content)

    async def slice(self, client: IndexClient) -> None:
        question = SliceQuestion("review", self.path, self.language, self.content, self.target, BUDGET)
        assert await client.slice(question, PATIENCE_S) is not None

    async def context(self, client: IndexClient) -> None:
        at = self.target.span.end - 1
        asked = AskContext(0, self.path, self.version, at, 384)
        assert await client.context(asked, PATIENCE_S) is not None

    def type(self, client: IndexClient) -> None:
        """One key in the target."""
        at, self.version = self.target.span.end, self.version + 1
        self.content = f"{self.content[:at]} {self.content[at:]}"
        key = Change(at, at, " ")
        client.tell(Changed(self.path, self.version - 1, self.version, len(self.content), (key,)))


@asynccontextmanager
async def running(root: Path, cache: Path, asker: Asker):
    """A client with its process, and the moment when the process was started."""
    helpers = max(1, (os.cpu_count() or 2) - 1)
    start = Start(root=str(root), ignore=(), store=str(file_for(cache, root)), helpers=helpers)
    client = IndexClient(start, opened=lambda: [asker.opened()], lost=print, told=print, log_file=cache / "index.log")
    begun = time.perf_counter()
    task = asyncio.create_task(client.run())
    while client.process_id is None:
        await asyncio.sleep(0.001)
    try:
        yield client, begun
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def ready(client: IndexClient) -> Status:
    while True:
        status = await client.status(PATIENCE_S)
        assert status is not None
        if status.state == "ready":
            return status
        await asyncio.sleep(0.02)


def cpu(client: IndexClient) -> float:
    """CPU seconds of the index process, its helpers left out: what it took to answer."""
    used = psutil.Process(client.process_id).cpu_times()
    return used.user + used.system


async def timed(name: str, bar: str, step: Callable[[], Awaitable[None]]) -> None:
    times: list[float] = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        await step()
        times.append(1000 * (time.perf_counter() - begun))
    times.sort()
    print(f"{name:44} p50 {statistics.median(times):7.1f} ms  p95 {times[int(0.95 * RUNS)]:7.1f} ms  {bar}")


async def start_up(name: str, bar: str, root: Path, cache: Path, asker: Asker) -> None:
    async with running(root, cache, asker) as (client, begun):
        await asker.context(client)
        first, first_cpu = time.perf_counter() - begun, cpu(client)
        status = await ready(client)
        whole, used = status.ready_ms / 1000, cpu(client)
        print(f"{name + ': first context':44} {1000 * first:7.0f} ms, {1000 * first_cpu:5.0f} ms CPU  {bar}")
        print(f"{name + ': each question has its full answer':44} {status.complete_ms:7.0f} ms")
        print(f"{name + ': complete':44} {1000 * whole:7.0f} ms, {1000 * used:5.0f} ms CPU in the main process")
        print(f"{name + ': files, memory':44} {status.known:7} files, {status.memory / 1e6:.0f} MB  (bar 200 MB)")


async def measure(root: Path, path: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cache, asker = Path(folder), Asker(root, path)
        print(f"{root.name}: {path}, {asker.target.name}; load {os.getloadavg()[0]:.1f}")
        await start_up("cold", "(bar 300 ms)", root, cache, asker)
        await start_up("restart", "", root, cache, asker)
        async with running(root, cache, asker) as (client, _):
            await ready(client)
            await asker.slice(client)
            await timed("warm slice", "(bar 25 ms)", lambda: asker.slice(client))
            await timed("warm context", "(bar 25 ms)", lambda: asker.context(client))

            async def edited() -> None:
                asker.type(client)
                await asker.slice(client)

            async def typed() -> None:
                asker.type(client)
                await asker.context(client)

            async def saved() -> None:
                client.tell(Touched((path,)))
                await asker.slice(client)

            await timed("edit, then slice", "(bar 30 ms)", edited)
            await timed("edit, then context", "(bar 30 ms)", typed)
            await timed("save, then slice", "(bar 30 ms)", saved)
            status = await ready(client)
            print(f"{'memory after that':44} {status.memory / 1e6:7.0f} MB  (bar 200 MB)")


def key_cost() -> float:
    """Milliseconds that one key costs the server: the note that is taken of it."""
    from lanyard_server.index.feed import Feed

    class Documents:
        def glance(self, uri: str) -> None:
            return None

    class Session:
        documents = Documents()

    async def keys() -> float:
        feed = Feed(Session(), lambda _: None, lambda *_: None)  # pyright: ignore[reportArgumentType]
        begun = time.process_time()
        for number in range(10_000):
            feed.edited("file:///w/a.py", Edit(Span(number, number), "x"))
        took = time.process_time() - begun
        feed.close()
        return took / 10

    return asyncio.run(keys())


def main() -> int:
    """Print the table."""
    named = os.environ.get("WORKSPACE")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(named or folder).resolve()
        path = os.environ.get("FILE", "django/db/models/query.py") if named else make(root)
        asyncio.run(measure(root, path))
    print(f"{'a key on the event loop':44} {key_cost():7.3f} ms  (bar 0.2 ms)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
