"""Filter: the line in which a model ran out of tokens is not shown."""

from __future__ import annotations

from lanyard_analyzers.complete.situation import Situation


def drop_unfinished_line(text: str, situation: Situation) -> str:
    """Drop the last line where there is one before it; a single half line is still worth showing."""
    head, end, _ = text.rpartition("\n")
    return head if end and head.strip() else text
