"""Where names of C and C++ may be defined."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules import ancestors


class _Rules:
    receivers = frozenset({"this"})
    constructors = frozenset[str]()
    bare_members = True

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        return _sources(index, path, binding)

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        return ()


RULES = _Rules()


def _sources(index: Index, path: str, binding: Binding) -> Iterator[str]:
    source = binding.source
    yield posixpath.join(posixpath.dirname(path), source)
    for base in ancestors(path):
        yield from (
            posixpath.join(base, source),
            posixpath.join(base, "include", source),
            posixpath.join(base, "src", source),
        )
    plain = posixpath.normpath(source).removeprefix("../")
    yield from [path for path in index.paths if path.endswith("/" + plain)][:3]
