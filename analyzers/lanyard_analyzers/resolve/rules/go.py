"""Where names of Go may be defined.

Owns how an import path becomes the files of a package: by the modules of the workspace (`go.mod` at any level), their
local `replace` directives, longest module first. Files of `vendor` are other people's and left out.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from weakref import WeakKeyDictionary

from lanyard_analyzers._late import late
from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules import ancestors

_MODULE = late(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)
_REPLACE = late(r"^\s*(?:replace\s+)?([^\s=]+)(?:\s+v\S+)?\s+=>\s+(\.{1,2}/\S*|\.{1,2})\s*$", re.MULTILINE)
_MOST_MODULES = 200
_PACKAGE_FILES = 120
_MOST_MOD = 200_000


class _Rules:
    receivers = frozenset[str]()
    constructors = frozenset[str]()
    bare_members = False

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        for directory in _directories(_modules_of(index), path, binding.source):
            found = [one for one in index.in_directory(directory) if _in_package(one)]
            yield from found[:_PACKAGE_FILES]
            if found:
                return

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        own = index.record(path)
        test = path.endswith("_test.go")
        count = 0
        for one in index.in_directory(posixpath.dirname(path)):
            if one == path or not one.endswith(".go") or (one.endswith("_test.go") and not test):
                continue
            count += 1
            if count > _PACKAGE_FILES:
                return
            other = index.record(one)
            if other is not None and own is not None and other.package == own.package:
                yield one


RULES = _Rules()


def _in_package(path: str) -> bool:
    return path.endswith(".go") and not path.endswith("_test.go")


class _Modules:
    """The modules of a workspace: their directories by name, and what each replaces."""

    def __init__(self, index: Index) -> None:
        self.state = index.state
        self.directories: dict[str, str] = {}
        self.replaced: dict[str, dict[str, str]] = {}
        for path in index.named("go.mod")[:_MOST_MODULES]:
            directory = posixpath.dirname(path)
            content = (index.content(path) or "")[:_MOST_MOD]
            module = _MODULE.search(content)
            if module is None or "vendor" in directory.split("/"):
                continue
            self.directories.setdefault(module.group(1), directory)
            for name, local in _REPLACE.findall(content):
                target = posixpath.normpath(posixpath.join(directory, local))
                self.replaced.setdefault(directory, {})[name] = "" if target == "." else target


_KNOWN: WeakKeyDictionary[Index, _Modules] = WeakKeyDictionary()


def _modules_of(index: Index) -> _Modules:
    known = _KNOWN.get(index)
    if known is None or known.state != index.state:
        index.named("go.mod")
        known = _KNOWN[index] = _Modules(index)
    return known


def _directories(modules: _Modules, path: str, source: str) -> Iterator[str]:
    """The directories that an import path may name, by the nearest module's replacements and then by all modules."""
    for base in ancestors(path):
        if base in modules.replaced:
            yield from _under(modules.replaced[base], source)
            break
    yield from _under(modules.directories, source)


def _under(modules: Mapping[str, str], source: str) -> Iterator[str]:
    prefix = source
    while prefix:
        directory = modules.get(prefix)
        if directory is not None:
            yield posixpath.join(directory, source[len(prefix) + 1 :]).rstrip("/")
        prefix = prefix.rpartition("/")[0]
