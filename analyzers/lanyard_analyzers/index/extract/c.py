"""The record of a C or C++ file: what stands at the top of it and in its namespaces.

Classes are `c_classes.py`'s, one declaration is `c_declarators.py`'s. A prototype is a function without a body. A
header whose text is C++ is read as C++, whatever its suffix says.
"""

from __future__ import annotations

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import DEEPEST, Around, Found, Siblings
from lanyard_analyzers.index.extract.c_classes import Scope, add_class, add_declaration, add_function
from lanyard_analyzers.index.extract.c_macros import without_class_macros, without_macros
from lanyard_analyzers.index.extract.nodes import words_of
from lanyard_analyzers.index.records import Binding, FileRecord, Import, Param
from lanyard_analyzers.languages import is_cpp
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.text import Text

_CONTAINERS = frozenset({"preproc_if", "preproc_ifdef", "preproc_else", "preproc_elif", "preproc_elifdef", "ERROR"})
_SPECIFIERS = frozenset({"class_specifier", "struct_specifier", "union_specifier", "enum_specifier"})
_DECLARATIONS = frozenset(
    {"declaration", "field_declaration", "type_definition", "alias_declaration", "concept_definition"}
)


def extract(syntax: Syntax) -> FileRecord:
    """The record of a C or C++ file."""
    content = syntax.text.content
    language = "cpp" if syntax.language == "c" and is_cpp(content) else syntax.language
    plain = content
    if syntax.root.has_error:
        plain = without_macros(content)
    elif language == "cpp":
        plain = without_class_macros(content)
    if plain is not content:
        syntax = parse(Text.of(plain), language)
    elif language != syntax.language:
        syntax = parse(syntax.text, language)
    found = Found(syntax, ("comment",))
    _walk(found, found.nodes.root.children, Scope(), "", 0)
    return found.record(words_of(content))


def _walk(found: Found, children: Siblings, scope: Scope, guard: str, depth: int) -> None:
    for at, node in enumerate(children):
        kind = node.type
        if kind == "function_definition":
            add_function(found, children, at, node, scope)
        elif kind in _DECLARATIONS:
            add_declaration(found, children, at, node, scope)
        elif kind in _SPECIFIERS:
            add_class(found, children, at, node, scope)
        elif kind == "template_declaration":
            _template(found, children, at, scope)
        elif kind == "preproc_include":
            _include(found, node)
        elif kind in {"preproc_def", "preproc_function_def"}:
            _macro(found, children, at, guard)
        elif kind in _CONTAINERS:
            if depth < DEEPEST:
                name = found.nodes.text(node.child_by_field_name("name")) if kind == "preproc_ifdef" else ""
                _walk(found, node.children, scope, name or guard, depth + 1)
        elif kind == "namespace_definition":
            _namespace(found, children, at, scope, depth)
        elif kind == "linkage_specification":
            body = node.child_by_field_name("body")
            if body is not None and depth < DEEPEST:
                inside = body.children if body.type == "declaration_list" else [body]
                _walk(found, inside, scope, guard, depth + 1)
        elif kind == "using_declaration":
            _using(found, node)
        elif kind == "namespace_alias_definition":
            _alias(found, children, at, scope)


def _template(found: Found, siblings: Siblings, at: int, scope: Scope) -> None:
    for inner in siblings[at].named_children:
        if inner.type == "function_definition":
            add_function(found, siblings, at, inner, scope)
        elif inner.type in _DECLARATIONS:
            add_declaration(found, siblings, at, inner, scope)
        elif inner.type in _SPECIFIERS:
            add_class(found, siblings, at, inner, scope)


def _namespace(found: Found, siblings: Siblings, at: int, scope: Scope, depth: int) -> None:
    node = siblings[at]
    body = node.child_by_field_name("body")
    name = found.nodes.text(node.child_by_field_name("name")).replace(" ", "")
    if body is None or depth >= DEEPEST:
        return
    index = scope.index
    for part in name.split("::") if name else ():
        qualified = scope.qualified(part)
        index = found.add("namespace", part, siblings, at, body=body, within=Around(index=index), qualified=qualified)
        scope = Scope(qualified, index=index)
    _walk(found, body.children, scope, "", depth + 1)


def _include(found: Found, node: Node) -> None:
    path = node.child_by_field_name("path")
    text = found.nodes.text(path)
    source = text.strip('"') if text.startswith('"') else text
    if source and path is not None and path.type in {"string_literal", "system_lib_string"}:
        found.imports.append(Import(*found.nodes.lines(node), (Binding("*", source, "*"),), exported=True))


def _macro(found: Found, siblings: Siblings, at: int, guard: str) -> None:
    nodes, node = found.nodes, siblings[at]
    name, listed = nodes.text(node.child_by_field_name("name")), node.child_by_field_name("parameters")
    value = node.child_by_field_name("value")
    if not name or (name == guard and value is None):
        return
    if listed is None:
        found.add("value", name, siblings, at, value=nodes.whole(value), marks=("exported",))
        return
    params = tuple(Param(nodes.text(one)) for one in listed.children if one.type in {"identifier", "..."})
    found.add("function", name, siblings, at, params=params, marks=("exported",))


def _using(found: Found, node: Node) -> None:
    """`using std::vector;` binds nothing that is not visible already; it is kept because slices show it."""
    found.imports.append(Import(*found.nodes.lines(node), (), exported=True))


def _alias(found: Found, siblings: Siblings, at: int, scope: Scope) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    stands_for = nodes.short(node.named_children[-1]) if node.named_child_count > 1 else ""
    if name:
        found.add(
            "type",
            name,
            siblings,
            at,
            within=Around(index=scope.index),
            qualified=scope.qualified(name),
            type=stands_for,
        )
