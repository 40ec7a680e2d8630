"""A text in UTF-8, and the way between its code points and its bytes.

Owns the encoding that tree-sitter reads. Nothing outside `syntax.py` needs it: everywhere else an offset counts
code points.
"""

from __future__ import annotations

from bisect import bisect_right

_CHUNK = 1024


class Utf8:
    """The UTF-8 bytes of a content; offsets are converted by a table that is made when first needed.

    A lone surrogate, which a client can send but UTF-8 cannot hold, becomes one `?`.
    """

    __slots__ = ("_at", "_content", "data")

    def __init__(self, content: str) -> None:
        self._content = content
        self.data = content.encode("utf-8", "replace")
        self._at: list[int] | None = None

    def byte_of(self, offset: int) -> int:
        """The byte where the code point at `offset` begins."""
        if len(self.data) == len(self._content):
            return offset
        chunk = offset // _CHUNK
        return self._table()[chunk] + byte_length(self._content[chunk * _CHUNK : offset])

    def offset_of(self, byte: int) -> int:
        """The code point that holds `byte`; the end of the text for what lies behind it."""
        if len(self.data) == len(self._content):
            return min(byte, len(self.data))
        table = self._table()
        chunk = min(bisect_right(table, byte), len(table) - 1) - 1
        return chunk * _CHUNK + len(self.data[table[chunk] : byte].decode("utf-8", "ignore"))

    def _table(self) -> list[int]:
        """The byte at which each run of `_CHUNK` code points begins, and the number of bytes."""
        if self._at is None:
            at = [0]
            for start in range(0, len(self._content), _CHUNK):
                at.append(at[-1] + byte_length(self._content[start : start + _CHUNK]))
            self._at = at
        return self._at


def byte_length(content: str) -> int:
    """The number of bytes that `content` takes as `Utf8` encodes it."""
    return len(content) if content.isascii() else len(content.encode("utf-8", "replace"))
