"""Definitions as the query files describe them, with qualified names and whole extents.

Owns the reading of the `definitions` section (its vocabulary is in `languages.py`). `targets.py` is the way in for
everybody else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tree_sitter import Node

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.syntax import Syntax
from lanyard_analyzers.text import Span, Text

DefinitionShape = Literal["function", "method", "class"]
_NAME_CHARACTERS = 120
_TYPE_ARGUMENTS = re.compile(r"[\[<].*[\]>]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition: `span` is all that belongs to it, `node` its own node, `body` None in a mere declaration."""

    shape: DefinitionShape
    name: str
    span: Span
    node: Span
    body: Span | None

    def touches_line_of(self, text: Text, span: Span) -> bool:
        """Whether `span` is empty and on the line, outside the definition, where the definition starts or ends."""
        if len(span):
            return False
        line = text.line_of(span.start)
        here = text.line_span(line)
        before, after = text.content[here.start : span.start], text.content[span.start : here.end]
        starts = text.line_of(self.span.start) == line and span.start <= self.span.start and not before.strip()
        ends = text.line_of(self.span.end) == line and span.start >= self.span.end and not after.strip()
        return starts or ends


@dataclass(frozen=True, slots=True)
class _Found:
    """One match: a definition or a mere scope (`shape` None), before names are joined."""

    shape: DefinitionShape | None
    holds_methods: bool
    name: str
    owner: str
    node: Node
    body: Node | None


def definitions(syntax: Syntax, within: Span | None = None) -> tuple[Definition, ...]:
    """The definitions of a text, in its order; with `within`, those whose lines touch it."""
    matches = syntax.matches("definitions") if within is None else _matches_near(syntax, within)
    wrappers = {match["wrapped"][0].id: match["wrapper"][0] for match in matches if "wrapper" in match}
    found = sorted(_merged(syntax, matches), key=lambda one: (one.node.start_byte, -one.node.end_byte))
    leading = LANGUAGES[syntax.language].leading
    open_: list[tuple[_Found, str]] = []
    result: list[Definition] = []
    for one in found:
        while open_ and open_[-1][0].node.end_byte < one.node.end_byte:
            open_.pop()
        around = next((outer for outer, _ in reversed(open_)), None)
        name = _qualified(one, open_[-1][1] if open_ else "", LANGUAGES[syntax.language].separator)
        open_.append((one, name))
        if one.shape is None:
            continue
        shape = one.shape
        if shape == "function" and around is not None and around.holds_methods:
            shape = "method"
        body = syntax.node_span(one.body) if one.body is not None else None
        result.append(
            Definition(shape, name, _extent(syntax, one.node, wrappers, leading), syntax.node_span(one.node), body)
        )
    return tuple(result)


def _matches_near(syntax: Syntax, within: Span) -> list[dict[str, list[Node]]]:
    """Matches that touch the lines of `within`, or whose comments, attributes or wrapper do."""
    text = syntax.text
    start = text.line_span(text.line_of(within.start)).start
    node = syntax.node_at(Span(within.end, within.end))
    inside_comment = node.type in LANGUAGES[syntax.language].leading
    end = _to_definition(text, max(within.end, syntax.node_span(node).end) if inside_comment else within.end)
    while True:
        matches = syntax.matches("definitions", Span(start, end))
        reach = max((syntax.node_span(m["wrapped"][0]).start + 1 for m in matches if "wrapper" in m), default=0)
        if reach <= end:
            return matches
        end = reach


def _to_definition(text: Text, offset: int) -> int:
    """Past the comment lines after `offset`, so that a cursor in a doc comment meets what it documents."""
    line = text.line_of(offset)
    for ahead in range(line, min(line + 200, text.line_count)):
        offset = text.line_span(ahead).end
        stripped = text.line_text(ahead).lstrip()
        if ahead > line and not stripped.startswith(("#", "/", "*", "@", "[", "--")):
            break
        if not stripped:
            break
    return offset


def _merged(syntax: Syntax, matches: Sequence[Mapping[str, Sequence[Node]]]) -> list[_Found]:
    """One for each name node: the outermost definition of it, with the first body."""
    by_name: dict[int, _Found] = {}
    for match in matches:
        kind = next((capture for capture in match if capture.startswith(("definition.", "scope"))), None)
        if kind is None or "name" not in match:
            continue
        node, name = match[kind][0], match["name"][0]
        body = match["body"][0] if "body" in match else None
        other = by_name.get(name.id)
        if other is not None:
            body = other.body or body
            if other.node.end_byte - other.node.start_byte >= node.end_byte - node.start_byte:
                node = other.node
        by_name[name.id] = _Found(
            shape=_SHAPES.get(kind),
            holds_methods=kind in ("definition.class", "scope.class"),
            name=_tidy(syntax.node_text(name), kind),
            owner=_owner(syntax.node_text(match["owner"][0])) if "owner" in match else "",
            node=node,
            body=body,
        )
    return [one for one in by_name.values() if one.name]


_SHAPES: Mapping[str, DefinitionShape] = {
    "definition.function": "function",
    "definition.method": "method",
    "definition.class": "class",
}


def _tidy(name: str, kind: str) -> str:
    if name.startswith("`"):  # Kotlin's names may hold spaces
        return name.strip("`")[:_NAME_CHARACTERS]
    name = "".join(name.split()) if "operator" not in name else " ".join(name.split())
    if re.match(r"operator \w", name):  # a C++ conversion: its node goes on with the parameters
        name = name.partition("(")[0]
    if kind == "scope.class":
        name = _TYPE_ARGUMENTS.sub("", name)
    if name[:1] in "\"'" and len(name) > 2 and name[0] == name[-1]:
        name = name[1:-1]
    return name[:_NAME_CHARACTERS]


def _owner(receiver: str) -> str:
    receiver = _TYPE_ARGUMENTS.sub("", "".join(receiver.split()))
    return f"({receiver})" if receiver.startswith("*") else receiver


def _qualified(one: _Found, outer: str, separator: str) -> str:
    return separator.join(part for part in (outer, one.owner, one.name) if part)


def _extent(syntax: Syntax, node: Node, wrappers: Mapping[int, Node], leading: Sequence[str]) -> Span:
    """From the first leading comment or attribute to the end of the outermost wrapper."""
    while (outer := wrappers.get(node.id)) is not None and outer.id != node.id:
        node = outer
    first, last = node, node
    before = _before(first)
    while before is not None and before.type in leading and _adjoins(before, first):
        first, before = before, _before(before)
    while first is not node and first.type in leading and not _own_line(first):
        first = first.next_sibling or node
    after = last.next_sibling
    if after is not None and after.type == ";" and after.start_byte == last.end_byte:
        last = after
    span = Span(syntax.node_span(first).start, syntax.node_span(last).end)
    inside = syntax.text.slice(span)
    return Span(span.start, span.start + len(inside.rstrip()))


def _before(node: Node) -> Node | None:
    """The node before, also before the block that `node` opens (a comment just below Python's `class A:`)."""
    if node.prev_sibling is not None or node.parent is None or node.parent.start_byte != node.start_byte:
        return node.prev_sibling
    return node.parent.prev_sibling


def _adjoins(before: Node, first: Node) -> bool:
    """Whether no blank line lies between them. A Rust doc comment's node includes its line end."""
    end_row, end_column = before.end_point
    return first.start_point[0] - (end_row if end_column else end_row - 1) <= 1


def _own_line(comment: Node) -> bool:
    before = comment.prev_sibling
    return before is None or before.end_point[0] < comment.start_point[0] or before.end_point[1] == 0
