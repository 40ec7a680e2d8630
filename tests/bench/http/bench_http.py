"""What an HTTP client costs per call: Lanyard's adapter beside the libraries that it could be built on.

Run by hand: `python tests/bench/http/bench_http.py [--calls N]`. A stub server in a process of its own answers at once,
in one segment. Prints milliseconds (p50, p95), calls per second at 32 concurrent calls, and the ratio of p50 to the
floor: a bare asyncio connection that looks for the end of the reply and parses nothing. Rounds are interleaved, so
that other load on the machine strikes all alike.

Measured on two cores of an AMD EPYC (Zen 5), Python 3.11, p50: a plain call 0.10 ms with aiohttp, 0.72 with httpx, 0.26
with httpx over aiohttp, 0.14 with Lanyard's client (JSON and policy included); a stream of 16 chunks 0.16, 0.93, 0.31,
and 0.27 (parsed to deltas); 32 callers at once 10,600, 420, 4,200 and 7,900 calls a second. Hence aiohttp itself.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import time
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from lanyard_routing.adapters.base import ChatRequest, FillRequest, Timeouts
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.make import Dialect, make_adapter
from lanyard_routing.adapters.origin import parse_origin
from lanyard_routing.netpolicy import Policy
from lanyard_routing.task import Message

CHUNKS = 16
TEXT = "def total(self):\n    return sum(item.price for item in self.items)\n" * 40
PLAIN = json.dumps({"model": "m", "messages": [{"role": "user", "content": TEXT}], "stream": False}).encode()
STREAMED = json.dumps({"model": "m", "messages": [{"role": "user", "content": TEXT}], "stream": True}).encode()
LARGE = json.dumps({"model": "m", "messages": [{"role": "user", "content": TEXT * 80}], "stream": False}).encode()
JSON = {"Content-Type": "application/json"}
Call = Callable[[], Awaitable[object]]


def serve(pipe: Connection) -> None:
    """The stub server: every request is answered as soon as its body is there."""
    event = b'data: {"choices":[{"index":0,"delta":{"content":"word"},"finish_reason":null}],"model":"m"}\n\n'
    last = b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"model":"m"}\n\ndata: [DONE]\n\n'
    chunk = b"%x\r\n%b\r\n" % (len(event), event)
    stream = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    stream += chunk * CHUNKS + b"%x\r\n%b\r\n0\r\n\r\n" % (len(last), last)
    body = b'{"choices":[{"message":{"content":"word"},"finish_reason":"stop"}]}'
    plain = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                request = await reader.readexactly(length)
                writer.write(plain if request.endswith(b'"stream": false}') else stream)
        except (EOFError, OSError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=1 << 22)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


class Floor:
    """One kept connection for each concurrent caller; nothing is parsed."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def call(self, body: bytes, end: bytes) -> None:
        """Send, and read to the end mark."""
        reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await reader.readuntil(end)
        self._idle.append((reader, writer))

    def close(self) -> None:
        """Close the connections."""
        for _, writer in self._idle:
            writer.close()


async def percentiles(calls: dict[str, Call], count: int) -> dict[str, tuple[float, float]]:
    """p50 and p95 in milliseconds of each call, in interleaved rounds of 20."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        for _ in range(20):
            await call()
    for _ in range(max(1, count // 20)):
        for name, call in calls.items():
            for _ in range(20):
                began = time.perf_counter()
                await call()
                times[name].append((time.perf_counter() - began) * 1e3)
    return {name: (statistics.median(each), statistics.quantiles(each, n=20)[18]) for name, each in times.items()}


async def rates(calls: dict[str, Call], count: int) -> dict[str, float]:
    """Calls per second with 32 callers, the best of three rounds."""
    best: dict[str, float] = {}
    for _ in range(3):
        for name, call in calls.items():
            began = time.perf_counter()
            left = iter(range(count))

            async def caller(left: object = left, call: Call = call) -> None:
                for _ in left:  # type: ignore[attr-defined]
                    await call()

            await asyncio.gather(*(caller() for _ in range(32)))
            best[name] = max(best.get(name, 0.0), count / (time.perf_counter() - began))
    return best


async def measure(port: int, count: int) -> None:
    """All clients against the stub."""
    url = f"http://127.0.0.1:{port}"
    path = f"{url}/v1/chat/completions"
    floor = Floor(port)
    raw_aiohttp = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    raw_httpx = httpx.AsyncClient(trust_env=False, timeout=60)
    bridged = httpx.AsyncClient(
        transport=AiohttpTransport(client=lambda: aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))),
        trust_env=False,
        timeout=60,
    )
    ours = Http(parse_origin(url), Policy())
    chat = make_adapter(url, Dialect.OPENAI)
    request = ChatRequest((Message(role="user", content=TEXT),), 64, model="m")
    fill = FillRequest(TEXT, TEXT, model="qwen2.5-coder")
    value = json.loads(PLAIN)
    large = json.loads(LARGE)

    async def with_aiohttp(body: bytes) -> None:
        async with raw_aiohttp.post(path, data=body, headers=JSON) as response:
            await response.read()

    async def with_httpx(client: httpx.AsyncClient, body: bytes) -> None:
        async with client.stream("POST", path, content=body, headers=JSON) as response:
            async for _ in response.aiter_lines():
                pass

    async def with_aiohttp_lines(body: bytes) -> None:
        async with raw_aiohttp.post(path, data=body, headers=JSON) as response:
            async for _ in response.content:
                pass

    async def adapter_chat() -> None:
        async for _ in chat.chat(request, Timeouts()):
            pass

    async def adapter_fill() -> None:
        async for _ in chat.fill(fill, Timeouts()):
            pass

    plain: dict[str, Call] = {
        "floor": lambda: floor.call(PLAIN, b'"stop"}]}'),
        "aiohttp": lambda: with_aiohttp(PLAIN),
        "httpx": lambda: raw_httpx.post(path, content=PLAIN, headers=JSON),
        "httpx-aiohttp": lambda: bridged.post(path, content=PLAIN, headers=JSON),
        "lanyard": lambda: ours.ask("/v1/chat/completions", value, timeout_s=60),
    }
    heavy: dict[str, Call] = {
        "floor": lambda: floor.call(LARGE, b'"stop"}]}'),
        "aiohttp": lambda: with_aiohttp(LARGE),
        "httpx": lambda: raw_httpx.post(path, content=LARGE, headers=JSON),
        "httpx-aiohttp": lambda: bridged.post(path, content=LARGE, headers=JSON),
        "lanyard": lambda: ours.ask("/v1/chat/completions", large, timeout_s=60),
    }
    streams: dict[str, Call] = {
        "floor": lambda: floor.call(STREAMED, b"\r\n0\r\n\r\n"),
        "aiohttp (lines)": lambda: with_aiohttp_lines(STREAMED),
        "httpx (lines)": lambda: with_httpx(raw_httpx, STREAMED),
        "httpx-aiohttp (lines)": lambda: with_httpx(bridged, STREAMED),
        "lanyard chat (deltas)": adapter_chat,
        "lanyard fill (deltas)": adapter_fill,
    }
    for title, calls, share in (("plain call", plain, 1), ("220 KB prompt", heavy, 4), ("16-chunk stream", streams, 1)):
        print(f"\n{title:24}{'p50 ms':>10}{'p95 ms':>10}{'x floor':>10}")
        measured = await percentiles(calls, count // share)
        for name, (middle, high) in measured.items():
            print(f"  {name:22}{middle:10.3f}{high:10.3f}{middle / measured['floor'][0]:10.1f}")
    print(f"\n{'32 concurrent':24}{'calls/s':>10}")
    for name, rate in (await rates(plain, count)).items():
        print(f"  {name:22}{rate:10.0f}")
    print(f"{'32 concurrent streams':24}{'calls/s':>10}")
    for name, rate in (await rates(streams, count)).items():
        print(f"  {name:22}{rate:10.0f}")
    floor.close()
    await raw_aiohttp.close()
    await raw_httpx.aclose()
    await bridged.aclose()
    await ours.close()
    await chat.close()


def main() -> None:
    """Start the stub, measure, stop it."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--calls", type=int, default=1000)
    count = parser.parse_args().calls
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        asyncio.run(measure(here.recv(), count))
    finally:
        process.terminate()
        process.join()


if __name__ == "__main__":
    main()
