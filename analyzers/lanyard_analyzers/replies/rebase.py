"""Edits made for one text, moved to the text as it is now.

Owns the decision whether the lines of an edit are untouched. It sees two texts and no history, so where two readings
of what happened would put an edit in two places, it declines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from lanyard_analyzers.replies.hunks import common_prefix, lines_of
from lanyard_analyzers.text import Edit, Span, Text

_TOUCHED = "the code was edited meanwhile"
_AMBIGUOUS = "the code moved meanwhile, and more than one place fits"


def rebase(edits: Sequence[Edit], base: Text, now: Text) -> tuple[tuple[Edit, ...] | None, str]:
    """The edits in the coordinates of `now`, or (None, why): half a line for the user.

    An edit moves with the whole lines that it touches. They are untouched where they lie in the common beginning or
    end of the two texts, or where they occur exactly once in each.
    """
    if base.content == now.content:
        return tuple(edits), ""
    old, new = lines_of(base.content), lines_of(now.content)
    head = common_prefix(old, new)
    tail = common_prefix(old[::-1], new[::-1])
    change = _Change(base, now, head, len(old) - tail, len(new) - len(old))
    moved: list[Edit] = []
    for edit in edits:
        shift = change.shift_of(edit.span)
        if isinstance(shift, str):
            return None, shift
        moved.append(Edit(Span(edit.span.start + shift, edit.span.end + shift), edit.new))
    for (a, b), (c, d) in zip(pairwise(edits), pairwise(moved), strict=True):
        if (a.span.end <= b.span.start) != (c.span.end <= d.span.start):
            return None, _TOUCHED
    return tuple(moved), ""


@dataclass(frozen=True, slots=True)
class _Change:
    """Two texts: lines before `head` are equal at the beginning, base lines from `tail` on are equal at the end."""

    base: Text
    now: Text
    head: int
    tail: int
    added: int

    def shift_of(self, span: Span) -> int | str:
        """By how many characters the lines of a base span have moved, or why that cannot be said."""
        if not 0 <= span.start <= span.end <= len(self.base):
            return _TOUCHED
        # An edit that ends with a line end leaves the next line alone.
        whole = span.end > span.start and self.base.starts[self.base.line_of(span.end)] == span.end
        first, last = self.base.line_of(span.start), self.base.line_of(span.end) - whole
        at_head, at_tail = last < self.head, first >= self.tail
        if at_head and at_tail and self.added:
            return self._shift_by_content(first, last, _AMBIGUOUS)
        if at_head:
            return 0
        if at_tail:
            return len(self.now) - len(self.base)
        return self._shift_by_content(first, last, _TOUCHED)

    def _shift_by_content(self, first: int, last: int, otherwise: str) -> int | str:
        start, end = self.base.starts[first], _line_end(self.base, last)
        wanted = self.base.content[start:end]
        if not wanted.strip() or _count(self.base.content, wanted) != 1 or _count(self.now.content, wanted) != 1:
            return otherwise
        found = self.now.content.index(wanted)
        whole = (
            found in _starts_near(self.now, found)
            and _line_end(self.now, self.now.line_of(found + end - start - 1)) == found + end - start
        )
        return found - start if whole else otherwise


def _line_end(text: Text, line: int) -> int:
    return text.starts[line + 1] if line + 1 < text.line_count else len(text)


def _starts_near(text: Text, offset: int) -> tuple[int, ...]:
    return (text.starts[text.line_of(offset)],)


def _count(content: str, wanted: str) -> int:
    """0, 1 or 2 for more, overlapping ones included."""
    first = content.find(wanted)
    if first < 0:
        return 0
    return 1 if content.find(wanted, first + 1) < 0 else 2
