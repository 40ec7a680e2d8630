"""The bounds of type parameters in the head of a Rust function, read from its text. Linear and total."""

from __future__ import annotations


def type_bounds(text: str) -> list[tuple[str, str]]:
    """Names of type parameters with the text of their bounds (`<T: Store + Send>` → `T`, `Store + Send`)."""
    generic, where = _angles(text)
    found: list[tuple[str, str]] = []
    for part in _parts(generic) + _parts(where):
        name, colon, bound = part.partition(":")
        name = name.strip()
        if colon and not bound.startswith(":") and name.isidentifier() and not name.startswith("'"):
            found.append((name, " ".join(bound.split())[:120]))
    return found[:16]


def _angles(text: str) -> tuple[str, str]:
    depth = 0
    for at, character in enumerate(text):
        if character == "<":
            depth += 1
        elif character == ">" and text[at - 1] not in "-=":
            depth -= 1
            if depth == 0:
                rest = text[at + 1 :]
                _, found, where = rest.partition("where ") if "where " in rest else rest.partition("where\n")
                return text[1:at], where if found else ""
    return "", ""


def _parts(text: str) -> list[str]:
    parts: list[str] = []
    depth, start = 0, 0
    for at, character in enumerate(text):
        if character in "<([":
            depth += 1
        elif character in ")]" or (character == ">" and text[at - 1] not in "-="):
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return parts
