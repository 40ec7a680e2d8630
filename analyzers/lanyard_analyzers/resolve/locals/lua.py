"""The local variables of Lua functions."""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.extract.lua_parts import told
from lanyard_analyzers.index.records import SHORT

_DECLARED = late(r"\blocal\s+(?!function\b)([^\W\d]\w*)\s*(?:<\w+>\s*)?(?:,\s*\w+\s*){0,8}(?:=\s*([^\n]{1,200}))?")
_EACH = late(r"\bfor\s+(?:\w+\s*,\s*)?(\w+)\s+in\s+i?pairs\s*\(\s*([^)]{1,160})")
_SAID = late(r"---?\s*@type\s+(\S{1,100})")


def read(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The variables that `local` declares and those of loops over `pairs`."""
    said = ""
    for line in lines:
        if "@type" in line and (match := _SAID.search(line)) is not None:
            said = match.group(1)
            continue
        if "local" in line:
            for match in _DECLARED.finditer(line):
                yield match.group(1), *told(said, (match.group(2) or "")[:SHORT])
        if "pairs" in line and (match := _EACH.search(line)) is not None:
            yield match.group(1), *told("", match.group(2)[:SHORT])
        said = ""
