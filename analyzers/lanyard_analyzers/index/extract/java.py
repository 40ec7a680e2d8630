"""The record of a Java file.

A nested class is owned by the class around it. The constants of an enum are fields whose type is the enum, the
components of a record are fields and its parameters.
"""

from __future__ import annotations

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import DEEPEST, TOP, Around, Found, Siblings
from lanyard_analyzers.index.extract.made import made_in_java
from lanyard_analyzers.index.extract.nodes import words_with_dollars
from lanyard_analyzers.index.records import Binding, FileRecord, Import, Param
from lanyard_analyzers.syntax import Syntax

_LEAD = ("line_comment", "block_comment")
_CLASSES = frozenset(
    {
        "class_declaration",
        "interface_declaration",
        "enum_declaration",
        "record_declaration",
        "annotation_type_declaration",
    }
)
_METHODS = frozenset(
    {
        "method_declaration",
        "constructor_declaration",
        "compact_constructor_declaration",
        "annotation_type_element_declaration",
    }
)
_FIELDS = frozenset({"field_declaration", "constant_declaration"})
_ANNOTATIONS = frozenset({"annotation", "marker_annotation"})
_WORDS = {
    "public": "exported",
    "protected": "exported",
    "private": "private",
    "static": "static",
    "abstract": "abstract",
    "Override": "override",
    "Test": "test",
    "ParameterizedTest": "test",
    "RepeatedTest": "test",
    "TestFactory": "test",
    "Property": "test",
}
_FIXTURES = frozenset({"BeforeEach", "AfterEach", "BeforeAll", "AfterAll", "Before", "After", "BeforeClass"})


def extract(syntax: Syntax) -> FileRecord:
    """The record of a Java file."""
    found = Found(syntax, _LEAD)
    _walk(found, found.nodes.root.children, TOP, 0)
    return found.record(words_with_dollars(syntax.text.content))


def _walk(found: Found, children: Siblings, around: Around, depth: int) -> None:
    for at, node in enumerate(children):
        kind = node.type
        if kind in _METHODS:
            _method(found, children, at, around)
        elif kind in _FIELDS:
            _fields(found, children, at, around)
        elif kind in _CLASSES:
            if depth < DEEPEST:
                _class(found, children, at, around, depth)
        elif kind == "enum_constant":
            _constant(found, children, at, around)
        elif kind == "import_declaration":
            _import(found, node)
        elif kind == "package_declaration":
            found.package = next((found.nodes.text(one) for one in node.named_children if "identifier" in one.type), "")
        elif (kind in {"ERROR", "enum_body_declarations"}) and depth < DEEPEST:
            _walk(found, node.children, around, depth + 1)


def _modifiers(found: Found, node: Node) -> tuple[tuple[str, ...], Node]:
    """The marks that the modifiers of a declaration give, and the node that its head begins with."""
    children = node.children
    if not children or children[0].type != "modifiers":
        return (), node
    marks: list[str] = []
    head = None
    for one in children[0].children:
        if one.type in _ANNOTATIONS:
            name = found.nodes.text(one.child_by_field_name("name")).rpartition(".")[2]
            marks.append("fixture" if name in _FIXTURES else _WORDS.get(name, ""))
        else:
            head = head or one
            marks.append(_WORDS.get(one.type, ""))
    if head is None:
        head = children[1] if len(children) > 1 else node
    return tuple(dict.fromkeys(mark for mark in marks if mark)), head


def _method(found: Found, siblings: Siblings, at: int, around: Around) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    if not name:
        return
    marks, head = _modifiers(found, node)
    body = node.child_by_field_name("body")
    if (
        around.index >= 0
        and "abstract" in found.symbols[around.index].marks
        and not {"private", "exported"} & set(marks)
    ):
        marks = ("exported", *marks)
    if body is None and "abstract" not in marks:
        marks = (*marks, "abstract")
    type_node = node.child_by_field_name("type")
    index = found.add(
        "method" if around.owner else "function",
        name,
        siblings,
        at,
        inner=head,
        body=body,
        within=around,
        type=nodes.short(type_node),
        params=_params(found, node.child_by_field_name("parameters")),
        marks=marks,
    )
    generic = node.child_by_field_name("type_parameters")
    if generic is not None:
        _bounds(found, generic, index)


def _bounds(found: Found, node: Node, index: int) -> None:
    for one in node.named_children:
        name, extends, bound = found.nodes.short(one).partition(" extends ")
        if extends and name.isidentifier():
            found.add_type_parameter(name, found.symbols[index].head, index, bound)


def _params(found: Found, node: Node | None) -> tuple[Param, ...]:
    nodes, params = found.nodes, list[Param]()
    for one in node.named_children if node is not None else ():
        if one.type == "formal_parameter":
            params.append(
                Param(nodes.text(one.child_by_field_name("name")), nodes.short(one.child_by_field_name("type")))
            )
        elif one.type == "spread_parameter":
            declared = [child for child in one.named_children if child.type != "modifiers"]
            if len(declared) == 2:
                params.append(Param(nodes.short(declared[1]), nodes.short(declared[0]) + "..."))
    return tuple(params)


def _fields(found: Found, siblings: Siblings, at: int, around: Around) -> None:
    nodes, node = found.nodes, siblings[at]
    marks, head = _modifiers(found, node)
    text = nodes.short(node.child_by_field_name("type"))
    for one in node.children_by_field_name("declarator"):
        name, value = nodes.text(one.child_by_field_name("name")), nodes.whole(one.child_by_field_name("value"))
        if name:
            found.add(
                "field" if around.owner else "value",
                name,
                siblings,
                at,
                inner=head,
                within=around,
                type=made_in_java(value)[0] if text == "var" else text,
                value=value,
                marks=marks,
            )


def _class(found: Found, siblings: Siblings, at: int, around: Around, depth: int) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    if not name:
        return
    marks, head = _modifiers(found, node)
    if node.type in {"interface_declaration", "annotation_type_declaration"} and "abstract" not in marks:
        marks = (*marks, "abstract")
    body = node.child_by_field_name("body")
    components = _params(found, node.child_by_field_name("parameters"))
    index = found.add(
        "class",
        name,
        siblings,
        at,
        inner=head,
        body=body,
        within=around,
        params=components,
        bases=_bases(found, node),
        marks=marks,
    )
    if components:
        _components(found, node, found.inside(index))
    if body is not None:
        _walk(found, body.children, found.inside(index), depth + 1)


def _components(found: Found, node: Node, around: Around) -> None:
    nodes, listed = found.nodes, node.child_by_field_name("parameters")
    siblings = listed.children if listed is not None else []
    for at, one in enumerate(siblings):
        name = nodes.text(one.child_by_field_name("name")) if one.type == "formal_parameter" else ""
        if name:
            text = nodes.short(one.child_by_field_name("type"))
            found.add(
                "field",
                name,
                siblings,
                at,
                within=around,
                type=text,
                marks=("exported", "property"),
            )


def _bases(found: Found, node: Node) -> tuple[str, ...]:
    bases: list[str] = []
    for one in node.children:
        if one.type == "superclass":
            bases += [found.nodes.short(base) for base in one.named_children]
        elif one.type in {"super_interfaces", "extends_interfaces"}:
            for listed in one.named_children:
                bases += [found.nodes.short(base) for base in listed.named_children]
        elif one.type.endswith("_body"):
            break
    return tuple(bases)


def _constant(found: Found, siblings: Siblings, at: int, around: Around) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    if name:
        found.add(
            "field",
            name,
            siblings,
            at,
            within=around,
            type=around.owner.rpartition(".")[2],
            value=nodes.whole(node.child_by_field_name("arguments")),
            marks=("exported", "static"),
        )


def _import(found: Found, node: Node) -> None:
    nodes = found.nodes
    path = next((nodes.text(one) for one in node.named_children if "identifier" in one.type), "")
    everything = any(one.type == "asterisk" for one in node.children)
    source, _, name = path.rpartition(".")
    if not path:
        return
    binding = Binding("*", path, "*") if everything else Binding(name, source, name)
    found.imports.append(Import(*nodes.lines(node), (binding,)))
