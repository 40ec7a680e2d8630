"""The local variables of Java methods."""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.extract.made import made_in_java
from lanyard_analyzers.index.records import SHORT

_DECLARED = late(
    r"(?:^\s*|\(\s*|[{;]\s+|instanceof\s+)(?:final\s+)?"
    r"(?!(?:return|throw|new|else|case|package|import|assert|goto|yield|break|continue|instanceof)\b)"
    r"([^\W\d][\w.]*(?:<[^;=(){}\n]{0,120}>)?(?:\[\])*)\s+([^\W\d]\w*)\s*"
    r"(?:=(?!=)\s*([^;\n]{0,240})|;|:(?!:)\s*([^\n;{]{0,200})|\)|&&|$)"
)
_CATCH = late(r"catch\s*\(\s*(?:final\s+)?([\w.| ]{1,120})\s+(\w+)\s*\)")
_LAMBDA = late(r"([\w.()]{1,150})\.(?:map|forEach|filter|flatMap|anyMatch|allMatch|ifPresent)\(\(?(\w+)\)?\s*->")


def read(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The variables that declarations, loops, `catch`, patterns and lambdas over a value declare."""
    for number, line in enumerate(lines):
        for match in _DECLARED.finditer(line):
            text, name, value, each = (part or "" for part in match.groups())
            if text == "var":
                value = value or each.rstrip(") ")
                if not value and line.rstrip().endswith("=") and number + 1 < len(lines):
                    value = lines[number + 1].strip()
                made, value = made_in_java(value.strip()[:SHORT])
                yield name, made, value
            else:
                yield name, text[:SHORT], ""
        if "catch" in line and (match := _CATCH.search(line)) is not None:
            yield match.group(2), match.group(1), ""
        if "->" in line:
            for match in _LAMBDA.finditer(line):
                yield match.group(2), "", match.group(1).replace(".stream()", "")[:SHORT]
