"""How bytes come and go: standard input and output, TCP, WebSocket.

Owns reading, and writing that never makes the event loop wait: a client that does not read fills a queue, and from a
limit on, messages that may be lost (reports of progress, log lines) are. Knows no LSP.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import queue
import re
import sys
import threading
from typing import TYPE_CHECKING, Literal, Protocol

from lanyard_server.framing import Framing, Unframed, frame

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

log = logging.getLogger(__name__)

BACKLOG_LIMIT = 8 * 2**20
"""Bytes waiting for a client that does not read, from which on messages that may be lost are dropped."""

_READ_SIZE = 65536
_FLUSH_S = 2.0

# A web page may make a browser send any body to any port of this machine. Its request line comes first.
_HTTP = re.compile(rb"[A-Z]+ ")
_TELLING = 8  # bytes by which the two are told apart

Loss = Literal["keep", "may be lost"]


class Receiver(Protocol):
    """Who gets what was read."""

    def receive(self, body: bytes | str) -> None:
        """One message."""
        ...

    def malformed(self, why: str) -> None:
        """Something that is no message."""
        ...

    def disconnected(self) -> None:
        """No more will come."""
        ...


class Sink(Protocol):
    """Where message bodies are written."""

    def send(self, body: bytes, loss: Loss) -> None:
        """Write one message, now or later; never waits, never raises."""
        ...

    async def close(self) -> None:
        """Write what waits, for at most two seconds, and close."""
        ...


class ThreadSink:
    """Writes to a file descriptor from a thread of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._queue: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._put = 0  # bytes; counted up by the event loop's thread alone
        self._written = 0  # bytes; counted up by the writer alone
        self._broken = False
        self._thread = threading.Thread(target=self._write, name="lanyard-stdout", daemon=True)
        self._thread.start()

    def send(self, body: bytes, loss: Loss) -> None:
        if self._broken or (loss == "may be lost" and self._put - self._written > BACKLOG_LIMIT):
            return
        data = frame(body)
        self._put += len(data)
        self._queue.put(data)

    async def close(self) -> None:
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join, _FLUSH_S)

    def _write(self) -> None:
        while (data := self._queue.get()) is not None:
            view = memoryview(data)
            try:
                while view:
                    view = view[os.write(self._descriptor, view) :]
            except OSError as error:
                self._broken = True
                log.info("the client reads no more: %s", error)
                return
            self._written += len(data)


class StreamSink:
    """Writes to an asyncio stream, which queues by itself."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def send(self, body: bytes, loss: Loss) -> None:
        transport = self._writer.transport
        if transport.is_closing() or (loss == "may be lost" and transport.get_write_buffer_size() > BACKLOG_LIMIT):
            return
        self._writer.write(frame(body))

    async def close(self) -> None:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(_FLUSH_S):
                await self._writer.drain()
        self._writer.close()


class WebSocketSink:
    """Writes to a WebSocket, one message a frame without header, from a task of its own."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket
        self._queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._waiting = 0  # bytes
        self._task = asyncio.get_running_loop().create_task(self._write())

    def send(self, body: bytes, loss: Loss) -> None:
        if self._task.done() or (loss == "may be lost" and self._waiting > BACKLOG_LIMIT):
            return
        self._waiting += len(body)
        self._queue.put_nowait(body.decode("ascii"))

    async def close(self) -> None:
        self._queue.put_nowait(None)
        await asyncio.wait([self._task], timeout=_FLUSH_S)
        self._task.cancel()

    async def _write(self) -> None:
        with contextlib.suppress(OSError, EOFError):
            while (text := await self._queue.get()) is not None:
                await self._socket.send(text)
                self._waiting -= len(text)


def read_descriptor(descriptor: int, receiver: Receiver, loop: asyncio.AbstractEventLoop) -> None:
    """Read frames from a file descriptor in a thread of its own and hand them to the loop; returns at once."""
    framing = Framing()

    def hand_over(data: bytes) -> None:
        if data:
            deliver(framing, data, receiver)
        else:
            receiver.disconnected()

    def read() -> None:
        data = b"-"
        while data:
            try:
                data = os.read(descriptor, _READ_SIZE)
            except OSError as error:
                log.info("standard input failed: %s", error)
                data = b""
            try:
                loop.call_soon_threadsafe(hand_over, data)
            except RuntimeError:
                return  # the loop has ended

    threading.Thread(target=read, name="lanyard-stdin", daemon=True).start()


async def read_stream(reader: asyncio.StreamReader, receiver: Receiver) -> None:
    """Read frames from an asyncio stream until its end. An HTTP request is not read: a web page sent it."""
    framing = Framing()
    start = b""
    with contextlib.suppress(OSError):
        while data := await reader.read(_READ_SIZE):
            if len(start) < _TELLING:
                start = data = start + data
                if _HTTP.match(start):
                    log.warning("an HTTP request was refused; web pages may not connect")
                    break
                if len(start) < _TELLING:
                    continue
            deliver(framing, data, receiver)
    receiver.disconnected()


def deliver(framing: Framing, data: bytes, receiver: Receiver) -> None:
    """Cut data into messages and hand each over."""
    for piece in framing.feed(data):
        if isinstance(piece, Unframed):
            receiver.malformed(str(piece))
        else:
            receiver.receive(piece)


def claim_stdio() -> tuple[int, int]:
    """Take standard input and output for the protocol: (descriptor to read, descriptor to write).

    Afterwards descriptor 0 is empty and descriptor 1 is standard error, so that neither a stray `print` nor a child
    process can read from or write into the protocol.
    """
    source, target = os.dup(0), os.dup(1)
    if sys.platform != "win32":
        for each in (source, target):  # who started us may share a pipe that does not wait
            os.set_blocking(each, True)
    else:
        import msvcrt  # noqa: PLC0415 - exists on Windows alone

        msvcrt.setmode(source, os.O_BINARY)
        msvcrt.setmode(target, os.O_BINARY)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # no standard error
        os.dup2(null, 1)
    os.close(null)
    sys.stdout = sys.stderr
    return source, target
