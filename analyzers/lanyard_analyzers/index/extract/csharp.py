"""The record of a C# file.

The namespace is the record's package and no part of a name. A property with accessors of its own is a method marked as
property, any other a field. An extension method belongs to its static class; its first parameter says what it extends.
"""

from __future__ import annotations

import re

import msgspec
from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import DEEPEST, TOP, Around, Found, Siblings
from lanyard_analyzers.index.extract.nodes import words_of
from lanyard_analyzers.index.extract.values import value_text
from lanyard_analyzers.index.records import Binding, FileRecord, Import, Param
from lanyard_analyzers.syntax import Syntax

_CLASSES = frozenset(
    {"class_declaration", "struct_declaration", "interface_declaration", "record_declaration", "enum_declaration"}
)
_NAMESPACES = frozenset({"namespace_declaration", "file_scoped_namespace_declaration"})
_BLOCKS = ("preproc_if", "preproc_elif", "preproc_else", "preproc_region", "ERROR", "global_statement")
_MARKS = {
    "public": "exported",
    "internal": "exported",
    "private": "private",
    "protected": "private",
    "static": "static",
    "const": "static",
    "abstract": "abstract",
    "async": "async",
    "override": "override",
}
_TESTS = re.compile(
    r"\[\s*(?:\w+\s*:\s*)?(?:\w+\.)*"
    r"(?:Fact|Theory|Test|TestCase|TestCaseSource|TestMethod|DataTestMethod|Property)(?:Attribute)?\s*[\](,]"
)
_BARE = re.compile(r"\s*///\s*<\w+>\s*$")
_FIXTURES = re.compile(r"\[\s*(?:SetUp|TearDown|OneTimeSetUp|OneTimeTearDown|TestInitialize|TestCleanup)\s*[\](,]")


def extract(syntax: Syntax) -> FileRecord:
    """The record of a C# file."""
    found = Found(syntax, ("comment",))
    _walk(found, found.nodes.root.children, "", TOP, 0)
    _settle(found)
    return found.record(words_of(syntax.text.content))


def _settle(found: Found) -> None:
    """A documentation begins where it says something, after a mere `<summary>`."""
    text = found.nodes.syntax.text
    for index, one in enumerate(found.symbols):
        if one.doc_first >= 0 and one.doc_last > one.doc_first and _BARE.match(text.line_text(one.doc_first)):
            found.symbols[index] = msgspec.structs.replace(one, first=one.first + 1, doc_first=one.doc_first + 1)


def _walk(found: Found, children: Siblings, namespace: str, around: Around, depth: int) -> None:
    if depth > DEEPEST:
        return
    for at, node in enumerate(children):
        kind = node.type
        if kind in _CLASSES:
            found.package = found.package or namespace
            _class(found, children, at, around, depth)
        elif kind in _MEMBERS:
            _MEMBERS[kind](found, children, at, around)
        elif kind == "using_directive":
            _using(found, node)
        elif kind in _NAMESPACES:
            name = found.nodes.text(node.child_by_field_name("name"))
            inner = f"{namespace}.{name}" if namespace else name
            body = node.child_by_field_name("body")
            if body is None:
                namespace = inner
            else:
                _walk(found, body.children, inner, around, depth + 1)
        elif kind in _BLOCKS:
            _walk(found, node.children, namespace, around, depth + 1)
    if not around.owner:
        found.package = found.package or namespace


def _marks(found: Found, node: Node) -> tuple[tuple[str, ...], Node | None]:
    """The marks of a declaration, and the node that its head begins with, after its attributes."""
    marks: dict[str, None] = {}
    inner: Node | None = None
    for child in node.children:
        kind = child.type
        if kind == "attribute_list":
            text = found.nodes.short(child)
            if _TESTS.match(text):
                marks["test"] = None
            elif _FIXTURES.match(text):
                marks["fixture"] = None
            continue
        inner = inner or child
        if kind != "modifier":
            break
        mark = _MARKS.get(found.nodes.text(child))
        if mark:
            marks[mark] = None
    return tuple(marks), inner


def _class(found: Found, siblings: Siblings, at: int, around: Around, depth: int) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    if not name:
        return
    body = node.child_by_field_name("body")
    bases: list[str] = []
    params: Node | None = None
    for child in node.children:
        if child.type == "base_list":
            bases = [_base(found, one) for one in child.named_children if one.type != "argument_list"]
        elif child.type == "parameter_list":
            params = child
    marks, inner = _marks(found, node)
    index = found.add(
        "class",
        name,
        siblings,
        at,
        inner=inner,
        body=body,
        within=around,
        params=_params(found, params)[0],
        bases=tuple(base for base in bases if base),
        marks=marks,
    )
    within = found.inside(index)
    if params is not None:
        shown = ("exported",) if node.type == "record_declaration" else ("private",)
        for place, one in enumerate(params.children):
            if one.type == "parameter":
                _add_field(found, params.children, place, within, shown)
    if body is not None:
        _walk(found, body.children, "", within, depth + 1)


def _base(found: Found, node: Node) -> str:
    if node.type == "primary_constructor_base_type":
        node = node.child_by_field_name("type") or node
    return found.nodes.short(node)


def _params(found: Found, node: Node | None) -> tuple[tuple[Param, ...], bool]:
    """Parameters, and whether the first one says what an extension method extends."""
    nodes, params, extends = found.nodes, list[Param](), False
    for one in node.named_children if node is not None else ():
        if one.type == "parameter":
            if not params and one.children and nodes.text(one.children[0]) == "this":
                extends = True
            name = nodes.text(one.child_by_field_name("name"))
            params.append(Param(name, nodes.short(one.child_by_field_name("type"))))
    return tuple(params), extends


def _method(found: Found, siblings: Siblings, at: int, around: Around) -> None:
    nodes, node = found.nodes, siblings[at]
    kind = node.type
    if kind == "operator_declaration":
        name = nodes.text(node.child_by_field_name("operator"))
    elif kind == "indexer_declaration":
        name = "this"
    else:
        name = nodes.text(node.child_by_field_name("name"))
    if not name:
        return
    body = node.child_by_field_name("body")
    params, extends = _params(found, node.child_by_field_name("parameters"))
    marks, inner = _marks(found, node)
    if extends:
        marks = (*marks, "extension")
    given = node.child_by_field_name("returns") or node.child_by_field_name("type")
    text = nodes.short(given)
    if text == "void":
        text = ""
    found.add(
        "method" if around.owner else "function",
        name,
        siblings,
        at,
        inner=inner,
        body=body or node.child_by_field_name("accessors") or node.child_by_field_name("value"),
        within=around,
        type=text,
        params=params,
        marks=marks,
    )


def _property(found: Found, siblings: Siblings, at: int, around: Around) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    if not name:
        return
    value, accessors = node.child_by_field_name("value"), node.child_by_field_name("accessors")
    computed = value if value is not None and value.type == "arrow_expression_clause" else None
    if computed is None and accessors is not None:
        bodies = (one.child_by_field_name("body") for one in accessors.named_children)
        computed = accessors if any(one is not None for one in bodies) else None
    marks, inner = _marks(found, node)
    found.add(
        "field" if computed is None else "method",
        name,
        siblings,
        at,
        inner=inner,
        body=computed,
        within=around,
        type=nodes.short(node.child_by_field_name("type")),
        value="" if computed is not None else value_text(nodes.whole(value)),
        marks=(*marks, "property"),
    )


def _fields(found: Found, siblings: Siblings, at: int, around: Around) -> None:
    nodes, node = found.nodes, siblings[at]
    marks, inner = _marks(found, node)
    declaration = next((one for one in node.named_children if one.type == "variable_declaration"), None)
    if declaration is None:
        return
    text = nodes.short(declaration.child_by_field_name("type"))
    for one in declaration.named_children:
        if one.type != "variable_declarator":
            continue
        name = nodes.text(one.child_by_field_name("name"))
        value = one.named_children[-1] if one.named_child_count > 1 else None
        if name:
            found.add(
                "field" if around.owner else "value",
                name,
                siblings,
                at,
                inner=inner,
                within=around,
                type=text,
                value=value_text(nodes.whole(value)),
                marks=marks,
            )


def _add_field(found: Found, siblings: Siblings, at: int, around: Around, marks: tuple[str, ...]) -> None:
    node = siblings[at]
    name = found.nodes.text(node.child_by_field_name("name"))
    if name:
        found.add(
            "field",
            name,
            siblings,
            at,
            within=around,
            type=found.nodes.short(node.child_by_field_name("type")),
            marks=marks,
        )


def _case(found: Found, siblings: Siblings, at: int, around: Around) -> None:
    found.add_case(found.nodes.text(siblings[at].child_by_field_name("name")), siblings, at, around)


def _delegate(found: Found, siblings: Siblings, at: int, around: Around) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    if name:
        marks, inner = _marks(found, node)
        found.add(
            "type",
            name,
            siblings,
            at,
            inner=inner,
            within=around,
            type=nodes.short(node.child_by_field_name("type")),
            params=_params(found, node.child_by_field_name("parameters"))[0],
            marks=marks,
        )


_MEMBERS = {
    "method_declaration": _method,
    "constructor_declaration": _method,
    "operator_declaration": _method,
    "indexer_declaration": _method,
    "local_function_statement": _method,
    "property_declaration": _property,
    "field_declaration": _fields,
    "event_field_declaration": _fields,
    "local_declaration_statement": _fields,
    "enum_member_declaration": _case,
    "delegate_declaration": _delegate,
}


def _using(found: Found, node: Node) -> None:
    """`using A.B;` binds all of a namespace, `using static` the members of a class, an alias one type."""
    alias = found.nodes.text(node.child_by_field_name("name"))
    kinds = [child.type for child in node.children]
    named = [one for one in node.named_children if one.type in {"identifier", "qualified_name", "generic_name"}]
    source = found.nodes.short(named[-1]).partition("<")[0].removeprefix("global::") if named else ""
    if not source:
        return
    package, _, name = source.rpartition(".")
    if alias:
        binding = Binding(alias, package, name)
    elif "static" in kinds:
        binding = Binding("*", source, "*")
    else:
        binding = Binding("*", source, "*")
    found.imports.append(Import(*found.nodes.lines(node), (binding,), exported="global" in kinds))
