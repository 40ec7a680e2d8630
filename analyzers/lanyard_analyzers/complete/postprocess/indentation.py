"""Filter: a suggestion is indented as its document is."""

from __future__ import annotations

from lanyard_analyzers.complete.situation import Situation
from lanyard_analyzers.complete.style import TAB_WIDTH, indentation


def fix_indentation(text: str, situation: Situation) -> str:
    """Turn blanks into tabs, or tabs into the document's blanks, on every line but the cursor's own."""
    first, *rest = text.split("\n")
    if not rest:
        return text
    if situation.unit == "\t":
        step = _step(rest)
        return "\n".join([first, *(_tabbed(line, step) for line in rest)])
    return "\n".join([first, *(_blanked(line, situation.unit) for line in rest)])


def _step(lines: list[str]) -> int:
    """The number of blanks that the suggestion itself indents by."""
    depths = [len(blanks) for line in lines if line.strip() and (blanks := indentation(line)) and "\t" not in blanks]
    return 2 if any(depth % TAB_WIDTH for depth in depths) else TAB_WIDTH


def _tabbed(line: str, step: int) -> str:
    blanks = indentation(line)
    if " " not in blanks:
        return line
    columns = sum(step if character == "\t" else 1 for character in blanks)
    return "\t" * (columns // step) + " " * (columns % step) + line[len(blanks) :]


def _blanked(line: str, unit: str) -> str:
    blanks = indentation(line)
    return blanks.replace("\t", unit) + line[len(blanks) :] if "\t" in blanks else line
