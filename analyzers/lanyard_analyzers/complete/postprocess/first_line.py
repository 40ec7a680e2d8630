"""Filter: where the suggestion's first line goes.

Inside a line a suggestion cannot begin with a line end; on a blank line the blank lines and the indentation that
the document already has are not inserted again.
"""

from __future__ import annotations

from lanyard_analyzers.complete.blocks import opens_block
from lanyard_analyzers.complete.situation import Extent, Situation
from lanyard_analyzers.complete.style import columns, indentation, width


def settle_first_line(text: str, situation: Situation) -> str:
    """Make the suggestion begin at the cursor."""
    if situation.before.strip():
        if situation.extent is Extent.BLOCK:
            return text
        return "" if text.lstrip(" \t")[:1] == "\n" else text
    lines = text.split("\n")
    skipped = 0
    while skipped < len(lines) - 1 and not lines[skipped].strip():
        skipped += 1
    first = lines[skipped]
    if skipped:  # the model began a line of its own: its indentation is the whole one
        first = _beyond(first, situation)
    return _capped(first, lines[skipped + 1 :], situation)


def _beyond(line: str, situation: Situation) -> str:
    """The line without the indentation that stands before the cursor already."""
    if line.startswith(situation.before):
        return line[len(situation.before) :]
    return line.lstrip(" \t") if width(line) <= width(situation.before) else line


def _capped(first: str, rest: list[str], situation: Situation) -> str:
    """The suggestion with its first line indented no deeper than its place allows, and the rest moved with it."""
    above = situation.above.rstrip()
    blanks = indentation(first)
    have = columns(situation.before)
    deepest = width(above) + (columns(situation.unit) if opens_block(above, situation.language) else 0)
    total = have + columns(blanks)
    excess = min(total - deepest, columns(blanks))
    if not blanks or excess <= 0 or above.endswith((",", "\\")):  # a continuation may be aligned with anything
        return "\n".join([first, *rest])
    kept = " " * (columns(blanks) - excess)
    if all(width(line) >= total for line in rest if line.strip()):
        rest = [_without(line, excess) for line in rest]
    return "\n".join([kept + first[len(blanks) :], *rest])


def _without(line: str, excess: int) -> str:
    """The line with `excess` columns of indentation taken away."""
    blanks = indentation(line)
    taken = 0
    while blanks and taken < excess:
        taken += columns(blanks[-1])
        blanks = blanks[:-1]
    return blanks + line.lstrip(" \t")
