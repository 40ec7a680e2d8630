"""How much of a reply belongs to the completion: up to the end of the line, the statement or the block.

Owns the scope end, for the filter as well as for the early stop of a stream. Goes by indentation and brackets,
because a half-received reply has no tree worth asking.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lanyard_analyzers.complete.blocks import closing
from lanyard_analyzers.complete.brackets import Open, scan
from lanyard_analyzers.complete.situation import Extent, Situation
from lanyard_analyzers.complete.style import width

LINES_IN_BRACKETS = 12
"""A single-line completion runs on for so many lines at most while a bracket that it opened is open."""
LINES_IN_BLOCK = 40
_LEAD = re.compile(r"[ \t]*(@|#\[|#|//|/\*|\*|--|\[[A-Z])")
"""Decorators, attributes and comments stand before the statement that they belong to."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The part of a text that belongs to the completion; `final` when nothing that may still come can extend it."""

    text: str
    final: bool


def cut_to_extent(text: str, situation: Situation) -> Cut:
    """Cut `text`, which may still be growing, to the extent that the situation allows."""
    if situation.extent is Extent.LINE:
        return _line(text, situation)
    return _lines(text, situation)


def _line(text: str, situation: Situation) -> Cut:
    end = text.find("\n")
    if end < 0:
        return Cut(text, final=False)
    first = text[:end]
    before = situation.opened.end
    if situation.after.strip() or not scan(first, situation.language, before).own:
        return Cut(first, final=True)
    for _ in range(LINES_IN_BRACKETS):
        end = text.find("\n", end + 1)
        piece = text if end < 0 else text[:end]
        inside = scan(piece, situation.language, before)
        if not inside.own and not inside.end.quote:
            return Cut(piece, final=end >= 0)
        if end < 0:
            return Cut(text, final=False)
    return Cut(first, final=True)


def _lines(text: str, situation: Situation) -> Cut:
    """The lines that are indented deeper than the one that opens the scope, and the brackets that close it."""
    lines = text.split("\n")
    scope = situation.scope if situation.extent is Extent.BLOCK else None
    opened = Open()  # only what the reply itself opens holds it together
    kept, last = 0, len(lines) - 1
    for number, line in enumerate(lines):
        whole = situation.before + line if number == 0 else line
        blank = not whole.strip()
        inside = number > 0 and bool(opened.quote or opened.brackets)
        if not blank and not inside:
            if scope is None:
                scope = None if _LEAD.match(whole) else width(whole)
            elif number > 0 and width(whole) <= scope:
                return _at_scope(lines, kept, number=number, scope=scope, situation=situation)
        if number >= LINES_IN_BLOCK:
            return Cut("\n".join(lines[:kept]), final=True)
        if not blank or number == last:
            kept = number + 1
        opened = scan(line + "\n", situation.language, opened).end
    return Cut("\n".join(lines[:kept]), final=False)


def _at_scope(lines: list[str], kept: int, *, number: int, scope: int, situation: Situation) -> Cut:
    """The cut at a line that is indented no deeper than the scope: its closing brackets may still belong."""
    line = lines[number]
    closed = closing(line, situation.language)
    if closed is None or width(line) < scope or _closed_below(situation, scope):
        return Cut("\n".join(lines[:kept]), final=True)
    settled = number + 1 < len(lines) or closed.end() < len(line)
    return Cut("\n".join([*lines[:number], closed.group()]), final=settled)


def _closed_below(situation: Situation, scope: int) -> bool:
    """Whether the document already holds the bracket that closes the scope."""
    if not situation.below:
        return False
    closer = situation.below[0]
    return closing(closer, situation.language) is not None and width(closer) == scope
