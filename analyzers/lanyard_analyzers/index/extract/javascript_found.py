"""Adding what is found in a JavaScript or TypeScript file: lines of symbols, parameters, names.

Owns how a node becomes a symbol; which nodes are definitions is said in `javascript.py` and `javascript_members.py`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tree_sitter import Node

from lanyard_analyzers.index.extract.nodes import Nodes
from lanyard_analyzers.index.records import SHORT, Import, Param, Shape, Symbol
from lanyard_analyzers.syntax import Syntax

DEEPEST = 40
"""Levels of definitions within definitions that are looked into."""
_LEAD = frozenset({"comment", "decorator"})
_LITERALS = frozenset({"string", "number", "template_string", "true", "false", "null", "undefined", "regex", "array"})
_LITERAL_WORDS = frozenset({"true", "false", "null", "undefined"})
_RETURN = re.compile(rb"\breturn[ \t]+([^\s;{\[][^;\n]{0,160})")
_PREDICATE = re.compile(r"(?:asserts\s+)?[\w$]+\s+is\s+")
_JSDOC_PARAM = re.compile(r"@param\s+\{([^{}\n]{1,120})\}\s+\[?([\w$]+)")
_JSDOC_RETURN = re.compile(r"@returns?\s+\{([^{}\n]{1,120})\}")


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a definition stands: `siblings[at]` is all of it, its head begins where `inner` does.

    `outer` is the qualified name of what it stands in, `around` the index of that.
    """

    siblings: Sequence[Node]
    at: int
    inner: Node
    outer: str = ""
    around: int = -1
    marks: tuple[str, ...] = ()


class Found:
    """The symbols and imports of one file as they are found."""

    def __init__(self, syntax: Syntax) -> None:
        self.nodes = Nodes(syntax)
        self.data = self.nodes.data
        self.typed = syntax.language != "javascript"
        self.symbols: list[Symbol] = []
        self.imports: list[Import] = []

    def add(
        self,
        shape: Shape,
        name: str,
        spot: Spot,
        *,
        body: Node | None = None,
        owner: str = "",
        type: str = "",
        value: str = "",
        params: tuple[Param, ...] = (),
        bases: tuple[str, ...] = (),
        marks: tuple[str, ...] = (),
    ) -> int:
        """Add a definition with the comments and decorators before it; its index."""
        nodes, siblings, at, inner, outer = self.nodes, spot.siblings, spot.at, spot.inner, spot.outer
        node = siblings[at]
        begin, last = nodes.lines(node)
        head = nodes.first(inner) if inner is not node else begin
        first, doc_first, doc_last = begin, -1, -1
        if at > 0 and siblings[at - 1].type in _LEAD:
            first = nodes.lead(siblings, at, _LEAD)
            if first < begin:
                doc_first, doc_last = self._documentation(siblings, at, first)
        body_first = body_last = -1
        head_end = head if shape in {"value", "class"} else last
        if body is not None:
            body_first, body_last = nodes.lines(body)
            head_end = max(head, body_first)
        self.symbols.append(
            Symbol(
                shape, name, f"{outer}.{name}" if outer else name, first, last, head, head_end, body_first, body_last,
                doc_first, doc_last, owner, spot.around, type, value, params, bases, (*spot.marks, *marks),
            )
        )  # fmt: skip
        return len(self.symbols) - 1

    def function(self, shape: Shape, node: Node, spot: Spot, *, name: str = "", owner: str = "") -> str:
        """Add a function with its parameters, and what is declared in its body; its name.

        `node` is the function itself (a declaration, an arrow function, a method, a signature).
        """
        from lanyard_analyzers.index.extract.javascript_locals import add_locals  # noqa: PLC0415 (they are mutual)

        nodes = self.nodes
        name = name or property_name(nodes, node.child_by_field_name("name"))
        if not name:
            return ""
        body = node.child_by_field_name("body")
        marks = tuple(_modifiers(node))
        if body is None and node.type in {"function_signature", "method_signature"} and "abstract" not in marks:
            marks = (*marks, "overload")
        given = bare(nodes.short(node.child_by_field_name("return_type") or node.child_by_field_name("type")))
        if _PREDICATE.match(given):
            given = "boolean"
        params = self.params(node)
        value = ""
        if not given and body is not None:
            value = self._returned(body)
        if not self.typed and spot.at and spot.siblings[spot.at - 1].type == "comment":
            params, given = self._from_comment(nodes.short(spot.siblings[spot.at - 1], 2000), params, given)
        block = body if body is not None and body.type == "statement_block" else None
        index = self.add(
            shape, name, spot, body=body, owner=owner, type=given, value=value, params=params, marks=marks
        )  # fmt: skip
        parameters = node.child_by_field_name("parameters")
        if parameters is not None:
            for one in parameters.named_children:
                pattern = one.child_by_field_name("pattern") or one.child_by_field_name("left") or one
                if pattern.type == "object_pattern":
                    type_ = bare(nodes.short(one.child_by_field_name("type")))
                    self._unpacked(pattern, type_.partition("<")[0].strip("() "), index)
        if block is not None:
            add_locals(self, block.start_byte, block.end_byte, index)
        elif body is not None and body.end_byte - body.start_byte > 40:
            add_locals(self, body.start_byte, body.end_byte, index)
        return name

    def params(self, node: Node) -> tuple[Param, ...]:
        """The parameters of a function; a destructured one is named by its pattern."""
        nodes, found = self.nodes, list[Param]()
        parameters = node.child_by_field_name("parameters")
        if parameters is None:
            single = node.child_by_field_name("parameter")
            return (Param(nodes.text(single)),) if single is not None else ()
        for one in parameters.named_children:
            kind = one.type
            if kind in {"required_parameter", "optional_parameter"}:
                pattern, type_ = one.child_by_field_name("pattern"), one.child_by_field_name("type")
                text = bare(nodes.short(type_)) if type_ is not None else self._of_default(one, "value")
            elif kind == "assignment_pattern":
                pattern, text = one.child_by_field_name("left"), self._of_default(one, "right")
            elif kind in {"identifier", "rest_pattern", "object_pattern", "array_pattern"}:
                pattern, text = one, ""
            else:
                continue
            name = nodes.short(pattern) if pattern is not None else ""
            if name:
                found.append(Param(name.removeprefix("..."), text))
        return tuple(found)

    def _of_default(self, node: Node, name: str) -> str:
        """The class of a default value that is made anew."""
        value = node.child_by_field_name(name)
        if value is not None and value.type == "new_expression":
            return self.nodes.text(value.child_by_field_name("constructor"))
        return ""

    def value(self, node: Node | None) -> str:
        """The text of a value that may say what it is; a literal or a function says nothing of use."""
        if node is None or node.type in _LITERALS:
            return ""
        if node.type in {"as_expression", "satisfies_expression"} and len(node.named_children) == 2:
            inner = node.named_children[1]
            if self.nodes.text(inner) != "const":
                return self.nodes.short(inner)
            return self.value(node.named_children[0])
        return self.nodes.short(node)

    def pattern_names(self, pattern: Node) -> Iterator[tuple[str, str]]:
        """(local name, name in the object) of an object pattern."""
        nodes = self.nodes
        for one in pattern.named_children:
            kind = one.type
            if kind == "shorthand_property_identifier_pattern":
                name = nodes.text(one)
                yield name, name
            elif kind == "pair_pattern":
                key, value = one.child_by_field_name("key"), one.child_by_field_name("value")
                if value is not None and value.type == "assignment_pattern":
                    value = value.child_by_field_name("left")
                if value is not None and value.type == "identifier":
                    yield nodes.text(value), property_name(nodes, key)
            elif kind == "object_assignment_pattern":
                name = nodes.text(one.child_by_field_name("left"))
                yield name, name

    def destructured(self, pattern: Node, value: Node | None, around: int) -> None:
        """Add the names of a pattern, as members of the value."""
        source = self.value(value)
        if pattern.type == "object_pattern" and source:
            self._unpacked(pattern, source, around)

    def _unpacked(self, pattern: Node, source: str, around: int) -> None:
        line = self.nodes.first(pattern)
        for local, name in self.pattern_names(pattern):
            if local and name:
                self.add_local(local, line, around, "", f"{source}.{name}"[:SHORT] if source else "")

    def add_local(self, name: str, line: int, around: int, type: str, value: str) -> None:
        """Add a variable."""
        marks = ("local",) if around >= 0 else ()
        self.symbols.append(
            Symbol("value", name, name, line, line, line, line, -1, -1, -1, -1, "", around, type, value, (), (), marks)
        )

    def settle(self) -> None:
        """Put the symbols in the order of the text, outer before inner."""
        symbols = self.symbols = self._with_old_classes(self._without_single_overloads())
        order = sorted(range(len(symbols)), key=lambda at: (symbols[at].first, -symbols[at].last, at))
        if order == list(range(len(symbols))):
            return
        place = {old: new for new, old in enumerate(order)}
        self.symbols = [
            one if one.around < 0 else _changed(one, place[one.around], one.marks)
            for one in (symbols[at] for at in order)
        ]

    def _with_old_classes(self, symbols: list[Symbol]) -> list[Symbol]:
        """The symbols; a function with methods on its prototype is a class."""
        owners = {one.owner for one in symbols if one.owner and one.around < 0}
        if not owners:
            return symbols
        return [
            _as_class(one) if one.shape == "function" and one.around < 0 and one.qualified in owners else one
            for one in symbols
        ]

    def _without_single_overloads(self) -> list[Symbol]:
        """The symbols; a declaration without a body that is the only one of its name is no overload."""
        declared = [one.qualified for one in self.symbols if "overload" in one.marks]
        if not declared:
            return self.symbols
        wanted = set(declared)
        times = Counter(one.qualified for one in self.symbols if one.qualified in wanted)
        return [
            _changed(one, one.around, tuple(mark for mark in one.marks if mark != "overload"))
            if times[one.qualified] == 1
            else one
            for one in self.symbols
        ]

    def _documentation(self, siblings: Sequence[Node], at: int, first: int) -> tuple[int, int]:
        """The lines of the comment before a definition, decorators left out: a block, or a run of line comments."""
        nodes = self.nodes
        while at > 0 and siblings[at - 1].type == "decorator":
            at -= 1
        if at == 0 or siblings[at - 1].type != "comment":
            return -1, -1
        begin, last = nodes.lines(siblings[at - 1])
        if begin < first:
            return -1, -1
        if self.data[siblings[at - 1].start_byte : siblings[at - 1].start_byte + 2] == b"//":
            while at > 1 and siblings[at - 2].type == "comment" and nodes.first(siblings[at - 2]) >= first:
                at -= 1
                begin = nodes.first(siblings[at - 1])
        return begin, last

    def _returned(self, body: Node) -> str:
        if body.type != "statement_block":
            return self.value(body)
        at = self.data.rfind(b"return ", body.start_byte, body.end_byte)
        if at < 0:
            return ""
        match = _RETURN.match(self.data, at, body.end_byte)
        if match is None:
            return ""
        text = balanced(match.group(1).decode("utf-8", "ignore").strip())
        known = (text[:1].isalpha() or text[:1] in "_$") and text not in _LITERAL_WORDS
        return text[:SHORT] if known else ""

    def _from_comment(self, text: str, params: tuple[Param, ...], given: str) -> tuple[tuple[Param, ...], str]:
        """Types as a documentation comment tells them."""
        if "@" not in text:
            return params, given
        types = {name: type_ for type_, name in _JSDOC_PARAM.findall(text)}
        match = _JSDOC_RETURN.search(text)
        return (
            tuple(Param(one.name, types.get(one.name, one.type)) for one in params),
            match.group(1) if match else given,
        )


def bare(annotation: str) -> str:
    """A type annotation without its colon."""
    return annotation[1:].strip() if annotation.startswith(":") else annotation


def unquoted(text: str) -> str:
    """A string literal without its quotes; another text as it is."""
    return text[1:-1] if len(text) > 1 and text[0] in "\"'`" else text


def property_name(nodes: Nodes, node: Node | None) -> str:
    """The name of a member; a computed one keeps its brackets."""
    name = nodes.text(node)
    if name[:1] in "\"'":
        return name[1:-1]
    return "".join(name.split()) if "\n" in name else name


def _modifiers(node: Node) -> list[str]:
    """The marks of a function's own keywords."""
    marks: list[str] = []
    for child in node.children:
        kind = child.type
        if child.is_named and kind not in {"accessibility_modifier", "override_modifier"}:
            if kind in {"property_identifier", "identifier", "formal_parameters", "statement_block"}:
                break
            continue
        if kind in {"async", "static", "abstract"}:
            marks.append(kind)
        elif kind in {"get", "set"}:
            marks.append("property")
        elif kind == "override_modifier":
            marks.append("override")
        elif kind == "accessibility_modifier" and child.end_byte - child.start_byte != len("public"):
            marks.append("private")
    if node.type == "abstract_method_signature" and "abstract" not in marks:
        marks.append("abstract")
    return marks


def _changed(symbol: Symbol, around: int, marks: tuple[str, ...]) -> Symbol:
    if symbol.around == around and symbol.marks == marks:
        return symbol
    return Symbol(
        symbol.shape, symbol.name, symbol.qualified, symbol.first, symbol.last, symbol.head, symbol.head_end,
        symbol.body_first, symbol.body_last, symbol.doc_first, symbol.doc_last, symbol.owner, around, symbol.type,
        symbol.value, symbol.params, symbol.bases, marks,
    )  # fmt: skip


def _as_class(symbol: Symbol) -> Symbol:
    return Symbol(
        "class", symbol.name, symbol.qualified, symbol.first, symbol.last, symbol.head, symbol.head_end,
        symbol.body_first, symbol.body_last, symbol.doc_first, symbol.doc_last, symbol.owner, symbol.around, "",
        "", symbol.params, (), symbol.marks,
    )  # fmt: skip


_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}


def balanced(text: str) -> str:
    """A text up to the first bracket that closes nothing in it, or the first comma or semicolon in no bracket."""
    depth = 0
    for at, character in enumerate(text):
        depth += _BRACKETS.get(character, 0)
        if depth < 0 or (character in ";," and depth == 0):
            return text[:at].rstrip()
    return text
