"""The local variables of Kotlin functions."""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.extract.kotlin_parts import made_of
from lanyard_analyzers.index.extract.values import type_and_value
from lanyard_analyzers.index.records import SHORT

_TYPE = r"[^\W\d][\w.]{0,80}(?:<[\w\s,.?<>*]{0,120}>)?\??"
_DECLARED = late(rf"\bva[lr]\s+(\w+)\s*(?::\s*({_TYPE}))?\s*(?:=(?!=)|\bby\b)?\s*([^;]{{0,200}})")
_EACH = late(rf"\bfor\s*\(\s*(\w+)\s*(?::\s*({_TYPE}))?\s+in\s+([^{{]{{1,160}})")
_CATCH = late(r"\bcatch\s*\(\s*(\w+)\s*:\s*([\w.]{1,100})\s*\)")
_LAMBDA = late(r"([\w.()?]{1,150})\.\w{1,30}(?:\([^(){}]{0,60}\))?\s*\{\s*(?:(\w+)\s*->)?")


def read(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The variables of declarations, loops, `catch`, and of lambdas over a value (`it` where it has no other name)."""
    for number, line in enumerate(lines):
        if "va" in line:
            for match in _DECLARED.finditer(line):
                name, text, value = (part or "" for part in match.groups())
                if line.rstrip().endswith("=") and number + 1 < len(lines):
                    value = lines[number + 1].strip()
                made = ("", "") if text else type_and_value(made_of(value[:SHORT]))
                yield name, text or made[0], made[1]
        if "for" in line and (match := _EACH.search(line)) is not None:
            name, text, value = (part or "" for part in match.groups())
            yield name, text, "" if text else value.strip().removesuffix(")")[:SHORT]
        if "catch" in line and (match := _CATCH.search(line)) is not None:
            yield match.group(1), match.group(2), ""
        if "{" in line:
            for match in _LAMBDA.finditer(line):
                yield match.group(2) or "it", "", match.group(1).replace("?", "")[:SHORT]
