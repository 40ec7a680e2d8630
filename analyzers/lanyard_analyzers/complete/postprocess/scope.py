"""Filter: a suggestion ends with its line, its statement or its block."""

from __future__ import annotations

from lanyard_analyzers.complete.extent import cut_to_extent
from lanyard_analyzers.complete.situation import Situation


def stop_at_scope(text: str, situation: Situation) -> str:
    """Keep what belongs to the extent that the situation allows."""
    return cut_to_extent(text, situation).text
