"""Where names of Kotlin may be defined."""

from __future__ import annotations

from collections.abc import Iterable

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding


class _Rules:
    receivers = frozenset({"this"})
    constructors = frozenset({"constructor"})
    bare_members = True

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        return ()

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        return ()


RULES = _Rules()
