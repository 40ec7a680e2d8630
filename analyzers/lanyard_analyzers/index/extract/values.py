"""What extractors share beyond definitions: the texts of values, members that are declared within something else.

Owns what a record keeps of a value's text, and the search of a body for what is set in it. It must know no language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import Found
from lanyard_analyzers.index.records import SHORT, Symbol


def add_field(found: Found, name: str, line: int, around: int, told: tuple[str, str] = ("", "")) -> None:
    """Add a member of the class `around` that is declared within something else; `told` are its type and value."""
    owner = found.symbols[around].qualified
    found.symbols.append(
        Symbol(
            "field", name, f"{owner}{found.separator}{name}", line, line, line, line, owner=owner, around=around,
            type=told[0], value=told[1],
        )
    )  # fmt: skip


def searched(found: Found, body: Node, pattern: re.Pattern[bytes]) -> Iterator[tuple[int, re.Match[bytes]]]:
    """The matches of a pattern in a body with the lines of their first groups, in the order of the text.

    The search begins at the start of the body's first line where nothing else stands on it, so that `^` finds that.
    """
    data, nodes = found.data, found.nodes
    start = data.rfind(b"\n", 0, body.start_byte) + 1
    if data[start : body.start_byte].strip():
        start = body.start_byte
    line, seen, plain = nodes.first(body), body.start_byte, b"\r" not in data
    for match in pattern.finditer(data, start, body.end_byte):
        at = match.start(1)
        if at > seen:
            line, seen = line + data.count(b"\n", seen, at) if plain else nodes.line(at), at
        yield line, match


_GENERICS = re.compile(r"(?<=\w)<[\w\s,.?<>\[\]:*\\|&]{0,120}>(?=\()")
_GENERIC_CALL = re.compile(r"(?:new\s)?([\w.]+<[\w\s,.?<>\[\]:*]{1,100}>)\(")
_LITERAL = re.compile(r"[\d\"'`+\[{]|-\d|(?:true|false|null|nil|None|this|self|function|fn|lambda)\b(?![.\->:])")


def value_text(text: str) -> str:
    """A value as a record keeps it: without type arguments before a call, "" for a literal or what is long."""
    text = text.strip().rstrip(";,").rstrip()
    if not text or _LITERAL.match(text):
        return ""
    if "<" in text:
        text = _GENERICS.sub("", text)
    return text if len(text) <= SHORT else ""


def type_and_value(text: str) -> tuple[str, str]:
    """The type that a value shows by its form (`new List<Item>()`, `listOf<Item>()`), and the value as `value_text`."""
    text = text.strip().rstrip(";,").rstrip()
    made = _GENERIC_CALL.match(text)
    if made and text.endswith(")") and ")." not in text and ")?" not in text:
        return made[1], value_text(text)
    return "", value_text(text)
