"""What was edited lately in the target's file: which of its lines are new, and what stood there before.

Owns the comparison of two texts, bounded. Lines of the buffer stay as they are, so that findings keep their anchors:
what is gone is told in notes, which are no lines of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from lanyard_analyzers.redact import find_secrets
from lanyard_analyzers.slices.model import Tier
from lanyard_analyzers.slices.scene import Candidate, Option, Scene
from lanyard_analyzers.slices.weights import weights_of
from lanyard_analyzers.text import Text

COMPARED = 600
"""Lines to each side that are compared one by one, after what both texts begin and end with; more is one change."""
_GONE_SHOWN = 30
_GONE_A_CHANGE = 10
_WIDTH = 160
_OTHERS = 6


class Change(NamedTuple):
    """Lines `first` up to (not including) `end` of the buffer took the place of lines `was` up to `was_end`."""

    first: int
    end: int
    was: int
    was_end: int


def changes_between(before: Text, now: Text) -> tuple[Change, ...]:
    """What differs between two texts, line by line, in the order of the second."""
    old, new = _lines(before), _lines(now)
    shared = min(len(old), len(new))
    low = 0
    while low < shared and old[low] == new[low]:
        low += 1
    high = 0
    while high < shared - low and old[-1 - high] == new[-1 - high]:
        high += 1
    left, right = old[low : len(old) - high], new[low : len(new) - high]
    if not left and not right:
        return ()
    if len(left) > COMPARED or len(right) > COMPARED:
        return (Change(low, len(new) - high, low, len(old) - high),)
    matcher = SequenceMatcher(None, left, right)
    return tuple(
        Change(low + first, low + end, low + was, low + was_end)
        for kind, was, was_end, first, end in matcher.get_opcodes()
        if kind != "equal"
    )


def _lines(text: Text) -> Sequence[str]:
    return [text.line_text(line) for line in range(text.line_count)]


def change_notes(scene: Scene) -> tuple[str, ...]:
    """Which lines of the target are new (1-based, as headings count) and what they replaced."""
    before = scene.request.before
    if before is None or not weights_of(scene.request.kind).changes:
        return ()
    first, last = scene.lines
    found = [
        one
        for one in changes_between(before, scene.file.text)
        if one.first <= last and max(one.end - 1, one.first) >= first
    ]
    if not found:
        return ()
    fresh = [_numbers(one, first, last) for one in found if one.end > one.first]
    many = len(fresh) > 1 or "-" in "".join(fresh)
    said = f"line{'s' if many else ''} {', '.join(fresh)}" if fresh else "lines were removed"
    notes = [f"changed lately: {said}"]
    notes += _gone(before, found)
    return tuple(notes)


def _numbers(change: Change, first: int, last: int) -> str:
    low, high = max(change.first, first) + 1, min(change.end - 1, last) + 1
    return str(low) if low == high else f"{low}-{high}"


def _gone(before: Text, found: Sequence[Change]) -> Iterator[str]:
    """What the changes took away, without lines that hold a part of a secret."""
    secret = {
        line
        for one in find_secrets(before.content)
        for line in range(before.line_of(one.span.start), before.line_of(max(one.span.start, one.span.end - 1)) + 1)
    }
    left = _GONE_SHOWN
    for change in found:
        old = [line for line in range(change.was, change.was_end) if before.line_text(line).strip()]
        if not old or left <= 0:
            continue
        shown = old[: min(left, _GONE_A_CHANGE)]
        left -= len(shown)
        yield (
            f"before line {change.first + 1} stood:" if change.end == change.first else f"line {change.first + 1} was:"
        )
        for line in shown:
            text = before.line_text(line).rstrip()
            yield "- (a secret)" if line in secret else "- " + "".join(c for c in text[:_WIDTH] if c.isprintable())
        if len(old) > len(shown):
            yield f"- … {len(old) - len(shown)} lines"


def other_changes(scene: Scene) -> Iterator[Candidate]:
    """What was edited elsewhere in the target's file: the new lines, with the head of what they stand in."""
    worth, before = weights_of(scene.request.kind).changes, scene.request.before
    if before is None or not worth:
        return
    first, last = scene.lines
    given = 0
    for change in changes_between(before, scene.file.text):
        lines = {line for line in range(change.first, min(change.end, change.first + 12)) if not first <= line <= last}
        if not lines:
            continue
        inner = next(
            (
                one
                for one in reversed(scene.file.symbols)
                if one.first <= change.first <= one.last and one.body_first >= 0
            ),
            None,
        )
        head = {inner.head} if inner is not None else set[int]()
        yield Candidate(
            scene.file, "changed lately", (Option(Tier.VERBATIM, frozenset(lines | head), worth * 0.5 * 0.8**given),)
        )
        given += 1
        if given >= _OTHERS:
            return
