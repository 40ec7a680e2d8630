"""Where names of JavaScript and TypeScript may be defined.

Owns how the source of an import becomes files: relative, by the path mapping of `tsconfig.json`, by the name of a
package of the workspace, by what is usual. What a config says is read in `javascript_config.py`.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.rules import ancestors
from lanyard_analyzers.resolve.rules.javascript_config import Config, Package, config_of, matched

_TYPED = (".ts", ".tsx", ".mts", ".cts")
_PLAIN = (".js", ".jsx", ".mjs", ".cjs")
_COMPILED = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
_BUILT = frozenset({"dist", "lib", "build", "out", "es", "esm", "cjs", "types", "esm5", "umd", "module"})
_MOST_PARTS = 8


class _Rules:
    receivers = frozenset({"this"})
    constructors = frozenset({"constructor"})
    bare_members = False

    def sources(self, index: Index, path: str, binding: Binding) -> Iterable[str]:
        return _sources(index, path, binding.source)

    def around(self, index: Index, path: str, name: str) -> Iterable[str]:
        return ()


RULES = _Rules()


def _sources(index: Index, path: str, source: str) -> Iterator[str]:
    """Files in the order of their likelihood, up to the first that is there."""
    typed = not path.endswith(_PLAIN)
    seen: set[str] = set()
    for base in _bases(config_of(index), path, source):
        place = posixpath.normpath(base)
        if place.startswith(("..", "/")) or place in seen:
            continue
        seen.add(place)
        for one in _files("" if place == "." else place, typed):
            yield one
            if one != path and index.exists(one):
                return


def _bases(config: Config, path: str, source: str) -> Iterator[str]:
    """What an import may name, without suffixes tried."""
    if source.startswith("."):
        yield posixpath.join(posixpath.dirname(path), source)
        return
    if source.startswith("/"):
        yield source.lstrip("/")
        return
    if not source or ":" in source:
        return
    if source.startswith("#"):
        package = config.around(path)
        if package is not None:
            for target in matched(package.imports, source):
                yield from _of_target(package, target)
    paths = config.paths(path)
    yield from matched(paths.patterns, source)
    if paths.base is not None:
        yield posixpath.join(paths.base, source)
    parts = source.split("/", 2 if source.startswith("@") else 1)
    scoped = source.startswith("@") and len(parts) > 1
    name = "/".join(parts[:2]) if scoped else parts[0]
    package = config.package(name)
    if package is not None:
        yield from _of_package(package, "/".join(parts[2:] if scoped else parts[1:]))
    if source.startswith(("@/", "~/")):
        for base in ancestors(path):
            yield posixpath.join(base, "src", source[2:])
            yield posixpath.join(base, source[2:])
    elif package is None and source.startswith("src/"):
        for base in ancestors(path):
            yield posixpath.join(base, source)


def _of_package(package: Package, rest: str) -> Iterator[str]:
    """What a package gives under a path within it: as it says, then as is usual."""
    key = f"./{rest}" if rest else "."
    for target in matched(package.exports, key):
        yield from _of_target(package, target)
    if not rest:
        for target in package.entries:
            yield from _of_target(package, target)
    for folder in ("src", "", "lib"):
        yield posixpath.join(package.directory, folder, rest or "index")


def _of_target(package: Package, target: str) -> Iterator[str]:
    """A file that a package names, or the source that it is built from."""
    if not target.startswith(("/", "..")) and ":" not in target:
        target = posixpath.normpath(target)
        parts = target.split("/")
        if parts[0] in _BUILT and len(parts) < _MOST_PARTS:
            stem = _without_suffix(target).split("/")
            rest = [part for at, part in enumerate(stem) if at > 2 or part not in _BUILT]
            yield posixpath.join(package.directory, "src", *rest)
            yield posixpath.join(package.directory, *rest)
        yield posixpath.join(package.directory, target)


def _without_suffix(path: str) -> str:
    for suffix in (".d.ts", ".d.mts", ".d.cts", *_TYPED, *_PLAIN):
        if path.endswith(suffix):
            return path.removesuffix(suffix)
    return path


def _files(base: str, typed: bool) -> Iterator[str]:
    stem, suffix = posixpath.splitext(base)
    for other in _COMPILED.get(suffix, ()):
        yield stem + other
    if suffix in _COMPILED:
        yield base
        yield f"{stem}.d.ts"
    elif suffix in _TYPED:
        yield base
    order = (*_TYPED[:2], ".d.ts", *_PLAIN[:2], *_TYPED[2:], *_PLAIN[2:])
    if not typed:
        order = (*_PLAIN, *_TYPED[:2], ".d.ts")
    for other in order:
        if base:
            yield base + other
    for other in order:
        yield posixpath.join(base, f"index{other}")
