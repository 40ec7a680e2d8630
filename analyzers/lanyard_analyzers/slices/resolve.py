"""Where in the workspace an import leads: from a binding to files, and from a name to its definitions.

Owns the paths that each language's imports can mean. It reads only through the workspace, so that an ignored file
does not exist here.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property

from lanyard_analyzers.languages import LANGUAGES, language_of
from lanyard_analyzers.slices.imports import Binding
from lanyard_analyzers.slices.outline import Outline, Symbol, read_outline
from lanyard_analyzers.workspace import Workspace

LISTED = 5000
"""Workspace paths that are looked at for files that no path names (packages, headers, callers, tests)."""
_PACKAGE_FILES = 60
_RE_EXPORTS = 2

_JS_SUFFIXES = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
_JS_COMPILED = {".js": (".ts", ".tsx"), ".mjs": (".mts",), ".cjs": (".cts",), ".jsx": (".tsx",)}
_JS_DEFAULT = re.compile(r"export\s+default\s+(?:async\s+)?(?:abstract\s+)?(?:function\s*\*?|class)?\s*([\w$]+)")


Definitions = tuple[tuple[Outline, Symbol], ...]


class Files:
    """The files of a workspace as one slice sees them: outlines by path, and the listing, made when first needed."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._outlines: dict[str, Outline | None] = {}
        self._contents: dict[str, str | None] = {}
        self.sources: dict[tuple[str, Binding], tuple[str, ...]] = {}

    def own(self, outline: Outline) -> None:
        """Let the buffer stand for the file of its path."""
        self._outlines[outline.path] = outline
        self._contents[outline.path] = outline.text.content

    def content(self, path: str) -> str | None:
        """The text of a file, or None if it may not be read."""
        if path not in self._contents:
            self._contents[path] = self._workspace.read(path)
        return self._contents[path]

    def outline(self, path: str) -> Outline | None:
        """The outline of a file, or None if it may not be read or is in no language of ours."""
        if path not in self._outlines:
            language = language_of("", path)
            content = self.content(path) if language else None
            self._outlines[path] = read_outline(content, path, language) if language and content is not None else None
        return self._outlines[path]

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """The first `LISTED` paths of the workspace."""
        found: list[str] = []
        for path in self._workspace.files():
            found.append(path)
            if len(found) >= LISTED:
                break
        return tuple(found)

    @cached_property
    def by_directory(self) -> dict[str, list[str]]:
        """The listed paths by directory."""
        found: dict[str, list[str]] = {}
        for path in self.paths:
            found.setdefault(posixpath.dirname(path), []).append(path)
        return found

    def definitions(
        self, outline: Outline, binding: Binding, name: str, depth: int = 0
    ) -> tuple[tuple[Outline, Symbol], ...]:
        """What `name` means in the source of `binding`, following re-exports."""
        for path in sources(self, outline, binding):
            other = self.outline(path)
            if other is None:
                continue
            found = self.exported(other, name, depth)
            if found:
                return found
        return ()

    def exported(self, outline: Outline, name: str, depth: int = 0) -> Definitions:
        """What a file gives under `name`: its own definition, or what it re-exports."""
        if name == "default" and outline.language in {"javascript", "typescript", "tsx"}:
            match = _JS_DEFAULT.search(outline.text.content)
            name = match.group(1) if match else name
        own = tuple((outline, symbol) for symbol in outline.by_name.get(name, ()) if not symbol.owner)
        if own or depth >= _RE_EXPORTS:
            return own
        for statement in outline.imports:
            for binding in statement.bindings:
                if binding.local == name or binding.name == "*":
                    wanted = name if binding.name in {"*", ""} else binding.name
                    found = self.definitions(outline, binding, wanted, depth + 1)
                    if found:
                        return found
        return ()


def sources(files: Files, outline: Outline, binding: Binding) -> tuple[str, ...]:
    """The workspace files that the source of a binding can be, likeliest first; each can be read."""
    key = (outline.path, binding)
    known = files.sources.get(key)
    if known is None:
        known = files.sources[key] = tuple(_sources(files, outline, binding))
    return known


def _sources(files: Files, outline: Outline, binding: Binding) -> Iterator[str]:
    candidates = _CANDIDATES.get(outline.language)
    if candidates is None:
        return
    seen: set[str] = {outline.path}
    for raw in candidates(files, outline, binding):
        path = posixpath.normpath(raw)
        if path not in seen and not path.startswith(("..", "/")):
            seen.add(path)
            if files.content(path) is not None:
                yield path


def package_files(files: Files, outline: Outline) -> tuple[str, ...]:
    """The files whose names are visible without an import: the package's other files in Go and Java."""
    if outline.language not in {"go", "java"}:
        return ()
    suffixes = LANGUAGES[outline.language].suffixes
    directory = files.by_directory.get(posixpath.dirname(outline.path), [])
    return tuple(path for path in directory if path.endswith(suffixes) and path != outline.path)[:_PACKAGE_FILES]


def _ancestors(path: str) -> Iterator[str]:
    """The directory of a path and those above it, the root ("") last."""
    directory = posixpath.dirname(path)
    while directory:
        yield directory
        directory = posixpath.dirname(directory)
    yield ""


def _python(files: Files, outline: Outline, binding: Binding) -> Iterator[str]:
    stripped = binding.source.lstrip(".")
    dots = len(binding.source) - len(stripped)
    tail = stripped.replace(".", "/")
    if dots:
        base: str = posixpath.dirname(outline.path)
        for _ in range(dots - 1):
            if not base:
                return
            base = posixpath.dirname(base)
        bases: list[str] = [base]
    else:
        bases = list(_ancestors(outline.path))
        bases += [posixpath.join(base, "src") for base in bases if posixpath.basename(base) != "src"]
    for base in bases:
        module = posixpath.join(base, tail) if tail else base
        if binding.name and binding.name != "*":
            yield from (posixpath.join(module, "__init__.py"), posixpath.join(module, binding.name + ".py"))
            yield posixpath.join(module, binding.name, "__init__.py")
        else:
            yield posixpath.join(module, "__init__.py")
        if module:
            yield from (module + ".py", module + ".pyi")


def _javascript(files: Files, outline: Outline, binding: Binding) -> Iterator[str]:
    source = binding.source
    if source.startswith("."):
        bases = [posixpath.join(posixpath.dirname(outline.path), source)]
    elif source.startswith(("@/", "~/")):
        bases = [posixpath.join(base, "src", source[2:]) for base in _ancestors(outline.path)]
        bases += [posixpath.join(base, source[2:]) for base in _ancestors(outline.path)]
    else:
        return
    for base in bases:
        stem, suffix = posixpath.splitext(base)
        yield from (stem + other for other in _JS_COMPILED.get(suffix, ()))
        if suffix in _JS_SUFFIXES:
            yield base
        yield from (base + other for other in _JS_SUFFIXES)
        yield from (f"{base}/index{other}" for other in _JS_SUFFIXES)


_GO_MODULE = re.compile(r"^module\s+\"?([^\s\"]+)", re.MULTILINE)


def _go(files: Files, outline: Outline, binding: Binding) -> Iterator[str]:
    for base in _ancestors(outline.path):
        content = files.content(posixpath.join(base, "go.mod"))
        module = _GO_MODULE.search(content) if content else None
        if module:
            name = module.group(1)
            if binding.source == name or binding.source.startswith(name + "/"):
                directory = posixpath.join(base, binding.source[len(name) + 1 :]).rstrip("/")
                yield from (
                    path
                    for path in files.by_directory.get(directory, [])[:_PACKAGE_FILES]
                    if path.endswith(".go") and not path.endswith("_test.go")
                )
            return


def _rust(files: Files, outline: Outline, binding: Binding) -> Iterator[str]:
    directory, name = posixpath.split(outline.path)
    own = directory if name in {"lib.rs", "main.rs", "mod.rs"} else posixpath.join(directory, name.removesuffix(".rs"))
    if binding.source.startswith("mod "):
        yield from _rust_module(own, [binding.source[4:]])
        return
    parts = [part for part in binding.source.split("::") if part]
    whole = [*parts, binding.name] if binding.name not in {"", "*"} else parts
    if not whole:
        return
    roots = [base for base in _ancestors(outline.path) if posixpath.basename(base) == "src"]
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
        for above in _ancestors(outline.path):
            for place in (crate, whole[0], f"crates/{crate}", f"crates/{whole[0]}"):
                root = posixpath.join(above, place, "src")
                if files.content(posixpath.join(root, "lib.rs")) is not None:
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


_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)\s*;", re.MULTILINE)


def _java(files: Files, outline: Outline, binding: Binding) -> Iterator[str]:
    if binding.name == "*":
        return
    tail = binding.source.replace(".", "/") + ".java"
    package = _PACKAGE.search(outline.text.content[:20_000])
    directory = posixpath.dirname(outline.path)
    own = package.group(1).replace(".", "/") if package else ""
    if own and (directory == own or directory.endswith("/" + own)):
        root = directory[: len(directory) - len(own)]
        yield posixpath.join(root, tail)
        yield posixpath.join(root.replace("src/test/", "src/main/"), tail)
    yield from (path for path in files.paths if path == tail or path.endswith("/" + tail))


def _c(files: Files, outline: Outline, binding: Binding) -> Iterator[str]:
    source = binding.source
    yield posixpath.join(posixpath.dirname(outline.path), source)
    for base in _ancestors(outline.path):
        yield from (
            posixpath.join(base, source),
            posixpath.join(base, "include", source),
            posixpath.join(base, "src", source),
        )
    plain = posixpath.normpath(source).removeprefix("../")
    yield from [path for path in files.paths if path.endswith("/" + plain)][:3]


_CANDIDATES = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _javascript,
    "tsx": _javascript,
    "go": _go,
    "rust": _rust,
    "java": _java,
    "c": _c,
    "cpp": _c,
}
