"""What the extractors of languages with braces share: adding a definition with its lines, and the record of it all.

Owns the lines of a symbol (its lead, head, body and documentation), its place in a class, and the order of what is
found. It must know no language: node types and texts come from the extractors.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
from tree_sitter import Node

from lanyard_analyzers.index.extract.nodes import Nodes
from lanyard_analyzers.index.records import FileRecord, Import, Param, Shape, Symbol
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.syntax import Syntax

DEEPEST = 40
"""Levels of definitions within definitions (namespaces, classes, errors) that are looked into."""
Siblings = Sequence[Node]


class Around(msgspec.Struct, frozen=True):
    """What a definition stands in: the qualified name of the class that owns it, "" where none does, and the index of
    the symbol around it, or -1."""

    owner: str = ""
    index: int = -1


TOP = Around()


class Found:
    """The symbols and imports of one file as they are found, in the order of the text, and its package."""

    __slots__ = ("_lead", "data", "imports", "nodes", "package", "separator", "symbols")

    def __init__(self, syntax: Syntax, lead: Collection[str]) -> None:
        self.nodes = Nodes(syntax)
        self.data = self.nodes.data
        self.symbols: list[Symbol] = []
        self.imports: list[Import] = []
        self.package = ""
        self.separator = LANGUAGES[syntax.language].separator
        self._lead = frozenset(lead)

    def add(
        self,
        shape: Shape,
        name: str,
        siblings: Siblings,
        at: int,
        *,
        within: Around = TOP,
        qualified: str = "",
        inner: Node | None = None,
        body: Node | None = None,
        head_end: int = -1,
        type: str = "",
        value: str = "",
        params: tuple[Param, ...] = (),
        bases: tuple[str, ...] = (),
        marks: tuple[str, ...] = (),
    ) -> int:
        """Add the definition that `siblings[at]` is, with the comments and attributes before it; its index.

        `qualified` is said where it is not the name in the class around. `inner` is the node that begins with the head,
        where wrappers stand around it. `head_end` is the last line of the head, where no bracket says where it ends.
        """
        nodes, node, owner = self.nodes, siblings[at], within.owner
        qualified = qualified or (f"{owner}{self.separator}{name}" if owner else name)
        if not name.isprintable():  # a name of C may go on in the next line
            name = _joined(name)
            qualified, owner = _joined(qualified), _joined(owner)
        begin, last = nodes.lines(node)
        head = begin if inner is None else nodes.first(inner)
        first, doc_first, doc_last = begin, -1, -1
        if at > 0 and siblings[at - 1].type in self._lead:
            first, doc_first, doc_last = self._before(siblings, at, begin)
        body_first = body_last = -1
        ends = last
        if body is not None:
            body_first, body_last = nodes.lines(body)
            ends = body_first
        head_end = ends if head_end < 0 else min(head_end, ends)
        self.symbols.append(
            Symbol(
                shape, name, qualified, first, last, head, head_end, body_first, body_last, doc_first, doc_last,
                owner, within.index, type, value, params, bases, marks,
            )
        )  # fmt: skip
        return len(self.symbols) - 1

    def _before(self, siblings: Siblings, at: int, begin: int) -> tuple[int, int, int]:
        """The first line of what belongs to `siblings[at]` before it: comments and attributes on lines of their own
        with no blank line between; and the first and last line of the comments among them."""
        lines, first, doc_first, doc_last = self.nodes.lines, begin, -1, -1
        before = siblings[at - 1]
        before_first, before_last = lines(before)
        while True:
            after_kind = before.type
            at -= 1
            previous = siblings[at - 1] if at > 0 else None
            previous_first, previous_last = lines(previous) if previous is not None else (-1, -1)
            if first - before_last > 1 or previous_last == before_first:
                break
            first = min(first, before_first)
            if "comment" in after_kind:
                doc_first, doc_last = before_first, max(doc_last, before_last)
            if previous is None or previous.type not in self._lead:
                break
            before, before_first, before_last = previous, previous_first, previous_last
        return first, doc_first, doc_last

    def add_case(self, name: str, siblings: Siblings, at: int, within: Around) -> None:
        """Add a case of an enum: a member that is the class itself, to whoever sees the class."""
        if name:
            self.add("field", name, siblings, at, within=within, type=within.owner, marks=_CASE)

    def inside(self, index: int) -> Around:
        """What the members of the class at `index` stand in."""
        return Around(self.symbols[index].qualified, index)

    def record(self, words: str, *, default: str = "") -> FileRecord:
        """The record of the file; `words` and `default` are as `FileRecord` has them."""
        syntax = self.nodes.syntax
        return FileRecord(
            syntax.language,
            syntax.text.line_count,
            tuple(self.symbols),
            tuple(self.imports),
            package=self.package,
            default=default,
            words=words,
        )

    def add_type_parameter(self, name: str, line: int, around: int, bound: str) -> None:
        """Add a type parameter of a function, with what is known of the types that may stand for it."""
        self.symbols.append(
            Symbol("type", name, name, line, line, line, line, -1, -1, -1, -1, "", around, bound, "", (), (), _LOCAL)
        )

    def add_local(self, name: str, line: int, around: int, text: str) -> None:
        """Add a variable that the head of a function declares and that is no parameter."""
        self.symbols.append(
            Symbol("value", name, name, line, line, line, line, -1, -1, -1, -1, "", around, text, "", (), (), _LOCAL)
        )

    def said(self, start: int, end: int) -> str:
        """The text of some bytes, as it is."""
        return self.data[start:end].decode("utf-8", "ignore")


_LOCAL, _CASE = ("local",), ("exported", "static")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")


def split_top(text: str, separator: str = ",") -> list[str]:
    """The parts of a text between separators that stand in no bracket, stripped."""
    if separator not in text:
        return [text.strip()]
    parts: list[str] = []
    depth, start = 0, 0
    for at, character in enumerate(text):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        elif character == separator and depth == 0:
            parts.append(text[start:at].strip())
            start = at + 1
    parts.append(text[start:].strip())
    return parts


def _joined(name: str) -> str:
    return "".join(character for character in name if character.isprintable() and character != "\\")
