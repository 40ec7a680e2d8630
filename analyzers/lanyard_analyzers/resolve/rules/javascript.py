"""Where names of JavaScript and TypeScript may be defined."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules import ancestors

_SUFFIXES = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
_COMPILED = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}


class _Rules:
    receivers = frozenset({"this"})
    constructors = frozenset({"constructor"})
    bare_members = False

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        return _sources(index, path, binding)

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        return ()


RULES = _Rules()


def _sources(index: Index, path: str, binding: Binding) -> Iterator[str]:
    source = binding.source
    if source.startswith("."):
        bases = [posixpath.join(posixpath.dirname(path), source)]
    elif source.startswith(("@/", "~/")):
        bases = [posixpath.join(base, "src", source[2:]) for base in ancestors(path)]
        bases += [posixpath.join(base, source[2:]) for base in ancestors(path)]
    else:
        return
    for base in bases:
        stem, suffix = posixpath.splitext(base)
        yield from (stem + other for other in _COMPILED.get(suffix, ()))
        if suffix in _SUFFIXES:
            yield base
        yield from (base + other for other in _SUFFIXES)
        yield from (f"{base}/index{other}" for other in _SUFFIXES)
