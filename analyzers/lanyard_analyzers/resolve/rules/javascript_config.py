"""What `tsconfig.json`, `jsconfig.json` and `package.json` say about where modules lie.

Owns reading those files, comments and trailing commas allowed, and the cache of what they say. Total: a file that
makes no sense says nothing. Everything is bounded: chains of `extends`, patterns, targets, packages.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from lanyard_analyzers._late import late
from lanyard_analyzers.index.index import Index
from lanyard_analyzers.resolve.rules import ancestors

_CONFIGS = ("tsconfig.json", "jsconfig.json", "tsconfig.base.json")
_EXTENDS = 6
_MOST = 400
_LONGEST = 200_000
_PACKAGES = 1000
_NESTED = 6
_STRING = r"\"(?:[^\"\\\n]|\\.)*\""
_COMMENT = late(_STRING + r"|//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/|$)")
_COMMA = late(_STRING + r"|,(?=\s*[}\]])")
_CONDITIONS = ("source", "development", "types", "import", "module", "default", "require", "node", "browser")


@dataclass(frozen=True, slots=True)
class Paths:
    """The path mapping of one config: pattern → targets, both with at most one `*`; bases are relative to the root."""

    patterns: Mapping[str, tuple[str, ...]]
    base: str | None


@dataclass(frozen=True, slots=True)
class Package:
    """One `package.json`: its directory, and what it says of its modules."""

    directory: str
    name: str
    entries: tuple[str, ...]
    exports: Mapping[str, tuple[str, ...]]
    imports: Mapping[str, tuple[str, ...]]


_NOTHING = Paths({}, None)


class Config:
    """The configuration of one workspace."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._parsed: dict[str, tuple[str, object]] = {}
        self._state = -1
        self._paths: dict[str, Paths] = {}
        self._packages: dict[str, Package] | None = None

    def paths(self, path: str) -> Paths:
        """The mapping that holds for a file: that of the nearest config above it that has one."""
        self._fresh()
        directory = posixpath.dirname(path)
        known = self._paths.get(directory)
        if known is None:
            known = self._paths[directory] = self._nearest(path)
        return known

    def package(self, name: str) -> Package | None:
        """The package of the workspace with that name."""
        self._fresh()
        if self._packages is None:
            self._packages = {}
            for path in self._index.named("package.json")[:_PACKAGES]:
                if "node_modules/" not in path:
                    package = self._package(path)
                    if package is not None and package.name:
                        self._packages.setdefault(package.name, package)
        return self._packages.get(name)

    def around(self, path: str) -> Package | None:
        """The package that a file is in."""
        self._fresh()
        for directory in ancestors(path):
            package = self._package(posixpath.join(directory, "package.json"))
            if package is not None:
                return package
        return None

    def _fresh(self) -> None:
        if self._state != self._index.state:
            self._state = self._index.state
            self._paths.clear()
            self._packages = None

    def _nearest(self, path: str) -> Paths:
        for directory in ancestors(path):
            for name in _CONFIGS:
                found = self._config(posixpath.join(directory, name), 0)
                if found is not None and (found.patterns or found.base is not None):
                    return found
        return _NOTHING

    def _config(self, path: str, depth: int) -> Paths | None:
        said = self._read(path)
        if said is None:
            return None
        directory = posixpath.dirname(path)
        options = _table(said.get("compilerOptions"))
        base = options.get("baseUrl")
        above = self._above(said, directory, depth)
        patterns: dict[str, tuple[str, ...]] = dict(above.patterns)
        place = _inside(directory, base) if isinstance(base, str) else None
        for pattern, targets in list(_table(options.get("paths")).items())[:_MOST]:
            found = [_inside(place if place is not None else directory, one) for one in _texts(targets)]
            patterns[pattern] = tuple(one for one in found if one is not None)
        return Paths(patterns, place if place is not None else above.base)

    def _above(self, said: Mapping[str, object], directory: str, depth: int) -> Paths:
        """What the config takes over from those that it extends or, as a mere list of projects, refers to."""
        found = _NOTHING
        if depth >= _EXTENDS:
            return found
        sources = [one for one in _texts(said.get("extends")) if one.startswith(".")]
        if not sources and "compilerOptions" not in said:
            references = said.get("references")
            for one in cast("list[object]", references)[:_EXTENDS] if isinstance(references, list) else ():
                sources += _texts(_table(one).get("path"))
        for source in sources[:_EXTENDS]:
            target = _inside(directory, source)
            names = [target, f"{target}.json", f"{target}/tsconfig.json"] if target is not None else []
            for name in names:
                more = self._config(name, depth + 1)
                if more is not None:
                    base = more.base if more.base is not None else found.base
                    found = Paths({**found.patterns, **more.patterns}, base)
                    break
        return found

    def _package(self, path: str) -> Package | None:
        said = self._read(path)
        if said is None:
            return None
        name = said.get("name")
        entries = [
            one for key in ("source", "types", "typings", "module", "main", "browser") for one in _texts(said.get(key))
        ]
        return Package(
            posixpath.dirname(path),
            name if isinstance(name, str) else "",
            tuple(entries[:_MOST]),
            _targets(said.get("exports")),
            _targets(said.get("imports")),
        )

    def _read(self, path: str) -> Mapping[str, object] | None:
        content = self._index.content(path)
        if content is None or len(content) > _LONGEST:
            return None
        known = self._parsed.get(path)
        if known is None or known[0] is not content:
            known = self._parsed[path] = (content, _json(content))
        return _table(known[1])


def config_of(index: Index) -> Config:
    """The configuration of the workspace of an index."""
    found = index.kept_by_others.get(Config)
    if not isinstance(found, Config):
        found = index.kept_by_others[Config] = Config(index)
    return found


def matched(patterns: Mapping[str, tuple[str, ...]], source: str) -> Iterator[str]:
    """The targets of the patterns that a source fits, those of the longest pattern first."""
    exact = patterns.get(source)
    if exact is not None:
        yield from exact
    fitting: list[tuple[int, str]] = []
    for pattern in patterns:
        before, star, after = pattern.partition("*")
        if star and source.startswith(before) and source.endswith(after) and len(source) >= len(before) + len(after):
            fitting.append((-len(before), pattern))
    for _, pattern in sorted(fitting)[:4]:
        before, _, after = pattern.partition("*")
        middle = source[len(before) : len(source) - len(after)]
        for target in patterns[pattern]:
            yield target.replace("*", middle, 1)


def _json(content: str) -> object:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        pass
    try:
        return json.loads(_COMMA.sub(_kept_string, _COMMENT.sub(_kept_string, content)))
    except (ValueError, RecursionError):
        return None


def _kept_string(match: re.Match[str]) -> str:
    return match.group() if match.group()[0] == '"' else ""


def _targets(exports: object) -> dict[str, tuple[str, ...]]:
    """`exports` or `imports` as subpath → targets, likeliest first."""
    table = _table(exports)
    if any(key.startswith((".", "#")) for key in table):
        return {key: tuple(_conditional(value, 0))[:12] for key, value in list(table.items())[:_MOST]}
    found = tuple(_conditional(table or exports, 0))[:12]
    return {".": found} if found else {}


def _conditional(value: object, depth: int) -> Iterator[str]:
    if depth > _NESTED:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in cast("Sequence[object]", value)[:8]:
            yield from _conditional(one, depth + 1)
    elif isinstance(value, dict):
        table = cast("dict[str, object]", value)
        for key in [*_CONDITIONS, *list(table)[:12]]:
            if key in table:
                yield from _conditional(table[key], depth + 1)


def _table(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [one for one in cast("list[object]", value)[:_EXTENDS] if isinstance(one, str)]
    return []


def _inside(directory: str, path: str) -> str | None:
    """A path below the root, or None where it leads out of it."""
    joined = posixpath.normpath(posixpath.join(directory, path)) if not path.startswith("/") else ".."
    if joined.startswith(".."):
        return None
    return "" if joined == "." else joined
