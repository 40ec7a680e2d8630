"""The local variables of shell functions."""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers._late import late

_DECLARED = late(r"\b(?:local|declare|typeset|readonly|for|read)\s+(?:-\w+\s+)*([^\W\d]\w*)")


def read(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The variables that a function declares; they have no types."""
    for line in lines:
        yield from ((match.group(1), "", "") for match in _DECLARED.finditer(line))
