"""Running tree-sitter within bounds of time and memory.

Owns the calls of the parser and the telling of edits to a tree, for `syntax.py`, and for extraction that needs no
`Syntax`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Parser, Tree

from lanyard_analyzers._bytes import byte_length
from lanyard_analyzers._deadline import ENDLESS, within
from lanyard_analyzers._tangle import too_tangled
from lanyard_analyzers.languages import grammar_of
from lanyard_analyzers.text import Edit

# An edit that adds no more than this cannot take a text from harmless to too tangled.
_HARMLESS = 500


@dataclass(frozen=True, slots=True)
class Parse:
    """What a run of the parser gave; `partial` says that the text was not given to it: the tree is then empty."""

    tree: Tree
    partial: bool = False

    @property
    def clean(self) -> bool:
        """Whether the whole text was parsed, without errors."""
        return not self.partial and not self.tree.root_node.has_error


@dataclass(frozen=True, slots=True)
class Reuse:
    """A tree to parse against: it had no errors when parsed, and has since taken `pending` edits."""

    tree: Tree
    pending: int


def run(content: str, data: bytes, language: str, old: Tree | None = None, added: int | None = None) -> Parse:
    """Parse `data`, the UTF-8 of `content`, against `old` if given; a text that is too tangled is not parsed.

    `added` is the number of characters that are new since a text that was found harmless.
    """
    if language in ENDLESS:
        return _bounded(content, data, language, old, added)
    parser = Parser(grammar_of(language))
    if (added is None or added > _HARMLESS) and too_tangled(content, parser.parse):
        return Parse(_empty(language), partial=True)
    # Bytes and no reader function, though only a reader can have a deadline: what a reader returns is never freed by
    # the binding (0.26.1), so that each parse would leak the whole text. What parses for long is found by its tangle.
    return Parse(parser.parse(data) if old is None else parser.parse(data, old))


def _bounded(content: str, data: bytes, language: str, old: Tree | None, added: int | None) -> Parse:
    def probe(piece: bytes) -> object:
        return within(Parser(grammar_of(language)), piece)

    if (added is None or added > _HARMLESS) and too_tangled(content, probe):
        return Parse(_empty(language), partial=True)
    tree = within(Parser(grammar_of(language)), data, old)
    return Parse(tree) if tree is not None else Parse(_empty(language), partial=True)


def edited(tree: Tree, content: str, edits: Sequence[Edit]) -> Tree:
    """A copy of the tree of `content` that knows of the edits.

    tree-sitter's rows end at `\\n` alone, and its columns are bytes.
    """
    tree = tree.copy()
    for number, edit in enumerate(edits, 1):
        start, end = edit.span.start, edit.span.end
        row, line = content.count("\n", 0, start), content.rfind("\n", 0, start) + 1
        column = byte_length(content[line:start])
        byte = (line if content.isascii() else byte_length(content[:line])) + column
        gone, new = content[start:end], edit.new
        tree.edit(
            byte,
            byte + byte_length(gone),
            byte + byte_length(new),
            (row, column),
            _after(row, column, gone),
            _after(row, column, new),
        )
        if number < len(edits):
            content = content[:start] + new + content[end:]
    return tree


def _after(row: int, column: int, past: str) -> tuple[int, int]:
    """The point after `past`, which begins at (row, column)."""
    rows = past.count("\n")
    if not rows:
        return row, column + byte_length(past)
    return row + rows, byte_length(past[past.rfind("\n") + 1 :])


def _empty(language: str) -> Tree:
    return Parser(grammar_of(language)).parse(b"")
