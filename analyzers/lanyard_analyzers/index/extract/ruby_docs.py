"""What a YARD comment or a Sorbet signature says of types.

Owns reading the comment lines before a definition; linear, and total.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lanyard_analyzers.index.records import SHORT

_PARAM = re.compile(r"@(?:param|option)[ \t]+(?:(\w+)[ \t]+\[([^\]\n]{1,120})\]|\[([^\]\n]{1,120})\][ \t]+(\w+))")
_GIVEN = re.compile(r"@return[ \t]+\[([^\]\n]{1,120})\]")
_PRIMITIVE = frozenset({"void", "nil", "self", "Boolean", "String", "Integer", "Hash", "Symbol", "Object"})


@dataclass(frozen=True, slots=True)
class Doc:
    """The types of parameters by name, and of what is given."""

    given: str = ""
    params: dict[str, str] = field(default_factory=dict[str, str])


def doc_of(comment: str) -> Doc:
    """What the comment lines before a definition say."""
    if "@" not in comment:
        return Doc()
    given = _GIVEN.search(comment)
    params = {match[1] or match[4]: (match[2] or match[3])[:SHORT] for match in _PARAM.finditer(comment)}
    return Doc(given[1][:SHORT] if given and given[1] not in _PRIMITIVE else "", params)
