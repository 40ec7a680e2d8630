"""The record of a Python file.

Owns the walk over Python's statements. Bodies of functions are only looked into where their bytes hold a word that
matters, and local variables are left to `resolve/bodies.py`: an index of thousands of files must spend little beside
the parser's own time (a query over whole trees takes ten times as long as this walk).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from tree_sitter import Node

from lanyard_analyzers._parsing import run
from lanyard_analyzers.index.extract import python_kinds as kinds
from lanyard_analyzers.index.extract.nodes import Nodes, in_order, words_of
from lanyard_analyzers.index.extract.python_parts import (
    annotation_of,
    assigned,
    bases_of,
    is_alias,
    is_test_class,
    marks_of,
    names_in,
    params_of,
    self_assignments,
    statement_bindings,
    strings_in,
    value_of,
)
from lanyard_analyzers.index.extract.python_skeleton import Skeleton, SkeletonNodes, skeleton
from lanyard_analyzers.index.records import FileRecord, Import, Param, Shape, Symbol
from lanyard_analyzers.syntax import Syntax

_DEPTH = 40
_MOST_FIELDS = 500
"""Assignments to `self` that are looked at in one function: finding each takes time with the length of the body."""
_LEAD_LINES = 3
"""Comment lines that still belong to a value; more are a heading."""
_HEAD_LINES = 3
_COMMENT = frozenset({"comment"})
_NO_PARAMS = tuple[Param, ...]()


def extract(syntax: Syntax) -> FileRecord:
    """The record of a Python file. Of one with syntax errors it is that of its skeleton, if that has none."""
    content = syntax.text.content
    if syntax.partial or syntax.root.has_error:
        record = _of_skeleton(content, skeleton(syntax.utf8, "all"))
        if record is not None:
            return record
    return _record(Nodes(syntax), content, syntax.text.line_count)


def extract_content(content: str) -> FileRecord | None:
    """The record of a file, without parsing the whole of it where that can be, and without a `Syntax`. None where that
    would not be its record: it has syntax errors, or ends lines by `\\r`."""
    data = content.encode("utf-8", "replace")
    short = skeleton(data)
    if short is None and not (b"\r" in data and data.count(b"\r") != data.count(b"\r\n")):
        short = Skeleton(data, range(data.count(b"\n") + 1))
    return _of_skeleton(content, short)


def _of_skeleton(content: str, short: Skeleton | None) -> FileRecord | None:
    if short is None:
        return None
    parsed = run(short.data.decode("utf-8"), short.data, "python")
    if not parsed.clean:
        return None
    return _record(SkeletonNodes(short, parsed.tree.root_node), content, short.lines[-1] + 1)


def _record(nodes: Nodes, content: str, lines: int) -> FileRecord:
    reader = _Reader(nodes)
    reader.statements(nodes.root.children, _Scope(), 0)
    return FileRecord(
        "python",
        lines,
        in_order(reader.symbols) if reader.unordered else tuple(reader.symbols),
        tuple(reader.imports),
        exports=tuple(dict.fromkeys(reader.exports)),
        words=words_of(content),
    )


class _Scope(NamedTuple):
    """What stands around a statement: the prefix of qualified names, the class that it is a member of ("" for none),
    the index of the symbol, and whether a function is around."""

    prefix: str = ""
    owner: str = ""
    around: int = -1
    inside: str = ""


class _Reader:
    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self.symbols: list[Symbol] = []
        self.imports: list[Import] = []
        self.exports: list[str] = []
        self.unordered = False
        self._selfs = self_assignments(nodes.data)
        self._told: dict[str, bool] = {}

    def statements(self, children: Sequence[Node], scope: _Scope, depth: int, before: Sequence[Node] = ()) -> None:
        """Read statements that follow each other; `before` ends with the comments before the first."""
        for at, node in enumerate(children):
            kind = node.kind_id
            if kind == kinds.EXPRESSION:
                inner = node.child(0)
                if inner.kind_id in kinds.ASSIGNMENTS:
                    self._assignment(inner, children, at, scope)
            elif kind == kinds.FUNCTION:
                self._function(node, self._lead(children, at, before), (), scope, depth)
            elif kind == kinds.CLASS:
                self._class(node, self._lead(children, at, before), scope, depth)
            elif kind == kinds.DECORATED:
                self._decorated(node, self._lead(children, at, before), scope, depth)
            elif kind in kinds.IMPORTS:
                self._import(node, scope)
            elif kind == kinds.ALIAS:
                self._alias(node, self._lead(children, at, before), scope)
            elif (kind in kinds.HOLDERS or node.has_error) and depth < _DEPTH:
                commented = kind == kinds.BLOCK and at and children[at - 1].kind_id == kinds.COMMENT
                self.statements(node.children, scope, depth + 1, children[:at] if commented else ())

    def _lead(self, children: Sequence[Node], at: int, before: Sequence[Node]) -> int:
        """The first line of the comments before a statement, -1 where there are none."""
        if at:
            return self.nodes.lead(children, at, _COMMENT) if children[at - 1].kind_id == kinds.COMMENT else -1
        return self.nodes.lead([*before, children[0]], len(before), _COMMENT) if before else -1

    def _decorated(self, node: Node, lead: int, scope: _Scope, depth: int) -> None:
        first = lead if lead >= 0 else self.nodes.first(node)
        decorators: list[str] = []
        for child in node.children:
            kind = child.kind_id
            if kind == kinds.DECORATOR:
                decorators.append(self.nodes.between(child.start_byte + 1, child.end_byte))
            elif kind == kinds.FUNCTION:
                self._function(child, first, decorators, scope, depth)
            elif kind == kinds.CLASS:
                self._class(child, first, scope, depth)

    def _function(self, node: Node, first: int, decorators: Sequence[str], scope: _Scope, depth: int) -> None:
        nodes = self.nodes
        name = nodes.text(node.child_by_field_id(kinds.NAME))
        parameters = node.child_by_field_id(kinds.PARAMETERS)
        returns = node.child_by_field_id(kinds.RETURN_TYPE)
        body = node.child_by_field_id(kinds.BODY)
        if not name or parameters is None:
            return
        params = params_of(nodes, parameters)
        at = len(self.symbols)
        self._add(
            "method" if scope.owner else "function",
            name,
            node,
            first,
            scope,
            head_end=nodes.last(parameters if returns is None else returns),
            body=body,
            type=nodes.short(returns),
            params=params,
            marks=marks_of(nodes, node, name, decorators, scope.inside),
        )
        if body is not None and depth < _DEPTH:
            self._inside(body, params, scope, at, depth)

    def _inside(self, body: Node, params: tuple[Param, ...], scope: _Scope, at: int, depth: int) -> None:
        start, end, find = body.start_byte, body.end_byte, self.nodes.data.find
        if scope.owner and self._selfs:
            index = bisect_left(self._selfs, (start, start))
            stop = min(len(self._selfs), index + _MOST_FIELDS)
            while index < stop and self._selfs[index][1] <= end:
                self._self_field(body, self._selfs[index], params, scope.owner, at)
                index += 1
        if find(b"import ", start, end) >= 0 or find(b"def ", start, end) >= 0 or find(b"class ", start, end) >= 0:
            many = len(self.symbols)
            around = self.symbols[at].qualified
            self.statements(body.children, _Scope(f"{around}.", "", at, around), depth + 1, _comments_before(body))
            self.unordered = self.unordered or (many > at + 1 and len(self.symbols) > many)

    def _class(self, node: Node, first: int, scope: _Scope, depth: int) -> None:
        nodes = self.nodes
        name_node = node.child_by_field_id(kinds.NAME)
        name, body = nodes.text(name_node), node.child_by_field_id(kinds.BODY)
        if name_node is None or not name:
            return
        written = node.child_by_field_id(kinds.SUPERCLASSES)
        bases = bases_of(nodes, written) if written is not None else ()
        at = len(self.symbols)
        marks = ("test",) if is_test_class(name, bases) else ()
        if name.startswith("_"):
            marks = ("private", *marks)
        self._add(
            "class",
            name,
            node,
            first,
            scope,
            head_end=nodes.last(written or name_node),
            body=body,
            bases=bases,
            marks=("local", *marks) if scope.inside else marks,
        )
        if body is not None and depth < _DEPTH:
            qualified = self.symbols[at].qualified
            inner = _Scope(f"{qualified}.", qualified, at, scope.inside)
            self.statements(body.children, inner, depth + 1, _comments_before(body))

    def _add(
        self,
        shape: Shape,
        name: str,
        node: Node,
        first: int,
        scope: _Scope,
        *,
        head_end: int,
        body: Node | None,
        type: str = "",
        params: tuple[Param, ...] = (),
        bases: tuple[str, ...] = (),
        marks: tuple[str, ...] = (),
    ) -> None:
        nodes = self.nodes
        head, last = nodes.lines(node)
        body_first = body_last = doc_first = doc_last = -1
        if body is not None and body.child_count and body.end_byte > body.start_byte:
            body_first, body_last = nodes.lines(body)
            body_first = min(body_first, head_end + 1)  # a comment before the first statement
            doc = body.child(0)
            if doc.kind_id == kinds.EXPRESSION and doc.child_count == 1 and doc.child(0).kind_id in kinds.STRINGS:
                doc_first, doc_last = nodes.lines(doc)
        self.symbols.append(
            Symbol(
                shape,
                name,
                scope.prefix + name,
                head if first < 0 else first,
                last,
                head,
                head_end,
                body_first,
                body_last,
                doc_first,
                doc_last,
                scope.owner,
                scope.around,
                type,
                "",
                params,
                bases,
                marks,
            )
        )

    def _assignment(self, node: Node, children: Sequence[Node], at: int, scope: _Scope) -> None:
        if scope.inside and not scope.owner:
            return  # a local variable
        names, right, value = assigned(self.nodes, node)
        if not names:
            return
        if node.kind_id == kinds.AUGMENTED or (names[0] == "__all__" and not scope.prefix):
            if names[0] == "__all__" and right is not None:
                self.exports += strings_in(self.nodes, right)
            if node.kind_id == kinds.AUGMENTED:
                return
        lead = self._lead(children, at, ())
        head, last = self.nodes.lines(node)
        first = lead if lead >= head - _LEAD_LINES and lead >= 0 else head
        if right is not None and right.kind_id == kinds.LAMBDA and len(names) == 1:
            self._lambda(names[0], node, first, right, scope)
            return
        written = annotation_of(self.nodes, node)
        for name in names:
            self._value(name, (first, last, head), written, value, scope)

    def _value(self, name: str, lines: tuple[int, int, int], written: str, value: str, scope: _Scope) -> None:
        first, last, head = lines
        shape: Shape = "field" if scope.owner else "type" if is_alias(written) else "value"
        if shape == "field":
            self._told[f"{scope.owner}.{name}"] = bool(written) or value.endswith(")")
        private = name.startswith("_") and not name.startswith("__")
        self.symbols.append(
            Symbol(
                shape,
                name,
                scope.prefix + name,
                first,
                last,
                head,
                last if last - head < _HEAD_LINES else head,
                owner=scope.owner,
                around=scope.around,
                type=value if shape == "type" else written,
                value=value,
                marks=("private",) if private else (),
            )
        )

    def _lambda(self, name: str, node: Node, first: int, right: Node, scope: _Scope) -> None:
        written = right.child_by_field_id(kinds.PARAMETERS)
        params = params_of(self.nodes, written) if written is not None else _NO_PARAMS
        head_end = self.nodes.first(right)
        shape: Shape = "method" if scope.owner else "function"
        body = right.child_by_field_id(kinds.BODY)
        self._add(shape, name, node, first, scope, head_end=head_end, body=body, params=params)

    def _alias(self, node: Node, lead: int, scope: _Scope) -> None:
        left, right = node.child_by_field_id(kinds.LEFT), node.child_by_field_id(kinds.RIGHT)
        name = self.nodes.text(left).partition("[")[0].strip()
        if name and not (scope.inside and not scope.owner):
            first, last = self.nodes.lines(node)
            first = lead if lead >= 0 else first
            written = self.nodes.short(right)
            shape: Shape = "field" if scope.owner else "type"
            self.symbols.append(
                Symbol(
                    shape,
                    name,
                    scope.prefix + name,
                    first,
                    last,
                    self.nodes.first(node),
                    last,
                    owner=scope.owner,
                    around=scope.around,
                    type=written,
                    value=written,
                )
            )

    def _self_field(self, body: Node, place: tuple[int, int], params: tuple[Param, ...], owner: str, at: int) -> None:
        """A field that a method assigns to `self`; a second one of a name only where it tells more than the first."""
        node = body.descendant_for_byte_range(*place)
        if node is not None and node.kind_id in kinds.LISTS:
            node = node.parent
        if node is None or node.kind_id != kinds.ASSIGNMENT or node.start_byte != place[0]:
            return
        nodes = self.nodes
        right = node.child_by_field_id(kinds.RIGHT)
        written = annotation_of(nodes, node)
        names = names_in(nodes, node.child_by_field_id(kinds.LEFT))
        value = value_of(nodes, right) if right is not None and len(names) == 1 else ""
        if value and not written:
            written = next((param.type for param in params if param.name == value), "")
        tells = bool(written) or value.endswith(")")
        first, last = nodes.lines(node)
        for name in names:
            qualified = f"{owner}.{name}"
            known = self._told.get(qualified)
            if known is None or (tells and not known):
                self._told[qualified] = tells
                head_end = last if last - first < _HEAD_LINES else first
                self.symbols.append(
                    Symbol(
                        "field",
                        name,
                        qualified,
                        first,
                        last,
                        first,
                        head_end,
                        owner=owner,
                        around=at,
                        type=written,
                        value=value,
                        marks=("private",) if name.startswith("_") else (),
                    )
                )

    def _import(self, node: Node, scope: _Scope) -> None:
        first, last = self.nodes.lines(node)
        bindings = statement_bindings(self.nodes.data[node.start_byte : node.end_byte])
        around = scope.around if scope.inside else -1
        self.imports.append(Import(first, last, bindings, around=around))


def _comments_before(body: Node) -> Sequence[Node]:
    """The comments between a head and its body, with what is before them."""
    found: list[Node] = []
    before = body.prev_sibling
    while before is not None and before.kind_id == kinds.COMMENT and len(found) < _DEPTH:
        found.append(before)
        before = before.prev_sibling
    if found and before is not None:
        found.append(before)
    return found[::-1]
