"""Where names of PHP may be defined: by PSR-4 as composer.json maps it, else wherever the namespace is said."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import cast

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules import ancestors
from lanyard_analyzers.resolve.rules.packages import binds, defines, defining_in, first_there

_LONGEST_COMPOSER = 200_000
_LANGUAGES = ("php",)


class _Rules:
    receivers = frozenset({"$this", "this", "self", "static"})
    constructors = frozenset({"__construct"})
    bare_members = False

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        if binding.name == "*":
            return first_there(index, path, _required(path, binding.source))
        return _in_namespace(index, path, binding.source, binding.name)

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        record = index.record(path)
        if record is None or name.startswith("$") or binds(record, name):
            return
        if not defines(record, name):
            yield posixpath.join(posixpath.dirname(path), f"{name}.php")
        packages = (record.package, "") if not name[:1].isupper() or name.isupper() else (record.package,)
        yield from defining_in(index, name, packages, _LANGUAGES)


RULES = _Rules()


def _in_namespace(index: Index, path: str, namespace: str, name: str) -> Iterator[str]:
    for place in _psr4(index, path, f"{namespace}\\{name}" if namespace else name):
        if index.exists(place):
            yield place
            return
    yield from defining_in(index, name, (namespace,), _LANGUAGES)


def _psr4(index: Index, path: str, full: str) -> Iterator[str]:
    for base in ancestors(path):
        composer = index.content(posixpath.join(base, "composer.json"))
        if composer:
            for prefix, folders in _mapping(composer):
                if full.startswith(prefix):
                    rest = full[len(prefix) :].replace("\\", "/")
                    yield from (posixpath.normpath(posixpath.join(base, folder, rest + ".php")) for folder in folders)
            return


@lru_cache(maxsize=16)
def _mapping(composer: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Prefix → folders, the longest prefix first."""
    try:
        content: object = json.loads(composer) if len(composer) <= _LONGEST_COMPOSER else None
    except (ValueError, RecursionError):
        return ()
    found: dict[str, tuple[str, ...]] = {}
    for section in ("autoload", "autoload-dev"):
        for prefix, folders in _object(_object(_object(content).get(section)).get("psr-4")).items():
            listed = [folders] if isinstance(folders, str) else folders
            if isinstance(listed, list):
                names = [folder for folder in cast("list[object]", listed) if isinstance(folder, str)]
                found[prefix] = (*found.get(prefix, ()), *names)
    return tuple(sorted(found.items(), key=lambda one: -len(one[0])))


def _object(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _required(path: str, source: str) -> Iterator[str]:
    yield posixpath.join(posixpath.dirname(path), source)
    if not source.startswith("."):
        yield from (posixpath.join(base, source.lstrip("/")) for base in ancestors(path))
