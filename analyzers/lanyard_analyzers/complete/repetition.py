"""Loops that small models fall into.

Owns the detection of repeated lines and of repetition within a line, for the filter and for the early stop.
"""

from __future__ import annotations

import re
from typing import Literal

TIMES = 3
"""A group of lines that comes so many times in a row is a loop."""
LONGEST_GROUP = 3
STEP = 64
"""Characters of a line after which it is looked at although it goes on: a loop within a line may never end it."""
_WITHIN_LINE = re.compile(r"(?P<unit>(?=[^\n]*[^\W\d])[^\n]{4,48}?)(?P=unit){3,}")


def loop_start(text: str, *, ended: Literal["ended", "growing"] = "ended") -> int | None:
    """The offset from which on `text` only repeats itself, after the first time round; None where it does not.

    It looks at whole lines, and at a line every `STEP` characters; the last line of a growing text counts as whole
    only once it ends. So a growing text gives an offset when, and only when, every longer one gives the same.
    """
    lines = text.split("\n")
    stripped = [line.strip() for line in lines]  # the first line may stand behind indentation of the document's
    start = 0
    for number, line in enumerate(lines):
        whole = ended == "ended" or number + 1 < len(lines)
        for stop in (*range(STEP, len(line), STEP), *((len(line),) if whole else ())):
            found = _WITHIN_LINE.search(line, 0, stop)
            if found:
                return start + found.end("unit")
        if whole:
            for size in range(1, LONGEST_GROUP + 1):
                first = number + 1 - size * TIMES
                if first >= 0 and _is_loop(stripped[first : number + 1], size):
                    return sum(len(each) + 1 for each in lines[: first + size]) - 1
        start += len(line) + 1
    return None


def _is_loop(lines: list[str], size: int) -> bool:
    """Whether these lines are `TIMES` times the same group of `size`."""
    return lines == lines[:size] * TIMES and any(_tells(line) for line in lines[:size])


def _tells(line: str) -> bool:
    """Whether a line says anything: closing brackets and zeros may well repeat."""
    return sum(character.isalpha() for character in line) >= 2
