"""The local variables of Go functions."""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.extract.braces import split_top
from lanyard_analyzers.index.extract.made import made_in_go
from lanyard_analyzers.index.records import SHORT

_NAMES = late(r"([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)\s*:=\s*(.*)")
_CLOSURE = late(r"\bfunc\(([^()]{1,200})\)")
_VAR = late(r"\bvar\s+(\w+(?:\s*,\s*\w+)*)(?:\s+([*\[\w(][^\n=]*))?(?:\s*=\s*(.*))?$")


def read(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The variables that `:=` and `var` declare."""
    for line in lines:
        if "func(" in line:
            for match in _CLOSURE.finditer(line):
                yield from _params(match.group(1))
        if ":=" in line:
            match = _NAMES.search(line)
            if match is not None and "//" not in line[: match.start()]:
                yield from _declared(match.group(1), match.group(2).strip())
        elif "var " in line:
            match = _VAR.search(line)
            if match is not None:
                names, text, value = (part or "" for part in match.groups())
                made, value = made_in_go(value.strip()[:SHORT])
                for name in names.split(","):
                    yield name.strip(), text.strip()[:SHORT] or made, value


def _params(text: str) -> Iterator[tuple[str, str, str]]:
    """The parameters of a function literal (`a, b *Item, c string`)."""
    pending: list[str] = []
    for part in split_top(text):
        name, _, kind = part.partition(" ")
        pending.append(name)
        if kind:
            yield from ((one, kind.strip()[:SHORT], "") for one in pending if one.isidentifier() and one != "_")
            pending = []


def _declared(left: str, right: str) -> Iterator[tuple[str, str, str]]:
    names = [name.strip() for name in left.split(",")]
    if right.startswith("range "):
        value = right[6:].partition("{")[0].strip()[:SHORT]
        values = ["", value] if len(names) > 1 else [""]
    else:
        right = right.partition("; ")[0]
        values = split_top(right) if len(names) > 1 else [right]
        if len(values) != len(names):
            values = [right]
    for number, name in enumerate(names):
        if name != "_":
            yield name, *made_in_go(values[number][:SHORT] if number < len(values) else "")
