"""What is wrong with a reply, for the user."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """Half a line, without a full stop, that completes "refused: …"."""

    message: str
