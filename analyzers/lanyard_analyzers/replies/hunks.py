"""The difference of two texts as edits of whole lines.

Owns nothing else; the edits are in the coordinates of the first text, in its order, and do not touch each other.
"""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher

from lanyard_analyzers.text import Edit, Span, line_starts

# The matcher's time goes with the pairs of equal lines that it may have to try.
_MAX_PAIRS = 2_000_000


def hunks(before: str, after: str) -> tuple[Edit, ...]:
    """The edits that turn `before` into `after`, line by line; none where they are equal."""
    old, new = lines_of(before), lines_of(after)
    head = common_prefix(old, new)
    tail = common_prefix(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    start = sum(map(len, old[:head]))
    if not old_middle and not new_middle:
        return ()
    if _pairs(old_middle, new_middle) > _MAX_PAIRS:
        return (Edit(Span(start, start + sum(map(len, old_middle))), "".join(new_middle)),)
    offsets = [start]
    for line in old_middle:
        offsets.append(offsets[-1] + len(line))
    matcher = SequenceMatcher(None, old_middle, new_middle, autojunk=False)
    return tuple(
        Edit(Span(offsets[a], offsets[b]), "".join(new_middle[c:d]))
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind != "equal"
    )


def counted(before: str, after: str) -> tuple[int, int]:
    """Lines added and lines removed from one text to the other."""
    edits = hunks(before, after)
    added = sum(_lines(edit.new) for edit in edits)
    return added, sum(_lines(before[edit.span.start : edit.span.end]) for edit in edits)


def _pairs(old: list[str], new: list[str]) -> int:
    there = Counter(new)
    return sum(count * there[line] for line, count in Counter(old).items())


def lines_of(content: str) -> list[str]:
    """The lines of a content with their line ends; the last is empty where the content ends with a line end."""
    starts = line_starts(content)
    return [content[a:b] for a, b in zip(starts, (*starts[1:], len(content)), strict=True)]


def common_prefix(a: list[str], b: list[str]) -> int:
    """How many lines are equal at the beginning of both."""
    for number, (one, other) in enumerate(zip(a, b, strict=False)):
        if one != other:
            return number
    return min(len(a), len(b))


def _lines(content: str) -> int:
    return sum(1 for line in lines_of(content) if line)
