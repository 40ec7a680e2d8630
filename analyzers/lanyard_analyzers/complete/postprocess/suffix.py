"""Filter: what already stands behind the cursor is not suggested again."""

from __future__ import annotations

from lanyard_analyzers.complete.brackets import scan
from lanyard_analyzers.complete.situation import Situation


def drop_suffix_overlap(text: str, situation: Situation) -> str:
    """Cut the end of the suggestion that the rest of the cursor's line begins with, unless brackets forbid it."""
    after = situation.after.rstrip()
    if not after or "\n" in text:
        return text
    overlap = max(_overlap(text, after, situation), _overlap(text, after.lstrip(), situation))
    return text[: len(text) - overlap]


def _overlap(text: str, after: str, situation: Situation) -> int:
    """The length of the longest end of `text` that `after` begins with and that the suggestion can do without."""
    for length in range(min(len(text), len(after)), 0, -1):
        if not text.endswith(after[:length]) or _splits_word(text, length):
            continue
        if not scan(text[: len(text) - length], situation.language, situation.opened.end).own:
            return length
    return 0


def _splits_word(text: str, length: int) -> bool:
    """Whether an end of so many characters begins in the middle of a word: `value` over `e.name` means nothing."""
    at = len(text) - length
    return at > 0 and _of_word(text[at - 1]) and _of_word(text[at])


def _of_word(character: str) -> bool:
    return character.isalnum() or character == "_"
