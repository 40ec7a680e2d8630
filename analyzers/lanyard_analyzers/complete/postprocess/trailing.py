"""Filter: no trailing blanks."""

from __future__ import annotations

from lanyard_analyzers.complete.situation import Situation


def trim_trailing_blanks(text: str, situation: Situation) -> str:
    """Trim each line's end, and blank lines at the end; a blank that separates from what follows stays."""
    *lines, last = text.split("\n")
    trimmed = "\n".join([*(line.rstrip() for line in lines), last])
    if situation.after.strip() and not situation.after[0].isspace():
        return trimmed
    return trimmed.rstrip()
