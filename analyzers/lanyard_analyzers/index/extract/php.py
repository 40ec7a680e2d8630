"""The record of a PHP file.

The namespace is the record's package and no part of a name. Variables and parameters keep their `$`, properties have
none but where they are static, as they are written where they are used. What a doc comment says of types counts where
the code says less.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import DEEPEST, TOP, Around, Found, Siblings
from lanyard_analyzers.index.extract.nodes import words_of
from lanyard_analyzers.index.extract.php_docs import Doc, doc_of
from lanyard_analyzers.index.extract.php_uses import bindings_of_use, source_of_require
from lanyard_analyzers.index.extract.values import add_field, value_text
from lanyard_analyzers.index.records import Binding, FileRecord, Import, Param
from lanyard_analyzers.syntax import Syntax

_CLASSES = frozenset({"class_declaration", "interface_declaration", "trait_declaration", "enum_declaration"})
_BLOCKS = frozenset({"compound_statement", "if_statement", "colon_block", "else_clause", "ERROR", "try_statement"})
_REQUIRES = frozenset(
    {"require_expression", "require_once_expression", "include_expression", "include_once_expression"}
)
_BASES = frozenset({"base_clause", "class_interface_clause"})
_NAMES = frozenset({"name", "qualified_name"})
_MARKS = {
    "static_modifier": "static",
    "abstract_modifier": "abstract",
}
_TEST_ATTRIBUTE = re.compile(r"#\[[^\]]*\bTest\b")
_VAGUE = frozenset({"", "array", "iterable", "object", "mixed", "callable", "?array", "self", "static"})
_RETURNED = re.compile(rb"\breturn[ \t]+([^;\n]{1,120});")
_LAST_RETURN = 2_000


def extract(syntax: Syntax) -> FileRecord:
    """The record of a PHP file."""
    found = Found(syntax, ("comment",))
    _walk(found, found.nodes.root.children, 0)
    return found.record(words_of(syntax.text.content))


def _walk(found: Found, children: Siblings, depth: int) -> None:
    if depth > DEEPEST:
        return
    for at, node in enumerate(children):
        kind = node.type
        if kind in _CLASSES:
            _class(found, children, at, depth)
        elif kind == "function_definition":
            _function(found, children, at, TOP)
        elif kind == "namespace_use_declaration":
            found.imports.append(Import(*found.nodes.lines(node), tuple(bindings_of_use(found, node))))
        elif kind == "namespace_definition":
            found.package = found.package or found.nodes.text(node.child_by_field_name("name"))
            body = node.child_by_field_name("body")
            if body is not None:
                _walk(found, body.children, depth + 1)
        elif kind == "const_declaration":
            _constants(found, children, at, TOP)
        elif kind == "expression_statement":
            _statement(found, children, at)
        elif kind in _BLOCKS:
            _walk(found, node.children, depth + 1)


def _statement(found: Found, siblings: Siblings, at: int) -> None:
    """`require`, `define('NAME', …)`, and variables of the file."""
    nodes, node = found.nodes, siblings[at]
    inner = node.named_children[0] if node.named_children else node
    if inner.type in _REQUIRES:
        source = source_of_require(nodes.short(inner))
        if source:
            found.imports.append(Import(*nodes.lines(node), (Binding("*", source, "*"),)))
    elif inner.type == "function_call_expression":
        if nodes.text(inner.child_by_field_name("function")).lower() == "define":
            arguments = inner.child_by_field_name("arguments")
            name = (
                nodes.text(arguments.named_children[0]).strip("'\"") if arguments and arguments.named_children else ""
            )
            if name:
                found.add("value", name, siblings, at)
    elif inner.type == "assignment_expression":
        left, right = inner.child_by_field_name("left"), inner.child_by_field_name("right")
        if left is not None and left.type == "variable_name" and right is not None:
            body = right.child_by_field_name("body") if "function" in right.type else None
            if body is not None:
                params = tuple(one for one, _ in _params(found, right.child_by_field_name("parameters"), Doc()))
                found.add("function", nodes.text(left), siblings, at, body=body, params=params)
            else:
                doc = _doc(found, siblings, at)
                found.add("value", nodes.text(left), siblings, at, type=doc.var, value=value_text(nodes.whole(right)))


def _doc(found: Found, siblings: Siblings, at: int) -> Doc:
    before = siblings[at - 1] if at > 0 else None
    if before is None or before.type != "comment":
        return Doc()
    return doc_of(found.said(before.start_byte, min(before.end_byte, before.start_byte + 8_000)))


def _marks(found: Found, node: Node) -> tuple[tuple[str, ...], Node | None]:
    """The marks of a declaration, and the node that its head begins with, after its attributes."""
    marks: list[str] = []
    inner: Node | None = None
    for child in node.children:
        kind = child.type
        if kind == "attribute_list":
            if _TEST_ATTRIBUTE.match(found.nodes.short(child)):
                marks.append("test")
            continue
        inner = inner or child
        if kind == "visibility_modifier":
            marks.append("exported" if found.nodes.text(child) == "public" else "private")
        elif kind in _MARKS:
            marks.append(_MARKS[kind])
    return tuple(marks), inner


def _class(found: Found, siblings: Siblings, at: int, depth: int) -> None:
    nodes, node = found.nodes, siblings[at]
    name, body = nodes.text(node.child_by_field_name("name")), node.child_by_field_name("body")
    if not name:
        return
    doc = _doc(found, siblings, at)
    bases: list[str] = []
    for child in node.children:
        if child.type in _BASES:
            bases += [nodes.short(one) for one in child.named_children if one.type in _NAMES]
    members = body.children if body is not None else []
    for child in members:
        if child.type == "use_declaration":
            bases += [nodes.short(one) for one in child.named_children if one.type in _NAMES]
    marks, inner = _marks(found, node)
    index = found.add("class", name, siblings, at, inner=inner, body=body, bases=(*bases, *doc.mixins), marks=marks)
    around = found.inside(index)
    for number, field, type_text in doc.properties:
        line = min(nodes.first(siblings[at - 1]) + number, found.symbols[index].head)
        add_field(found, field, line, index, (type_text, ""))
    _members(found, members, around, depth + 1)


def _members(found: Found, members: Siblings, around: Around, depth: int) -> None:
    for at, node in enumerate(members):
        kind = node.type
        if kind == "method_declaration":
            _function(found, members, at, around)
        elif kind == "property_declaration":
            _properties(found, members, at, around)
        elif kind == "const_declaration":
            _constants(found, members, at, around)
        elif kind == "enum_case":
            found.add_case(found.nodes.text(node.child_by_field_name("name")), members, at, around)
        elif kind == "ERROR" and depth < DEEPEST:
            _members(found, node.children, around, depth + 1)


def _function(found: Found, siblings: Siblings, at: int, around: Around) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    if not name:
        return
    body, doc = node.child_by_field_name("body"), _doc(found, siblings, at)
    params = _params(found, node.child_by_field_name("parameters"), doc)
    marks, inner = _marks(found, node)
    if around.owner and ("test" in marks or doc.test or (name.startswith("test") and "private" not in marks)):
        marks = ("test", *(mark for mark in marks if mark != "test"))
    given = nodes.short(node.child_by_field_name("return_type"))
    if given in _VAGUE and doc.given:
        given = doc.given
    found.add(
        "method" if around.owner else "function",
        name,
        siblings,
        at,
        inner=inner,
        body=body,
        within=around,
        type="" if given == "void" else given,
        value="" if given or body is None else _returned(found, body),
        params=tuple(one for one, _ in params),
        marks=marks,
    )
    for one, promoted in params:
        if promoted is not None and around.owner:
            add_field(found, one.name.lstrip("$"), nodes.first(promoted), around.index, (one.type, ""))


def _returned(found: Found, body: Node) -> str:
    start = max(body.start_byte, body.end_byte - _LAST_RETURN)
    values = _RETURNED.findall(found.data, start, body.end_byte)
    return value_text(values[-1].decode("utf-8", "ignore")) if values else ""


def _params(found: Found, node: Node | None, doc: Doc) -> list[tuple[Param, Node | None]]:
    """The parameters, each with its node where it is a property, too."""
    nodes, params = found.nodes, list[tuple[Param, Node | None]]()
    for one in node.named_children if node is not None else ():
        name = nodes.text(one.child_by_field_name("name"))
        if not name:
            continue
        text = nodes.short(one.child_by_field_name("type"))
        if text in _VAGUE:
            text = doc.params.get(name) or text
        params.append((Param(name, text), one if one.type == "property_promotion_parameter" else None))
    return params


def _properties(found: Found, siblings: Siblings, at: int, around: Around) -> None:
    nodes, node = found.nodes, siblings[at]
    marks, inner = _marks(found, node)
    text = nodes.short(node.child_by_field_name("type"))
    if text in _VAGUE:
        text = _doc(found, siblings, at).var or text
    for one in node.named_children:
        if one.type != "property_element":
            continue
        name = nodes.text(one.child_by_field_name("name"))
        if "static" not in marks:
            name = name.lstrip("$")
        value = one.child_by_field_name("default_value")
        if name:
            found.add(
                "field",
                name,
                siblings,
                at,
                inner=inner,
                within=around,
                type=text,
                value=value_text(nodes.whole(value)),
                marks=marks,
            )


def _constants(found: Found, siblings: Siblings, at: int, around: Around) -> None:
    nodes, node = found.nodes, siblings[at]
    marks, inner = _marks(found, node)
    for one in node.named_children:
        if one.type == "const_element" and one.named_children:
            name = nodes.text(one.named_children[0])
            if name:
                found.add(
                    "field" if around.owner else "value",
                    name,
                    siblings,
                    at,
                    inner=inner,
                    within=around,
                    value=nodes.whole(one.named_children[-1]) if one.named_child_count > 1 else "",
                    marks=(*marks, "static") if around.owner else marks,
                )
