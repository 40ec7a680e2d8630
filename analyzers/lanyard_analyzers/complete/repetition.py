"""Loops that small models fall into.

Owns the detection of repeated lines and of repetition within a line, for the filter and for the early stop.
"""

from __future__ import annotations

import re

TIMES = 3
"""A group of lines that comes so many times in a row is a loop."""
LONGEST_GROUP = 3
_WITHIN_LINE = re.compile(r"(?P<unit>(?=[^\n]*[^\W\d])[^\n]{4,48}?)(?P=unit){3,}")


def loop_start(text: str) -> int | None:
    """The offset from which on `text` only repeats itself, after the first time round; None where it does not.

    Looks at the end of the text only, where a loop in a growing reply shows.
    """
    lines = text.split("\n")
    if lines and not lines[-1].strip():
        lines.pop()
    for size in range(1, LONGEST_GROUP + 1):
        first = _first_of_group(lines, size)
        if first is not None:
            return sum(len(line) + 1 for line in lines[: first + size]) - 1
    line_start = text.rfind("\n") + 1
    found = _WITHIN_LINE.search(text, line_start)
    return found.end("unit") if found else None


def _first_of_group(lines: list[str], size: int) -> int | None:
    """The index of the first line of a group of `size` lines that ends the text `TIMES` times or more."""
    stripped = [line.strip() for line in lines]  # the first line may stand behind indentation of the document's
    group = stripped[-size:]
    if len(lines) < size * TIMES or not any(_tells(line) for line in group):
        return None
    first = len(lines) - size
    while first >= size and stripped[first - size : first] == group:
        first -= size
    return first if len(lines) - first >= size * TIMES else None


def _tells(line: str) -> bool:
    """Whether a line says anything: closing brackets and zeros may well repeat."""
    return sum(character.isalpha() for character in line) >= 2
