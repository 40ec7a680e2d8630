"""What a PHPDoc comment says of types.

Owns reading one comment; linear, and total.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lanyard_analyzers.index.records import SHORT

_PARAM = re.compile(r"@(?:phpstan-|psalm-)?param[ \t]+([^$\n]{1,120}?)[ \t]*(?:\.\.\.|&)?(\$\w+)")
_GIVEN = re.compile(r"@(?:phpstan-|psalm-)?return[ \t]+([^\n*@]{1,120})")
_VAR = re.compile(r"@(?:phpstan-|psalm-)?var[ \t]+([^\n*@]{1,120})")
_PROPERTY = re.compile(r"@property(?:-read|-write)?[ \t]+([^$\n]{1,120}?)[ \t]*\$(\w+)")
_MIXIN = re.compile(r"@(?:mixin|method-mixin)[ \t]+([\w\\]{1,100})")
_TEST = re.compile(r"@test(?![\w-])")
_MOST = 60


@dataclass(frozen=True, slots=True)
class Doc:
    """The types of parameters by name (with `$`), of what is given, of a variable; properties with their lines."""

    given: str = ""
    var: str = ""
    params: dict[str, str] = field(default_factory=dict[str, str])
    properties: tuple[tuple[int, str, str], ...] = ()
    mixins: tuple[str, ...] = ()
    test: bool = False


_NOTHING = Doc()


def doc_of(comment: str) -> Doc:
    """What a comment says; nothing where it is no doc comment."""
    if not comment.startswith("/**") or "@" not in comment:
        return _NOTHING
    given, var = _GIVEN.search(comment), _VAR.search(comment)
    return Doc(
        _type(given[1]) if given else "",
        _type(var[1]) if var else "",
        {match[2]: _type(match[1]) for match in _PARAM.finditer(comment)},
        tuple(_properties(comment)),
        tuple(match[1] for match in _MIXIN.finditer(comment))[:_MOST],
        _TEST.search(comment) is not None,
    )


def _properties(comment: str) -> Iterator[tuple[int, str, str]]:
    """The line within the comment, the name and the type of each property."""
    if "@property" in comment:
        for number, line in enumerate(comment.split("\n")[:_MOST]):
            match = _PROPERTY.search(line)
            if match is not None:
                yield number, match[2], _type(match[1])


def _type(text: str) -> str:
    """The type at the beginning of a text: up to the first blank outside brackets."""
    depth = 0
    for at, character in enumerate(text):
        if character in "<({[":
            depth += 1
        elif character in ">)}]":
            depth -= 1
        elif character.isspace() and depth <= 0 and not text[:at].rstrip().endswith(("|", "&", ",")):
            text = text[:at]
            break
    text = "static" if text.strip() == "$this" else text
    return text.strip()[:SHORT]
