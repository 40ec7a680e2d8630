"""Where names of Java may be defined."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding

_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)
_PACKAGE_FILES = 60


class _Rules:
    receivers = frozenset({"this"})
    constructors = frozenset[str]()
    bare_members = True

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        return _sources(index, path, binding)

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        directory = posixpath.dirname(path)
        yield posixpath.join(directory, f"{name}.java")
        yield posixpath.join(directory.replace("src/test/", "src/main/"), f"{name}.java")


RULES = _Rules()


def _sources(index: Index, path: str, binding: Binding) -> Iterator[str]:
    if binding.name == "*":
        return
    tail = binding.source.replace(".", "/") + ".java"
    package = _PACKAGE.search((index.content(path) or "")[:20_000])
    directory = posixpath.dirname(path)
    own = package.group(1).replace(".", "/") if package else ""
    if own and (directory == own or directory.endswith("/" + own)):
        root = directory[: len(directory) - len(own)]
        yield posixpath.join(root, tail)
        yield posixpath.join(root.replace("src/test/", "src/main/"), tail)
    yield from (path for path in index.paths if path == tail or path.endswith("/" + tail))
