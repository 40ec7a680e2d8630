"""The imports of JavaScript and TypeScript files: `import`, `export … from` and `require`."""

from __future__ import annotations

from tree_sitter import Node

from lanyard_analyzers.index.extract.javascript_found import Found, unquoted
from lanyard_analyzers.index.records import Binding, Import


def add_import(found: Found, node: Node) -> None:
    """Add an import statement."""
    nodes, bindings = found.nodes, list[Binding]()
    source = unquoted(nodes.text(node.child_by_field_name("source")))
    for clause in node.named_children:
        if clause.type == "import_require_clause":
            source = unquoted(nodes.text(clause.child_by_field_name("source")))
            name = nodes.text(clause.named_children[0]) if clause.named_children else ""
            bindings += [Binding(name, source, ""), Binding(name, source, "default")]
        elif clause.type == "import_clause":
            for one in clause.named_children:
                if one.type == "identifier":
                    bindings.append(Binding(nodes.text(one), source, "default"))
                elif one.type == "namespace_import" and one.named_children:
                    bindings.append(Binding(nodes.text(one.named_children[0]), source, ""))
                elif one.type == "named_imports":
                    bindings += _specifiers(found, one, source)
    if source:
        first, last = nodes.lines(node)
        found.imports.append(Import(first, last, tuple(one for one in bindings if one.local)))


def add_passed_on(found: Found, node: Node, source: str) -> bool:
    """Add an `export … from`; whether it gives the default."""
    nodes, bindings = found.nodes, list[Binding]()
    for clause in node.named_children:
        if clause.type == "export_clause":
            bindings += _specifiers(found, clause, source)
        elif clause.type == "namespace_export" and clause.named_children:
            bindings.append(Binding(nodes.text(clause.named_children[-1]), source, ""))
    if not bindings:
        bindings.append(Binding("*", source, "*"))
    first, last = nodes.lines(node)
    found.imports.append(Import(first, last, tuple(bindings), exported=True))
    return any(one.local == "default" for one in bindings)


def required(found: Found, value: Node | None) -> str:
    """The source of `require("…")`, also of `require("…").name` and `await import("…")`."""
    for _ in range(3):
        if value is None:
            return ""
        if value.type == "member_expression":
            value = value.child_by_field_name("object")
        elif value.type == "await_expression":
            value = value.named_children[0] if value.named_children else None
        else:
            break
    if value is None or value.type != "call_expression":
        return ""
    function = value.child_by_field_name("function")
    arguments = value.child_by_field_name("arguments")
    if function is None or arguments is None or found.nodes.text(function) not in {"require", "import"}:
        return ""
    first = arguments.named_children[:1]
    return unquoted(found.nodes.text(first[0])) if first and first[0].type == "string" else ""


def required_bindings(found: Found, target: Node, source: str, value: Node | None) -> list[Binding]:
    """What a declaration binds that requires a module."""
    nodes = found.nodes
    if target.type == "identifier":
        name = nodes.text(target)
        if value is not None and value.type == "member_expression":
            return [Binding(name, source, nodes.text(value.child_by_field_name("property")))]
        return [Binding(name, source, ""), Binding(name, source, "default")]
    return [Binding(local, source, name) for local, name in found.pattern_names(target)]


def _specifiers(found: Found, node: Node, source: str) -> list[Binding]:
    bindings: list[Binding] = []
    for one in node.named_children:
        if one.type in {"import_specifier", "export_specifier"}:
            name = unquoted(found.nodes.text(one.child_by_field_name("name")))
            alias = unquoted(found.nodes.text(one.child_by_field_name("alias")))
            if name:
                bindings.append(Binding(alias or name, source, name))
    return bindings
