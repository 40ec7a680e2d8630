"""A workspace on disk with a real index process, asked as the server asks it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from lanyard_analyzers.languages import language_of
from lanyard_analyzers.slices import Slice
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_server.index.client import IndexClient, Restarts
from lanyard_server.index.messages import Opened, SliceQuestion, Start, Status
from lanyard_server.index.store import file_for

WAIT_S = 60.0
AT_ONCE = Restarts(backoff_s=0.0, limit=1_000)

SHOP = {
    "shop/__init__.py": "",
    "shop/cart.py": '''class Cart:
    """What a customer wants to buy."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.lines: list[int] = []

    def add(self, price: int, count: int = 1) -> None:
        """Put something in."""
        self.lines += [price] * count
''',
    "shop/money.py": '''def in_euros(cents: int) -> str:
    """An amount as it is shown."""
    return f"{cents / 100:.2f}"
''',
    "app.py": """from shop.cart import Cart
from shop.money import in_euros


def main() -> str:
    cart = Cart("me")
    cart.add(250, count=2)
    return in_euros(sum(cart.lines))
""",
}


def write(root: Path, files: dict[str, str]) -> None:
    """Write files with their folders."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def question(content: str, marker: str = "def main", path: str = "app.py", **more: Any) -> SliceQuestion:
    """A question about the definition at `marker`."""
    language = language_of("", path)
    assert language is not None
    syntax = parse(Text.of(content), language)
    at = content.index(marker)
    fields: dict[str, Any] = {"kind": "review", "budget": 2048, **more}
    return SliceQuestion(
        path=path, language=language, text=content, target=targets_at(syntax, Span(at, at))[0], **fields
    )


@dataclass
class Shop:
    """A running client with its workspace."""

    root: Path
    cache: Path
    client: IndexClient
    running: asyncio.Task[None]
    told: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    async def slice(self, content: str | None = None, **more: Any) -> Slice | None:
        """The slice of `main`, None where the process gives none."""
        text = (self.root / "app.py").read_text() if content is None else content
        found = await self.client.slice(question(text, **more), WAIT_S)
        return None if found is None else found.slice

    async def sliced(self, **more: Any) -> Slice:
        """As `slice`, asked again where the process that was asked has died."""
        async with asyncio.timeout(WAIT_S):
            while True:
                await self.alive()
                found = await self.slice(**more)
                if found is not None:
                    return found
                await asyncio.sleep(0)

    async def until(self, holds: Callable[[Slice], bool]) -> Slice:
        """Ask until a slice is as it should be."""
        async with asyncio.timeout(WAIT_S):
            while not holds(made := await self.sliced()):
                pass
        return made

    async def alive(self) -> int:
        """Wait for a process; its id."""
        async with asyncio.timeout(WAIT_S):
            while self.client.process_id is None:
                await asyncio.sleep(0.001)
        return self.client.process_id

    async def status(self) -> Status:
        """Ask until some process answers."""
        async with asyncio.timeout(WAIT_S):
            while True:
                await self.alive()
                found = await self.client.status(WAIT_S)
                if found is not None:
                    return found

    async def ready(self) -> Status:
        """Wait until the index is complete."""
        async with asyncio.timeout(WAIT_S):
            while (found := await self.status()).state != "ready":
                await asyncio.sleep(0.01)
        return found


@asynccontextmanager
async def a_shop(
    root: Path,
    cache: Path,
    *,
    ignore: tuple[str, ...] = (),
    opened: Iterable[Opened] = (),
    restarts: Restarts = AT_ONCE,
    helpers: int = 1,
    wrapper: type[IndexClient] = IndexClient,
) -> AsyncGenerator[Shop]:
    """A client whose process keeps its store under `cache`; ended afterwards."""
    told: list[str] = []
    lost: list[str] = []
    start = Start(root=str(root), ignore=ignore, store=str(file_for(cache / "index", root)), helpers=helpers)
    client = wrapper(
        start,
        opened=lambda: opened,
        lost=lost.append,
        told=told.append,
        log_file=cache / "index.log",
        restarts=restarts,
    )
    running = asyncio.create_task(client.run())
    try:
        yield Shop(root, cache, client, running, told, lost)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def gone(*processes: psutil.Process) -> None:
    """Wait until processes have ended, however they are reaped."""
    async with asyncio.timeout(WAIT_S):
        while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes):
            await asyncio.sleep(0.01)
