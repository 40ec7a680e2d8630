"""Where names of Rust may be defined."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules import ancestors


class _Rules:
    receivers = frozenset({"self", "Self"})
    constructors = frozenset({"new"})
    bare_members = False

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        return _sources(index, path, binding)

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        return ()


RULES = _Rules()


def _sources(index: Index, path: str, binding: Binding) -> Iterator[str]:
    directory, name = posixpath.split(path)
    own = directory if name in {"lib.rs", "main.rs", "mod.rs"} else posixpath.join(directory, name.removesuffix(".rs"))
    if binding.source.startswith("mod "):
        yield from _rust_module(own, [binding.source[4:]])
        return
    parts = [part for part in binding.source.split("::") if part]
    whole = [*parts, binding.name] if binding.name not in {"", "*"} else parts
    if not whole:
        return
    roots = [base for base in ancestors(path) if posixpath.basename(base) == "src"]
    if whole[0] == "crate":
        base, rest = (roots[0] if roots else directory), whole[1:]
    elif whole[0] == "self":
        base, rest = own, whole[1:]
    elif whole[0] == "super":
        base, rest = own, whole
        while rest and rest[0] == "super":
            base, rest = posixpath.dirname(base), rest[1:]
    else:
        crate = whole[0].replace("_", "-")
        for above in ancestors(path):
            for place in (crate, whole[0], f"crates/{crate}", f"crates/{whole[0]}"):
                root = posixpath.join(above, place, "src")
                if index.content(posixpath.join(root, "lib.rs")) is not None:
                    yield from _rust_module(root, whole[1:])
                    return
        base, rest = own, whole
    yield from _rust_module(base, rest)


def _rust_module(base: str, parts: list[str]) -> Iterator[str]:
    """Files of a module path, longest first: its last parts may be items rather than modules."""
    for count in range(len(parts), 0, -1):
        path = posixpath.join(base, *parts[:count])
        yield from (path + ".rs", path + "/mod.rs")
    yield from (posixpath.join(base, "lib.rs"), posixpath.join(base, "main.rs"), base + "/mod.rs", base + ".rs")
