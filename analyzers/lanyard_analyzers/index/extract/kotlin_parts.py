"""What the record of a Kotlin file is made of: marks, parameters, receivers, values, imports.

Owns everything that needs no walk over definitions; `kotlin.py` has the walk.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import Found
from lanyard_analyzers.index.records import Binding, Import, Param

TYPES = frozenset({"user_type", "nullable_type", "function_type", "parenthesized_type", "non_nullable_type"})
_MARKS = {
    "private": "private",
    "protected": "private",
    "abstract": "abstract",
    "override": "override",
    "suspend": "async",
    "const": "static",
}
_TEST = re.compile(r"@(?:\w+\.)*(?:Parameterized|Repeated|Property)?Test\b")
_FIXTURE = re.compile(r"@(?:BeforeEach|AfterEach|BeforeAll|AfterAll|BeforeTest|AfterTest|Before|After)\b")


def child_of(node: Node, kinds: frozenset[str]) -> Node | None:
    """The first child of some types."""
    return next((one for one in node.children if one.type in kinds), None)


def name_of(found: Found, node: Node | None) -> str:
    """A name without back-ticks."""
    return found.nodes.text(node).strip("`")


def marks_of(found: Found, node: Node) -> tuple[str, ...]:
    """The marks of a declaration."""
    first = node.children[0] if node.children else None
    marks: dict[str, None] = {}
    if first is not None and first.type == "modifiers":
        for one in first.children:
            text = found.nodes.short(one)
            if one.type != "annotation":
                mark = _MARKS.get(text)
                if mark:
                    marks[mark] = None
            elif _TEST.match(text):
                marks["test"] = None
            elif _FIXTURE.match(text):
                marks["fixture"] = None
    if "private" not in marks:
        marks["exported"] = None
    return tuple(marks)


def head_of(node: Node) -> Node | None:
    """The node that a head begins with where annotations stand on lines of their own before it."""
    first = node.children[0] if node.children else None
    if first is None or first.type != "modifiers":
        return None
    rest = [one for one in first.children if one.type != "annotation"]
    return rest[0] if rest else first.next_sibling


def param_of(found: Found, node: Node) -> Param:
    """A parameter, or a variable with its type."""
    name = next((one for one in node.named_children if one.type == "identifier"), None)
    given = next((one for one in node.named_children if one.type in TYPES), None)
    return Param(name_of(found, name), found.nodes.short(given))


def params_of(found: Found, node: Node | None) -> tuple[Param, ...]:
    """The parameters of a function."""
    return tuple(
        param_of(found, one) for one in (node.named_children if node is not None else ()) if one.type == "parameter"
    )


def receiver_of(found: Found, node: Node) -> str:
    """The type that a declaration extends: what stands before a dot before its name."""
    children = node.children
    for at, child in enumerate(children[1:], 1):
        if child.type == ".":
            return found.nodes.short(children[at - 1])
        if child.type in {"function_value_parameters", "variable_declaration", "="}:
            break
    return ""


def made_of(value: str) -> str:
    """A value, that of `by lazy { … }` without the words around it."""
    if value.startswith("lazy") and "{" in value:
        value = value.partition("{")[2].rpartition("}")[0]
    return value.strip()


def add_import(found: Found, node: Node) -> None:
    """`import a.b.C as D`; what is imported out of a class keeps its name within the file (`C.of`)."""
    nodes, named = found.nodes, node.named_children
    path = nodes.text(named[0]).replace("`", "") if named else ""
    parts = [part.strip() for part in path.split(".") if part.strip()]
    if not parts:
        return
    if any(one.type == "*" for one in node.children):
        binding = Binding("*", ".".join(parts), "*")
    else:
        alias = name_of(found, named[1]) if len(named) > 1 and named[1].type == "identifier" else ""
        at = next((number for number, part in enumerate(parts) if part[:1].isupper()), len(parts) - 1)
        binding = Binding(alias or parts[-1], ".".join(parts[:at]), ".".join(parts[at:]))
    found.imports.append(Import(*nodes.lines(node), (binding,)))
