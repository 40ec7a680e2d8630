"""The record of a JavaScript, TypeScript or TSX file.

Walks statements and class bodies; the bodies of functions are searched as text (`javascript_locals.py`). Overloads are
symbols of their own with the mark `overload`. An object literal with functions is a class, as is an alias of an object
type. `require` binds both the module and its default. Test suites are namespaces, tests functions, both named by their
titles.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tree_sitter import Node

from lanyard_analyzers.index.extract.javascript_found import DEEPEST, Found, Spot, bare, property_name, unquoted
from lanyard_analyzers.index.extract.javascript_imports import (
    add_import,
    add_passed_on,
    required,
    required_bindings,
)
from lanyard_analyzers.index.extract.javascript_members import (
    FUNCTIONS,
    add_class,
    add_object,
    add_object_type,
    bases_of,
    function_in,
    object_type,
)
from lanyard_analyzers.index.extract.javascript_rough import add_rough
from lanyard_analyzers.index.extract.nodes import words_with_dollars
from lanyard_analyzers.index.records import Binding, FileRecord, Import
from lanyard_analyzers.syntax import Syntax

_CLASSES = frozenset({"class_declaration", "abstract_class_declaration", "class"})
_DECLARED = frozenset({"function_declaration", "generator_function_declaration", "function_signature"})
_VARIABLES = frozenset({"lexical_declaration", "variable_declaration"})
_SUITES = frozenset({"describe", "suite", "context"})
_TESTS = frozenset({"it", "test", "specify"})
_FIXTURES = frozenset({"beforeEach", "beforeAll", "afterEach", "afterAll", "before", "after", "setup", "teardown"})
_BLOCKS = frozenset({"if_statement", "try_statement", "statement_block", "ERROR", "else_clause", "catch_clause"})


def extract(syntax: Syntax) -> FileRecord:
    """The record of the file."""
    found = Found(syntax)
    walk = _Walk(found)
    walk.statements(found.nodes.root.children, "", -1, 0)
    if found.nodes.root.has_error and not syntax.partial:
        add_rough(found)
    found.settle()
    return FileRecord(
        syntax.language,
        syntax.text.line_count,
        tuple(found.symbols),
        tuple(found.imports),
        default=walk.default,
        words=words_with_dollars(syntax.text.content),
    )


class _Walk:
    """The statements of one file."""

    def __init__(self, found: Found) -> None:
        self.found = found
        self.default = ""

    def statements(self, siblings: Sequence[Node], outer: str, around: int, depth: int) -> None:
        if depth > DEEPEST:
            return
        for at, node in enumerate(siblings):
            kind = node.type
            if kind == "comment":
                continue
            if kind == "import_statement":
                add_import(self.found, node)
            elif kind == "export_statement":
                self._export(node, Spot(siblings, at, node, outer, around), depth)
            elif kind == "expression_statement":
                self._expression(node, Spot(siblings, at, node, outer, around), depth)
            elif kind in _BLOCKS:
                self.statements(node.children, outer, around, depth + 1)
            elif node.is_named:
                self.declaration(node, Spot(siblings, at, node, outer, around), depth)

    def declaration(self, node: Node, spot: Spot, depth: int) -> str:
        """Add what a declaration defines; its name."""
        found, kind = self.found, node.type
        if kind in _DECLARED:
            return found.function("function", node, spot)
        if kind in _CLASSES:
            return add_class(found, node, spot)
        if kind in _VARIABLES:
            return self._variables(node, spot)
        if kind in {"interface_declaration", "enum_declaration"}:
            return add_object_type(found, node, node.child_by_field_name("body"), spot)
        if kind == "type_alias_declaration":
            return self._alias(node, spot)
        if kind in {"internal_module", "module"}:
            self._namespace(node, spot, depth)
        elif kind == "ambient_declaration":
            for child in node.named_children:
                if child.type == "statement_block":
                    self.statements(child.children, spot.outer, spot.around, depth + 1)
                elif depth < DEEPEST:
                    self.declaration(child, spot, depth + 1)
        elif kind == "import_alias":
            names = [found.nodes.text(one) for one in node.named_children]
            if len(names) == 2 and names[0]:
                found.add("value", names[0], spot, value=names[1])
        return ""

    def _variables(self, node: Node, spot: Spot) -> str:
        found, nodes, named = self.found, self.found.nodes, ""
        declarators = [one for one in node.named_children if one.type == "variable_declarator"]
        for one in declarators:
            target, value = one.child_by_field_name("name"), one.child_by_field_name("value")
            if target is None:
                continue
            source = required(found, value)
            if source:
                first, last = nodes.lines(node)
                found.imports.append(Import(first, last, tuple(required_bindings(found, target, source, value))))
                continue
            name = nodes.text(target)
            if target.type != "identifier":
                found.destructured(target, value, spot.around)
                continue
            if not name:
                continue
            named = named or name
            function = function_in(found, value)
            type_ = bare(nodes.short(one.child_by_field_name("type")))
            if function is not None:
                found.function("function", function, spot, name=name)
            elif value is not None and value.type == "class":
                add_class(found, value, spot, name=name)
            elif value is not None and value.type in {"object", "as_expression", "satisfies_expression"}:
                add_object(found, name, value, spot, type=type_)
            else:
                found.add("value", name, spot, type=type_, value=found.value(value))
        return named

    def _alias(self, node: Node, spot: Spot) -> str:
        found, nodes = self.found, self.found.nodes
        value = node.child_by_field_name("value")
        body = object_type(value)
        if body is not None and value is not None:
            bases = () if value is body else bases_of(found, value)
            return add_object_type(found, node, body, spot, bases=bases)
        name = nodes.text(node.child_by_field_name("name"))
        if name:
            found.add("type", name, spot, type=nodes.short(value))
        return name

    def _namespace(self, node: Node, spot: Spot, depth: int) -> None:
        name, body = self.found.nodes.text(node.child_by_field_name("name")), node.child_by_field_name("body")
        if body is None or not name:
            return
        if name[:1] in "\"'":
            self.statements(body.children, spot.outer, spot.around, depth + 1)
            return
        index = self.found.add("namespace", name, spot, body=body)
        self.statements(body.children, self.found.symbols[index].qualified, index, depth + 1)

    # Expressions at the top level

    def _expression(self, node: Node, spot: Spot, depth: int) -> None:
        inner = node.named_children[0] if node.named_children else None
        if inner is None:
            return
        if inner.type == "assignment_expression":
            self._assignment(inner, spot)
        elif inner.type == "call_expression":
            self._call(inner, spot, depth)
        elif inner.type in {"internal_module", "module"}:
            self.declaration(inner, spot, depth)
        elif inner.type in {"parenthesized_expression", "unary_expression"}:
            for child in inner.named_children:
                if child.type == "call_expression":
                    self._call(child, spot, depth)

    def _call(self, call: Node, spot: Spot, depth: int) -> None:
        found, nodes = self.found, self.found.nodes
        callee, arguments = call.child_by_field_name("function"), call.child_by_field_name("arguments")
        if callee is None or arguments is None:
            return
        if callee.type == "parenthesized_expression" and callee.named_children:
            self._block(callee.named_children[0], spot.outer, spot.around, depth)
            return
        name = nodes.text(callee).partition(".")[0]
        given = arguments.named_children
        function = next((one for one in given if one.type in FUNCTIONS), None)
        if function is None:
            return
        if name in _SUITES | _TESTS:
            title = unquoted(nodes.text(given[0])) if given[0].type in {"string", "template_string"} else ""
            if not title:
                return
            if name in _SUITES:
                body = function.child_by_field_name("body")
                index = found.add("namespace", title, spot, body=body)
                self._block(function, found.symbols[index].qualified, index, depth)
            else:
                found.function("function", function, replace(spot, marks=("test",)), name=title)
        elif name in _FIXTURES:
            found.function("function", function, replace(spot, marks=("fixture",)), name=name)
        elif name in {"define", "$", "jQuery"}:
            self._block(function, spot.outer, spot.around, depth)

    def _block(self, function: Node, outer: str, around: int, depth: int) -> None:
        body = function.child_by_field_name("body")
        if function.type in FUNCTIONS and body is not None and body.type == "statement_block":
            self.statements(body.children, outer, around, depth + 1)

    def _assignment(self, node: Node, spot: Spot) -> None:
        found, nodes = self.found, self.found.nodes
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None or left.type != "member_expression":
            return
        target = nodes.text(left)
        if right.type == "assignment_expression":
            self._assignment(right, spot)
            right = right.child_by_field_name("right") or right
        if target in {"module.exports", "exports.default", "module.exports.default"}:
            self._given(right, spot)
            return
        owner, _, name = target.rpartition(".")
        if not name or " " in target or "(" in target:
            return
        if owner in {"exports", "module.exports"}:
            if right.type == "identifier" and nodes.text(right) == name:
                return
            self._named(name, right, replace(spot, marks=("exported",)))
        elif "." not in owner.removesuffix(".prototype") and right.type in FUNCTIONS and owner != "this":
            prototype = owner.endswith(".prototype")
            owner = owner.removesuffix(".prototype")
            outer = f"{spot.outer}.{owner}" if spot.outer else owner
            here = replace(spot, outer=outer, marks=() if prototype else ("static",))
            found.function("method", right, here, name=name, owner=outer)

    def _named(self, name: str, value: Node, spot: Spot) -> None:
        found = self.found
        if value.type in FUNCTIONS:
            found.function("function", value, spot, name=name)
        elif value.type == "class":
            add_class(found, value, spot, name=name)
        elif value.type == "object":
            add_object(found, name, value, spot)
        else:
            found.add("value", name, spot, value=found.value(value))

    # Imports and exports

    def _export(self, node: Node, spot: Spot, depth: int) -> None:
        found, nodes = self.found, self.found.nodes
        source = unquoted(nodes.text(node.child_by_field_name("source")))
        children = node.children
        default = any(one.type == "default" for one in children[:8])
        if source:
            if add_passed_on(found, node, source):
                self.default = "default"
            return
        inner = next((one for one in children if one.type == "export"), node)
        spot = replace(spot, inner=inner, marks=("exported",))
        declaration = node.child_by_field_name("declaration")
        value = node.child_by_field_name("value")
        if declaration is not None:
            name = self.declaration(declaration, spot, depth)
            if default:
                self.default = name
        elif value is not None:
            self._given(value, spot)
        else:
            for clause in children:
                if clause.type == "export_clause":
                    self._renamed(clause, spot)
                elif clause.type == "identifier":
                    self.default = nodes.text(clause)
        if default and not self.default and declaration is not None and declaration.type == "function_signature":
            found.function("function", declaration, spot, name="default")

    def _given(self, value: Node, spot: Spot) -> None:
        """What the module gives as its default."""
        found, nodes = self.found, self.found.nodes
        if value.type == "identifier":
            self.default = nodes.text(value)
            return
        if value.type == "object" and spot.inner.type == "expression_statement":
            members = value.children
            for at, one in enumerate(members):
                if one.type in {"method_definition", "pair"}:
                    self._exported_member(one, Spot(members, at, one, spot.outer, spot.around, ("exported",)))
            return
        spot = replace(spot, marks=("exported",))
        name = nodes.text(value.child_by_field_name("name")) if value.type in {"class", *FUNCTIONS} else ""
        name = name or "default"
        self.default = name
        function = function_in(found, value)
        self._named(name, value if function is None else function, spot)

    def _exported_member(self, one: Node, spot: Spot) -> None:
        found, nodes = self.found, self.found.nodes
        if one.type == "method_definition":
            found.function("function", one, spot)
            return
        key, value = one.child_by_field_name("key"), one.child_by_field_name("value")
        name = property_name(nodes, key)
        if not name or value is None:
            return
        if value.type == "identifier":
            if nodes.text(value) != name:
                found.add("value", name, spot, value=found.value(value))
        elif (source := required(found, value)) != "":
            first, last = nodes.lines(one)
            bindings = (Binding(name, source, ""), Binding(name, source, "default"))
            found.imports.append(Import(first, last, bindings, exported=True))
        else:
            self._named(name, value, spot)

    def _renamed(self, clause: Node, spot: Spot) -> None:
        nodes = self.found.nodes
        for one in clause.named_children:
            if one.type != "export_specifier":
                continue
            name = nodes.text(one.child_by_field_name("name"))
            alias = nodes.text(one.child_by_field_name("alias"))
            if alias == "default":
                self.default = name
            elif alias and name and alias != name:
                self.found.add("value", alias, spot, value=name)
