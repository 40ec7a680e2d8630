"""Where names of Rust may be defined.

Owns how a path of modules becomes a file: `crate`, `self`, `super`, `mod` with and without `#[path]`, and the crates of
the workspace by the names in their `Cargo.toml` and in the dependencies of others on them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules.rust_crates import Crate, crates_of

_ROOTS = frozenset({"lib.rs", "main.rs", "mod.rs"})
_TARGETS = frozenset({"bin", "tests", "examples", "benches"})
_MOST_NEAR = 60
_BEGINNINGS = frozenset({"crate", "self", "super"})


class _Rules:
    receivers = frozenset({"self", "Self"})
    constructors = frozenset({"new", "default", "build", "create"})
    bare_members = False

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        source = binding.source
        if source.startswith("path "):
            yield posixpath.join(posixpath.dirname(path), source[5:])
            return
        own = _own_directory(path)
        if source.startswith("mod "):
            parts = source[4:].split("::")
            yield from _files_of(index, own, parts, exact=True)
            return
        parts = [part for part in source.split("::") if part]
        if parts:
            found = list(_of_path(index, path, own, parts, exact=not binding.name))
            yield from found

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        """The file of the crate's root, for a macro: macros are visible without an import."""
        root, files = _root(index, path)
        for one in (*files, posixpath.join(root, "macros.rs"), posixpath.join(root, "macros/mod.rs")):
            if one != path and any(
                symbol.name == name and symbol.shape == "function" and symbol.body_first < 0 and not symbol.params
                for symbol in (index.symbols(one) if index.exists(one) else ())
            ):
                yield one

    def begins_path(self, index: Index, path: str, name: str) -> bool:
        """Whether a path of modules may begin with a name."""
        return name in _BEGINNINGS or crates_of(index).named(name, path) is not None

    def extends(self, index: Index, path: str, name: str) -> Iterable[str]:
        """Files near a type's own that may have more `impl` blocks for it: they have its name."""
        own = _own_directory(path)
        near = [*index.in_directory(posixpath.dirname(path)), *index.in_directory(own)]
        for one in dict.fromkeys(near[:_MOST_NEAR]):
            if one.endswith(".rs") and one != path:
                symbols = index.symbols(one)
                if not any(symbol.name == name and symbol.shape == "class" for symbol in symbols):
                    yield one


RULES = _Rules()


def _own_directory(path: str) -> str:
    """The directory of the modules that a file declares."""
    directory, name = posixpath.split(path)
    if name in _ROOTS or (posixpath.basename(directory) in _TARGETS and _is_target(directory)):
        return directory
    return posixpath.join(directory, name.removesuffix(".rs"))


def _is_target(directory: str) -> bool:
    """Whether a directory called like one of Cargo's is one: `tests` of a package, `bin` of its sources."""
    above = posixpath.basename(posixpath.dirname(directory))
    return above == "src" if posixpath.basename(directory) == "bin" else above != "src"


def _root(index: Index, path: str) -> tuple[str, tuple[str, ...]]:
    """The directory of the modules of a file's crate, and the files that may be its root."""
    directory = posixpath.dirname(path)
    if posixpath.basename(directory) in _TARGETS and _is_target(directory):
        return directory, (path,)
    crate = crates_of(index).around(path)
    for file in crate.bins if crate is not None else ():
        base = posixpath.dirname(file)
        if base and path.startswith(base + "/"):
            return base, (file,)
    if crate is not None and (not crate.root or path.startswith(crate.root + "/")):
        return crate.root, _root_files(crate.root, crate)
    here = directory
    while here:
        if posixpath.basename(here) == "src":
            return here, _root_files(here)
        here = posixpath.dirname(here)
    return directory, _root_files(directory)


def _root_files(root: str, crate: Crate | None = None) -> tuple[str, ...]:
    given = (crate.file,) if crate is not None and crate.file else ()
    return (*given, posixpath.join(root, "lib.rs"), posixpath.join(root, "main.rs"))


def _of_path(index: Index, path: str, own: str, parts: Sequence[str], *, exact: bool) -> Iterator[str]:
    first, rest = parts[0], list(parts[1:])
    root, root_files = _root(index, path)
    if first == "crate":
        yield from _files_of(index, root, rest, root_files, exact=exact)
    elif first == "self":
        if rest:
            yield from _files_of(index, own, rest, exact=exact)
    elif first == "super":
        above = posixpath.dirname(own)
        while rest and rest[0] == "super":
            above, rest = posixpath.dirname(above), rest[1:]
        yield from _files_of(index, above, rest, root_files if above == root else _module_files(above), exact=exact)
    else:
        crate = crates_of(index).named(first, path)
        if crate is not None:
            yield from _files_of(index, crate.root, rest, _root_files(crate.root, crate)[:2], exact=exact)
        else:
            yield from _files_of(index, own, parts, exact=True)


def _module_files(base: str) -> tuple[str, ...]:
    return base + ".rs", posixpath.join(base, "mod.rs")


def _files_of(
    index: Index, base: str, parts: Sequence[str], root_files: Sequence[str] = (), *, exact: bool
) -> Iterator[str]:
    """The file of a path of modules; unless `exact`, of the longest part of it that has one: the rest are items or
    inline modules of that file."""
    for count in range(len(parts), 0, -1):
        found = [one for one in _module_files(posixpath.join(base, *parts[:count])) if index.exists(one)]
        if found:
            yield from found
            return
        if exact:
            return
    yield from root_files
