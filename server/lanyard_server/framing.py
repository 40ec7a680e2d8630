"""The base protocol: `Content-Length` headers and bodies in a stream of bytes.

Owns the framing alone. Total: a header that makes no sense is reported and skipped, the stream goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

HEADER_LIMIT = 8192
BODY_LIMIT = 256 * 2**20

# Found behind garbage as well: after a frame with a wrong length the next good header puts things right.
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*([0-9]{1,15})[ \t]*(?:\r\n|$)", re.IGNORECASE)


class Unframed(Exception):
    """Bytes that are no frame; `str(error)` is one line."""


class Framing:
    """Cuts a stream of bytes into message bodies."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._wanted: int | None = None  # the length of the body being read; None while in a header
        self._skip = 0

    def feed(self, data: bytes) -> Iterator[bytes | Unframed]:
        """Add what was read; yields the bodies that are complete now, and an Unframed for each piece thrown away."""
        self._buffer += data
        while True:
            if self._skip:
                gone = min(self._skip, len(self._buffer))
                del self._buffer[:gone]
                self._skip -= gone
                if self._skip:
                    return
            if self._wanted is None:
                end = self._buffer.find(b"\r\n\r\n")
                if end < 0:
                    if len(self._buffer) > HEADER_LIMIT:
                        self._buffer.clear()
                        yield Unframed("no header in the first 8 KiB of a message")
                    return
                header = bytes(self._buffer[:end])
                del self._buffer[: end + 4]
                length = _content_length(header)
                if length is None:
                    yield Unframed("a header without a valid Content-Length")
                    continue
                if length > BODY_LIMIT:
                    self._skip = length
                    yield Unframed(f"a message of {length} bytes; the limit is {BODY_LIMIT}")
                    continue
                self._wanted = length
            if len(self._buffer) < self._wanted:
                return
            body = bytes(self._buffer[: self._wanted])
            del self._buffer[: self._wanted]
            self._wanted = None
            yield body


def frame(body: bytes) -> bytes:
    """A message body with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _content_length(header: bytes) -> int | None:
    match = _LENGTH.search(header)
    return None if match is None else int(match.group(1))
