"""The record of a Rust file.

Methods of `impl` blocks are owned by the type that the block is for, and the traits that are implemented are among the
type's bases where both stand in one file. A variant of an enum is a field whose type is the enum.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import DEEPEST, Around, Found, Siblings
from lanyard_analyzers.index.extract.made import made_in_rust
from lanyard_analyzers.index.extract.nodes import words_of
from lanyard_analyzers.index.extract.rust_bounds import type_bounds
from lanyard_analyzers.index.extract.rust_uses import bindings_of_use, module_binding
from lanyard_analyzers.index.records import Binding, FileRecord, Import, Param, Shape
from lanyard_analyzers.syntax import Syntax

_LEAD = ("line_comment", "block_comment", "attribute_item")
_CLASSES = {"struct_item": "class", "enum_item": "class", "union_item": "class", "trait_item": "class"}
_FUNCTIONS = frozenset({"function_item", "function_signature_item"})
_VALUES = frozenset({"const_item", "static_item"})
_ALIASES = frozenset({"type_item", "associated_type"})


class _Rust(Found):
    __slots__ = ("traits",)

    def __init__(self, syntax: Syntax) -> None:
        super().__init__(syntax, _LEAD)
        self.traits: dict[str, list[str]] = {}


class _Around(Around, frozen=True):
    """What an item stands in: the type of an `impl` or `trait`, the names of inline modules."""

    modules: tuple[str, ...] = ()
    trait: bool = False
    function: int = -1

    def qualified(self, name: str) -> str:
        return f"{self.owner}::{name}" if self.owner else "::".join((*self.modules, name))


def extract(syntax: Syntax) -> FileRecord:
    """The record of a Rust file."""
    found = _Rust(syntax)
    _walk(found, found.nodes.root.children, _Around(), 0)
    if found.traits:
        found.symbols = [
            msgspec.structs.replace(one, bases=(*one.bases, *found.traits[one.qualified]))
            if one.shape == "class" and one.qualified in found.traits
            else one
            for one in found.symbols
        ]
    return found.record(words_of(syntax.text.content))


def _walk(found: _Rust, children: Siblings, around: _Around, depth: int) -> None:
    if depth > DEEPEST:
        return
    for at, node in enumerate(children):
        kind = node.type
        if kind in _FUNCTIONS:
            _function(found, children, at, around, depth)
        elif kind in _CLASSES:
            _class(found, children, at, around, depth)
        elif kind == "impl_item":
            _impl(found, node, around, depth)
        elif kind == "use_declaration":
            _use(found, node, around)
        elif kind == "mod_item":
            _module(found, children, at, around, depth)
        elif kind in _VALUES:
            _value(found, children, at, around)
        elif kind in _ALIASES:
            _alias(found, children, at, around)
        elif kind == "macro_definition":
            _macro(found, children, at, around)
        elif kind == "extern_crate_declaration":
            name, alias = (found.nodes.text(node.child_by_field_name(field)) for field in ("name", "alias"))
            found.imports.append(Import(*found.nodes.lines(node), (Binding(alias or name, name, ""),)))
        elif kind == "foreign_mod_item":
            body = node.child_by_field_name("body")
            _walk(found, body.children if body is not None else [], around, depth + 1)
        elif kind == "ERROR":
            _walk(found, node.children, around, depth + 1)


def _marks(node: Node, attributes: str) -> tuple[str, ...]:
    head = node.children[0].type if node.child_count else ""
    marks: list[str] = ["exported" if head == "visibility_modifier" else "private"]
    if "test" in attributes and ("test]" in attributes or "test(" in attributes) and "cfg" not in attributes:
        marks.append("test")
    if "fixture]" in attributes:
        marks.append("fixture")
    return tuple(marks)


def _attributes(found: Found, siblings: Siblings, at: int) -> str:
    texts: list[str] = []
    while at > 0 and siblings[at - 1].type in _LEAD:
        at -= 1
        if siblings[at].type == "attribute_item":
            texts.append(found.nodes.short(siblings[at]))
    return " ".join(texts)


def _function(found: _Rust, siblings: Siblings, at: int, around: _Around, depth: int) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    if not name:
        return
    body = node.child_by_field_name("body")
    params = _params(found, node.child_by_field_name("parameters"))
    attributes = _attributes(found, siblings, at) if at > 0 and siblings[at - 1].type in _LEAD else ""
    marks = _marks(node, attributes)
    if around.trait and marks[0] == "private":
        marks = ("exported", *marks[1:])
    if around.owner and not (params and params[0].name == "self"):
        marks = (*marks, "static")
    if body is None and around.trait:
        marks = (*marks, "abstract")
    given = node.child_by_field_name("return_type")
    head_last = given if given is not None else node.child_by_field_name("parameters")
    stop = body.start_byte if body is not None else node.end_byte
    if head_last is not None and b"async" in found.data[node.start_byte : head_last.start_byte]:
        marks = (*marks, "async")
    index = found.add(
        "method" if around.owner else "function",
        name,
        siblings,
        at,
        body=body,
        within=around,
        qualified=around.qualified(name),
        type=nodes.short(given),
        params=params,
        marks=marks,
    )
    generic = node.child_by_field_name("type_parameters")
    if generic is not None:
        _bounds(found, generic.start_byte, stop, index)
    if body is not None:
        _inner(found, body, around, index, depth)


def _inner(found: _Rust, body: Node, around: _Around, index: int, depth: int) -> None:
    """What is declared among the statements of a function: `use`, and functions of its own."""
    data, start, end = found.data, body.start_byte, body.end_byte
    if data.find(b"use ", start, end) == -1 and data.find(b"fn ", start, end) == -1:
        return
    inside = _Around(modules=around.modules, index=index, function=index)
    children = body.children
    for at, one in enumerate(children):
        if one.type == "use_declaration":
            _use(found, one, inside)
        elif one.type == "function_item" and depth < DEEPEST:
            _function(found, children, at, inside, depth + 1)


def _bounds(found: Found, start: int, stop: int, index: int) -> None:
    """Type parameters of a function that are bound to traits, in `<…>` or `where`."""
    text = found.said(start, min(stop, start + 1000))
    if ":" not in text:
        return
    line = found.symbols[index].head
    for name, bound in type_bounds(text):
        found.add_type_parameter(name, line, index, bound)


def _params(found: Found, node: Node | None) -> tuple[Param, ...]:
    nodes, params = found.nodes, list[Param]()
    for one in node.named_children if node is not None else ():
        if one.type == "self_parameter":
            params.append(Param("self"))
        elif one.type == "parameter":
            pattern = nodes.short(one.child_by_field_name("pattern")).removeprefix("mut ")
            params.append(Param(pattern, nodes.short(one.child_by_field_name("type"))))
    return tuple(params)


def _class(found: _Rust, siblings: Siblings, at: int, around: _Around, depth: int) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    if not name:
        return
    body, bounds = node.child_by_field_name("body"), node.child_by_field_name("bounds")
    bases = tuple(
        nodes.short(one) for one in (bounds.named_children if bounds is not None else []) if one.type != "lifetime"
    )
    qualified = around.qualified(name)
    tuple_like = body is not None and body.type == "ordered_field_declaration_list"
    index = found.add(
        "class",
        name,
        siblings,
        at,
        within=Around(index=around.index),
        qualified=qualified,
        body=None if tuple_like else body,
        type=nodes.short(body) if tuple_like else "",
        bases=bases,
        marks=(*_marks(node, ""), "abstract") if node.type == "trait_item" else _marks(node, ""),
    )
    if body is None or tuple_like:
        return
    if node.type == "trait_item":
        _walk(found, body.children, _Around(qualified, index, around.modules, trait=True), depth + 1)
        return
    children = body.children
    for place, one in enumerate(children):
        if one.type == "field_declaration":
            _field(found, children, place, found.inside(index), nodes.short(one.child_by_field_name("type")))
        elif one.type == "enum_variant":
            payload = nodes.whole(one.child_by_field_name("body"))
            _field(found, children, place, found.inside(index), name, value=payload)


def _field(found: Found, siblings: Siblings, at: int, within: Around, text: str, *, value: str = "") -> None:
    name = found.nodes.text(siblings[at].child_by_field_name("name"))
    if name:
        marks = ("exported",) if value or siblings[at].type == "enum_variant" else _marks(siblings[at], "")
        found.add(
            "field",
            name,
            siblings,
            at,
            within=within,
            type=text,
            value=value,
            marks=marks,
        )


def _impl(found: _Rust, node: Node, around: _Around, depth: int) -> None:
    body, trait = node.child_by_field_name("body"), node.child_by_field_name("trait")
    name = _type_name(found, node.child_by_field_name("type"))
    if not name:
        return
    owner = _Around(modules=around.modules).qualified(name)
    if around.modules and all(one.qualified != owner for one in found.symbols):
        owner = name
    if trait is not None:
        found.traits.setdefault(owner, []).append(found.nodes.short(trait))
    if body is not None:
        inside = _Around(owner, around.index, around.modules, trait=trait is not None)
        _walk(found, body.children, inside, depth + 1)


def _type_name(found: Found, node: Node | None) -> str:
    for _ in range(6):
        if node is None:
            return ""
        if node.type == "type_identifier":
            return found.nodes.text(node)
        if node.type == "scoped_type_identifier":
            return found.nodes.text(node.child_by_field_name("name"))
        inner = node.child_by_field_name("type") or node.child_by_field_name("trait")
        node = inner
    return ""


def _module(found: _Rust, siblings: Siblings, at: int, around: _Around, depth: int) -> None:
    node = siblings[at]
    name, body = found.nodes.text(node.child_by_field_name("name")), node.child_by_field_name("body")
    if not name:
        return
    attributes = _attributes(found, siblings, at)
    if body is None:
        exported = node.children[0].type == "visibility_modifier"
        found.imports.append(
            Import(*found.nodes.lines(node), (module_binding(name, around.modules, attributes),), exported)
        )
        return
    marks = (*_marks(node, ""), "test") if "cfg(test" in attributes else _marks(node, "")
    index = _named(found, "namespace", siblings, at, around, body=body, marks=marks)
    _walk(found, body.children, _Around(modules=(*around.modules, name), index=index), depth + 1)


def _named(
    found: Found,
    shape: Shape,
    siblings: Siblings,
    at: int,
    around: _Around,
    *,
    body: Node | None = None,
    text: str = "",
    value: str = "",
    marks: Sequence[str] = (),
) -> int:
    name = found.nodes.text(siblings[at].child_by_field_name("name"))
    return found.add(
        shape,
        name,
        siblings,
        at,
        body=body,
        within=around,
        qualified=around.qualified(name),
        type=text,
        value=value,
        marks=tuple(marks),
    )


def _value(found: Found, siblings: Siblings, at: int, around: _Around) -> None:
    node, nodes = siblings[at], found.nodes
    value = nodes.whole(node.child_by_field_name("value"))
    text = nodes.short(node.child_by_field_name("type")) or made_in_rust(value)[0]
    if node.child_by_field_name("name") is not None:
        _named(found, "value", siblings, at, around, text=text, value=value, marks=_marks(node, ""))


def _alias(found: Found, siblings: Siblings, at: int, around: _Around) -> None:
    node = siblings[at]
    if node.child_by_field_name("name") is not None:
        text = found.nodes.short(node.child_by_field_name("type"))
        _named(found, "type", siblings, at, around, text=text, marks=_marks(node, ""))


def _macro(found: Found, siblings: Siblings, at: int, around: _Around) -> None:
    exported = "macro_export" in _attributes(found, siblings, at)
    if siblings[at].child_by_field_name("name") is not None:
        _named(found, "function", siblings, at, around, marks=("exported" if exported else "private",))


def _use(found: Found, node: Node, around: _Around) -> None:
    statement = found.said(node.start_byte, min(node.end_byte, node.start_byte + 8000))
    exported = statement.startswith("pub")
    bindings = tuple(bindings_of_use(statement, around.modules))
    found.imports.append(Import(*found.nodes.lines(node), bindings, exported, around.function))
