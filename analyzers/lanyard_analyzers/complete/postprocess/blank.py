"""Filter: nothing that only looks like something."""

from __future__ import annotations

from lanyard_analyzers.complete.situation import Situation


def drop_blank(text: str, situation: Situation) -> str:
    """Drop a suggestion without a visible character."""
    visible = any(character.isprintable() and not character.isspace() for character in text)
    return text if visible else ""
