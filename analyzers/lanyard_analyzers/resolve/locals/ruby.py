"""The local variables of Ruby methods."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.extract.ruby_parts import made_of
from lanyard_analyzers.index.records import SHORT

_ASSIGNED = late(r"(?:^|[;(|])\s*([^\W\d]\w*)\s*(?:\|\|)?=(?![=~>])\s*([^#]{1,200})")
_BLOCK = late(r"(@?[a-z_][\w.@:]{0,150})(?:\([^()]{0,60}\))?\s*(?:do|\{)\s*\|\s*\(?([^\W\d]\w*)", re.IGNORECASE)
_RESCUE = late(r"\brescue\s+([\w:, ]{1,120}?)\s*=>\s*(\w+)")


def read(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The variables that are assigned, those of blocks (elements of what the block's method is called on), `rescue`."""
    for line in lines:
        if "=" in line:
            yield from ((match.group(1), *made_of(match.group(2)[:SHORT])) for match in _ASSIGNED.finditer(line))
        if "|" in line:
            for match in _BLOCK.finditer(line):
                value, _, method = match.group(1).rpartition(".")
                if value and method not in {"new", "open"}:
                    yield match.group(2), "", value[:SHORT]
        if "rescue" in line and (match := _RESCUE.search(line)) is not None:
            yield match.group(2), match.group(1), ""
