"""The local variables of C# methods."""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.extract.values import type_and_value
from lanyard_analyzers.index.records import SHORT

_TYPE = r"[^\W\d][\w.]{0,80}(?:<[\w\s,.?<>\[\]]{0,120}>)?(?:\[,*\])?\??"
_DECLARED = late(
    r"(?:^|[;{}(]|=>)\s*(?:await\s+)?(?:(?:using|foreach|for)\s*\(?\s*)?(?:const\s+)?"
    r"(?!(?:return|throw|new|await|yield|goto|using|namespace|else|case|in|is|as|out|ref|when)\b)"
    rf"({_TYPE})\s+([^\W\d]\w*)\s*(?:=(?!=)\s*([^;]{{0,200}})|in\b\s*([^;{{]{{0,160}})|;|$)"
)
_PATTERN = late(rf"\b(?:is|out|case)\s+(?!not\b|null\b)({_TYPE})\s+([^\W\d]\w*)")
_CATCH = late(r"\bcatch\s*\(\s*([\w.]{1,100})\s+(\w+)\s*\)")
_LAMBDA = late(r"([\w.()]{1,150})\.[A-Z]\w{1,30}\(\s*(\w+)\s*=>")
_CAST = late(r"^\(([\w.]+)\)")


def read(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The variables of declarations, loops, patterns, `catch`, and of lambdas over a value."""
    for line in lines:
        for match in _DECLARED.finditer(line):
            text, name, value, each = (part or "" for part in match.groups())
            if text != "var":
                yield name, text[:SHORT], ""
                continue
            cast = _CAST.match(value)
            if cast is not None:
                yield name, cast.group(1), ""
            else:
                yield name, *type_and_value((value or each.strip().removesuffix(")"))[:SHORT])
        if " is " in line or "out " in line or "case " in line:
            yield from ((match.group(2), match.group(1), "") for match in _PATTERN.finditer(line))
        if "catch" in line and (match := _CATCH.search(line)) is not None:
            yield match.group(2), match.group(1), ""
        if "=>" in line:
            yield from ((match.group(2), "", match.group(1)[:SHORT]) for match in _LAMBDA.finditer(line))
