"""The machines of the demo's fleet, each a child process: a replay endpoint, or a relay to a real one.

Owns their start and end. A child ends when its standard input closes, so that nothing outlives the demo, however it
ends. From a terminal: `python -m lanyard_server.demo.hosts replay | relay URL`.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lanyard_routing.testing.replay import ReplayEndpoint, load_recording

_HERE = Path(__file__).parent
_START_S = 60.0


@dataclass(slots=True)
class Host:
    """A running child: its endpoint's URL and its process."""

    name: str
    url: str
    process: asyncio.subprocess.Process

    async def kill(self) -> None:
        """`kill -9`, as a power cut would."""
        with suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()


@asynccontextmanager
async def host(name: str, *what: str) -> AsyncGenerator[Host]:
    """Start a child (`replay`, or `relay URL`) and wait until it listens; raises RuntimeError where it does not."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # nothing is imported from wherever the demo was started
        "-m",
        "lanyard_server.demo.hosts",
        *what,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    started = Host(name, "", process)
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _START_S)
        if not line:
            raise RuntimeError(f"{name} did not start")
        started.url = line.decode().strip()
        yield started
    finally:
        await started.kill()


async def _replay() -> None:
    async with ReplayEndpoint(load_recording(_HERE / "recording.json")) as endpoint:
        sys.stdout.write(f"{endpoint.url}\n")
        await _until_stdin_closes()


async def _relay(url: str) -> None:
    """A second way to one endpoint, as a host of its own that can be killed."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection(parts.hostname, port, ssl=parts.scheme == "https" or None)
        except OSError:
            writer.close()
            return
        await asyncio.wait(
            [asyncio.create_task(_pump(reader, there[1])), asyncio.create_task(_pump(there[0], writer))],
            return_when=asyncio.FIRST_COMPLETED,
        )
        there[1].close()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    sys.stdout.write(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{parts.path}\n")
    await _until_stdin_closes()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


async def _until_stdin_closes() -> None:
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(_relay(sys.argv[2]) if sys.argv[1:2] == ["relay"] else _replay())
