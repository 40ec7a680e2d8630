"""The local variables of C and C++ functions, read from their text.

Walking the tree of every body would cost more than parsing does.
"""

from __future__ import annotations

import re

from lanyard_analyzers.index.extract.braces import MOST_LOCALS, Found
from lanyard_analyzers.index.records import SHORT

_DECLARED = re.compile(
    rb"(?:^[ \t]*|\([ \t]*|[{;][ \t]+)"
    rb"(?:(?:const|static|constexpr|struct|union|enum|volatile|register|unsigned|signed)[ \t]+)*"
    rb"(?!(?:return|throw|new|else|case|goto|using|typedef|namespace|delete|co_return|co_await|break|continue|typename)\b)"
    rb"([A-Za-z_][\w:]*(?:<[^;=(){}\n]{0,120}>)?)(?:[ \t]+const)?(?:[ \t]*[*&]+[ \t]*(?:const[ \t]+)?|[ \t]+)"
    rb"(?:\[([\w, \t]{1,80})\]|([A-Za-z_]\w*))[ \t]*"
    rb"(?:\[[^\]\n]{0,60}\][ \t]*)*(?:=(?!=)[ \t]*\n?([^;\n]{0,240})|;|\{|\(|,|:(?!:)[ \t]*([^\n;{]{0,200}))",
    re.MULTILINE,
)
_NEW = re.compile(r"(?:new\s+)([\w:]+(?:<[^<>]{0,100}>)?)")
_MADE = re.compile(
    r"(?:std::)?(?:make_(?:unique|shared)|static_cast|dynamic_cast|reinterpret_cast)<\s*([^<>()]{1,100}?)\s*[*&]*>"
)
_BRACED = re.compile(r"((?:\w+::)*[A-Z]\w*(?:<[^<>]{0,100}>)?)\{")
_LITERAL = re.compile(r"[\d\"'{-]|true\b|false\b|nullptr\b|NULL\b|\[")
_PRIMITIVE = frozenset(
    ["int", "char", "long", "short", "float", "double", "bool", "void", "size_t", "unsigned", "signed", "auto"]
)


def add_locals(found: Found, start: int, end: int, around: int) -> None:
    """Add the variables that are declared between two bytes."""
    line, seen, count = found.symbols[around].body_first, start, 0
    for match in _DECLARED.finditer(found.data, start + 1, end):
        text, several, name, value, each = (part.decode("utf-8", "ignore") if part else "" for part in match.groups())
        if match.group()[-1:] == b"(" and match.group()[:1] == b"(":
            continue  # `if (a * b(`: no declaration
        if count >= MOST_LOCALS:
            return
        line, seen = found.line_after(seen, line, match.start()), match.start()
        if match.group().startswith(b"\n"):
            line, seen = line + 1, match.start() + 1
        value = (value or each.rstrip(") ")).strip()
        if text == "auto":
            made = type_of_value(value)
            value = "" if made or _LITERAL.match(value) else value[:SHORT]
        else:
            made, value = ("" if text in _PRIMITIVE else text)[:SHORT], ""
        for one in several.split(",") if several else (name,):
            count += 1
            found.add_local(one.strip(), line, around, made, value)


def type_of_value(value: str) -> str:
    """The type that a value shows by its form (`new Store()`, `std::make_unique<Store>()`, `Store{…}`)."""
    match = _NEW.match(value) or _MADE.match(value) or _BRACED.match(value)
    return match.group(1) if match else ""
