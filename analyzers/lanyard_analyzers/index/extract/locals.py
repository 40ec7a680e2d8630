"""The local variables of functions, found by searching their text for the language's ways to declare one.

Walking the tree of every body would cost more than parsing does. Owns the search; the patterns are the languages'.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import MOST_LOCALS, Found
from lanyard_analyzers.index.records import SHORT

Told = tuple[str, str]
"""The type and the value of a variable, each "" where nothing tells it."""
_LONGEST_BODY = 400_000


def add_locals(
    found: Found, body: Node | None, around: int, pattern: re.Pattern[bytes], told: Callable[[str, str], Told]
) -> None:
    """Add the variables that a pattern finds in a body, in the order of the text.

    The pattern's groups are `name`, `type` and `value`, and the same with a digit for each further alternative; `told`
    makes the record's texts of the last two. A name that is declared again with nothing said of it is left out.
    """
    if body is None or body.end_byte - body.start_byte > _LONGEST_BODY:
        return
    data, line, seen = found.data, found.nodes.first(body), body.start_byte
    known: set[tuple[str, str, str]] = set()
    names: set[str] = set()
    for count, match in enumerate(pattern.finditer(data, line_start(found, body), body.end_byte)):
        if count >= MOST_LOCALS:
            break
        number = (match.lastgroup or "")[-1:]
        number = number if number.isdigit() else ""
        place = match.start(f"name{number}")
        name = match[f"name{number}"].decode("utf-8", "ignore")
        type_text, value = told(_said(match, f"type{number}"), _said(match, f"value{number}"))
        entry = (name, type_text, value)
        if entry in known or (name in names and not type_text and not value):
            continue
        known.add(entry)
        names.add(name)
        if place > seen:
            line, seen = found.line_after(seen, line, place), place
        found.add_local(name, line, around, type_text, value)


def line_start(found: Found, body: Node) -> int:
    """The byte at which a body's first line begins, if nothing else stands on it, so that `^` finds its beginning."""
    start = found.data.rfind(b"\n", 0, body.start_byte) + 1
    return start if not found.data[start : body.start_byte].strip() else body.start_byte


def _said(match: re.Match[bytes], group: str) -> str:
    said = match[group] if group in match.re.groupindex else None
    return " ".join(said.decode("utf-8", "ignore").split()) if said else ""


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


def type_and_value(text: str) -> Told:
    """The type that a value shows by its form (`new List<Item>()`, `listOf<Item>()`), and the value as `value_text`."""
    text = text.strip().rstrip(";,").rstrip()
    made = _GENERIC_CALL.match(text)
    if made and text.endswith(")") and ")." not in text and ")?" not in text:
        return made[1], value_text(text)
    return "", value_text(text)
