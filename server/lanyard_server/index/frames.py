"""Messages as bytes: a length of four bytes, then msgpack.

Owns that form in both directions, for pipes that block (the processes) and for asyncio (the server).
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import msgspec

if TYPE_CHECKING:
    from asyncio import StreamReader  # the processes start without it: it is a third of their imports

FRAME_LIMIT = 128 * 1024 * 1024
"""Bytes; a longer frame is no message of ours."""

T = TypeVar("T")

_ENCODER = msgspec.msgpack.Encoder()


class Broken(Exception):
    """What came is no frame; the other side cannot be trusted any more."""


def packed(message: Any) -> bytes:
    """A message as one frame. Raises TypeError or UnicodeEncodeError for what msgpack cannot hold."""
    body = _ENCODER.encode(message)
    return len(body).to_bytes(4, "big") + body


def unpacked(body: bytes, decoder: msgspec.msgpack.Decoder[T]) -> T:
    """The message of a frame's body. Raises Broken."""
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, ValueError) as error:
        raise Broken(type(error).__name__) from error


def read(pipe: BinaryIO, decoder: msgspec.msgpack.Decoder[T]) -> T | None:
    """The next message, waited for; None at the end. Raises Broken."""
    head = pipe.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head, "big")
    if size > FRAME_LIMIT:
        raise Broken("too long")
    body = pipe.read(size)
    return unpacked(body, decoder) if len(body) == size else None


async def receive(stream: StreamReader, decoder: msgspec.msgpack.Decoder[T]) -> T | None:
    """As `read`, on the event loop."""
    try:
        size = int.from_bytes(await stream.readexactly(4), "big")
        if size > FRAME_LIMIT:
            raise Broken("too long")
        return unpacked(await stream.readexactly(size), decoder)
    except (EOFError, ConnectionError):
        return None


def own_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for frames alone: what anything prints goes to standard error from now on."""
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - Windows only

        for descriptor in (0, 1):
            msvcrt.setmode(descriptor, os.O_BINARY)
    out = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(0, "rb", closefd=False), os.fdopen(out, "wb")
