"""The record of a Ruby file.

Modules are classes, because they may be mixed in, but what stands in a module alone is owned by nothing: a module is
opened again in many files. Instance variables are fields with their `@`, accessors fields without. A method that needs
no argument is marked as property, since it is called without parentheses.
"""

from __future__ import annotations

import re

import msgspec
from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import DEEPEST, Around, Siblings
from lanyard_analyzers.index.extract.nodes import words_of
from lanyard_analyzers.index.extract.ruby_docs import Doc
from lanyard_analyzers.index.extract.ruby_parts import (
    RubyFile,
    Scope,
    add_instance_variables,
    doc_before,
    last_name,
    made_of,
    params_of,
    qualified_name,
    string_of,
    value_given,
)
from lanyard_analyzers.index.extract.values import add_field, value_text
from lanyard_analyzers.index.records import SHORT, Binding, FileRecord, Import, Param
from lanyard_analyzers.syntax import Syntax

_ATTRIBUTES = {
    "attr_accessor": "",
    "attr_reader": "",
    "attr_writer": "",
    "attribute": "",
    "has_many": "many",
    "has_one": "one",
    "belongs_to": "one",
    "has_and_belongs_to_many": "many",
    "delegate": "",
    "scope": "",
    "cattr_accessor": "",
    "mattr_accessor": "",
    "class_attribute": "",
}
_MIXINS = frozenset({"include", "extend", "prepend"})
_REQUIRES = frozenset({"require", "require_relative", "load", "autoload"})
_SCOPES = frozenset({"private", "protected", "public", "module_function"})
_WRAPPERS = frozenset(
    {"private", "protected", "public", "private_class_method", "module_function", "memoize", "helper_method"}
)
_STRUCTS = frozenset({"Struct", "Data", "Class", "Module", "OpenStruct"})
_BLOCKS = frozenset(
    {"do_block", "block", "body_statement", "block_body", "begin", "if", "unless", "then", "else", "ERROR"}
)

_NEW = re.compile(r"(?:self\.)?new(?![\w.])")


def extract(syntax: Syntax) -> FileRecord:
    """The record of a Ruby file."""
    found = RubyFile(syntax)
    _walk(found, found.nodes.root.children, Scope(), 0)
    found.symbols = [
        msgspec.structs.replace(one, bases=(*one.bases, *found.mixins[index])) if index in found.mixins else one
        for index, one in enumerate(found.symbols)
    ]
    return found.record(words_of(syntax.text.content))


def _walk(found: RubyFile, children: Siblings, around: Scope, depth: int) -> None:
    if depth > DEEPEST:
        return
    for at, node in enumerate(children):
        kind = node.type
        if kind in {"method", "singleton_method"}:
            _method(found, children, at, around)
        elif kind in {"class", "module"}:
            _class(found, children, at, around, depth)
        elif kind == "call":
            _call(found, children, at, around, depth)
        elif kind == "assignment":
            _assignment(found, children, at, around, depth)
        elif kind == "identifier":
            word = found.nodes.text(node)
            if word in _SCOPES:
                around.private = word in {"private", "protected"}
                around.static = word == "module_function" or around.static
        elif kind == "singleton_class":
            body = node.child_by_field_name("body")
            inner = msgspec.structs.replace(around, static=True, private=False)
            _walk(found, _members(node, body), inner, depth + 1)
        elif kind == "alias":
            _alias(found, children, at, around)
        elif kind in _BLOCKS:
            _walk(found, node.children, around, depth + 1)


def _members(node: Node, body: Node | None) -> list[Node]:
    """The statements of a body, with the comments that the grammar puts before it."""
    before = [one for one in node.children if one.type == "comment"]
    return before + (list(body.children) if body is not None else [])


def _class(found: RubyFile, siblings: Siblings, at: int, around: Scope, depth: int) -> None:
    nodes, node = found.nodes, siblings[at]
    qualified = qualified_name(around, nodes.text(node.child_by_field_name("name")))
    if not qualified:
        return
    body, superclass = node.child_by_field_name("body"), node.child_by_field_name("superclass")
    bases = [nodes.short(superclass.named_children[0])] if superclass is not None and superclass.named_children else []
    bases = [one.partition("(")[0].partition("[")[0].partition(".")[0] for one in bases]
    head = superclass or node.child_by_field_name("name") or node
    index = found.add(
        "class",
        last_name(qualified),
        siblings,
        at,
        body=body,
        head_end=nodes.last(head),
        within=Around(around.owner, around.index),
        qualified=qualified,
        bases=tuple(base for base in bases if base),
    )
    inner = Scope(qualified, "" if node.type == "module" else qualified, index)
    _walk(found, _members(node, body), inner, depth + 1)


def _method(found: RubyFile, siblings: Siblings, at: int, around: Scope) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    if not name:
        return
    singleton = node.type == "singleton_method"
    owner = around.name
    if singleton:
        said = nodes.text(node.child_by_field_name("object"))
        if said and said != "self" and said != last_name(owner):
            owner = said if not owner else f"{owner}::{said}"
    marks = ["private" if around.private else "exported"]
    if singleton or around.static:
        marks.append("static")
    if name.startswith("test_"):
        marks.append("test")
    elif name in {"setup", "teardown"}:
        marks.append("fixture")
    doc = doc_before(found, siblings, at) if at > 0 else Doc()
    params, needs = params_of(found, node.child_by_field_name("parameters"), doc)
    if not needs:
        marks.append("property")
    body = node.child_by_field_name("body")
    given, value = doc.given, ""
    if not given and body is not None and name != "initialize":
        value = value_given(found, body)
        if _NEW.match(value):
            given, value = owner, ""
    head = node.child_by_field_name("parameters") or node.child_by_field_name("name") or node
    found.add(
        "method" if owner else "function",
        name,
        siblings,
        at,
        body=body,
        head_end=nodes.last(head),
        within=Around(owner, around.index),
        type=given,
        value=value,
        params=params,
        marks=tuple(marks),
    )
    add_instance_variables(found, body, params, around)


def _call(found: RubyFile, siblings: Siblings, at: int, around: Scope, depth: int) -> None:
    nodes, node = found.nodes, siblings[at]
    if node.child_by_field_name("receiver") is not None:
        _block(found, node, around, depth)
        return
    name, arguments = nodes.text(node.child_by_field_name("method")), node.child_by_field_name("arguments")
    listed = arguments.named_children if arguments is not None else []
    if name in _REQUIRES:
        source = string_of(found, listed[-1]) if listed else ""
        if source:
            local = nodes.text(listed[0]).lstrip(":") if name == "autoload" else "*"
            prefix = "./" if name == "require_relative" and not source.startswith((".", "/")) else ""
            binding = Binding(local, prefix + source, local)
            found.imports.append(Import(*nodes.lines(node), (binding,)))
    elif name in _MIXINS and around.name:
        for one in listed:
            if one.type in {"constant", "scope_resolution"}:
                found.mixins.setdefault(around.index, []).append(nodes.short(one))
    elif name in _ATTRIBUTES and around.name:
        for one in listed:
            if one.type == "simple_symbol":
                _attribute(found, siblings, at, around, nodes.text(one).lstrip(":"))
                if _ATTRIBUTES[name] or name in {"scope", "attribute"}:
                    break
    elif name in _WRAPPERS and listed and listed[0].type in {"method", "singleton_method"}:
        inner = msgspec.structs.replace(
            around,
            private=name in {"private", "protected", "private_class_method"},
            static=around.static or name == "module_function",
        )
        before = len(found.symbols)
        _method(found, listed, 0, inner)
        if before < len(found.symbols):
            first = nodes.lead(siblings, at, frozenset({"comment"}))
            doc = (first, nodes.first(node) - 1) if first < nodes.first(node) else (-1, -1)
            found.symbols[before] = msgspec.structs.replace(
                found.symbols[before], first=first, doc_first=doc[0], doc_last=doc[1]
            )
    elif name == "define_method" and listed and listed[0].type == "simple_symbol" and around.name:
        method = nodes.text(listed[0]).lstrip(":")
        body = node.child_by_field_name("block")
        found.add(
            "method",
            method,
            siblings,
            at,
            body=body,
            head_end=nodes.first(node),
            within=Around(around.name, around.index),
            qualified=qualified_name(around, method),
            marks=("exported",),
        )
    else:
        _block(found, node, around, depth)


def _block(found: RubyFile, node: Node, around: Scope, depth: int) -> None:
    """What is defined in a block (`included do`, `class_methods do`, `RSpec.describe … do`)."""
    block = node.child_by_field_name("block")
    body = block.child_by_field_name("body") if block is not None else None
    if body is not None:
        _walk(found, body.children, msgspec.structs.replace(around, private=False), depth + 2)


def _attribute(found: RubyFile, siblings: Siblings, at: int, around: Scope, name: str) -> None:
    doc = doc_before(found, siblings, at)
    kind = found.nodes.text(siblings[at].child_by_field_name("method"))
    given = doc.given
    if not given and _ATTRIBUTES[kind]:
        singular = name.removesuffix("s") if _ATTRIBUTES[kind] == "many" else name
        singular = singular.removesuffix("ie") + "y" if singular.endswith("ie") else singular
        given = "".join(part[:1].upper() + part[1:] for part in singular.split("_"))
        text = found.nodes.short(siblings[at], 4 * SHORT)
        said = re.search(r"class_name:\s*['\"]([\w:]+)['\"]", text)
        given = said[1] if said else given
    found.add(
        "field",
        name,
        siblings,
        at,
        within=Around(around.name, around.index),
        qualified=qualified_name(around, name),
        type=given,
        value="" if given or kind == "scope" else f"@{name}",
        marks=("exported", "property"),
    )


def _assignment(found: RubyFile, siblings: Siblings, at: int, around: Scope, depth: int) -> None:
    nodes, node = found.nodes, siblings[at]
    left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
    if left is None or right is None:
        return
    name = nodes.text(left)
    if left.type == "instance_variable" and around.owner:
        _, value = made_of(nodes.whole(right))
        add_field(found, name, nodes.first(node), around.index, ("", value))
        return
    if left.type not in {"constant", "global_variable"} and not (left.type == "identifier" and not around.name):
        return
    qualified = qualified_name(around, name) if left.type == "constant" else name
    receiver = nodes.text(right.child_by_field_name("receiver")) if right.type == "call" else ""
    if receiver in _STRUCTS and left.type == "constant":
        _struct(found, siblings, at, around, depth)
        return
    found.add(
        "field" if around.owner else "value",
        name,
        siblings,
        at,
        within=Around(around.owner, around.index),
        qualified=qualified,
        value=value_text(nodes.whole(right)),
        marks=("static",) if around.owner else (),
    )


def _struct(found: RubyFile, siblings: Siblings, at: int, around: Scope, depth: int) -> None:
    """`Line = Struct.new(:text) do … end`: a class with these fields."""
    nodes = found.nodes
    name = nodes.text(siblings[at].child_by_field_name("left"))
    qualified = qualified_name(around, name)
    call = siblings[at].child_by_field_name("right") or siblings[at]
    arguments, block = call.child_by_field_name("arguments"), call.child_by_field_name("block")
    listed = arguments.named_children if arguments is not None else []
    bases = [nodes.short(one) for one in listed if one.type in {"constant", "scope_resolution"}]
    index = found.add(
        "class",
        name,
        siblings,
        at,
        body=block.child_by_field_name("body") if block is not None else None,
        head_end=nodes.last(arguments) if arguments is not None else -1,
        within=Around(around.owner, around.index),
        qualified=qualified,
        bases=tuple(bases),
        params=tuple(Param(nodes.text(one).lstrip(":")) for one in listed if one.type == "simple_symbol"),
    )
    for one in listed:
        if one.type == "simple_symbol":
            add_field(found, nodes.text(one).lstrip(":"), nodes.first(one), index)
    body = block.child_by_field_name("body") if block is not None else None
    if body is not None:
        _walk(found, body.children, Scope(qualified, qualified, index), depth + 2)


def _alias(found: RubyFile, siblings: Siblings, at: int, around: Scope) -> None:
    nodes, node = found.nodes, siblings[at]
    name, old = nodes.text(node.child_by_field_name("name")), nodes.text(node.child_by_field_name("alias"))
    if name and around.name:
        found.add(
            "method",
            name,
            siblings,
            at,
            within=Around(around.name, around.index),
            qualified=qualified_name(around, name),
            value=f"self.{old}",
            marks=("exported", "property"),
        )
