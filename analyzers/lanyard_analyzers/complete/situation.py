"""Where the cursor stands: what is around it, and how much a completion there may hold.

Owns the choice between one line, one statement and a whole block. Works on lines; a syntax tree is not needed and
not waited for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from lanyard_analyzers.complete.blocks import opens_block
from lanyard_analyzers.complete.brackets import Scan, scan
from lanyard_analyzers.complete.style import unit_of, width
from lanyard_analyzers.text import Text

LINES_BELOW = 8
LINES_ABOVE = 60
_UNITS = {"go": "\t", "ruby": "  ", "lua": "  ", "bash": "  "}
_REACH = 50
"""Blank lines that are skipped in search of the next line that is not blank."""


class Extent(StrEnum):
    """How much a completion may hold."""

    LINE = "line"
    STATEMENT = "statement"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Situation:
    """What filters may know about the cursor's place. No line holds its line end.

    `before` and `after` are the halves of the cursor's line, `above` is the nearest line above it that is not
    blank, `below` the lines that follow it, from the first that is not blank. `scope` is the indentation, in
    columns, of the line that opens the block, for `Extent.BLOCK`. `unit` is one step of indentation.
    """

    before: str
    after: str
    above: str
    below: tuple[str, ...]
    extent: Extent
    scope: int
    unit: str
    language: str | None
    opened: Scan


def situate(text: Text, offset: int, language: str | None) -> Situation:
    """Describe the place `offset` in `text`; offsets outside the text are clamped."""
    offset = max(0, min(offset, len(text)))
    row = text.line_of(offset)
    span = text.line_span(row)
    at = min(offset, span.end)
    before, after = text.content[span.start : at], text.content[at : span.end]
    above = _nearest_above(text, row)
    below = _lines_below(text, row)
    opened = scan(before, language)
    header = before if before.strip() else above
    opens = bool(header) and opens_block(header, language)
    extent, scope = _extent(before, after, header=header if opens else "", below=below, opened=opened)
    nearby = (text.line_text(line) for line in range(max(0, row - LINES_ABOVE), row + 1))
    unit = unit_of(nearby, default=_UNITS.get(language or "", "    "))
    return Situation(before, after, above, below, extent, scope, unit, language, opened)


def _extent(before: str, after: str, *, header: str, below: tuple[str, ...], opened: Scan) -> tuple[Extent, int]:
    """The extent, and the scope of a block; `header` is the line that opens one, if any does."""
    if after.strip() or opened.in_comment or opened.end.quote:
        return Extent.LINE, 0
    next_width = width(below[0]) if below else 0
    if header and next_width <= width(header):
        return Extent.BLOCK, width(header)
    return (Extent.LINE if before.strip() else Extent.STATEMENT), 0


def _nearest_above(text: Text, row: int) -> str:
    for line in range(row - 1, max(-1, row - 1 - _REACH), -1):
        content = text.line_text(line)
        if content.strip():
            return content
    return ""


def _lines_below(text: Text, row: int) -> tuple[str, ...]:
    for line in range(row + 1, min(text.line_count, row + 1 + _REACH)):
        if text.line_text(line).strip():
            return tuple(text.line_text(n) for n in range(line, min(text.line_count, line + LINES_BELOW)))
    return ()
