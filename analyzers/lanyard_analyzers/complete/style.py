"""How a document indents.

Owns indentation widths and units. It looks at lines near the cursor only, so that a long file costs no more than
a short one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

TAB_WIDTH = 4
"""Columns that a tab counts for when indentations are compared; any number does as long as it is used throughout."""


def indentation(line: str) -> str:
    """The leading blanks of a line."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def columns(blanks: str) -> int:
    """The columns that these blanks and tabs take."""
    return len(blanks) + blanks.count("\t") * (TAB_WIDTH - 1)


def width(line: str) -> int:
    """The indentation of a line in columns."""
    return columns(indentation(line))


def unit_of(lines: Iterable[str], default: str = "    ") -> str:
    """One step of indentation, as these lines use it: a tab, or 2 to 8 blanks; `default` where they do not tell."""
    tabs, blanks = 0, 0
    steps: Counter[int] = Counter()
    last = 0
    for line in lines:
        if line.startswith("\t"):
            tabs += 1
        if not line or line.isspace() or line[0] == "\t":
            continue
        now = len(indentation(line))
        blanks += now > 0
        if 2 <= now - last <= 8:
            steps[now - last] += 1
        last = now
    if tabs > blanks:
        return "\t"
    return " " * min(steps, key=lambda step: (-steps[step], step)) if steps else default
