"""Where names of Lua may be defined: what is required, along the usual paths; a global in the one file that has it."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules import ancestors
from lanyard_analyzers.resolve.rules.packages import binds, first_there

_FOLDERS = ("", "lua", "src", "lib")


class _Rules:
    receivers = frozenset({"self"})
    constructors = frozenset({"new", "create"})
    bare_members = False

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        return first_there(index, path, _required(index, path, binding.source))

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        record = index.record(path)
        if record is None or binds(record, name):
            return ()
        found = {
            other
            for other, symbol in index.defining(name)
            if symbol.shape in {"function", "class"} and not symbol.owner and "private" not in symbol.marks
            if other.endswith(".lua")
        }
        return tuple(found) if len(found) == 1 else ()


RULES = _Rules()


def _required(index: Index, path: str, source: str) -> Iterator[str]:
    if source.endswith(".lua") or source.startswith("."):
        yield posixpath.join(posixpath.dirname(path), source)
        yield from (posixpath.join(base, source) for base in ancestors(path))
        return
    tail = source.replace(".", "/").strip("/")
    for base in ancestors(path):
        for folder in _FOLDERS:
            stem = posixpath.join(base, folder, tail)
            yield from (stem + ".lua", stem + "/init.lua")
    last = posixpath.basename(tail)
    yield from [one for one in index.named(last + ".lua") if one.endswith(f"/{tail}.lua")][:2]
    yield from [one for one in index.named("init.lua") if one.endswith(f"/{tail}/init.lua")][:2]
