"""The record of a Lua file.

A table that something is put into is a class: functions in it are methods, whichever way they are written, and what is
set on `self` in them are its fields. What a file returns is its default. Annotations of LuaLS say the types.
"""

from __future__ import annotations

import re

import msgspec
from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import DEEPEST, Around, Found, Siblings
from lanyard_analyzers.index.extract.lua_parts import (
    RETURN,
    Doc,
    add_requires,
    add_self_fields,
    base_of,
    doc_before,
    require_of,
    returned,
    told,
)
from lanyard_analyzers.index.extract.nodes import words_of
from lanyard_analyzers.index.extract.values import add_field
from lanyard_analyzers.index.records import Binding, FileRecord, Import, Param, Symbol
from lanyard_analyzers.syntax import Syntax

_BLOCKS = frozenset({"do_statement", "if_statement", "elseif_statement", "else_statement", "block", "ERROR"})
_INDEXED = frozenset({"dot_index_expression", "method_index_expression"})
_MOST_FIELDS = 500
_TEST = re.compile(r"test[A-Z_]|test$")


class _File(Found):
    __slots__ = ("classes", "default", "functions", "owners", "set_on_self")

    def __init__(self, syntax: Syntax) -> None:
        super().__init__(syntax, ("comment",))
        self.owners: set[str] = set()
        self.classes: dict[str, int] = {}
        self.functions: dict[str, Symbol] = {}
        self.set_on_self: dict[str, set[str]] = {}
        self.default = ""

    def rebase(self, index: int, base: str) -> None:
        """Let a class be made from one more base."""
        one = self.symbols[index]
        if base not in one.bases:
            self.symbols[index] = msgspec.structs.replace(one, bases=(*one.bases, base))

    def lend(self, target: Symbol, name: str, owner: str) -> None:
        """Let a function of the file be a member of a table, too."""
        self.symbols.append(
            msgspec.structs.replace(
                target, shape="method", name=name, qualified=f"{owner}.{name}", owner=owner, marks=("static",)
            )
        )


def extract(syntax: Syntax) -> FileRecord:
    """The record of a Lua file."""
    found = _File(syntax)
    children = found.nodes.root.children
    _owners(found, children, 0)
    _walk(found, children, 0)
    return found.record(words_of(syntax.text.content), default=found.default)


def _owners(found: _File, children: Siblings, depth: int) -> None:
    """The tables that something is put into by name."""
    for node in children:
        kind = node.type
        if kind == "function_declaration":
            name = node.child_by_field_name("name")
            if name is not None and name.type in _INDEXED:
                found.owners.add(found.nodes.text(name.child_by_field_name("table")))
        elif kind == "assignment_statement":
            for one in _listed(node, "variable_list"):
                if one.type == "dot_index_expression":
                    found.owners.add(found.nodes.text(one.child_by_field_name("table")))
        elif kind in _BLOCKS and depth < DEEPEST:
            _owners(found, node.children, depth + 1)


def _listed(node: Node, kind: str) -> list[Node]:
    inner = next((one for one in node.named_children if one.type == kind), None)
    return inner.named_children if inner is not None else []


def _walk(found: _File, children: Siblings, depth: int) -> None:
    if depth > DEEPEST:
        return
    for at, node in enumerate(children):
        kind = node.type
        if kind == "function_declaration":
            _declared(found, children, at)
        elif kind == "variable_declaration":
            inner = next((one for one in node.named_children if one.type == "assignment_statement"), None)
            if inner is not None:
                _assigned(found, children, at, inner)
        elif kind == "assignment_statement":
            _assigned(found, children, at, node)
        elif kind == "function_call":
            source = require_of(found, node)
            if source:
                found.imports.append(Import(*found.nodes.lines(node), (Binding("*", source, "*"),)))
        elif kind == "return_statement" and depth == 0:
            _returned(found, children, at)
        elif kind in _BLOCKS:
            _walk(found, node.children, depth + 1)


def _declared(found: _File, siblings: Siblings, at: int) -> None:
    """`function f()`, `local function f()`, `function M.f()`, `function M:f()`."""
    nodes, node = found.nodes, siblings[at]
    name = node.child_by_field_name("name")
    if name is None:
        return
    owner, last, static = "", nodes.text(name), False
    if name.type in _INDEXED:
        owner = nodes.text(name.child_by_field_name("table"))
        static = name.type == "dot_index_expression"
        last = nodes.text(name.child_by_field_name("field" if static else "method"))
    local = bool(node.children) and node.children[0].type == "local"
    _function(found, siblings, at, node, (owner, last, ("static",) if static else ("private",) if local else ()))


def _function(found: _File, siblings: Siblings, at: int, node: Node, named: tuple[str, str, tuple[str, ...]]) -> None:
    nodes, (owner, name, marks) = found.nodes, named
    if not name:
        return
    doc = doc_before(found, siblings, at)
    parameters, body = node.child_by_field_name("parameters"), node.child_by_field_name("body")
    params = tuple(
        Param(text, doc.params.get(text, ""))
        for one in (parameters.named_children if parameters is not None else ())
        if (text := nodes.text(one))
    )
    given, value = doc.given, ""
    if not given and body is not None:
        given, value = returned(found, body, owner)
    if _TEST.match(name):
        marks = (*marks, "test")
    index = found.add(
        "method" if owner else "function",
        name,
        siblings,
        at,
        body=body,
        head_end=nodes.last(parameters) if parameters is not None else -1,
        within=Around(owner, found.classes.get(owner, -1) if owner and siblings[at].type == "field" else -1),
        type=given,
        value=value,
        params=params,
        marks=marks,
    )
    if not owner:
        found.functions[name] = found.symbols[index]
    add_requires(found, body, index)
    if owner in found.classes and body is not None:
        add_self_fields(found, body, found.classes[owner], found.set_on_self.setdefault(owner, set()))


def _assigned(found: _File, siblings: Siblings, at: int, node: Node) -> None:
    nodes = found.nodes
    names, values = _listed(node, "variable_list"), _listed(node, "expression_list")
    for number, one in enumerate(names):
        value = values[number] if number < len(values) else None
        owner, name = "", nodes.text(one)
        if one.type == "dot_index_expression":
            owner, name = nodes.text(one.child_by_field_name("table")), nodes.text(one.child_by_field_name("field"))
        elif one.type != "identifier":
            continue
        if name == "_" or name.startswith("__"):
            if name == "__index" and value is not None:
                _inherits(found, owner, nodes.text(value))
            continue
        tried = value is not None and nodes.text(value.child_by_field_name("name")) == "pcall"
        source, member = ("", "") if tried else _required(found, value)
        if number and not source and values and len(values) == 1:
            source, member = _required(found, values[0])  # local ok, m = pcall(require, "m")
        if source and not owner:
            binding = Binding(name, source, member or "default")
            found.imports.append(Import(*nodes.lines(siblings[at]), (binding,)))
        elif value is not None and value.type == "function_definition":
            _function(found, siblings, at, value, (owner, name, ("static",) if owner else ()))
        else:
            _table(found, siblings, at, (owner, name), value)


def _required(found: _File, value: Node | None) -> tuple[str, str]:
    """The module that a value is, or is a member of."""
    if value is None:
        return "", ""
    if value.type == "dot_index_expression":
        table = value.child_by_field_name("table")
        source = require_of(found, table) if table is not None else ""
        return source, found.nodes.text(value.child_by_field_name("field")) if source else ""
    return require_of(found, value), ""


def _inherits(found: _File, owner: str, base: str) -> None:
    if base and base != owner and base.isidentifier() and owner in found.classes:
        index = found.classes[owner]
        found.rebase(index, base)


def _table(found: _File, siblings: Siblings, at: int, named: tuple[str, str], value: Node | None) -> None:
    """A table is a class where it has members; anything else is a value or a field."""
    nodes, (owner, name) = found.nodes, named
    doc = doc_before(found, siblings, at)
    qualified = f"{owner}.{name}" if owner else name
    constructor, base = base_of(found, value)
    fields = [one for one in constructor.named_children if one.type == "field"] if constructor is not None else []
    keyed = any(one.child_by_field_name("name") is not None for one in fields)
    shaped = doc.is_class or qualified in found.owners or base or (keyed and not owner)
    if qualified in found.classes:
        return
    if shaped and (doc.is_class or constructor is not None or base or qualified in found.owners):
        _class(found, siblings, at, (owner, name, base), (doc, fields))
        return
    given, text = told("", nodes.whole(value))
    found.add(
        "field" if owner else "value",
        name,
        siblings,
        at,
        within=Around(owner),
        type=doc.type or given,
        value=text,
        marks=("static",) if owner else (),
    )


def _class(
    found: _File, siblings: Siblings, at: int, named: tuple[str, str, str], said: tuple[Doc, list[Node]]
) -> None:
    (owner, name, base), (doc, fields) = named, said
    qualified = f"{owner}.{name}" if owner else name
    bases = [one for one in (*doc.bases, base) if one and one != name]
    index = found.add(
        "class",
        name,
        siblings,
        at,
        head_end=found.nodes.first(siblings[at]),
        within=Around(owner),
        bases=tuple(dict.fromkeys(bases)),
    )
    found.classes[qualified] = index
    first = found.symbols[index].doc_first
    known = found.set_on_self.setdefault(qualified, set())
    for number, field, type_text in doc.fields:
        known.add(field)
        add_field(found, field, max(first, 0) + number, index, (type_text, ""))
    _fields(found, fields, qualified, index)


def _fields(found: _File, fields: list[Node], owner: str, index: int) -> None:
    nodes = found.nodes
    for place, one in enumerate(fields[:_MOST_FIELDS]):
        name, value = one.child_by_field_name("name"), one.child_by_field_name("value")
        key = nodes.text(name).strip("\"'")
        if not key or name is None or name.type not in {"identifier", "string"}:
            continue
        if value is not None and value.type == "function_definition":
            _function(found, fields, place, value, (owner, key, ("static",)))
            continue
        given, text = told("", nodes.whole(value))
        target = found.functions.get(text)
        if target is not None and value is not None and value.type == "identifier":
            found.lend(target, key, owner)
        else:
            found.add(
                "field",
                key,
                fields,
                place,
                within=Around(owner, index),
                type=given,
                value=text,
                marks=("static",),
            )


def _returned(found: _File, siblings: Siblings, at: int) -> None:
    """What a file gives to those who require it."""
    values = _listed(siblings[at], "expression_list")
    if not values:
        return
    value = values[0]
    if value.type == "function_call":
        arguments = value.child_by_field_name("arguments")
        given = arguments.named_children if arguments is not None else []
        if given and found.nodes.text(value.child_by_field_name("name")) == "setmetatable":
            value = given[0]
    if value.type == "identifier":
        found.default = found.nodes.text(value)
    elif value.type == "table_constructor":
        fields = [one for one in value.named_children if one.type == "field"]
        found.default = RETURN
        _class(found, siblings, at, ("", RETURN, ""), (Doc(), fields))
    elif value.type == "function_definition":
        found.default = RETURN
        _function(found, siblings, at, value, ("", RETURN, ()))
