"""The types of the parameters that a function gets from the call which takes it.

Owns reading `CALLEE@K.N` (parameter N of what CALLEE takes as its argument K, see the extraction of JavaScript) and the
text of a function's type. What names mean is the walk's.
"""

from __future__ import annotations

from typing import NamedTuple

from lanyard_analyzers._late import late

_HANDED = late(r"([^@]{1,100})@(\d{1,2})\.(\d{1,2})$")
_OPEN, _CLOSE = frozenset("([{<"), frozenset(")]}>")


class Handed(NamedTuple):
    """Parameter `at` of the function that `callee` takes as its argument `number`."""

    callee: str
    number: int
    at: int


def handed(value: str) -> Handed | None:
    """What a value's text says of a parameter; None for any other value."""
    match = _HANDED.match(value) if "@" in value else None
    return Handed(match.group(1), int(match.group(2)), int(match.group(3))) if match is not None else None


def parameter_type(text: str, at: int) -> str:
    """The type of a parameter in the text of a function's type (`(a: A, b: B) => C`), "" where it says none."""
    arrow = text.find("=>")
    close = text.rfind(")", 0, arrow) if arrow >= 0 else len(text)
    start = _opening(text, close) if arrow >= 0 else text.find("(")
    if start < 0:
        return ""
    items = _items(text[start + 1 : close])
    items = [item for item in items if not item.startswith("this:")]
    return items[at].partition(":")[2].strip() if at < len(items) else ""


def _opening(text: str, close: int) -> int:
    depth = 0
    for at in range(close, -1, -1):
        if text[at] in ")]}":
            depth += 1
        elif text[at] in "([{":
            depth -= 1
            if depth == 0:
                return at
    return -1


def _items(text: str) -> list[str]:
    items: list[str] = []
    depth, start = 0, 0
    for at, character in enumerate(text):
        if character in _OPEN:
            depth += 1
        elif character in _CLOSE and text[at - 1 : at + 1] != "=>":
            depth -= 1
        elif character == "," and depth == 0:
            items.append(text[start:at].strip())
            start = at + 1
    items.append(text[start:].strip())
    return items
