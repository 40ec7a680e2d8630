"""Bytes of a streamed reply → events.

Owns line splitting, UTF-8 decoding across chunk borders and the two framings, server-sent events and NDJSON; pure, and
bounded in memory whatever a server sends. Must not know what the events mean, nor HTTP.
"""

from __future__ import annotations

import codecs
from typing import Protocol

MAX_LINE = 8 * 1024 * 1024
"""Characters that one line may have; a server that never sends a newline is cut off here."""

MAX_REPLY = 64 * 1024 * 1024
"""Bytes that one reply may have in all."""


class FramingError(ValueError):
    """The bytes are no stream of events: too long a line, too long a reply, or not UTF-8. `str` says which."""


class Framing(Protocol):
    """Turns bytes into events, as they come. `feed` and `end` raise FramingError."""

    def feed(self, data: bytes) -> list[str]:
        """The events that `data` completes."""
        ...

    def end(self) -> list[str]:
        """The event that the end of the stream completes, if any."""
        ...


class _Lines:
    """Complete lines without their ends (LF or CRLF). A lone CR is part of its line: JSON never has one bare."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._rest: list[str] = []
        self._rest_length = 0
        self._total = 0

    def feed(self, data: bytes) -> list[str]:
        self._total += len(data)
        if self._total > MAX_REPLY:
            raise FramingError(f"its reply is longer than {MAX_REPLY >> 20} MB")
        text = self._decode(data)
        if "\n" not in text:
            self._keep(text)
            return []
        first, *others = text.split("\n")
        lines = ["".join((*self._rest, first)), *others[:-1]]
        self._rest, self._rest_length = [], 0
        self._keep(others[-1])
        return [line.removesuffix("\r") for line in lines]

    def end(self) -> list[str]:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise FramingError("its reply ends in half a UTF-8 character") from None
        rest = "".join(self._rest)
        self._rest = []
        return [rest.removesuffix("\r")] if rest else []

    def _decode(self, data: bytes) -> str:
        try:
            return self._decoder.decode(data)
        except UnicodeDecodeError:
            raise FramingError("its reply is not UTF-8") from None

    def _keep(self, text: str) -> None:
        if text:
            self._rest.append(text)
            self._rest_length += len(text)
        if self._rest_length > MAX_LINE:
            raise FramingError(f"it sends a line of more than {MAX_LINE >> 20} MB")


class Sse:
    """Server-sent events (WHATWG HTML, 9.2): the data of each event; comments, names and ids are dropped.

    Some engines write `error: {...}` where the standard has no such field; it counts as data, so that it is not lost.
    """

    def __init__(self) -> None:
        self._lines = _Lines()
        self._data: list[str] = []
        self._length = 0

    def feed(self, data: bytes) -> list[str]:
        """See Framing."""
        return self._events(self._lines.feed(data))

    def end(self) -> list[str]:
        """See Framing. An event that lacks its blank line is given out: the reader judges by its end mark."""
        return self._events([*self._lines.end(), ""])

    def _events(self, lines: list[str]) -> list[str]:
        events: list[str] = []
        for line in lines:
            if not line:
                if self._data:
                    events.append("\n".join(self._data))
                    self._data, self._length = [], 0
            elif line.startswith(("data:", "error:")):
                value = line.partition(":")[2]
                self._data.append(value.removeprefix(" "))
                self._length += len(value) + 1
                if self._length > MAX_LINE:
                    raise FramingError(f"it sends an event of more than {MAX_LINE >> 20} MB")
        return events


class Ndjson:
    """One JSON value a line."""

    def __init__(self) -> None:
        self._lines = _Lines()

    def feed(self, data: bytes) -> list[str]:
        """See Framing."""
        return [line for line in self._lines.feed(data) if line.strip()]

    def end(self) -> list[str]:
        """See Framing."""
        return [line for line in self._lines.end() if line.strip()]
