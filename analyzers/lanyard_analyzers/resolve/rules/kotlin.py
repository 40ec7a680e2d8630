"""Where names of Kotlin may be defined.

A package is said in files, whose paths need not show it; Java files of the same packages count, too.
"""

from __future__ import annotations

from collections.abc import Iterable

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules.packages import binds, defining_in, split, starred

_LANGUAGES = ("kotlin", "java")


class _Rules:
    receivers = frozenset({"this"})
    constructors = frozenset({"constructor"})
    bare_members = True

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        if binding.name == "*":
            package, name = split(binding.source)
            return defining_in(index, name, (package,), _LANGUAGES)
        return defining_in(index, binding.name.partition(".")[0], (binding.source,), _LANGUAGES)

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        record = index.record(path)
        if record is None or binds(record, name):
            return ()
        return defining_in(index, name, list(dict.fromkeys((record.package, *starred(record)))), _LANGUAGES)


RULES = _Rules()
