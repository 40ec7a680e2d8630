"""Where names of shell scripts may be defined: in what is sourced, else in the one script that has a function."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules import ancestors
from lanyard_analyzers.resolve.rules.packages import first_there

_FOLDERS = ("", "lib", "scripts", "bin", "src")
_SUFFIXES = ("", ".bash", ".sh")


class _Rules:
    receivers = frozenset[str]()
    constructors = frozenset[str]()
    bare_members = False

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        return first_there(index, path, _sourced(index, path, binding.source))

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        found = {
            other
            for other, symbol in index.defining(name)
            if symbol.shape == "function" and other.endswith((".sh", ".bash", ".bats")) and "test" not in symbol.marks
        }
        return tuple(found) if len(found) == 1 else ()


RULES = _Rules()


def _sourced(index: Index, path: str, source: str) -> Iterator[str]:
    """Beside the script, from a folder above it, in the usual folders, else by the end of the path."""
    for suffix in _SUFFIXES:
        yield posixpath.join(posixpath.dirname(path), source + suffix)
    plain = posixpath.normpath(source).removeprefix("/")
    while plain.startswith("../"):
        plain = plain[3:]
    for base in ancestors(path):
        for folder in _FOLDERS:
            yield from (posixpath.join(base, folder, plain + suffix) for suffix in _SUFFIXES)
    base = posixpath.basename(plain)
    yield from [one for one in index.named(base) if one.endswith("/" + plain)][:2]
