"""Parsing with a deadline, for grammars that may never end.

Owns the one way to stop tree-sitter: a reader function with a progress callback. The binding (0.26.1) keeps a reference
to each piece that a reader returns, so that the piece is never freed; what it keeps beyond our own is given back here.
Used only where it must be: a grammar that always ends is given the bytes.
"""

from __future__ import annotations

import sys
from time import get_clock_info, perf_counter, thread_time

from tree_sitter import Parser, Point, Tree

ENDLESS = frozenset({"kotlin"})
"""tree-sitter-kotlin 1.1.0 puts in semicolons of no width at the end of a text, without end in some broken ones. Where
the text ends in an annotation it does so within one token, which no callback can stop: it is given a line end more."""
_SECONDS = 0.1
_SECONDS_PER_BYTE = 1.5e-6
"""Five times what a text takes that ends, broken or not; what does not end takes 120 MB in each second."""
_PIECE = 16_384
_OWN = 2
"""References to a piece that are ours: the name, and the argument of `getrefcount`."""
_clock = thread_time if get_clock_info("thread_time").resolution < 1e-5 else perf_counter


class _Pieces:
    """The text for a reader function; while it parses, what it was given is remembered."""

    def __init__(self, data: bytes) -> None:
        self._data = memoryview(data + b"\n")
        self._given: list[bytes] | None = []

    def read(self, offset: int, _: Point) -> bytes:
        piece = bytes(self._data[offset : offset + _PIECE])
        if self._given is not None and len(piece) > 1:  # shorter ones are CPython's own
            self._given.append(piece)
        return piece

    def give_back(self) -> None:
        import ctypes  # noqa: PLC0415 - for one grammar of fifteen

        given, self._given = self._given or [], None
        while given:
            piece = given.pop()
            for _ in range(sys.getrefcount(piece) - _OWN):
                ctypes.pythonapi.Py_DecRef(ctypes.py_object(piece))


def within(parser: Parser, data: bytes, old: Tree | None = None) -> Tree | None:
    """The tree of a text, or None where it takes too long."""
    end = _clock() + _SECONDS + _SECONDS_PER_BYTE * len(data)
    pieces = _Pieces(data)

    def late(_offset: int, _has_error: bool) -> bool:
        return _clock() > end

    try:
        if old is None:
            return parser.parse(pieces.read, progress_callback=late)
        return parser.parse(pieces.read, old, progress_callback=late)
    except ValueError:
        return None
    finally:
        pieces.give_back()
