"""The local variables of Go functions, read from their text.

Walking the tree of every body would cost more than parsing does; `:=` and `var` are found by searching for them.
"""

from __future__ import annotations

import re

from lanyard_analyzers.index.extract.braces import MOST_LOCALS, Found, split_top
from lanyard_analyzers.index.records import SHORT, Symbol

_NAMES = re.compile(r"[^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*\s*$")
_VAR = re.compile(
    rb"\bvar[ \t]+(\w+(?:[ \t]*,[ \t]*\w+)*)(?:[ \t]+([*\[\w(][^\n=]*))?(?:[ \t]*=[ \t]*([^\n]*))?$", re.MULTILINE
)
_COMPOSITE = re.compile(r"&?((?:(?:\[\w*\]|map\[[\w.*]{1,80}\])\*?)?[\w.]+(?:\[[^\]{}]{0,80}\])?)\{")
_MADE = re.compile(r"(?:new|make)\(([^()]{1,100})\)?")
_ASSERTED = re.compile(r"\.\(([^()]{1,80})\)$")
_LITERAL = re.compile(r"[\d\"'`+-]")


def add_locals(found: Found, start: int, end: int, around: int) -> None:
    """Add the variables that are declared between two bytes."""
    data, line, seen, count = found.data, found.symbols[around].body_first, start, 0
    before = len(found.symbols)
    at = data.find(b":=", start, end)
    while at != -1 and count < MOST_LOCALS:
        line, seen = found.line_after(seen, line, at), at
        begin = max(data.rfind(b"\n", start, at) + 1, start, at - 200)
        stop = data.find(b"\n", at, end)
        left, right = found.said(begin, at), found.said(at + 2, min(stop if stop != -1 else end, at + 4 * SHORT))
        names = _NAMES.search(left)
        if names and "//" not in left:
            count += 1
            _declared(found, names.group(), right.strip(), line, around)
        at = data.find(b":=", at + 2, end)
    if data.find(b"var ", start, end) != -1:
        for match in _VAR.finditer(data, start, end):
            line = found.line_after(start, found.symbols[around].body_first, match.start())
            names, text, value = (part.decode("utf-8", "ignore") if part else "" for part in match.groups())
            made, value = type_and_value(value.strip()[:SHORT])
            for name in names.split(","):
                found.add_local(name.strip(), line, around, text.strip()[:SHORT] or made, value)
        found.symbols[before:] = sorted(found.symbols[before:], key=_line)


def _line(symbol: Symbol) -> int:
    return symbol.first


def _declared(found: Found, left: str, right: str, line: int, around: int) -> None:
    names = [name.strip() for name in left.split(",")]
    if right.startswith("range "):
        value = right[6:].partition("{")[0].strip()[:SHORT]
        values = ["", value] if len(names) > 1 else [""]
    else:
        right = right.removesuffix("{").rstrip() if not right.endswith("}") and "(" in right else right
        right = right.partition("; ")[0]
        values = split_top(right) if len(names) > 1 else [right]
        if len(values) != len(names):
            values = [right]
    for number, name in enumerate(names):
        if name != "_":
            made, value = type_and_value(values[number][:SHORT] if number < len(values) else "")
            found.add_local(name, line, around, made, value)


def type_and_value(text: str) -> tuple[str, str]:
    """The type that a value shows by its form (`&Store{`, `new(Store)`, `x.(*Store)`), and the value if it is short.

    A literal has neither: what it is matters to nobody.
    """
    if not text or _LITERAL.match(text) or text.startswith("func"):
        return "", ""
    composite = _COMPOSITE.match(text)
    if composite:
        return composite.group(1), ""
    made = _MADE.match(text)
    if made:
        return made.group(1).partition(",")[0], ""
    asserted = _ASSERTED.search(text)
    if asserted and asserted.group(1) != "type":
        return asserted.group(1), ""
    return "", text.removeprefix("<-")
