"""Where names of Python may be defined."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules import ancestors


class _Rules:
    receivers = frozenset({"self", "cls"})
    constructors = frozenset({"__init__", "__new__", "__post_init__"})
    bare_members = False

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        return _sources(index, path, binding)

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        return ()


RULES = _Rules()


def _sources(index: Index, path: str, binding: Binding) -> Iterator[str]:
    stripped = binding.source.lstrip(".")
    dots = len(binding.source) - len(stripped)
    tail = stripped.replace(".", "/")
    if dots:
        base: str = posixpath.dirname(path)
        for _ in range(dots - 1):
            if not base:
                return
            base = posixpath.dirname(base)
        bases: list[str] = [base]
    else:
        bases = list(ancestors(path))
        bases += [posixpath.join(base, "src") for base in bases if posixpath.basename(base) != "src"]
    for base in bases:
        module = posixpath.join(base, tail) if tail else base
        yield posixpath.join(module, "__init__.py")
        if tail:
            yield from (module + ".py", module + ".pyi", posixpath.join(module, "__init__.pyi"))
