"""Texts that must not be given to tree-sitter.

Owns recognising them cheaply. Where a text breaks off, or goes wrong, deep inside constructs that nest to the right,
one step of tree-sitter's error recovery takes time and memory with the square of the depth, and no callback can stop
it. Measured (0.26.1): Java's `x=>` 1,600 times, 5 kB, takes 3 s and 850 MB; 5,000 times crashes the process. Generated
files and models that repeat themselves look like that. Two marks are looked for: thousands of brackets that nothing
closes, and stretches that repeat a few characters and are slow to parse already in a short piece.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from time import get_clock_info, perf_counter, thread_time

MAX_CHARACTERS = 4_000_000
MAX_OPEN = 2_000
_WINDOW = 1024
# In 12,000 stretches of real code the same eight characters seldom come so often, and none shrinks to a tenth.
_REPEATS, _SHRINKS = 12, 8
# What stands before and after a stretch is tried with it: a table of zeros parses well between its brackets.
_AROUND = 2048
# Five kB of ordinary code take less than the first; a stretch that would take the second is not worth its tree.
_QUICK_SECONDS, _MOST_SECONDS = 0.001, 0.5
# Time that goes with the length is no danger, time that goes with its square is: the power that lies between.
_GROWS = 1.45


def too_tangled(content: str, probe: Callable[[bytes], object]) -> bool:
    """Whether parsing `content` could take all memory. `probe` parses a short piece; its time is taken."""
    if len(content) > MAX_CHARACTERS or _too_open(content):
        return True
    seen: set[frozenset[str]] = set()
    start = 0
    while start <= len(content) - _WINDOW:
        end = start + _WINDOW
        if not _repeats(content[start:end]):
            start = end
            continue
        while _repeats(content[end : end + _WINDOW]):
            end += _WINDOW
        kind = frozenset(content[start:end])
        if kind not in seen and _slow(content, start, end, probe):
            return True
        seen.add(kind)
        start = end
    return False


def _repeats(window: str) -> bool:
    """Whether a window is a few characters over and over."""
    if len(window) < _WINDOW or window.count(window[500:508]) < _REPEATS:
        return False
    piece = window.encode("utf-8", "replace")
    return len(zlib.compress(piece, 1)) * _SHRINKS <= len(piece)


def _slow(content: str, start: int, end: int, probe: Callable[[bytes], object]) -> bool:
    """Whether a stretch would take too long where it stands, judged by its first windows."""
    before, after = content[max(0, start - _AROUND) : start], content[end : end + _AROUND]
    windows = (end - start) / _WINDOW
    once = _seconds(probe, before + content[start : start + _WINDOW] + after)
    # The quicker one window is, the more of them can be tried.
    times = 2 if once > _QUICK_SECONDS else 6
    if windows < times:
        return False
    longer = _seconds(probe, before + content[start : start + times * _WINDOW] + after)
    grows = longer > once * times**_GROWS
    expected = longer * (windows / times) ** (2 if grows else 1)
    return expected > _MOST_SECONDS


def _too_open(content: str) -> bool:
    return any(
        (opened := content.count(opening)) > MAX_OPEN and opened - content.count(closing) > MAX_OPEN
        for opening, closing in ("<>", "()", "[]", "{}")
    )


# Processor time where it is told finely (not on Windows): a busy machine must not make a text look slow.
_clock = thread_time if get_clock_info("thread_time").resolution < 1e-5 else perf_counter


def _seconds(probe: Callable[[bytes], object], piece: str) -> float:
    """The shorter of two runs."""
    data, times = piece.encode("utf-8", "replace"), list[float]()
    for _ in range(2):
        start = _clock()
        probe(data)
        times.append(_clock() - start)
    return min(times)
