"""What a target refers to: names, attributes of names, and the types of what it uses.

Owns reading the target's own text; where the names lead belongs to `resolve.py`. Shallow by design: annotations,
assignments of constructor calls and member declarations give types, nothing is inferred across calls.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lanyard_analyzers.slices.outline import Outline, Symbol
from lanyard_analyzers.syntax import Syntax
from lanyard_analyzers.text import Span

_CHAIN = re.compile(r"(?<![\w$.])([\w$]+)\s*(?:\.|::|->|\?\.)\s*([\w$]+)(?:\s*(?:\.|::|->|\?\.)\s*([\w$]+))?")
_SUPER = re.compile(r"\bsuper\([^()]{0,80}\)\s*\.\s*([\w$]+)")
_WORD = re.compile(r"[^\W\d][\w$]*")
_TYPE = re.compile(r"\b[A-Z][\w$]*")
_LONGEST = 400_000


@dataclass(frozen=True, slots=True)
class References:
    """Names with the times they are used; `attributes` are what is asked of each name (`cart.total` → cart: total)."""

    names: Mapping[str, int]
    attributes: Mapping[str, tuple[str, ...]]

    def asked(self, name: str) -> tuple[str, ...]:
        """The attributes that are asked of a name."""
        return self.attributes.get(name, ())


def references_in(syntax: Syntax, span: Span, words: str = "") -> References:
    """The references of a span of the text; each name in `words` (a diagnostic, an instruction) counts once."""
    names: Counter[str] = Counter()
    for node in syntax.captures("identifiers", span).get("identifier", ()):
        place = syntax.node_span(node)
        if span.covers(place):
            names[syntax.text.slice(place)] += 1
    for word in set(_WORD.findall(words[:4000])):
        names[word] += 1
    attributes: dict[str, dict[str, None]] = {}
    for match in _CHAIN.finditer(syntax.text.slice(span)[:_LONGEST]):
        first, second, third = match.groups()
        attributes.setdefault(first, {})[second] = None
        attributes.setdefault(f"{first}.{second}", {})
        if third:
            attributes[f"{first}.{second}"][third] = None
    for match in _SUPER.finditer(syntax.text.slice(span)[:_LONGEST]):
        attributes.setdefault("super", {})[match.group(1)] = None
    return References(names, {name: tuple(found) for name, found in attributes.items()})


def member_types(outline: Outline, owner: Symbol, members: Iterable[str]) -> tuple[str, ...]:
    """The type names on the lines that declare the members of a class, and of the parameters assigned to them."""
    found: dict[str, None] = {}
    wanted = set(members)
    for name, first, last in outline.members.get(owner.qualified, ()):
        if name not in wanted:
            continue
        declared = "\n".join(outline.line(line) for line in range(first, min(last, first + 3) + 1))
        types = _TYPE.findall(declared)
        if not types:
            value = declared.rpartition("=")[2].strip(" ;\t")
            types = _parameter_types(outline, owner, value) if value.isidentifier() else []
        found.update(dict.fromkeys(types))
    return tuple(found)


def _parameter_types(outline: Outline, owner: Symbol, parameter: str) -> list[str]:
    for method in outline.owned(owner.qualified):
        last = method.body[0] if method.body else method.last
        head = "\n".join(outline.line(line) for line in range(method.head, min(last, method.head + 30) + 1))
        match = re.search(rf"\b{re.escape(parameter)}\s*:\s*([^,)=]+)", head)
        if match:
            return _TYPE.findall(match.group(1))
    return []
