"""Definitions of a TypeScript file that its grammar does not accept, read from the text alone.

The grammar takes some valid code for an error (a type parameter called `type`, for one) and then gives no definition of
what comes after. Only what begins at the start of a line is found, with its lines and its name.
"""

from __future__ import annotations

import re

from lanyard_analyzers.index.extract.javascript_found import Found
from lanyard_analyzers.index.records import SHORT, Shape, Symbol

_DEFINED = re.compile(
    r"^(export[ \t]+)?(default[ \t]+)?(?:declare[ \t]+)?(?:abstract[ \t]+)?(?:async[ \t]+)?"
    r"(type|interface|class|function\*?|const|let|enum|namespace)[ \t]+([A-Za-z_$][\w$]*)(.*)$"
)
_SHAPES: dict[str, Shape] = {
    "type": "type",
    "interface": "class",
    "class": "class",
    "enum": "class",
    "const": "value",
    "let": "value",
    "namespace": "namespace",
}
_MOST_LINES = 400
_HEAD_LINES = 30


def add_rough(found: Found) -> None:
    """Add the definitions that are not among the symbols already."""
    text = found.nodes.syntax.text
    lines = text.content.split("\n")
    if "\r" in text.content:
        lines = [text.line_text(line) for line in range(text.line_count)]
    known = {symbol.head for symbol in found.symbols}
    for number, line in enumerate(lines):
        match = _DEFINED.match(line) if line[:1].isalpha() and number not in known else None
        if match is None:
            continue
        exported, _, keyword, name, rest = match.groups()
        last = _last(lines, number)
        end = next((at for at in range(number, min(last, number + _HEAD_LINES)) if _opens(lines[at])), number)
        shape = _SHAPES.get(keyword, "function")
        body = (end, last) if last > end and shape != "type" else (-1, -1)
        type_ = (
            " ".join(" ".join(lines[number : last + 1]).partition("=")[2].split())[:SHORT] if shape == "type" else ""
        )
        value = rest.partition("=")[2].strip()[:SHORT] if shape == "value" else ""
        marks = ("exported",) if exported else ()
        found.symbols.append(
            Symbol(shape, name, name, number, last, number, end, *body, type=type_, value=value, marks=marks)
        )


def _opens(line: str) -> bool:
    return line.rstrip().endswith(("{", "=>", "("))


def _last(lines: list[str], first: int) -> int:
    """The last line of what begins at the start of a line: a closing one, or the one before the next start."""
    last = first
    for number in range(first + 1, min(len(lines), first + _MOST_LINES)):
        line = lines[number]
        if line.startswith(("}", ")", "]")):
            return number
        if line[:1] and not line[0].isspace() and not line.startswith(("|", "&", ">", "?", ":", "=")):
            break
        if line.strip():
            last = number
    return last
