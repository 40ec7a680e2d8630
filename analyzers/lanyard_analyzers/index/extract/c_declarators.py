"""Declarators of C and C++: the name in them, whether it is a function, and the type that they make.

Owns what one declaration says; where it stands is `c.py`'s.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tree_sitter import Node

from lanyard_analyzers.index.extract.nodes import Nodes
from lanyard_analyzers.index.records import Param

_DEEPEST = 12
_WRAPPERS = {"pointer_declarator": "*", "reference_declarator": "&", "array_declarator": "[]"}
_HANDS_ON = frozenset(
    {
        "init_declarator",
        "attributed_declarator",
        "parenthesized_declarator",
        "variadic_declarator",
        *_WRAPPERS,
    }
)
NAMES = frozenset(
    {
        "identifier",
        "field_identifier",
        "type_identifier",
        "qualified_identifier",
        "destructor_name",
        "operator_name",
        "operator_cast",
        "template_function",
        "template_method",
    }
)
_TAG = re.compile(r"\b(?:struct|union|enum|class|typename|const|volatile|constexpr|inline|static|extern|register) ")


class Declared(NamedTuple):
    """What a declarator declares: its name node, the function declarator if it is one, `*`, `&` and `[]` around."""

    name: Node | None
    function: Node | None
    marks: str
    value: Node | None


def declared(node: Node | None) -> Declared:
    """Read a declarator from the outside in."""
    function = value = None
    marks = ""
    for _ in range(_DEEPEST):
        if node is None:
            break
        kind = node.type
        if kind in NAMES:
            return Declared(node, function, marks, value)
        if kind in _HANDS_ON:
            marks += _WRAPPERS.get(kind, "")
            if kind == "init_declarator":
                value = node.child_by_field_name("value")
            if kind == "pointer_declarator" and function is not None:
                function = None  # A pointer to a function is a variable
            node = node.child_by_field_name("declarator") or _last_declarator(node)
        elif kind in {"function_declarator", "abstract_function_declarator"}:
            function = function or node
            node = node.child_by_field_name("declarator")
        else:
            break
    return Declared(None, function, marks, value)


def _last_declarator(node: Node) -> Node | None:
    found = [one for one in node.named_children if one.type.endswith("declarator") or one.type in NAMES]
    return found[-1] if found else None


def type_text(nodes: Nodes, node: Node | None, marks: str = "") -> str:
    """The text of a declared type without its tags, with the `*` and `&` of the declarator."""
    if node is None:
        return ""
    body = node.child_by_field_name("body") if node.type.endswith("_specifier") else None
    text = nodes.short(node.child_by_field_name("name")) if body is not None else nodes.short(node)
    if " " in text:
        text = _TAG.sub("", text)
    if text == "void" and not marks:
        return ""
    return (text + marks)[:120]


def given_type(nodes: Nodes, node: Node, function: Node, marks: str) -> str:
    """The type that a function gives, behind `->` too."""
    for one in function.named_children[1:]:
        if one.type == "trailing_return_type":
            return nodes.short(one).removeprefix("->").strip()
    return type_text(nodes, node.child_by_field_name("type"), marks.replace("[]", ""))


def params_of(nodes: Nodes, function: Node | None) -> tuple[Param, ...]:
    """The parameters of a function declarator."""
    listed = function.child_by_field_name("parameters") if function is not None else None
    params: list[Param] = []
    for one in listed.named_children if listed is not None else ():
        if one.type in {"parameter_declaration", "optional_parameter_declaration", "variadic_parameter_declaration"}:
            found = declared(one.child_by_field_name("declarator"))
            text = type_text(nodes, one.child_by_field_name("type"), found.marks)
            if text or found.name is not None:
                params.append(Param(nodes.text(found.name), text))
        elif one.type == "variadic_parameter":
            params.append(Param("..."))
    return tuple(params)


def plain_name(text: str) -> str:
    """A qualified name without template arguments and blanks (`Tree<K, V>::add` → `Tree::add`)."""
    if text.startswith("operator") or "::operator" in text:
        scope, _, operator = text.rpartition("operator")
        return plain_name(scope.removesuffix("::")) + ("::" if scope else "") + "operator" + operator.strip()
    if "<" not in text:
        return text.replace(" ", "").strip(":")
    kept: list[str] = []
    depth = 0
    for character in text:
        if character == "<":
            depth += 1
        elif character == ">":
            depth = max(0, depth - 1)
        elif depth == 0 and character != " ":
            kept.append(character)
    return "".join(kept).strip(":")
