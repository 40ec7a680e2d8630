"""Import statements with those of their names that are used.

Owns the cutting of a statement's text, in the languages that import lists of names. Anything unusual stays whole.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from lanyard_analyzers._late import late

_NAME = late(r"[^\W\d][\w$]*")
_PYTHON = late(r"(from\s+[\w.]+\s+import)\s+\(?([^()#\\;]*)\)?$")
_BRACES = late(r"([^{}]*\{)([^{}]*)(\}[^{}]*)$")


def pruned(statement: str, words: AbstractSet[str], language: str) -> str:
    """The statement on one line, with the names of its list that are in `words`; all where none is."""
    row = " ".join(statement.split())
    indent = statement[: len(statement) - len(statement.lstrip())]
    if "#" in row or "//" in row.replace("://", "") or "/*" in row:
        return indent + row if "\n" not in statement else "\n".join(statement.split("\n")[:1])
    if language == "python":
        match = _PYTHON.match(row)
        if match is not None:
            return indent + match.group(1) + " " + ", ".join(_kept(match.group(2), words))
        return indent + row
    if language == "go" and "(" in row:
        return indent + _of_go(statement, words)
    match = _BRACES.match(row)
    if match is not None and language == "rust":
        own = match.group(1).rstrip("{:").rpartition("::")[2].rpartition(" ")[2]
        kept = _kept(match.group(2), words | {"self"} if own in words else words)
        return f"{indent}{match.group(1)}{', '.join(kept)}{match.group(3)}"
    if match is not None:
        return f"{indent}{match.group(1)} {', '.join(_kept(match.group(2), words))} {match.group(3)}"
    return indent + row


def _kept(names: str, words: AbstractSet[str]) -> list[str]:
    items = [item.strip() for item in names.split(",") if item.strip()]
    kept = [item for item in items if (found := _NAME.findall(item)) and found[-1] in words]
    return kept or items


def _of_go(statement: str, words: AbstractSet[str]) -> str:
    """A group of imports with those whose package is named; its last part says how, unless it has a name of its own."""
    specs = [line.strip() for line in statement.partition("(")[2].rpartition(")")[0].split("\n") if line.strip()]
    kept = [one for one in specs if not words.isdisjoint(_NAME.findall(one.rstrip('"').rpartition("/")[2] + " " + one))]
    kept = kept or specs
    return f"import {kept[0]}" if len(kept) == 1 else f"import ({'; '.join(kept)})"
