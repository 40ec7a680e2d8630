"""The record of a Go file.

A method stands outside its type: its owner is the receiver's type without `*` and type arguments, and the receiver is
its first parameter. Every defined type is a class, because each may have methods; only `type A = B` is an alias.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import DEEPEST, Around, Found, Siblings
from lanyard_analyzers.index.extract.made import made_in_go
from lanyard_analyzers.index.extract.nodes import words_of
from lanyard_analyzers.index.records import SHORT, Binding, FileRecord, Import, Param
from lanyard_analyzers.syntax import Syntax

_TEST = re.compile(r"(?:Test|Benchmark|Fuzz|Example)(?![a-z])")
_VERSION = re.compile(r"^v\d+$")
_SHORT_GROUP = 24
"""Lines of a group of constants that is shown whole for the sake of one of them."""
_EXPORTED, _PRIVATE = ("exported",), ("private",)


def extract(syntax: Syntax) -> FileRecord:
    """The record of a Go file."""
    found = Found(syntax, ("comment",))
    _walk(found, found.nodes.root.children, 0)
    return found.record(words_of(syntax.text.content))


def _walk(found: Found, children: Siblings, depth: int) -> None:
    for at, node in enumerate(children):
        kind = node.type
        if kind in {"function_declaration", "method_declaration"}:
            _function(found, children, at)
        elif kind == "type_declaration":
            _types(found, children, at)
        elif kind in {"const_declaration", "var_declaration"}:
            _values(found, children, at)
        elif kind == "import_declaration":
            _import(found, node)
        elif kind == "package_clause":
            found.package = found.nodes.text(node.named_children[0]) if node.named_children else ""
        elif kind == "ERROR" and depth < DEEPEST:
            _walk(found, node.children, depth + 1)


def _marks(name: str) -> tuple[str, ...]:
    return _EXPORTED if name[:1].isupper() else _PRIVATE


def _function(found: Found, children: Siblings, at: int) -> None:
    nodes, node = found.nodes, children[at]
    name = nodes.text(node.child_by_field_name("name"))
    if not name:
        return
    receiver = node.child_by_field_name("receiver")
    owner, params = "", _params(found, node.child_by_field_name("parameters"))
    marks = _marks(name)
    if receiver is not None:
        took = _params(found, receiver)[:1]
        owner = took[0].type.lstrip("*").partition("[")[0].strip("() ") if took else ""
        params = took + params
    elif _TEST.match(name):
        marks = (*marks, "test")
    body, result = node.child_by_field_name("body"), node.child_by_field_name("result")
    index = found.add(
        "method" if owner else "function",
        name,
        children,
        at,
        body=body,
        within=Around(owner),
        type=_result(found, result),
        params=params,
        marks=marks,
    )

    if result is not None and result.type == "parameter_list":
        for one in _params(found, result):
            if one.name:
                found.add_local(one.name, found.symbols[index].head, index, one.type)


def _result(found: Found, node: Node | None) -> str:
    """What a function gives: the types alone, where its results have names."""
    if node is None or node.type != "parameter_list":
        return found.nodes.short(node)
    types = [one.type for one in _params(found, node)]
    return f"({', '.join(types)})"[:SHORT] if len(types) != 1 else types[0]


def _params(found: Found, node: Node | None) -> tuple[Param, ...]:
    nodes, params = found.nodes, list[Param]()
    for one in node.named_children if node is not None else ():
        kind = one.type
        if kind not in {"parameter_declaration", "variadic_parameter_declaration"}:
            continue
        text = nodes.short(one.child_by_field_name("type"))
        if kind == "variadic_parameter_declaration":
            text = "..." + text
        names = [child for child in one.named_children if child.type == "identifier"]
        params += [Param(nodes.text(name), text) for name in names] or [Param("", text)]
    return tuple(params)


def _types(found: Found, children: Siblings, at: int) -> None:
    node = children[at]
    specs = node.children
    grouped = any(one.type == "(" for one in specs[:2])
    for place, spec in enumerate(specs):
        if spec.type in {"type_spec", "type_alias"}:
            if grouped:
                _type(found, specs, place, spec)
            else:
                _type(found, children, at, spec)


def _type(found: Found, siblings: Siblings, at: int, spec: Node) -> None:
    nodes = found.nodes
    name, type_node = nodes.text(spec.child_by_field_name("name")), spec.child_by_field_name("type")
    if not name:
        return
    kind = type_node.type if type_node is not None else ""
    if spec.type == "type_alias":
        found.add("type", name, siblings, at, type=nodes.short(type_node), marks=_marks(name))
        return
    if kind == "struct_type" and type_node is not None:
        body = next((one for one in type_node.children if one.type == "field_declaration_list"), None)
        fields = body.children if body is not None else []
        bases = [base for one in fields if (base := _embedded(found, one))]
    elif kind == "interface_type" and type_node is not None:
        body, fields = type_node, type_node.children
        bases = [nodes.short(one) for one in fields if one.type == "type_elem" and one.named_child_count == 1]
    else:
        found.add("class", name, siblings, at, type=nodes.short(type_node), marks=_marks(name))
        return
    index = found.add("class", name, siblings, at, body=body, bases=tuple(bases), marks=_marks(name))
    within = found.inside(index)
    for place, field in enumerate(fields):
        if field.type == "field_declaration":
            _field(found, fields, place, within)
        elif field.type == "method_elem":
            _method_of_interface(found, fields, place, within)


def _embedded(found: Found, field: Node) -> str:
    if field.type != "field_declaration" or field.child_by_field_name("name") is not None:
        return ""
    return found.nodes.short(field.child_by_field_name("type"))


def _field(found: Found, fields: Siblings, at: int, within: Around) -> None:
    nodes, field = found.nodes, fields[at]
    names = [one for one in field.named_children if one.type == "field_identifier"]
    text = nodes.short(field.child_by_field_name("type"))
    for name in [nodes.text(one) for one in names] or [text.partition("[")[0].rpartition(".")[2].lstrip("*")]:
        if name:
            found.add(
                "field",
                name,
                fields,
                at,
                within=within,
                type=text,
                marks=_marks(name),
            )


def _method_of_interface(found: Found, fields: Siblings, at: int, within: Around) -> None:
    nodes, node = found.nodes, fields[at]
    name = nodes.text(node.child_by_field_name("name"))
    if name:
        found.add(
            "method",
            name,
            fields,
            at,
            within=within,
            type=_result(found, node.child_by_field_name("result")),
            params=_params(found, node.child_by_field_name("parameters")),
            marks=(*_marks(name), "abstract"),
        )


def _values(found: Found, children: Siblings, at: int) -> None:
    node = children[at]
    specs, place_of = node.children, 0
    listed = next((one for one in specs if one.type == "var_spec_list"), None)
    if listed is not None:
        specs = listed.children
    grouped = listed is not None or any(one.type == "(" for one in specs[:2])
    if grouped and node.end_point[0] - node.start_point[0] <= _SHORT_GROUP and _counts(found, node):
        grouped = False  # constants that count say little one by one
    type_before = ""
    for place, spec in enumerate(specs):
        if spec.type not in {"const_spec", "var_spec"}:
            continue
        type_node, value_node = spec.child_by_field_name("type"), spec.child_by_field_name("value")
        text = found.nodes.short(type_node)
        if spec.type == "const_spec":
            # A line of a group of constants without a value repeats the type and value of the line before
            text = type_before = text or (type_before if value_node is None else "")
        values = value_node.named_children if value_node is not None else []
        names = [one for one in spec.children_by_field_name("name") if one.type == "identifier"]
        siblings, place_of = (specs, place) if grouped else (children, at)
        for number, one in enumerate(names):
            name = found.nodes.text(one)
            value = found.nodes.whole(values[number]) if number < len(values) else ""
            made, _ = made_in_go(value)
            if name and name != "_":
                found.add("value", name, siblings, place_of, type=text or made, value=value, marks=_marks(name))


def _counts(found: Found, node: Node) -> bool:
    return found.data.find(b"iota", node.start_byte, node.end_byte) != -1


def _import(found: Found, node: Node) -> None:
    bindings: list[Binding] = []
    specs = [node] if node.type == "import_spec" else node.named_children
    for spec in specs:
        inner = spec.named_children if spec.type == "import_spec_list" else [spec]
        for one in inner:
            if one.type == "import_spec":
                bindings += _binding(found, one)
    first, last = found.nodes.lines(node)
    found.imports.append(Import(first, last, tuple(bindings)))


def _binding(found: Found, spec: Node) -> list[Binding]:
    path = found.nodes.text(spec.child_by_field_name("path")).strip('"`')
    alias = found.nodes.text(spec.child_by_field_name("name"))
    if not path or alias == "_":
        return []
    if alias == ".":
        return [Binding("*", path, "*")]
    return [Binding(name, path, "") for name in ([alias] if alias else _package_names(path))]


def _package_names(path: str) -> list[str]:
    """What the package at a path may be called: nothing in the importing file says so."""
    parts = path.split("/")
    last = parts[-1].partition(".")[0]
    names = [last.replace("-", "_"), last.replace("-", ""), last.rpartition("-")[2]] if "-" in last else [last]
    if _VERSION.match(last) and len(parts) > 1:
        names += _package_names("/".join(parts[:-1]))
    if last.endswith("-go"):
        names.append(last[:-3].replace("-", "_"))
    return [name for name in dict.fromkeys(names) if name]
