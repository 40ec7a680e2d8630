"""Files that define a name in a namespace, for languages whose namespaces are said in files rather than by paths."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable, Iterator, Sequence

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import FileRecord


def defining_in(index: Index, name: str, packages: Sequence[str], languages: Collection[str]) -> Iterator[str]:
    """The files in some languages that define a top-level name in the first of the packages that has it."""
    ranks = {package: rank for rank, package in reversed(list(enumerate(packages)))}
    found: dict[str, int] = {}
    for path, symbol in index.defining(name):
        if symbol.owner or "local" in symbol.marks or path in found:
            continue
        record = index.record(path)
        if record is not None and record.package in ranks and record.language in languages:
            found[path] = ranks[record.package]
    best = min(found.values(), default=0)
    yield from (path for path, rank in found.items() if rank == best)


def binds(record: FileRecord, name: str) -> bool:
    """Whether an import of a file binds a name."""
    return any(binding.local == name for one in record.imports for binding in one.bindings)


def starred(record: FileRecord) -> Iterator[str]:
    """The packages of which a file imports everything, in its order."""
    for one in record.imports:
        for binding in one.bindings:
            if binding.name == "*":
                yield binding.source


def defines(record: FileRecord, name: str) -> bool:
    """Whether a file defines a name at its top level."""
    return any(symbol.name == name and not symbol.owner and symbol.around < 0 for symbol in record.symbols)


def split(path: str, separator: str = ".") -> tuple[str, str]:
    """The namespace and the last name of a full name."""
    source, _, name = path.rpartition(separator)
    return source, name


def first_there(index: Index, path: str, candidates: Iterable[str]) -> Iterator[str]:
    """The first of the files that is there, other than the file that asks."""
    for one in candidates:
        normal = posixpath.normpath(one)
        if normal != path and not normal.startswith("..") and index.exists(normal):
            yield normal
            return
