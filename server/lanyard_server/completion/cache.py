"""Suggestions that were made, for the same place again and for someone who types along one.

Owns when a suggestion of before answers a request of now. Holds texts in memory only.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

_ENTRIES = 64
_SUFFIX_COMPARED = 400
"""Characters behind the cursor that must be the same; an edit further down changes no suggestion worth a new call."""
_AUTO_CLOSED = frozenset(")]}\"'`>")
_AUTO_CLOSED_MOST = 3


@dataclass(frozen=True, slots=True)
class _Key:
    uri: str
    prefix: str
    suffix: str


class Cache:
    """The latest suggestions of a session, the least recently used dropped first."""

    def __init__(self) -> None:
        self._entries: OrderedDict[_Key, str] = OrderedDict()

    def store(self, uri: str, *, prefix: str, suffix: str, text: str) -> None:
        """Remember a suggestion; an empty one says that there is nothing to suggest."""
        key = _Key(uri, prefix, suffix[:_SUFFIX_COMPARED])
        self._entries[key] = text
        self._entries.move_to_end(key)
        if len(self._entries) > _ENTRIES:
            self._entries.popitem(last=False)

    def find(self, uri: str, *, prefix: str, suffix: str) -> str | None:
        """What is left of a suggestion for this place; "" for none worth showing, None for not known.

        A suggestion also serves where its start has been typed, with or without the closing brackets and quotes
        that an editor adds.
        """
        for key in reversed(self._entries):
            if key.uri != uri or not prefix.startswith(key.prefix):
                continue
            text = self._entries[key]
            typed = prefix[len(key.prefix) :]
            if not text.startswith(typed) or (typed and len(typed) == len(text)):
                continue
            if _same_suffix(suffix, key.suffix):
                self._entries.move_to_end(key)
                return text[len(typed) :]
        return None


def _same_suffix(now: str, before: str) -> bool:
    for added in range(_AUTO_CLOSED_MOST + 1):
        if added and (len(now) < added or now[added - 1] not in _AUTO_CLOSED):
            return False
        if now[added : added + _SUFFIX_COMPARED] == before:
            return True
    return False
