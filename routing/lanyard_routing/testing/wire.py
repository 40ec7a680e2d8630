"""A small HTTP/1.1 server on asyncio, as much as a scripted endpoint needs and as wrong as it is told to be.

Owns requests, responses and the noticing of clients that leave; must not know dialects. No server for production.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

_MAX_BODY = 64 * 1024 * 1024
_REASONS = {200: "OK", 307: "Temporary Redirect", 400: "Bad Request", 404: "Not Found", 503: "Service Unavailable"}


@dataclass(slots=True)
class Request:
    """One request; header names are in lower case. `peer` numbers the connection that it came by."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    peer: int


@dataclass(slots=True)
class Response:
    """Writes one response. `keep` turns False where the connection cannot be used again."""

    writer: asyncio.StreamWriter
    keep: bool = True
    chunked: bool = field(default=False)

    async def whole(self, status: int, body: bytes, *, kind: str = "application/json", location: str = "") -> None:
        """A complete response."""
        extra = f"Location: {location}\r\n" if location else ""
        head = f"{self._head(status, kind)}{extra}Content-Length: {len(body)}\r\n\r\n"
        await self.raw(head.encode() + body)

    async def begin(self, kind: str) -> None:
        """The head of a chunked response."""
        self.chunked = True
        await self.raw(f"{self._head(200, kind)}Transfer-Encoding: chunked\r\n\r\n".encode())

    async def chunk(self, data: bytes) -> None:
        """One chunk of the body."""
        if data:
            await self.raw(b"%x\r\n%b\r\n" % (len(data), data))

    async def finish(self) -> None:
        """The end of a chunked body."""
        await self.raw(b"0\r\n\r\n")

    async def raw(self, data: bytes) -> None:
        """Bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    def close(self) -> None:
        """Close the connection after this response, in an orderly way."""
        self.keep = False

    def reset(self) -> None:
        """Reset the connection now."""
        self.keep = False
        opened = self.writer.get_extra_info("socket")
        with contextlib.suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def _head(self, status: int, kind: str) -> str:
        return f"HTTP/1.1 {status} {_REASONS.get(status, 'Said So')}\r\nContent-Type: {kind}\r\n"


Handler = Callable[[Request, Response], Awaitable[None]]
Left = Callable[[Request], None]


class Listener:
    """Accepts connections on loopback and hands each request to `handler`; `left` hears of clients that leave early."""

    def __init__(self, handler: Handler, left: Left) -> None:
        self._handler = handler
        self._left = left
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections = 0

    async def open(self, port: int) -> int:
        """Listen; returns the port, which the system chooses for 0."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port, limit=1 << 20)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        opened: socket.socket = writer.get_extra_info("socket")
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await self._serve(reader, writer, self.connections)
        except (OSError, EOFError, ValueError, asyncio.CancelledError):
            pass  # the client left, or the endpoint is closing; ending quietly is this task's normal end
        finally:
            self._tasks.discard(task)
            writer.transport.abort() if writer.transport.is_closing() else writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: int) -> None:
        keep, early = True, b""
        while keep:
            request = await _read_request(reader, peer, early)
            if request is None:
                return
            response = Response(writer)
            answering = asyncio.ensure_future(self._handler(request, response))
            leaving = asyncio.ensure_future(reader.read(1))
            try:
                await asyncio.wait({answering, leaving}, return_when=asyncio.FIRST_COMPLETED)
                if not answering.done() and _gone(leaving):
                    self._left(request)
                    return
                await answering
            finally:
                for each in (answering, leaving):
                    each.cancel()
                await asyncio.gather(answering, leaving, return_exceptions=True)
            early = b"" if leaving.cancelled() or leaving.exception() else leaving.result()
            keep = response.keep


def _gone(leaving: asyncio.Future[bytes]) -> bool:
    return leaving.done() and (leaving.exception() is not None or not leaving.result())


async def _read_request(reader: asyncio.StreamReader, peer: int, early: bytes) -> Request | None:
    try:
        head = early + await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    lines = head.decode("latin-1").split("\r\n")
    method, path, _ = lines[0].split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    body = b""
    if "chunked" in headers.get("transfer-encoding", ""):
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readline()
    elif length := int(headers.get("content-length", "0")):
        if length > _MAX_BODY:
            raise ValueError("the request is too large")
        body = await reader.readexactly(length)
    return Request(method, path, headers, body, peer)
