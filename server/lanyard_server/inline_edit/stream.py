"""The code of an answer while it streams: what stands inside its first fence.

Owns only what is shown meanwhile; the finished answer is read by `lanyard_analyzers.replies`.
"""

from __future__ import annotations

import re

_OPENS = re.compile(r"\s{0,3}(`{3,}|~{3,})[^`]*$")


class CodeStream:
    """Feeds pieces of an answer in, gives whole lines of its first code block out."""

    def __init__(self) -> None:
        self._line: list[str] = []
        self._fence = ""
        self._ended = False

    def feed(self, piece: str) -> str:
        """The lines of code that are complete now, with their line ends."""
        if "\n" not in piece:
            self._line.append(piece)
            return ""
        *lines, rest = "".join((*self._line, piece)).split("\n")
        self._line = [rest]
        return "".join(self._code(line) for line in lines)

    def _code(self, line: str) -> str:
        if self._ended:
            return ""
        bare = line.rstrip("\r")
        if not self._fence:
            opened = _OPENS.match(bare)
            self._fence = opened.group(1) if opened else ""
            return ""
        mark = bare.strip()
        if len(mark) >= len(self._fence) and set(mark) == {self._fence[0]}:
            self._ended = True
            return ""
        return bare + "\n"
