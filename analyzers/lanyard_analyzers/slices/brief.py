"""Long heads of functions, cut to what a call cannot do without: the names of all parameters, the types of those
without a default.

Owns reading the parameters in the text of a head, in languages that write defaults in it. Linear in the text.
"""

from __future__ import annotations

from lanyard_analyzers._late import late

_LANGUAGES = frozenset({"python", "javascript", "typescript", "tsx"})
_LEAST = 90
"""Characters of a head that is worth cutting."""
_SAVED = 0.75
_GENERICS = 50
"""Characters of type parameters that are worth cutting."""
_TYPE_NAME = late(r"(?:(?:const|in|out)\s+)*([A-Za-z_$][\w$]*)")
_TYPE = 40
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_FIRST = late(r"\s*(?:@\w+(?:\([^()]{0,40}\))?\s+)*(?:(?:public|private|protected|readonly|override)\s+)*[*.&]*\s*")


def brief(head: str, first: str, language: str) -> str:
    """A head whose first parameter is called `first` with its parameters cut, or "" where that saves little."""
    if language not in _LANGUAGES or len(head) < _LEAST or not first or "lambda" in head:
        return ""
    start = _parameters(head, first)
    end = _end(head, start) if start >= 0 else -1
    if end < 0:
        return ""
    items = [_cut(item, language) for item in _items(head[start + 1 : end])]
    found = f"{head[: start + 1]}{', '.join(items)}{head[end:]}"
    return found if len(found) < len(head) * _SAVED else ""


def without_constraints(head: str, name: str) -> str:
    """A head of TypeScript whose long type parameters are named only, without what they extend."""
    start = head.find(f"{name}<") + len(name)
    if start < len(name) or len(head) < _LEAST:
        return head
    end = _end(head, start)
    if end - start < _GENERICS or head[end : end + 1] != ">":
        return head
    names = [match.group(1) for item in _items(head[start + 1 : end]) if (match := _TYPE_NAME.match(item)) is not None]
    return f"{head[: start + 1]}{', '.join(names)}{head[end:]}" if names else head


def _parameters(head: str, first: str) -> int:
    """Where the bracket opens in which the parameters stand; that of a type parameter may come before it."""
    at = head.find("(")
    while at >= 0:
        begin = _FIRST.match(head, at + 1)
        if begin is not None and head.startswith(first, begin.end()):
            return at
        at = head.find("(", at + 1)
    return -1


def _end(head: str, start: int) -> int:
    for at, depth in _depths(head, start):
        if depth == 0:
            return at
    return -1


def _depths(text: str, start: int = 0) -> list[tuple[int, int]]:
    """(offset, depth after it) of the brackets and of the commas that stand in no string."""
    found: list[tuple[int, int]] = []
    depth, quote, at = 0, "", start
    while at < len(text):
        character = text[at]
        if quote:
            if character == "\\":
                at += 1
            elif character == quote:
                quote = ""
        elif character in "\"'`":
            quote = character
        elif character in _OPEN or (character == "<" and text[at - 1 : at].isalnum()):
            depth += 1
        elif character in _CLOSE or (character == ">" and text[at - 1 : at] not in {"=", "-", " "}):
            depth -= 1
            found.append((at, depth))
        elif character == ",":
            found.append((at, depth + 1000))
        at += 1
    return found


def _items(text: str) -> list[str]:
    items: list[str] = []
    start = 0
    for at, depth in _depths(text):
        if depth == 1000:
            items.append(text[start:at].strip())
            start = at + 1
    items.append(text[start:].strip())
    return [item for item in items if item]


def _cut(item: str, language: str) -> str:
    name, colon, rest = item.partition(":")
    if item.startswith(("{", "[")) or not colon:
        before, equals, value = item.partition("=")
        return f"{before.rstrip()}=…" if equals and len(value) > 1 and not value.startswith(">") else item
    if language == "python":
        return f"{name}=…" if "=" in rest else (name if name.startswith("*") or len(rest) > _TYPE else item)
    if name.endswith("?"):
        return name
    if " = " in rest:
        return f"{name} = …"
    return item if len(rest) <= _TYPE else f"{name}: …"
