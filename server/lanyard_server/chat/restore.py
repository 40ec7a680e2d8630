"""Secrets back into an answer while it streams.

Owns the pieces that are held back: a placeholder may come in several of them.
"""

from __future__ import annotations

import re

from lanyard_analyzers.redact import Redactions

_LONGEST_WORD = 400
_LAST_WORD = re.compile(r"\w+\Z")


class Restorer:
    """Restores a stream piece by piece; what it gives in all equals the restored whole."""

    def __init__(self, redactions: Redactions) -> None:
        self._redactions = redactions
        self._placeholders = tuple(redactions.originals)
        self._longest = max(map(len, self._placeholders), default=0)
        self._held = ""
        self._last = ""

    def feed(self, piece: str) -> str:
        """What may be shown now."""
        if not self._placeholders:
            return piece
        text = self._held + piece
        keep = self._unsure(text)
        self._held = text[len(text) - keep :]
        return self._restored(text[: len(text) - keep])

    def rest(self) -> str:
        """What was held back when the stream ended."""
        held, self._held = self._held, ""
        return self._restored(held)

    def _restored(self, text: str) -> str:
        if not text:
            return ""
        # The character before decides whether a placeholder stands free.
        restored = self._redactions.restore(self._last + text)[len(self._last) :]
        self._last = text[-1]
        return restored

    def _unsure(self, text: str) -> int:
        """How many characters at the end wait: the word there may hold a placeholder, or the start of one."""
        word = _LAST_WORD.search(text[-_LONGEST_WORD:])
        last = word.group() if word else ""
        if any(placeholder in last for placeholder in self._placeholders):
            return len(last)
        for length in range(min(self._longest, len(last)), 0, -1):
            if any(placeholder.startswith(last[-length:]) for placeholder in self._placeholders):
                return len(last)
        return 0
