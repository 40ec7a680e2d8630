"""Filter: of a reply that repeats itself, the first time round is kept."""

from __future__ import annotations

from lanyard_analyzers.complete.repetition import loop_start
from lanyard_analyzers.complete.situation import Situation


def cut_loop(text: str, situation: Situation) -> str:
    """Cut where the reply begins to repeat itself; drop it where its first line only repeats the line above."""
    first = (situation.before + text.partition("\n")[0]).strip()
    if len(first) > 3 and first == situation.above.strip() and any(c.isalpha() for c in first):
        return ""
    body = text.strip()
    if len(body) > 2 and body.isalnum() and len(set(body)) == 1:
        return ""  # "eeee": what a model says that has nothing to say
    start = loop_start(text)
    return text if start is None else text[:start]
