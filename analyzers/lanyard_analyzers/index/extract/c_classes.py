"""Functions, declarations and classes of C and C++.

A method that is defined outside of its class is owned by the class that its name says. An enumerator is a field whose
type is its enum; where it can be named without the enum it has the mark `open`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import DEEPEST, Around, Found, Siblings
from lanyard_analyzers.index.extract.c_declarators import (
    Declared,
    declared,
    given_type,
    params_of,
    plain_name,
    type_text,
)
from lanyard_analyzers.index.extract.made import made_in_c
from lanyard_analyzers.index.records import Shape

_TEST_MACRO = re.compile(r"(?:TYPED_)?TEST(?:_F|_P|_CASE|_METHOD)?$|BOOST_(?:AUTO|FIXTURE)_TEST_CASE$|SCENARIO$")
_TEST_NAME = re.compile(r"test_|Test[A-Z_]")
_SPECIFIERS = frozenset({"class_specifier", "struct_specifier", "union_specifier", "enum_specifier"})
_PREPROC = frozenset({"preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a declaration stands in: the qualified name of a namespace or class, and the index of its symbol."""

    name: str = ""
    owner: str = ""
    index: int = -1
    access: str = "exported"
    depth: int = 0

    def qualified(self, name: str) -> str:
        """The qualified name of what stands here."""
        return f"{self.name}::{name}" if self.name else name


class _Spot(NamedTuple):
    """A declaration with its siblings; `node` is inside of `siblings[at]` where a template stands around it."""

    siblings: Siblings
    at: int
    node: Node


def add_function(found: Found, siblings: Siblings, at: int, node: Node, scope: Scope) -> None:
    """Add a function or method with its body."""
    one = declared(node.child_by_field_name("declarator"))
    if (one.name is not None and one.function is not None) or (
        one.name is not None and one.name.type == "operator_cast"
    ):
        _function(found, _Spot(siblings, at, node), one, scope)


def add_declaration(found: Found, siblings: Siblings, at: int, node: Node, scope: Scope) -> None:
    """Add what a declaration, field declaration, typedef or alias declares."""
    nodes, kind = found.nodes, node.type
    if kind == "alias_declaration":
        name, text = nodes.text(node.child_by_field_name("name")), nodes.short(node.child_by_field_name("type"))
        if name:
            _plain(found, ("type", name, text), _Spot(siblings, at, node), scope)
        return
    if kind == "concept_definition":
        name = nodes.text(node.child_by_field_name("name"))
        if name:
            _plain(found, ("type", name, ""), _Spot(siblings, at, node), scope)
        return
    specifier = node.child_by_field_name("type")
    declarators = node.children_by_field_name("declarator")
    made = ""
    if specifier is not None and specifier.type in _SPECIFIERS and specifier.child_by_field_name("body") is not None:
        first = declared(declarators[0]) if declarators else None
        name = nodes.text(first.name) if first is not None and kind == "type_definition" else ""
        made = add_class(found, siblings, at, specifier, scope, name=name)
    for declarator in declarators:
        one = declared(declarator)
        if one.name is None:
            continue
        if kind == "type_definition":
            name, text = nodes.text(one.name), made or type_text(nodes, specifier)
            if name and name != text:
                _plain(found, ("type", name, text), _Spot(siblings, at, node), scope)
        elif one.function is not None:
            _function(found, _Spot(siblings, at, node), one, scope)
        else:
            _variable(found, _Spot(siblings, at, node), one, scope, made)


def _function(found: Found, spot: _Spot, one: Declared, scope: Scope) -> None:
    siblings, at, node = spot
    nodes, function = found.nodes, one.function
    written = plain_name(nodes.text(one.name))
    if one.name is not None and one.name.type == "operator_cast":
        written = plain_name(written.partition("(")[0])
    if not written:
        return
    body, owner = node.child_by_field_name("body"), scope.owner
    params = params_of(nodes, function)
    marks = _marks(found, node, scope)
    around = scope.index
    qualifier, colons, name = _split(written)
    if colons:
        owner = scope.qualified(qualifier)
    elif body is not None and _TEST_MACRO.match(written) and params:
        parts = [param.type or param.name for param in params[:2]]
        fixture = written.endswith(("_F", "_METHOD", "FIXTURE_TEST_CASE"))
        owner = scope.qualified(parts[0]) if fixture and len(parts) > 1 else ""
        name, params, marks = "_".join(re.sub(r"\W+", "_", part) for part in parts), (), (*marks, "test")
    elif _TEST_NAME.match(name):
        marks = (*marks, "test")
    text = given_type(nodes, node, function, one.marks) if function is not None else ""
    tail = function.named_children[-1].type if function is not None and function.named_child_count else ""
    if "virtual_specifier" in tail and function is not None and nodes.text(function.named_children[-1]) == "override":
        marks = (*marks, "override")
    found.add(
        "method" if owner else "function",
        name,
        siblings,
        at,
        body=body,
        within=Around(owner, around),
        qualified=f"{owner}::{name}" if owner else scope.qualified(name),
        type=text,
        params=params,
        marks=marks,
    )


def _split(written: str) -> tuple[str, str, str]:
    if "operator" in written:
        scope, _, operator = written.rpartition("operator")
        return scope.removesuffix("::"), "::" if scope else "", "operator" + operator
    return written.rpartition("::")


def _marks(found: Found, node: Node, scope: Scope) -> tuple[str, ...]:
    marks = [scope.access]
    for one in node.children:
        kind = one.type
        if kind == "storage_class_specifier":
            if found.nodes.text(one) == "static":
                marks = ["static", *(marks if scope.owner else ["private"])]
        elif kind in {"virtual", "virtual_function_specifier"}:
            if node.child_by_field_name("default_value") is not None or node.children[-2].type == "number_literal":
                marks.append("abstract")
        elif kind.endswith("declarator"):
            break
    return tuple(marks)


def _variable(found: Found, spot: _Spot, one: Declared, scope: Scope, made: str = "") -> None:
    siblings, at, node = spot
    nodes = found.nodes
    written = plain_name(nodes.text(one.name))
    qualifier, _, name = written.rpartition("::")
    if not name:
        return
    owner = scope.qualified(qualifier) if qualifier else scope.owner
    value = nodes.whole(one.value or node.child_by_field_name("default_value"))
    text = made + one.marks if made else type_text(nodes, node.child_by_field_name("type"), one.marks)
    if text.startswith("auto"):
        text = made_in_c(value)[0]
    found.add(
        "field" if scope.owner else "value",
        name,
        siblings,
        at,
        within=Around(owner if scope.owner or qualifier else "", scope.index),
        qualified=f"{owner}::{name}" if owner else scope.qualified(name),
        type=text,
        value=value if not value.startswith("(") else "",
        marks=_marks(found, node, scope),
    )


def _plain(found: Found, declares: tuple[Shape, str, str], spot: _Spot, scope: Scope) -> None:
    shape, name, text = declares
    found.add(
        shape,
        name,
        spot.siblings,
        spot.at,
        within=Around(scope.owner, scope.index),
        qualified=scope.qualified(name),
        type=text,
        marks=(scope.access,),
    )


def add_class(found: Found, siblings: Siblings, at: int, node: Node, scope: Scope, *, name: str = "") -> str:
    """Add a class, struct, union or enum that has a body; its name, `name` where it has none of its own."""
    nodes, body = found.nodes, node.child_by_field_name("body")
    name = plain_name(nodes.text(node.child_by_field_name("name"))) or name
    if body is None or scope.depth > DEEPEST:
        return name
    if node.type == "enum_specifier":
        _enum(found, _Spot(siblings, at, node), body, scope, name)
        return name
    inside = replace(scope, depth=scope.depth + 1)
    if name:
        qualified = scope.qualified(name)
        index = found.add(
            "class",
            name.rpartition("::")[2],
            siblings,
            at,
            within=Around(scope.owner, scope.index),
            qualified=qualified,
            body=body,
            bases=_bases(found, node),
            marks=(scope.access,),
        )
        access = "private" if node.type == "class_specifier" else "exported"
        inside = Scope(qualified, qualified, index, access, scope.depth + 1)
    elif not scope.owner:
        return ""
    _members(found, body.children, inside)
    return name


def _members(found: Found, children: Siblings, scope: Scope) -> None:
    for at, node in enumerate(children):
        kind = node.type
        if kind == "access_specifier":
            access = "private" if "private" in found.nodes.text(node) else "exported"
            scope = Scope(scope.name, scope.owner, scope.index, access, scope.depth)
        elif kind == "function_definition":
            add_function(found, children, at, node, scope)
        elif kind in {"field_declaration", "declaration", "type_definition", "alias_declaration"}:
            add_declaration(found, children, at, node, scope)
        elif kind == "template_declaration":
            for inner in node.named_children:
                if inner.type == "function_definition":
                    add_function(found, children, at, inner, scope)
                elif inner.type in {"declaration", "field_declaration", "alias_declaration"}:
                    add_declaration(found, children, at, inner, scope)
                elif inner.type in _SPECIFIERS:
                    add_class(found, children, at, inner, scope)
        elif kind in _SPECIFIERS:
            add_class(found, children, at, node, scope)
        elif (kind in _PREPROC or kind == "ERROR") and scope.depth < DEEPEST:
            inside = Scope(scope.name, scope.owner, scope.index, scope.access, scope.depth + 1)
            _members(found, node.children, inside)


def _bases(found: Found, node: Node) -> tuple[str, ...]:
    for one in node.named_children:
        if one.type == "base_class_clause":
            return tuple(
                found.nodes.short(base)
                for base in one.named_children
                if base.type in {"type_identifier", "qualified_identifier", "template_type"}
            )
    return ()


def _enum(found: Found, spot: _Spot, body: Node, scope: Scope, name: str) -> None:
    """An enum. Its enumerators can be named where it stands unless it is an `enum class`."""
    siblings, at, node = spot
    nodes = found.nodes
    owner, index, marks = scope.owner, scope.index, ("exported", "static")
    named = scope
    if name:
        qualified = scope.qualified(name)
        index = found.add(
            "class",
            name,
            siblings,
            at,
            within=Around(scope.owner, scope.index),
            qualified=qualified,
            body=body,
            marks=(scope.access,),
        )
        closed = any(one.type in {"class", "struct"} for one in node.children[:3])
        if closed or not scope.owner:
            owner, named = qualified, Scope(qualified)
            marks = marks if closed else (*marks, "open")
    children = body.children
    for place, one in enumerate(children):
        enumerator = nodes.text(one.child_by_field_name("name")) if one.type == "enumerator" else ""
        if enumerator:
            found.add(
                "field" if owner else "value",
                enumerator,
                children,
                place,
                within=Around(owner, index),
                qualified=named.qualified(enumerator),
                type=name,
                value=nodes.whole(one.child_by_field_name("value")),
                marks=marks,
            )
