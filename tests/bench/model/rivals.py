"""What costs nothing and any model has to beat: copying from the open file.

Owns the rules; the n-gram rival is `ngram.py`'s.
"""

from __future__ import annotations


def longest_match(before: str, after: str, *, most: int = 40) -> str:
    """Find the longest run of characters before the cursor elsewhere in the text, copy what follows it."""
    around = before[:-1] + "\x00" + after
    for size in range(min(most, len(before)), 1, -1):
        found = around.rfind(before[-size:])
        if found >= 0:
            return around[found + size :].split("\n", 1)[0].split("\x00", 1)[0]
    return ""


def similar_line(before: str, after: str) -> str:
    """The file's line that shares the longest beginning with the one at the cursor; its remaining part."""
    own = before.rsplit("\n", 1)[-1].strip()
    best, most = "", 1
    for line in reversed((before.rsplit("\n", 1)[0] + after).split("\n")):
        stripped = line.strip()
        shared = 0
        while shared < min(len(stripped), len(own)) and stripped[shared] == own[shared]:
            shared += 1
        if shared == len(own) and len(stripped) > shared > most:
            best, most = stripped[shared:], shared
    return best
