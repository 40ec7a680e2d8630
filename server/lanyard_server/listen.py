"""Running the server: one connection on standard input and output, or many on TCP or WebSocket.

Owns the event loop, signals, and which addresses may be listened on. Each connection is a session of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Literal

from lanyard_server.app import connect
from lanyard_server.framing import BODY_LIMIT
from lanyard_server.protocol import LanyardProtocol
from lanyard_server.transport import (
    StreamSink,
    ThreadSink,
    WebSocketSink,
    claim_stdio,
    read_descriptor,
    read_stream,
)

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

log = logging.getLogger(__name__)

_GRACE_S = 1.0  # for threads that go on after everything was closed


class AddressRefused(Exception):
    """An address that cannot be listened on; `str(error)` is one line with the next step."""


def parse_address(address: str) -> tuple[str, int]:
    """`HOST:PORT`, `[V6]:PORT` or `PORT` (loopback). Raises AddressRefused."""
    host, separator, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if separator else "127.0.0.1"
    if not (port.isascii() and port.isdigit() and int(port) < 65536 and host):
        raise AddressRefused(f"{address} is no HOST:PORT, write for example 127.0.0.1:7777")
    return host, int(port)


def check_loopback(host: str) -> None:
    """Raises AddressRefused where other machines could reach the address."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        raise AddressRefused(f"{host} is no address of this machine") from None
    if not all(ipaddress.ip_address(str(address).partition("%")[0]).is_loopback for address in found):
        raise AddressRefused(
            f"{host} can be reached from other machines and there is no password; "
            "use 127.0.0.1 with an SSH tunnel, or add --allow-remote"
        )


async def serve_stdio(source: int, target: int) -> int:
    """Serve the one client behind two file descriptors; the exit code."""
    protocol = connect(ThreadSink(target), watch_parent=True)
    loop = asyncio.get_running_loop()
    _on_signals(protocol.disconnected)
    read_descriptor(source, protocol, loop)
    return await protocol.ended


async def serve_tcp(host: str, port: int) -> int:
    """Serve every client that connects, until a signal; the exit code."""
    connections = _Connections()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = connect(StreamSink(writer))
        await connections.run(protocol, read_stream(reader, protocol))

    server = await asyncio.start_server(connected, host, port)
    _announce(server.sockets, "tcp")
    await connections.until_signal()
    server.close()
    return 0


async def serve_ws(host: str, port: int) -> int:
    """Serve every WebSocket client that connects, until a signal; the exit code.

    A browser names its page in `Origin`, every other client leaves that out: pages are refused.
    """
    from websockets.asyncio.server import serve  # noqa: PLC0415 - 100 ms that stdio does not pay

    connections = _Connections()

    async def connected(websocket: ServerConnection) -> None:
        protocol = connect(WebSocketSink(websocket))
        await connections.run(protocol, _read_websocket(websocket, protocol))

    async with serve(connected, host, port, origins=[None], max_size=BODY_LIMIT, compression=None) as server:
        _announce(tuple(server.sockets), "ws")
        await connections.until_signal()
    return 0


async def _read_websocket(websocket: ServerConnection, protocol: LanyardProtocol) -> None:
    from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - as above

    with contextlib.suppress(ConnectionClosed):
        async for message in websocket:
            protocol.receive(message)
    protocol.disconnected()


class _Connections:
    """The connections of one listening server."""

    def __init__(self) -> None:
        self._open: set[LanyardProtocol] = set()

    async def run(self, protocol: LanyardProtocol, reading: Awaitable[None]) -> None:
        """Run one connection to its end."""
        self._open.add(protocol)
        task = asyncio.ensure_future(reading)
        try:
            await protocol.ended
        finally:
            self._open.discard(protocol)
            task.cancel()

    async def until_signal(self) -> None:
        """Wait for a signal, then end all connections."""
        stop = asyncio.Event()
        _on_signals(stop.set)
        await stop.wait()
        for protocol in tuple(self._open):
            protocol.disconnected()
        if self._open:
            await asyncio.wait([protocol.ended for protocol in self._open])


def _on_signals(stop: Callable[[], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: the default handler ends the process
            asyncio.get_running_loop().add_signal_handler(number, stop)


def _announce(sockets: tuple[socket.socket, ...], scheme: str) -> None:
    for listening in sockets:
        host, port = listening.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        print(f"Listening on {scheme}://{shown}:{port}", file=sys.stderr, flush=True)  # noqa: T201


Reach = Literal["loopback", "any"]


def run_stdio() -> int:
    """Serve standard input and output; the exit code."""
    source, target = claim_stdio()
    return asyncio.run(_guarded(serve_stdio(source, target)))


def run_tcp(address: str, reach: Reach) -> int:
    """Serve TCP clients at HOST:PORT; the exit code. Raises AddressRefused."""
    return _run_listening(serve_tcp, address, reach)


def run_ws(address: str, reach: Reach) -> int:
    """Serve WebSocket clients at HOST:PORT; the exit code. Raises AddressRefused."""
    return _run_listening(serve_ws, address, reach)


def _run_listening(serve: Callable[[str, int], Coroutine[Any, Any, int]], address: str, reach: Reach) -> int:
    host, port = parse_address(address)
    if reach == "loopback":
        check_loopback(host)
    try:
        return asyncio.run(_guarded(serve(host, port)))
    except OSError as error:
        raise AddressRefused(f"cannot listen on {address}: {error.strerror or error}") from None


def _log_type_only(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    # The exception's own text may hold code or a secret.
    error = context.get("exception")
    log.error("%s (%s)", context.get("message"), type(error).__name__)
    log.debug("in the event loop", exc_info=error)


async def _guarded(serving: Coroutine[Any, Any, int]) -> int:
    """Serve; a thread that hangs afterwards does not keep the process alive."""
    asyncio.get_running_loop().set_exception_handler(_log_type_only)
    code = await serving
    guard = threading.Timer(_GRACE_S, os._exit, (code,))
    guard.daemon = True
    guard.start()
    return code
