"""What `use` and `mod` of Rust bind, read from the statement's text.

Owns the paths in inline modules, too: `super` of an inline module is its own file, so one `super` falls away for each
inline module around. A binding's source is a path of modules (`crate::a`), or for a module's file `mod NAME` or
`path FILE`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lanyard_analyzers.index.records import Binding

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_HEAD = re.compile(r"\s*(?:#\[[^\]]*\]\s*)*(?:pub(?:\s*\([^)]*\))?\s+)?use\s+(.*)", re.DOTALL)
_PATH = re.compile(r"path\s*=\s*\"([^\"]{1,200})\"")
_DEEPEST = 8
_MOST = 400


def bindings_of_use(statement: str, modules: Sequence[str] = ()) -> Iterator[Binding]:
    """The bindings of a `use` statement in these inline modules."""
    if "//" in statement or "/*" in statement:
        statement = _COMMENT.sub("", statement)
    match = _HEAD.match(statement)
    if match is None:
        return
    tree = " ".join(match.group(1).split()).rstrip("; ")
    for count, (local, written) in enumerate(_leaves("", tree, 0)):
        if count >= _MOST:
            return
        path = _from_file(written, modules)
        source, colons, name = path.rpartition("::")
        if name == "*":
            yield Binding("*", source, "*")
        elif local != "_":
            yield Binding(local or name, source, name) if colons else Binding(local or name, name, "")


def module_binding(name: str, modules: Sequence[str], attributes: str) -> Binding:
    """The binding of `mod NAME;` in these inline modules, with its attributes."""
    path = _PATH.search(attributes)
    if path:
        return Binding(name, f"path {path.group(1)}", "")
    return Binding(name, "mod " + "::".join((*modules, name)), "")


def _leaves(prefix: str, tree: str, depth: int) -> Iterator[tuple[str, str]]:
    """(name given, path) of each leaf of a tree."""
    tree = tree.strip()
    if depth > _DEEPEST or not tree:
        return
    head, brace, body = tree.partition("{")
    if brace:
        for part in _top_level(body.rpartition("}")[0]):
            yield from _leaves(prefix + head.strip(), part, depth + 1)
        return
    path, _, alias = tree.partition(" as ")
    path = (prefix + path.strip()).removeprefix("::").removesuffix("::self")
    yield alias.strip(), path.replace(" ", "")


def _top_level(text: str) -> Iterator[str]:
    depth, start = 0, 0
    for at, character in enumerate(text):
        if character in "{}":
            depth += 1 if character == "{" else -1
        elif character == "," and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]


def _from_file(path: str, modules: Sequence[str]) -> str:
    """A path as it would be written outside of the inline modules around it."""
    if not modules or not path.startswith(("super::", "self::")):
        return path
    parts, inside = path.split("::"), list(modules)
    if parts[0] == "self":
        return "::".join(["self", *inside, *parts[1:]])
    while parts and parts[0] == "super" and inside:
        parts.pop(0)
        inside.pop()
    if parts and parts[0] == "super":
        return "::".join(parts)
    return "::".join(["self", *inside, *parts])
