"""The local variables of PHP functions."""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.extract.values import value_text
from lanyard_analyzers.index.records import SHORT

_ASSIGNED = late(r"(\$\w+)\s*(?:\?\?)?=(?![=>])\s*(?:clone\s+)?([^;]{1,200})")
_SAID = late(r"@var\s+([\w\\|?<>\[\],]{1,80})(?:\s+(\$\w+))?")
_EACH = late(r"\bforeach\s*\((.{1,160}?)\sas\s+(?:\$\w+\s*=>\s*)?&?(\$\w+)")
_TYPED = late(r"(\\?[A-Z][\w\\|]{0,80})\s+&?(\$\w+)(?=\s*[,)=])")


def read(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The variables that are assigned, those of loops, `catch` and closures, and what `@var` says of them."""
    said = ""
    for line in lines:
        if "@var" in line and (match := _SAID.search(line)) is not None:
            said = match.group(1)
            if match.group(2):
                yield match.group(2), said, ""
                said = ""
            if line.lstrip().startswith(("/", "*")):
                continue
        if "foreach" in line and (match := _EACH.search(line)) is not None:
            yield match.group(2), said, match.group(1).strip()[:SHORT]
            said = ""
        yield from ((match.group(2), match.group(1), "") for match in _TYPED.finditer(line))
        if "=" in line:
            for match in _ASSIGNED.finditer(line):
                yield match.group(1), said, "" if said else value_text(match.group(2)[:SHORT])
                said = ""
