"""Where names of Ruby may be defined: by `require`, and constants by the modules that the file stands in (Zeitwerk)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding, FileRecord
from lanyard_analyzers.resolve.rules import ancestors
from lanyard_analyzers.resolve.rules.packages import binds, first_there

_SNAKE = late(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SUFFIXES = (".rb", ".rake", ".ru", ".gemspec")
_FOLDERS = ("lib", "", "test", "spec", "app", "src")


class _Rules:
    receivers = frozenset({"self"})
    constructors = frozenset({"initialize"})
    bare_members = True

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        return first_there(index, path, _required(index, path, binding.source))

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        record = index.record(path)
        if record is None or binds(record, name) or name.startswith("@"):
            return ()
        return _constants(index, record, name) if name[:1].isupper() else _methods(index, path, name)


RULES = _Rules()


def _required(index: Index, path: str, source: str) -> Iterator[str]:
    tail = source if source.endswith(".rb") else source + ".rb"
    if source.startswith("."):
        yield posixpath.join(posixpath.dirname(path), tail)
        return
    for base in ancestors(path):
        yield from (posixpath.join(base, folder, tail) for folder in _FOLDERS)
    yield from [one for one in index.named(posixpath.basename(tail)) if one.endswith("/lib/" + tail)][:2]


def _constants(index: Index, record: FileRecord, name: str) -> Iterator[str]:
    """The files that define a constant in the innermost of the modules that a file opens, or at the top."""
    spaces = {one.qualified for one in record.symbols if one.shape == "class"}
    spaces |= {space[: at.start()] for space in spaces for at in re.finditer("::", space)}
    snake = _SNAKE.sub("_", name).lower() + ".rb"
    found: dict[str, tuple[int, bool, str]] = {}
    for path, symbol in index.defining(name):
        space = symbol.qualified.rpartition("::")[0]
        if path.endswith(_SUFFIXES) and "local" not in symbol.marks and (not space or space in spaces):
            rank = (-space.count("::") - bool(space), posixpath.basename(path) != snake, path)
            found[path] = min(rank, found.get(path, rank))
    best = min((rank[0] for rank in found.values()), default=0)
    yield from sorted((path for path in found if found[path][0] == best), key=lambda path: found[path])


def _methods(index: Index, path: str, name: str) -> Iterator[str]:
    """The one other file that defines a method at its top level."""
    found = {
        other
        for other, symbol in index.defining(name)
        if symbol.shape == "function" and not symbol.owner and other.endswith(_SUFFIXES) and other != path
    }
    if len(found) == 1:
        yield from found
