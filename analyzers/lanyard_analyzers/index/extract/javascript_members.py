"""The members of classes, interfaces, object types, enums and object literals of JavaScript and TypeScript."""

from __future__ import annotations

from tree_sitter import Node

from lanyard_analyzers.index.extract.javascript_found import Found, Spot, bare, property_name
from lanyard_analyzers.index.records import SHORT

FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function", "function"})
_METHODS = frozenset({"method_definition", "method_signature", "abstract_method_signature"})
_FIELDS = frozenset({"public_field_definition", "field_definition", "property_signature"})
_WRAPPERS = frozenset({"memo", "forwardRef", "observer", "useCallback", "cache", "debounce", "throttle", "once"})
_MOST_MEMBERS = 2000


def add_class(found: Found, node: Node, spot: Spot, *, name: str = "") -> str:
    """Add a class with its members; its name."""
    nodes = found.nodes
    name = name or nodes.text(node.child_by_field_name("name")) or "default"
    body = node.child_by_field_name("body")
    heritage = next((one for one in node.children if one.type == "class_heritage"), None)
    bases = bases_of(found, heritage) if heritage is not None else ()
    marks = ("abstract",) if node.type == "abstract_class_declaration" else ()
    index = found.add("class", name, spot, body=body, bases=bases, marks=marks)
    if body is not None:
        _members(found, body, found.symbols[index].qualified, index)
    return name


def add_object_type(found: Found, node: Node, body: Node | None, spot: Spot, *, bases: tuple[str, ...] = ()) -> str:
    """Add an interface, an enum or an alias of an object type, with its members; its name."""
    name = found.nodes.text(node.child_by_field_name("name"))
    if not name:
        return ""
    extends = next((one for one in node.children if one.type in {"extends_type_clause", "extends_clause"}), None)
    if extends is not None:
        bases = bases_of(found, extends)
    index = found.add("class", name, spot, body=body, bases=bases)
    if body is not None:
        _members(found, body, found.symbols[index].qualified, index)
    return name


def add_object(found: Found, name: str, value: Node, spot: Spot, *, type: str = "") -> None:
    """Add an object literal of a declared type: a class where it holds functions, else a value."""
    literal = value
    while literal.type in {"as_expression", "satisfies_expression"} and literal.named_children:
        literal = literal.named_children[0]
    if literal.type != "object" or not any(_is_method(one) for one in literal.named_children):
        text = "" if literal.type == "object" and value is literal else found.value(value)
        found.add("value", name, spot, type=type, value=text)
        return
    index = found.add("class", name, spot, body=literal, bases=(type,) if type else ())
    owner = found.symbols[index].qualified
    members = literal.children
    for at, one in enumerate(members):
        here = Spot(members, at, one, owner, index)
        if one.type == "method_definition":
            found.function("method", one, here, owner=owner)
        elif one.type == "pair":
            value_of = one.child_by_field_name("value")
            key = property_name(found.nodes, one.child_by_field_name("key"))
            if value_of is not None and key and value_of.type in FUNCTIONS:
                found.function("method", value_of, here, name=key, owner=owner)
            elif key:
                found.add("field", key, here, owner=owner, value=found.value(value_of))
        elif one.type == "shorthand_property_identifier":
            key = found.nodes.text(one)
            found.add("field", key, here, owner=owner, value=key)


def bases_of(found: Found, clause: Node) -> tuple[str, ...]:
    """The texts of what a class extends and implements, or of the other parts of an intersection."""
    texts: list[str] = []
    pending = list(reversed(clause.named_children))
    while pending and len(texts) < 20:
        node = pending.pop()
        if node.type in {"extends_clause", "implements_clause", "intersection_type"}:
            pending += reversed(node.named_children)
        elif node.type not in {"type_arguments", "object_type", "comment"}:
            text = found.nodes.short(node, SHORT)
            if text:
                texts.append(text)
    return tuple(texts)


def _is_method(node: Node) -> bool:
    if node.type == "pair":
        value = node.child_by_field_name("value")
        return value is not None and value.type in FUNCTIONS
    return node.type == "method_definition"


def _members(found: Found, body: Node, owner: str, index: int) -> None:
    nodes = found.nodes
    siblings = body.children
    for at, one in enumerate(siblings[:_MOST_MEMBERS]):
        kind = one.type
        if kind == "comment" or not one.is_named:
            continue
        here = Spot(siblings, at, _head(one), owner, index)
        if kind in _METHODS:
            name = found.function("method", one, here, owner=owner)
            if name == "constructor":
                _parameter_properties(found, one, owner, index)
                if not found.typed:
                    _assigned(found, one, owner, index)
        elif kind in _FIELDS:
            name = property_name(nodes, one.child_by_field_name("name") or one.child_by_field_name("property"))
            value = one.child_by_field_name("value")
            if not name:
                continue
            if value is not None and value.type in FUNCTIONS:
                found.function("method", value, here, name=name, owner=owner)
                continue
            type_ = bare(nodes.short(one.child_by_field_name("type")))
            marks = ("static",) if any(child.type == "static" for child in one.children[:4]) else ()
            found.add("field", name, here, owner=owner, type=type_, value=found.value(value), marks=marks)
        elif kind in {"call_signature", "construct_signature"}:
            name = "__call__" if kind == "call_signature" else "constructor"
            found.function("method", one, here, name=name, owner=owner)
        elif kind in {"enum_assignment", "property_identifier"}:
            node = one.child_by_field_name("name") if kind == "enum_assignment" else one
            name = property_name(nodes, node)
            if name:
                found.add("field", name, here, owner=owner, type=owner)


def _head(node: Node) -> Node:
    """Where the head of a member begins: after its decorators."""
    return next((child for child in node.children if child.type != "decorator"), node)


def _parameter_properties(found: Found, constructor: Node, owner: str, index: int) -> None:
    parameters = constructor.child_by_field_name("parameters")
    siblings = parameters.children if parameters is not None else []
    for at, one in enumerate(siblings):
        modifiers = {child.type for child in one.children[:4]}
        if "accessibility_modifier" not in modifiers and "readonly" not in modifiers:
            continue
        name = found.nodes.text(one.child_by_field_name("pattern"))
        if name:
            type_ = bare(found.nodes.short(one.child_by_field_name("type")))
            found.add("field", name, Spot(siblings, at, one, owner, index), owner=owner, type=type_)


def _assigned(found: Found, constructor: Node, owner: str, index: int) -> None:
    """What a constructor assigns to its object."""
    nodes, seen = found.nodes, set[str]()
    body = constructor.child_by_field_name("body")
    siblings = body.children if body is not None else []
    for at, one in enumerate(siblings):
        inner = one.named_children[0] if one.type == "expression_statement" and one.named_children else None
        if inner is None or inner.type != "assignment_expression":
            continue
        target, value = nodes.text(inner.child_by_field_name("left")), inner.child_by_field_name("right")
        name = target.removeprefix("this.")
        if name != target and "." not in name and name not in seen:
            seen.add(name)
            found.add("field", name, Spot(siblings, at, one, owner, index), owner=owner, value=found.value(value))


def function_in(found: Found, value: Node | None) -> Node | None:
    """The function that a value is, also within a call that only wraps it."""
    if value is None or value.type in FUNCTIONS:
        return value
    if value.type in {"parenthesized_expression", "as_expression", "satisfies_expression"} and value.named_children:
        inner = value.named_children[0]
        return inner if inner.type in FUNCTIONS else None
    if value.type == "call_expression":
        callee, arguments = value.child_by_field_name("function"), value.child_by_field_name("arguments")
        if callee is not None and arguments is not None:
            name = found.nodes.text(callee).rpartition(".")[2].partition("<")[0]
            if name in _WRAPPERS:
                return next((one for one in arguments.named_children if one.type in FUNCTIONS), None)
    return None


def object_type(value: Node | None) -> Node | None:
    """The members in an alias: an object type, or the one in an intersection."""
    if value is None or value.type == "object_type":
        return value
    if value.type == "intersection_type":
        for child in value.named_children:
            found = object_type(child)
            if found is not None:
                return found
    return None
