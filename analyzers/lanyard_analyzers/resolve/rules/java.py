"""Where names of Java may be defined.

Owns how a package becomes directories: under the source root of the importing file, under its twin (`src/main/java`,
`src/test/java`), then under those of other modules.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding

_PACKAGE_FILES = 60
_SMALL_PACKAGE = 24
_MOST_PARTS = 12


class _Rules:
    receivers = frozenset({"this"})
    constructors = frozenset[str]()
    bare_members = True

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        parts = binding.source.split(".")
        if binding.name in {"", "*"}:
            found = list(_of_class(index, path, parts)) if binding.name else []
            yield from found  # a static import of everything that a class has
            for directory in () if found else _directories(index, path, "/".join(parts)):
                yield from [one for one in index.in_directory(directory) if one.endswith(".java")][:_PACKAGE_FILES]
            return
        yield from _of_class(index, path, [*parts, binding.name])

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        record = index.record(path)
        package = record.package.replace(".", "/") if record is not None else ""
        directories = list(_directories(index, path, package))
        seen = False
        for directory in directories:
            one = posixpath.join(directory, f"{name}.java")
            if index.exists(one):
                seen = True
                yield one
        if record is not None and not seen:
            for statement in record.imports:
                for binding in statement.bindings:
                    if binding.name == "*":
                        places = _directories(index, path, binding.source.replace(".", "/"))
                        yield from (posixpath.join(place, f"{name}.java") for place in places)
            for directory in directories[:2]:
                files = [one for one in index.in_directory(directory) if one.endswith(".java")]
                yield from files if len(files) <= _SMALL_PACKAGE else ()


RULES = _Rules()


def _of_class(index: Index, path: str, parts: Sequence[str]) -> Iterator[str]:
    """The files of a class by its qualified name, of which the last parts may be nested classes or members."""
    for count in range(min(len(parts), _MOST_PARTS), 0, -1):
        tail = "/".join(parts[:count]) + ".java"
        found = [one for one in index.named(parts[count - 1] + ".java") if one == tail or one.endswith("/" + tail)]
        if found:
            yield from sorted(found, key=lambda one: (-_shared(one, path), one))
            return


def _shared(one: str, other: str) -> int:
    """How many characters two paths share at their beginning: those of one module share more."""
    return len(posixpath.commonprefix((one, other)))


def _directories(index: Index, path: str, package: str) -> Iterator[str]:
    """The directories of a package, nearest first."""
    directory = posixpath.dirname(path)
    record = index.record(path)
    own = record.package.replace(".", "/") if record is not None else ""
    if not own:
        root = directory
    elif directory == own or directory.endswith("/" + own):
        root = directory[: len(directory) - len(own)].rstrip("/")
    else:
        if package == own:
            yield directory
        return
    roots = [root]
    for one, other in (("src/test/", "src/main/"), ("src/main/", "src/test/")):
        if one in root + "/":
            roots.append((root + "/").replace(one, other).rstrip("/"))
    for base in dict.fromkeys(roots):
        yield posixpath.join(base, package) if package else base
