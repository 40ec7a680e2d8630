"""The record of a Kotlin file.

Members of a companion object are members of its class, as they are called. An extension is owned by the type that it
extends and has it as its first parameter, `this`. A property with a getter of its own is a method marked as property.
"""

from __future__ import annotations

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import DEEPEST, Around, Found, Siblings
from lanyard_analyzers.index.extract.kotlin_parts import (
    TYPES,
    add_import,
    child_of,
    head_of,
    made_of,
    marks_of,
    name_of,
    param_of,
    params_of,
    receiver_of,
)
from lanyard_analyzers.index.extract.nodes import words_of
from lanyard_analyzers.index.extract.values import add_field, type_and_value, value_text
from lanyard_analyzers.index.records import FileRecord, Param, Shape
from lanyard_analyzers.syntax import Syntax

_BODIES = frozenset({"class_body", "enum_class_body"})


class _Around(Around, frozen=True):
    interface: bool = False


def extract(syntax: Syntax) -> FileRecord:
    """The record of a Kotlin file."""
    found = Found(syntax, ("line_comment", "block_comment"))
    _walk(found, found.nodes.root.children, _Around(), 0)
    return found.record(words_of(syntax.text.content))


def _walk(found: Found, children: Siblings, around: _Around, depth: int) -> None:
    if depth > DEEPEST:
        return
    for at, node in enumerate(children):
        kind = node.type
        if kind == "function_declaration":
            _function(found, children, at, around)
        elif kind == "property_declaration":
            _property(found, children, at, around)
        elif kind in {"class_declaration", "object_declaration"}:
            _class(found, children, at, around, depth)
        elif kind == "companion_object":
            _companion(found, children, at, around, depth)
        elif kind == "import":
            add_import(found, node)
        elif kind == "package_header":
            found.package = found.nodes.text(node.named_children[0]) if node.named_children else ""
        elif kind == "enum_entry":
            _entry(found, children, at, around)
        elif kind == "type_alias":
            _alias(found, children, at, around)
        elif kind == "secondary_constructor":
            _constructor(found, children, at, around)
        elif kind == "ERROR":
            _walk(found, node.children, around, depth + 1)


def _class(found: Found, siblings: Siblings, at: int, around: _Around, depth: int) -> None:
    nodes, node = found.nodes, siblings[at]
    name = name_of(found, node.child_by_field_name("name"))
    if not name:
        return
    body, bases, fields = child_of(node, _BODIES), list[str](), list[Node]()
    interface = False
    for child in node.children:
        kind = child.type
        if kind == "delegation_specifiers":
            bases = [_base(found, one) for one in child.named_children]
        elif kind == "primary_constructor":
            inner = next((one for one in child.named_children if one.type == "class_parameters"), None)
            fields = [one for one in inner.named_children if one.type == "class_parameter"] if inner is not None else []
        elif kind == "interface":
            interface = True
    params = tuple(param_of(found, one) for one in fields)
    index = found.add(
        "class",
        name,
        siblings,
        at,
        inner=head_of(node),
        body=body,
        within=around,
        params=params,
        bases=tuple(base for base in bases if base),
        marks=marks_of(found, node),
    )
    for param, one in zip(params, fields, strict=True):
        if param.name and any(child.type in {"val", "var"} for child in one.children):
            add_field(found, param.name, nodes.first(one), index, (param.type, ""))
    _walk(
        found,
        body.children if body is not None else [],
        _Around(found.symbols[index].qualified, index, interface),
        depth + 1,
    )


def _companion(found: Found, siblings: Siblings, at: int, around: _Around, depth: int) -> None:
    """A companion object stands around its members, which are those of the class."""
    node = siblings[at]
    name, body = name_of(found, node.child_by_field_name("name")) or "Companion", child_of(node, _BODIES)
    index = found.add(
        "class",
        name,
        siblings,
        at,
        within=Around(index=around.index),
        qualified=f"{around.owner}.{name}" if around.owner else name,
        body=body,
        marks=("static",),
    )
    inner = _Around(around.owner or name, index)
    _walk(found, body.children if body is not None else [], inner, depth + 1)


def _base(found: Found, node: Node) -> str:
    inner = node.named_children[0] if node.named_children else node
    if inner.type in {"constructor_invocation", "explicit_delegation"} and inner.named_children:
        inner = inner.named_children[0]
    return found.nodes.short(inner)


def _function(found: Found, siblings: Siblings, at: int, around: _Around) -> None:
    nodes, node = found.nodes, siblings[at]
    name = name_of(found, node.child_by_field_name("name"))
    if not name:
        return
    body, params, given, after = None, tuple[Param, ...](), "", False
    for child in node.children:
        kind = child.type
        if kind == "function_value_parameters":
            params, after = params_of(found, child), True
        elif kind == "function_body":
            body = child
        elif after and kind in TYPES and not given:
            given = nodes.short(child)
    value = ""
    if body is not None and not given and body.children and body.children[0].type == "=":
        value = value_text(nodes.whole(body.named_children[-1])) if body.named_children else ""
    marks = marks_of(found, node)
    if around.interface and body is None:
        marks = (*marks, "abstract")
    _add(
        found,
        siblings,
        at,
        "function",
        name,
        around=around,
        body=body,
        type=given,
        value=value,
        params=params,
        marks=marks,
    )


def _add(
    found: Found,
    siblings: Siblings,
    at: int,
    shape: Shape,
    name: str,
    *,
    around: _Around,
    body: Node | None,
    type: str,
    value: str,
    params: tuple[Param, ...],
    marks: tuple[str, ...],
) -> int:
    """Add a function or a property with a getter, to its class or to the type that it extends."""
    node, owner = siblings[at], around.owner
    receiver = receiver_of(found, node)
    if receiver:
        params, marks = (Param("this", receiver), *params), (*marks, "extension")
        owner = owner or receiver.partition("<")[0].rstrip("?")
    return found.add(
        "method" if owner else shape,
        name,
        siblings,
        at,
        inner=head_of(node),
        body=body,
        within=Around(owner, around.index),
        type=type,
        value=value,
        params=params,
        marks=marks,
    )


def _property(found: Found, siblings: Siblings, at: int, around: _Around) -> None:
    nodes, node = found.nodes, siblings[at]
    names: list[str] = []
    given, value, computed = "", None, None
    for child in node.named_children:
        kind = child.type
        if kind == "variable_declaration":
            param = param_of(found, child)
            names, given = [param.name], param.type
        elif kind == "multi_variable_declaration":
            names = [param_of(found, one).name for one in child.named_children if one.type == "variable_declaration"]
        elif kind == "getter":
            computed = child if child_of(child, frozenset({"function_body"})) is not None else None
        elif kind == "property_delegate":
            value = child.named_children[-1] if child.named_children else None
        elif kind not in {"modifiers", "setter", "type_parameters", "type_constraints"} and names:
            value = child
    made, text = type_and_value(made_of(nodes.whole(value)))
    given = given or made
    marks = marks_of(found, node)
    for name in names:
        if not name:
            continue
        if computed is not None:
            body = child_of(computed, frozenset({"function_body"}))
            first = body.children[0].type if body is not None and body.children else ""
            if body is not None and first == "=" and not given:
                text = value_text(nodes.whole(body.named_children[-1])) if body.named_children else ""
            _add(
                found,
                siblings,
                at,
                "function",
                name,
                around=around,
                body=computed,
                type=given,
                value=text,
                params=(),
                marks=(*marks, "property"),
            )
            continue
        found.add(
            "field" if around.owner else "value",
            name,
            siblings,
            at,
            inner=head_of(node),
            within=around,
            type=given,
            value=text,
            marks=marks,
        )


def _entry(found: Found, siblings: Siblings, at: int, around: _Around) -> None:
    node = siblings[at]
    found.add_case(name_of(found, node.named_children[0]) if node.named_children else "", siblings, at, around)


def _alias(found: Found, siblings: Siblings, at: int, around: _Around) -> None:
    nodes, node = found.nodes, siblings[at]
    name = name_of(found, node.child_by_field_name("type"))
    given = next((one for one in node.named_children if one.type in TYPES), None)
    if name:
        found.add(
            "type",
            name,
            siblings,
            at,
            within=around,
            type=nodes.short(given),
            marks=marks_of(found, node),
        )


def _constructor(found: Found, siblings: Siblings, at: int, around: _Around) -> None:
    node = siblings[at]
    body = child_of(node, frozenset({"block"}))
    params = params_of(found, child_of(node, frozenset({"function_value_parameters"})))
    found.add(
        "method",
        "constructor",
        siblings,
        at,
        inner=head_of(node),
        body=body,
        within=around,
        params=params,
        marks=marks_of(found, node),
    )
