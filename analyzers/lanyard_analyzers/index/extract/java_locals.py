"""The local variables of Java methods, read from their text.

Walking the tree of every body would cost more than parsing does.
"""

from __future__ import annotations

import re

from lanyard_analyzers.index.extract.braces import MOST_LOCALS, Found
from lanyard_analyzers.index.records import SHORT

_DECLARED = re.compile(
    rb"(?:^[ \t]*|\([ \t]*|[{;][ \t]+|instanceof[ \t]+)(?:final[ \t]+)?"
    rb"(?!(?:return|throw|new|else|case|package|import|assert|goto|yield|break|continue|instanceof)\b)"
    rb"([A-Za-z_\x80-\xff][\w.\x80-\xff]*(?:<[^;=(){}\n]{0,120}>)?(?:\[\])*)[ \t]+"
    rb"([A-Za-z_\x80-\xff][\w\x80-\xff]*)[ \t]*"
    rb"(?:=(?!=)[ \t]*\n?([^;\n]{0,240})|;|:(?!:)[ \t]*([^\n;{]{0,200})|\)|&&)",
    re.MULTILINE,
)
_NEW = re.compile(r"new\s+([\w.]+(?:<[^<>]{0,100}>)?(?:\[)?)")
_CAST = re.compile(r"\(([A-Z][\w.<>, ]{0,100})\)\s*[\w(]")
_LITERAL = re.compile(r"[\d\"'{-]|true\b|false\b|null\b")


def add_locals(found: Found, start: int, end: int, around: int) -> None:
    """Add the variables that are declared between two bytes."""
    line, seen = found.symbols[around].body_first, start
    for count, match in enumerate(_DECLARED.finditer(found.data, start + 1, end)):
        if count >= MOST_LOCALS:
            return
        line, seen = found.line_after(seen, line, match.start(2)), match.start(2)
        text, name, value, each = (part.decode("utf-8", "ignore") if part else "" for part in match.groups())
        if text == "var":
            value = value or each.rstrip(") ")
            text = type_of_value(value)
            found.add_local(name, line, around, text, "" if text or _LITERAL.match(value) else value.strip()[:SHORT])
        else:
            found.add_local(name, line, around, text[:SHORT], "")


def type_of_value(value: str) -> str:
    """The type that a value shows by its form (`new Store()`, `(Store) x`)."""
    match = _NEW.match(value) or _CAST.match(value)
    return match.group(1).rstrip("[") if match else ""
