"""Syntax as a value: a tree that belongs to exactly one text.

Owns parsing, incremental re-parsing and what can be asked of a tree. Offsets are code points everywhere; bytes stay
inside this module. Nothing here raises for odd input, and no parse runs for long (`_parsing.py`).

Exactness. tree-sitter's incremental parse equals a fresh one where both the old and the new tree are free of errors.
With errors it need not: error recovery weighs whole re-used subtrees, so the outcome depends on the history (measured:
1 step in 40 of random edits to Java; an ambiguous `<T,>(x: T) =>` in TypeScript, read wrongly inside an error, stays
wrong when the error has gone). So a tree is re-used from the last text without errors, and where the result has
errors it is a *draft*: `draft` hands it out at once for work that someone waits for at the cursor, while `tree` is
always what a fresh parse gives, computed when first asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tree_sitter import Node, QueryCursor, Tree

from lanyard_analyzers._bytes import Utf8
from lanyard_analyzers._deadline import ENDLESS
from lanyard_analyzers._parsing import Parse, Reuse, edited, run
from lanyard_analyzers.languages import query_of
from lanyard_analyzers.text import Edit, Span, Text

# Below this a fresh parse takes about a millisecond, so nobody needs a draft.
_SMALL = 16_000
# So many edits on top of the last text without errors, and re-use from there no longer pays.
_MAX_PENDING = 200
_MATCH_LIMIT = 4096
_TOO_MUCH = "This file is too large or too tangled to parse; select the lines that matter"


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """A place that the grammar does not accept; the message is half a line, without a full stop."""

    span: Span
    message: str


@dataclass(slots=True)
class _Memo:
    """What is computed when first asked for. Two threads may do so twice and get the same."""

    utf8: Utf8 | None = None
    fresh: Parse | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Syntax:
    """The syntax of one text; made by `parse` and `reparse`, safe to read from any thread, never changed.

    The fields after `language` are this module's own.
    """

    text: Text
    language: str
    at_hand: Parse
    settled: bool  # whether `at_hand` is what a fresh parse gives
    reuse: Reuse | None
    memo: _Memo

    @property
    def parsed(self) -> Parse:
        """What a fresh parse of the text gives."""
        if self.settled:
            return self.at_hand
        if self.memo.fresh is None:
            self.memo.fresh = run(self.text.content, self._utf8().data, self.language, added=0)
        return self.memo.fresh

    @property
    def tree(self) -> Tree:
        """The tree that a fresh parse of the text gives; empty where `partial`."""
        return self.parsed.tree

    @property
    def root(self) -> Node:
        """The root node of `tree`."""
        return self.parsed.tree.root_node

    @property
    def partial(self) -> bool:
        """Whether the parser gave up, because the text is too large or too tangled."""
        return self.parsed.partial

    @property
    def draft(self) -> Syntax:
        """This syntax with the tree that is at hand, which may differ from a fresh parse where the text has errors.

        For work at the cursor in large files, where a fresh parse (about 1 ms per 400 lines) costs too much.
        """
        if self.settled or self.memo.fresh is not None or len(self.text) <= _SMALL:
            return self
        return Syntax(self.text, self.language, self.at_hand, settled=True, reuse=self.reuse, memo=self.memo)

    @property
    def utf8(self) -> bytes:
        """The bytes that tree-sitter counts in, for reading many nodes at once (`index/extract`)."""
        return self._utf8().data

    def node_span(self, node: Node) -> Span:
        """Where a node of this syntax lies in the text."""
        utf8 = self._utf8()
        return Span(utf8.offset_of(node.start_byte), utf8.offset_of(node.end_byte))

    def node_text(self, node: Node) -> str:
        """The characters that a node covers."""
        return self.text.slice(self.node_span(node))

    def node_at(self, span: Span) -> Node:
        """The smallest named node that covers `span` (clamped to the text)."""
        start, end = self.byte_range(span)
        return self.root.named_descendant_for_byte_range(start, end) or self.root

    def byte_range(self, span: Span) -> tuple[int, int]:
        """A span in bytes, for tree-sitter's own methods; clamped to the text."""
        utf8, size = self._utf8(), len(self.text)
        start = max(0, min(span.start, size))
        return utf8.byte_of(start), utf8.byte_of(max(start, min(span.end, size)))

    def captures(self, section: str, within: Span | None = None) -> Mapping[str, list[Node]]:
        """The nodes that a section of the language's query file captures, by capture name (see `languages.py`), in the
        order of the text.

        With `within`, only of matches that touch that span. Raises KeyError for an unknown section.
        """
        found = self._cursor(section, within).captures(self.root)
        return {name: sorted(nodes, key=_start) for name, nodes in found.items()}

    def matches(self, section: str, within: Span | None = None) -> list[dict[str, list[Node]]]:
        """Like `captures`, match by match, in the order of the text."""
        return [found for _, found in self._cursor(section, within).matches(self.root)]

    def problems(self, limit: int = 20) -> tuple[SyntaxProblem, ...]:
        """The first `limit` places that the grammar does not accept, in the order of the text."""
        if self.partial:
            return (SyntaxProblem(Span(0, 0), _TOO_MUCH),)
        found: list[SyntaxProblem] = []
        for node in _broken(self.root):
            if len(found) >= limit:
                break
            span = self.node_span(node)
            if node.is_missing:
                found.append(SyntaxProblem(span, f"missing {node.type}"))
            else:
                seen = " ".join(self.text.slice(span)[:200].split())
                found.append(SyntaxProblem(span, f"unexpected {seen[:40]}" if seen else "unexpected end"))
        return tuple(found)

    def _cursor(self, section: str, within: Span | None) -> QueryCursor:
        cursor = QueryCursor(query_of(self.language, section), match_limit=_MATCH_LIMIT)
        if within is not None:
            start, end = self.byte_range(within)
            cursor.set_byte_range(start, max(end, start + 1))
        return cursor

    def _utf8(self) -> Utf8:
        if self.memo.utf8 is None:
            self.memo.utf8 = Utf8(self.text.content)
        return self.memo.utf8


def parse(text: Text, language: str) -> Syntax:
    """Parse a text afresh. `language` is one of our ids; raises KeyError for another."""
    utf8 = Utf8(text.content)
    return _settled(text, language, run(text.content, utf8.data, language), utf8)


def reparse(syntax: Syntax, text: Text, edits: Sequence[Edit]) -> Syntax:
    """The syntax of `text`, which is `syntax.text` after `edits`; re-uses what they left alone.

    `edits` are in the order applied, each in the coordinates of the text before it. The old syntax stays valid.
    """
    little = abs(len(text) - len(syntax.text)) * 10 < len(syntax.text)
    if syntax.at_hand.partial and little and syntax.language not in ENDLESS:
        # What could not be parsed will not be for one keystroke.
        return Syntax(text, syntax.language, syntax.at_hand, settled=True, reuse=None, memo=_Memo())
    if not edits and text.content != syntax.text.content:
        return parse(text, syntax.language)
    utf8, reuse = Utf8(text.content), _reusable(syntax, edits)
    added = sum(len(edit.new) for edit in edits)
    if reuse is not None:
        again = run(text.content, utf8.data, syntax.language, reuse.tree, added)
        if again.clean:
            return _settled(text, syntax.language, again, utf8)
    else:
        old = edited((syntax.memo.fresh or syntax.at_hand).tree, syntax.text.content, edits)
        again = run(text.content, utf8.data, syntax.language, old, added)
    return Syntax(text, syntax.language, again, settled=again.partial, reuse=reuse, memo=_Memo(utf8=utf8))


def _reusable(syntax: Syntax, edits: Sequence[Edit]) -> Reuse | None:
    """The last tree without errors, knowing of all edits since; None where there is none near enough."""
    fresh, reuse = syntax.memo.fresh, syntax.reuse
    if fresh is not None and fresh.clean:
        reuse = Reuse(fresh.tree, 0)
    if reuse is None or reuse.pending + len(edits) > _MAX_PENDING:
        return None
    return Reuse(edited(reuse.tree, syntax.text.content, edits), reuse.pending + len(edits))


def _settled(text: Text, language: str, parsed: Parse, utf8: Utf8) -> Syntax:
    reuse = Reuse(parsed.tree, 0) if parsed.clean else None
    return Syntax(text, language, parsed, settled=True, reuse=reuse, memo=_Memo(utf8=utf8))


def _start(node: Node) -> int:
    return node.start_byte


def _broken(root: Node) -> Iterator[Node]:
    """ERROR and MISSING nodes, outermost, in the order of the text."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            yield node
        elif node.has_error:
            stack.extend(child for child in reversed(node.children) if child.has_error or child.is_missing)
