"""The text of a slice from the lines that were chosen.

Owns headings, markers and the order of files. A line is either a line of the source, unchanged, or has no origin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.slices.model import Origin
from lanyard_analyzers.slices.outline import Outline

_NAMES = 12
_SHORT_LINE = 60
Lines = list[tuple[str, Origin | None]]


@dataclass(frozen=True, slots=True)
class TargetLines:
    """The target as it will be shown: its lines, how many of them, and what its heading says."""

    outline: Outline
    first: int
    last: int
    shown: int
    name: str
    numbered: bool


def render(context: Mapping[str, tuple[Outline, AbstractSet[int]]], target: TargetLines, notes: Sequence[str]) -> Lines:
    """Other files first in the order of their paths, then the target's file, the target last."""
    lines: Lines = []
    own = target.outline
    comment = LANGUAGES[own.language].line_comment
    lines += [(f"{comment} {note}", None) for note in notes]
    order = sorted(context, key=lambda path: (path == own.path, path))
    for path in order:
        outline, shown = context[path]
        if lines:
            lines.append(("", None))
        hidden = (target.first, target.last) if path == own.path else None
        lines += _file(outline, sorted(shown), hidden, target.numbered)
    if lines:
        lines.append(("", None))
    lines += _target(target)
    return lines


def _target(target: TargetLines) -> Lines:
    outline = target.outline
    comment = LANGUAGES[outline.language].line_comment
    place = (
        f"{_printable(outline.path)}:{target.first + 1}-{target.last + 1}"
        if target.numbered
        else _printable(outline.path)
    )
    name = f" {_printable(target.name)}" if target.name else ""
    lines: Lines = [(f"{comment} {place}{name}", None)]
    stop = target.first + target.shown
    lines += [(outline.line(line), Origin(outline.path, line)) for line in range(target.first, stop)]
    left_out = target.last + 1 - stop
    if left_out:
        lines.append((f"{comment} … {left_out} lines left out: they do not fit", None))
    return lines


def _file(outline: Outline, shown: list[int], hidden: tuple[int, int] | None, numbered: bool) -> Lines:
    comment = LANGUAGES[outline.language].line_comment
    lines: Lines = [(f"{comment} {_place(outline, shown[0], shown[-1], numbered)}", None)]
    bodies = _open_bodies(outline, set(shown))
    shown = _filled(outline, shown, bodies)
    joined = {number for one in outline.imports for number in range(one.first, one.last + 1)}
    joined |= {number for one in outline.symbols for number in range(one.first + 1, one.head + 1)}
    for at, line in enumerate(shown):
        lines.append((outline.line(line), Origin(outline.path, line)))
        stop = shown[at + 1] if at + 1 < len(shown) else outline.text.line_count
        if stop > line + 1:
            marker = _marker(outline, line, stop, bodies, hidden)
            if marker:
                lines.append((marker, None))
            if at + 1 < len(shown) and stop not in joined and (not marker or _starts_top_level(outline, stop)):
                lines.append(("", None))
    return lines


def _filled(outline: Outline, shown: list[int], bodies: list[tuple[int, int]]) -> list[int]:
    """Short single lines of a body instead of a marker that would be as long."""
    more: list[int] = []
    for line, following in pairwise(shown):
        if following - line == 2 and len(outline.line(line + 1).strip()) <= _SHORT_LINE:
            text = outline.line(line + 1).strip()
            if text and any(first <= line + 1 <= last for first, last in bodies):
                more.append(line + 1)
    return sorted([*shown, *more])


def _place(outline: Outline, first: int, last: int, numbered: bool) -> str:
    path = _printable(outline.path)
    return f"{path}:{first + 1}-{last + 1}" if numbered else path


def _open_bodies(outline: Outline, shown: AbstractSet[int]) -> list[tuple[int, int]]:
    """The bodies of the symbols whose heads are shown."""
    return [one.body for one in outline.symbols if one.body is not None and one.head in shown]


def _marker(
    outline: Outline, line: int, stop: int, bodies: list[tuple[int, int]], hidden: tuple[int, int] | None
) -> str:
    """What stands for the lines between `line` and `stop`: those of them that are inside something shown."""
    left_out = [number for number in range(line + 1, stop) if outline.line(number).strip()]
    inside = [number for number in left_out if any(first <= number <= last for first, last in bodies)]
    if not inside:
        return ""
    text = outline.line(inside[0])
    indent = text[: len(text) - len(text.lstrip())]
    count = inside[-1] - inside[0] + 1
    comment = LANGUAGES[outline.language].line_comment
    note = f"{comment} … {count} line{'s' if count > 1 else ''}"
    names = [one.name for one in outline.symbols if one.shape == "method" and one.head in set(inside)]
    if names:
        note += ": " + ", ".join(names[:_NAMES]) + (", …" if len(names) > _NAMES else "")
    if hidden is not None and any(hidden[0] <= number <= hidden[1] for number in inside):
        note += ", the target among them"
    opens = outline.language == "python" and outline.line(line).split("#")[0].rstrip().endswith(":")
    return f"{indent}...  {note}" if opens else indent + note


def _starts_top_level(outline: Outline, line: int) -> bool:
    text = outline.line(line)
    return bool(text) and not text[0].isspace() and text[0] not in ")}]"


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "�" for character in text)
