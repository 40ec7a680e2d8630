"""Filter: a bracket or quote that the document closes itself is not closed twice."""

from __future__ import annotations

from lanyard_analyzers.complete.brackets import CLOSERS, QUOTES, scan
from lanyard_analyzers.complete.situation import Situation


def balance_closers(text: str, situation: Situation) -> str:
    """Cut where the suggestion closes what the text behind the cursor closes."""
    after = situation.after.lstrip()
    if not after or (after[0] not in CLOSERS and after[0] not in QUOTES):
        return text
    for offset in scan(text, situation.language, situation.opened.end).outer:
        if text[offset] == after[0]:
            return text[:offset]
    return text
