"""A suggestion against the buffer as it is now.

Owns the one rule for text that was typed while the model worked: what matches the suggestion's start is trimmed
from it, anything else makes it void.
"""

from __future__ import annotations

from dataclasses import dataclass

from lanyard_analyzers.text import Text


@dataclass(frozen=True, slots=True)
class Fitted:
    """A suggestion that fits: insert `text` at `offset` of the text of now."""

    offset: int
    text: str


def fit(suggestion: str, offset: int, *, asked: Text, now: Text) -> Fitted | None:
    """Fit `suggestion`, made for `offset` in `asked`, to `now`; None where other text was typed, or all of it.

    Line ends of the suggestion are `\\n`.
    """
    if now.content == asked.content:
        return Fitted(offset, suggestion) if suggestion else None
    grown = len(now) - len(asked)
    if grown <= 0:
        return None
    typed = now.content[offset : offset + grown]
    rest = suggestion.removeprefix(typed.replace("\r\n", "\n"))
    if rest == suggestion or not rest:
        return None
    if now.content[:offset] != asked.content[:offset] or now.content[offset + grown :] != asked.content[offset:]:
        return None
    return Fitted(offset + grown, rest)
