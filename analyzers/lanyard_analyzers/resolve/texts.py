"""The texts of types and values that a record keeps, read as names and chains.

Owns reading such a text; what the names mean is the resolver's. Linear, and total: what makes no sense is no name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lanyard_analyzers._late import late

_NAME = late(r"[^\W\d][\w$]*(?:(?:\.|::|\\)[^\W\d][\w$]*)*")
_SEPARATOR = late(r"\.|::|\\")
_QUOTED_WORDS = late(r"[\"']")
_LITERAL = late(r"Literal\s*\[[^\]]*\]?")
_SEPARATORS = ("?->", "!!.", "?.", "&.", "->", "::", "!.", ".", "\\")
_PART = late(rf"\s*(?:{'|'.join(map(re.escape, _SEPARATORS))})?\s*([$@]{{0,2}}[^\W\d][\w$]*)\s*")
_WRAPPERS = "list|iter|next|sorted|tuple|set|reversed|enumerate|copy|cast"
_LEAD = late(rf"\s*(?:(?:(?:await|new|yield from|yield|not)\b|&mut\b|[&*(\[]|(?:{_WRAPPERS})\()\s*)+")
_ALTERNATIVE = late(r"\s+or\s+|\s*\|\|\s*|\s*\?\?\s*")
_CONDITIONAL = late(r"^(.*?)\s+if\s+.*?\s+else\s+(.*)$")
_NOTHING = frozenset({"None", "True", "False", "Optional", "Union", "Any", "null", "undefined"})
_MOST = 12
_LONGEST = 8


@lru_cache(maxsize=4096)
def names_in_type(text: str) -> tuple[tuple[str, ...], ...]:
    """The names that a type's text has, each split into its parts (`dict[str, shop.Cart]` → `shop Cart`)."""
    if "Literal" in text:
        text = _LITERAL.sub("", text)
    found: dict[tuple[str, ...], None] = {}
    for match in _NAME.finditer(_QUOTED_WORDS.sub(" ", text)):
        parts: tuple[str, ...] = tuple(_SEPARATOR.split(match.group()))
        if match.group() not in _NOTHING:
            found[parts] = None
            if len(found) >= _MOST:
                break
    return tuple(found)


@lru_cache(maxsize=4096)
def chains_in_value(text: str) -> tuple[tuple[str, ...], ...]:
    """The chains that a value's text may come from (`await shop.make(1).cart or Cart()` → two chains).

    Parts end with `()` where they are called. What is no chain of names (a literal, a sum) gives none.
    """
    text = text.strip()
    condition = _CONDITIONAL.match(text) if " if " in text and " else " in text else None
    pieces = list(condition.groups()) if condition else [text]
    found: dict[tuple[str, ...], None] = {}
    for piece in pieces:
        for each in _ALTERNATIVE.split(piece)[:4] if " or " in piece or "|" in piece or "?" in piece else [piece]:
            chain = _chain(each)
            if chain[:1] and chain[0] not in _NOTHING:
                found[chain] = None
    return tuple(found)


def _chain(text: str) -> tuple[str, ...]:
    lead = _LEAD.match(text)
    at = lead.end() if lead else 0
    parts: list[str] = []
    while at < len(text) and len(parts) < _LONGEST:
        match = _PART.match(text, at)
        if match is None:
            break
        name, at = match.group(1), match.end()
        if at < len(text) and text[at] == "(":
            at, name = _after(text, at), name + "()"
        while at < len(text) and text[at] == "[":
            at = _after(text, at)
        parts.append(name)
        if at < len(text) and not text.startswith(_SEPARATORS, at):
            rest = text[at:].lstrip()
            if rest and rest[0] not in ")],;:#" and not rest.startswith(("for ", "as ", "if ")):
                return ()
            break
    return tuple(parts)


def _after(text: str, at: int) -> int:
    """Past the bracket that opens at `at`; the end of the text where it is not closed."""
    depth = 0
    for here in range(at, len(text)):
        if text[here] in "([{":
            depth += 1
        elif text[here] in ")]}":
            depth -= 1
            if depth == 0:
                return here + 1
    return len(text)
