"""What the parts of Python's statements say: parameters, bases, marks, assigned names, values, imported names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tree_sitter import Node

from lanyard_analyzers.index.extract import python_kinds as kinds
from lanyard_analyzers.index.extract.nodes import Nodes
from lanyard_analyzers.index.extract.python_imports import bindings_of_import
from lanyard_analyzers.index.records import SHORT, Binding, Param

NO_NAMES: tuple[str, ...] = ()
_MOST_PARAMS = 100
_MOST_NAMES = 50
_MOST_EXPORTS = 2000
_SELF = (Param("self"),)
_SELVES = (
    re.compile(rb"self\.\w+[ \t]*(?:,[^=\n]{0,200})?(?:=(?!=)|:)"),
    re.compile(rb"cls\.\w+[ \t]*(?:,[^=\n]{0,200})?(?:=(?!=)|:)"),
)
_DECORATOR = re.compile(r"[\w.]+")
_MARKS = {
    "property": "property",
    "cached_property": "property",
    "setter": "property",
    "getter": "property",
    "deleter": "property",
    "hybrid_property": "property",
    "classproperty": "property",
    "abstractproperty": "property",
    "staticmethod": "static",
    "classmethod": "class",
    "abstractmethod": "abstract",
    "overload": "overload",
    "override": "override",
    "fixture": "fixture",
    "yield_fixture": "fixture",
}
_ALIASES = frozenset({"TypeAlias", "typing.TypeAlias", "typing_extensions.TypeAlias", "t.TypeAlias"})
_ODD_IMPORT = re.compile(rb"[#\\;]")


def self_assignments(data: bytes) -> list[tuple[int, int]]:
    """Where something that looks like `self.x =`, `self.x:` or `cls.x =` stands, sorted."""
    found: list[tuple[int, int]] = []
    for word, pattern in zip((b"self.", b"cls."), _SELVES, strict=True):
        if word in data:
            found += [match.span() for match in pattern.finditer(data)]
    found.sort()
    return found


def params_of(nodes: Nodes, node: Node) -> tuple[Param, ...]:
    """The parameters of a function."""
    if nodes.data[node.start_byte : node.end_byte] == b"(self)":
        return _SELF
    found: list[Param] = []
    for child in node.named_children[:_MOST_PARAMS]:
        kind, name, written = child.kind_id, None, None
        if kind == kinds.IDENTIFIER:
            name = child
        elif kind in (kinds.DEFAULT, kinds.TYPED_DEFAULT):
            name, written = child.child_by_field_id(kinds.NAME), child.child_by_field_id(kinds.TYPE)
        elif kind == kinds.TYPED:
            name, written = child.child(0), child.child_by_field_id(kinds.TYPE)
        elif kind in kinds.SPLATS:
            name = child
        text = nodes.text(name).lstrip("* ")
        if text:
            found.append(Param(text, nodes.short(written)) if written is not None else Param(text))
    return tuple(found)


def bases_of(nodes: Nodes, node: Node) -> tuple[str, ...]:
    """The texts of a class's bases."""
    children = node.named_children
    wanted = (one for one in children if one.kind_id not in (kinds.KEYWORD_ARGUMENT, kinds.COMMENT))
    return tuple(text for one in wanted if (text := nodes.short(one)))[:_MOST_NAMES]


def marks_of(nodes: Nodes, node: Node, name: str, decorators: Sequence[str], inside: str) -> tuple[str, ...]:
    """The marks of a function."""
    found: list[str] = []
    for decorator in decorators:
        match = _DECORATOR.match(decorator)
        mark = _MARKS.get(match.group().rpartition(".")[2]) if match else None
        if mark and mark not in found:
            found.append(mark)
    if nodes.data.startswith(b"async", node.start_byte):
        found.append("async")
    if name.startswith("_"):
        if not name.startswith("__"):
            found.append("private")
    elif name.startswith("test"):
        found.append("test")
    if inside:
        found.append("local")
    return tuple(found)


def is_test_class(name: str, bases: Sequence[str]) -> bool:
    """Whether a class holds tests by the conventions of pytest and unittest."""
    return name.startswith("Test") or any(base.endswith("TestCase") for base in bases)


def is_alias(written: str) -> bool:
    """Whether an annotation says that the value is a type."""
    return written in _ALIASES


def assigned(nodes: Nodes, node: Node) -> tuple[tuple[str, ...], Node | None, str]:
    """The plain names that an assignment binds (`a = b = 1`, `a, b = 1, 2`), its right side, and the text of what each
    name gets: "" where they share it out."""
    names, right, shared = NO_NAMES, node, False
    for _ in range(_MOST_NAMES):
        left = right.child_by_field_id(kinds.LEFT)
        if left is not None and left.kind_id == kinds.IDENTIFIER:
            names += (nodes.text(left),)
        elif left is not None and left.kind_id in kinds.LISTS:
            shared = True
            children = left.named_children[:_MOST_NAMES]
            names += tuple(nodes.text(one) for one in children if one.kind_id == kinds.IDENTIFIER)
        following = right.child_by_field_id(kinds.RIGHT)
        if following is None:
            return names, None, ""
        right = following
        if right.kind_id != kinds.ASSIGNMENT:
            break
    return names, right, "" if shared or not names else value_of(nodes, right)


def names_in(nodes: Nodes, left: Node | None) -> list[str]:
    """The attributes of `self` or `cls` that the left side of an assignment binds."""
    if left is None:
        return []
    found: list[str] = []
    for one in left.named_children[:_MOST_NAMES] if left.kind_id in kinds.LISTS else (left,):
        owner = one.child_by_field_id(kinds.OBJECT) if one.kind_id == kinds.ATTRIBUTE else None
        if owner is not None and nodes.text(owner) in ("self", "cls"):
            name = nodes.text(one.child_by_field_id(kinds.ATTRIBUTE_OF))
            if name:
                found.append(name)
    return found


def annotation_of(nodes: Nodes, node: Node) -> str:
    """The type that an assignment writes."""
    written = node.child_by_field_id(kinds.TYPE)
    return nodes.short(written) if written is not None else ""


def value_of(nodes: Nodes, node: Node) -> str:
    """The text of a value where it is short; of a longer call what is called, with `(...)`."""
    if node.end_byte - node.start_byte <= SHORT:
        return nodes.short(node)
    found = nodes.whole(node)
    if not found and node.kind_id == kinds.CALL:
        called = nodes.whole(node.child_by_field_id(kinds.FUNCTION_OF))
        return f"{called}(...)" if 0 < len(called) <= SHORT - 5 else ""
    return found


def strings_in(nodes: Nodes, node: Node) -> Iterator[str]:
    """The strings that a list, a tuple or a sum of such holds."""
    pending, left = [node], _MOST_EXPORTS
    while pending and left:
        one = pending.pop()
        left -= 1
        if one.kind_id == kinds.STRING:
            text = nodes.text(one).strip("\"'")
            if text.isidentifier():
                yield text
        else:
            pending += reversed(one.named_children[:_MOST_EXPORTS])


def statement_bindings(statement: bytes) -> tuple[Binding, ...]:
    """What an import statement binds; the plain ones are read here, the odd ones as `python_imports.py` reads them."""
    text = statement.decode("utf-8", "ignore")
    source, found, names = text[5:].partition(" import ")
    if not found or not text.startswith("from ") or _ODD_IMPORT.search(statement) is not None:
        return tuple(bindings_of_import(text))
    source = source.strip()
    bindings: list[Binding] = []
    for part in names.strip("() \t\r\n").split(","):
        name = part.strip()
        if " as " in name:
            name, _, alias = name.partition(" as ")
            bindings.append(Binding(alias.strip(), source, name.strip()))
        elif name:
            bindings.append(Binding(name, source, name))
    return tuple(bindings)
