"""What PHP's `use` and `require` bring in.

Owns reading one statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import Found
from lanyard_analyzers.index.records import Binding

_NAMES = frozenset({"name", "qualified_name", "namespace_name"})


def bindings_of_use(found: Found, node: Node) -> Iterator[Binding]:
    """The bindings of a `use` declaration, groups among them; classes, functions and constants alike."""
    nodes = found.nodes
    prefix, group = "", node.child_by_field_name("body")
    if group is not None:
        prefix = next((nodes.text(one) for one in node.named_children if one.type == "namespace_name"), "")
    for clause in (group or node).named_children:
        if clause.type != "namespace_use_clause":
            continue
        named = [one for one in clause.named_children if one.type in _NAMES]
        if not named:
            continue
        path = f"{prefix}\\{nodes.text(named[0])}" if prefix else nodes.text(named[0])
        source, _, name = path.strip("\\").rpartition("\\")
        alias = nodes.text(clause.child_by_field_name("alias"))
        if name:
            yield Binding(alias or name, source, name)


_STRING = re.compile(r"['\"]([^'\"$]{1,200})['\"]")
_ABOVE = re.compile(r"dirname\(\s*__(?:DIR|FILE)__\s*(?:,\s*(\d)\s*)?\)")


def source_of_require(text: str) -> str:
    """The file of a `require`: from the file's own folder it begins with `./` or `../`, else it is as written."""
    string = _STRING.search(text)
    if string is None:
        return ""
    path, above = string[1], _ABOVE.search(text)
    if above is not None:
        folders = int(above[1] or 1) - (1 if "__FILE__" in above[0] else 0)
        return "../" * min(folders, 8) + path.lstrip("/") if folders else "./" + path.lstrip("/")
    if "__DIR__" in text:
        return "./" + path.lstrip("/")
    return path
