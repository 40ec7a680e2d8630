"""What the buffer says of a definition at a cursor: how often and how near its name is used, and what its name and
shape say there.

Owns these features alone; how a definition is found is `prospects.py`'s, what a feature is worth `chances.py`'s.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import exp, log1p

from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.slices.nearby import Nearby, Offsets, subwords

_LINE = 40.0
"""Characters that count as one line."""
_MARKS = frozenset({"property", "static", "class", "abstract", "fixture"})
_EXCEPTION = ("Error", "Exception", "Warning", "Failure", "Timeout", "Interrupt", "Exit")


class Features:
    """The features of one cursor."""

    def __init__(self, nearby: Nearby) -> None:
        self._nearby = nearby
        self._usage: dict[tuple[int, str], Sequence[tuple[str, float]]] = {}

    def used(self, offsets: Offsets, prefix: str) -> Sequence[tuple[str, float]]:
        """How often and how near something occurs."""
        key = (id(offsets), prefix)  # the lists live as long as `nearby`
        known = self._usage.get(key)
        if known is None:
            known = self._usage[key] = tuple(self._usage_of(offsets, prefix))
        return known

    def _usage_of(self, offsets: Offsets, prefix: str) -> Iterator[tuple[str, float]]:
        nearby = self._nearby
        if not offsets:
            yield f"{prefix}_unused", 1.0
            return
        before, after = nearby.near(offsets)
        yield f"{prefix}_times", log1p(len(offsets))
        yield f"{prefix}_before", exp(-before / _LINE / 12)
        yield f"{prefix}_after", exp(-after / _LINE / 12)
        yield f"{prefix}_just", exp(-before / _LINE / 2)
        yield f"{prefix}_inside", float(nearby.inside(offsets))
        yield f"{prefix}_alike", nearby.alike(offsets)
        yield f"{prefix}_kin", nearby.kin(offsets)
        yield f"{prefix}_own", float(nearby.in_class(offsets))

    def common(self, symbol: Symbol) -> list[tuple[str, float]]:
        """What a definition's own name and shape say, at this cursor."""
        nearby, name = self._nearby, symbol.name
        found = [(f"is_{symbol.shape}", 1.0)]
        if name in nearby.said:
            found.append(("said", 1.0))
        found += [(mark, 1.0) for mark in symbol.marks if mark in _MARKS]
        if symbol.doc_first >= 0:
            found.append(("explained", 1.0))
        if name[:1] == "_":
            found.append(("dunder" if name[:2] == "__" else "private", 1.0))
        words = subwords(name)
        if words:
            many = len(words)
            found.append(("words", len(words & nearby.words) / many))
            found.append(("named", len(words & nearby.named) / many))
            found.append(("missing", len(words & nearby.missing_words) / many))
        exception = symbol.shape == "class" and (
            name.endswith(_EXCEPTION) or any(base.endswith(_EXCEPTION) for base in symbol.bases)
        )
        raising = nearby.lead in {"raise", "except", "throw"}
        if exception:
            found.append(("exception", 1.0))
        if raising:
            found.append(("raised" if exception else "unraised", 1.0))
        if nearby.dotted:
            found.append(("undotted", 1.0))
        if nearby.lead == "@" and symbol.shape != "value":
            found.append(("decorates", 1.0))
        function = nearby.function
        if function is None:
            found.append(("outside", 1.0))
        elif function.name == name:
            found.append(("same_name", 1.0))
        if "test" in symbol.marks:
            found.append(("test", 1.0))
        if nearby.begun:
            found.append(("begun" if name.startswith(nearby.begun) else "unbegun", 1.0))
        return found
