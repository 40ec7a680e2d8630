"""Where names of Go may be defined."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from itertools import islice

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules import ancestors

_GO_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)
_PACKAGE_FILES = 60


class _Rules:
    receivers = frozenset[str]()
    constructors = frozenset[str]()
    bare_members = False

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        return _sources(index, path, binding)

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        directory = posixpath.dirname(path)
        found = (one for one in index.in_directory(directory) if one.endswith(".go") and one != path)
        yield from islice(found, _PACKAGE_FILES)


RULES = _Rules()


def _sources(index: Index, path: str, binding: Binding) -> Iterator[str]:
    for base in ancestors(path):
        content = index.content(posixpath.join(base, "go.mod"))
        module = _GO_MODULE.search(content) if content else None
        if module:
            name = module.group(1)
            if binding.source == name or binding.source.startswith(name + "/"):
                directory = posixpath.join(base, binding.source[len(name) + 1 :]).rstrip("/")
                yield from (
                    path
                    for path in index.in_directory(directory)[:_PACKAGE_FILES]
                    if path.endswith(".go") and not path.endswith("_test.go")
                )
            return
