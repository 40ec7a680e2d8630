"""Reading many nodes of a tree quickly: their lines, their texts, the comments before them.

Owns the way from tree-sitter's bytes and rows to `Text`'s lines for extraction, without a `Span` for each node. It
must know no language.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from itertools import islice

import msgspec
from tree_sitter import Node

from lanyard_analyzers.index.records import SHORT, Symbol
from lanyard_analyzers.syntax import Syntax

LONGEST_NAME = 200
"""Characters of a name; what is longer is data, and a name that is cut would mean something else."""
MOST_WORDS = 50_000
_LONGEST_WORD = 100
_WORD = re.compile(r"[^\W\d]\w*")
_WORD_WITH_DOLLARS = re.compile(r"(?:[^\W\d]|\$)[\w$]*")


class Nodes:
    """The nodes of one syntax: where they lie and what they say."""

    __slots__ = ("_line_ends", "_rows_are_lines", "data", "root", "syntax")

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        self.data = syntax.utf8
        self.root = syntax.root
        content = syntax.text.content
        # A row ends at \n alone, a line at a lone \r too
        self._rows_are_lines = "\r" not in content or content.count("\r") == content.count("\r\n")
        self._line_ends = () if self._rows_are_lines else _line_ends(self.data)

    def line(self, byte: int) -> int:
        """The line that holds a byte."""
        return bisect_right(self._ends(), byte)

    def first(self, node: Node) -> int:
        """The first line of a node."""
        return node.start_point[0] if self._rows_are_lines else self.line(node.start_byte)

    def last(self, node: Node) -> int:
        """The last line of a node; a node that ends at the start of a line does not count that line."""
        if self._rows_are_lines:
            row, column = node.end_point
            return row if column else max(row - 1, node.start_point[0])
        return self.line(max(node.start_byte, node.end_byte - 1))

    def lines(self, node: Node) -> tuple[int, int]:
        """First and last line."""
        if not self._rows_are_lines:
            return self.first(node), self.last(node)
        first = node.start_point[0]
        row, column = node.end_point
        return first, row if column else max(row - 1, first)

    def text(self, node: Node | None) -> str:
        """The characters of a node, of none ""; for names, so it is "" too where they are more than `LONGEST_NAME`."""
        if node is None or node.end_byte - node.start_byte > LONGEST_NAME:
            return ""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "ignore")

    def short(self, node: Node | None, most: int = SHORT) -> str:
        """The characters of a node on one line, cut at `most`: for the text of a type."""
        return "" if node is None else self.between(node.start_byte, node.end_byte, most)

    def whole(self, node: Node | None) -> str:
        """The characters of a node on one line, or "" if they are more than `SHORT`: for the text of a value."""
        if node is None or node.end_byte - node.start_byte > 8 * SHORT:
            return ""
        found = self.short(node, SHORT + 1)
        return found if len(found) <= SHORT else ""

    def between(self, start: int, end: int, most: int = SHORT) -> str:
        """The characters between two bytes on one line, cut at `most`."""
        piece = self.data[start : min(end, start + 16 * most)].decode("utf-8", "ignore")
        if "\n" in piece or "  " in piece or "\t" in piece or "\r" in piece:
            piece = " ".join(piece.split())
        return piece[:most]

    def lead(self, siblings: Sequence[Node], at: int, leading: Collection[str]) -> int:
        """The first line of what belongs to `siblings[at]` before it: nodes of the types `leading` (comments,
        attributes) on lines of their own with no blank line between."""
        first = self.first(siblings[at])
        while at > 0 and siblings[at - 1].type in leading:
            before, last = self.lines(siblings[at - 1])
            if first - last > 1 or (at > 1 and self.last(siblings[at - 2]) == before):
                break
            first = min(first, before)
            at -= 1
        return first

    def _ends(self) -> Sequence[int]:
        if not self._line_ends:
            self._line_ends = _line_ends(self.data)
        return self._line_ends


def in_order(symbols: Sequence[Symbol]) -> tuple[Symbol, ...]:
    """Symbols in the order of their first lines, outer before inner, with `around` told anew."""
    order = sorted(range(len(symbols)), key=lambda at: (symbols[at].first, -symbols[at].last, at))
    place = {old: new for new, old in enumerate(order)}
    place[-1] = -1
    return tuple(
        symbols[at] if place[symbols[at].around] == symbols[at].around else _moved(symbols[at], place) for at in order
    )


def _moved(symbol: Symbol, place: dict[int, int]) -> Symbol:
    return msgspec.structs.replace(symbol, around=place[symbol.around])


def words_of(content: str) -> str:
    """The distinct identifiers of a text, as `FileRecord.words` keeps them, in the order of their first use."""
    return _bounded(_words(content, _SPACES, _WORD))


def words_with_dollars(content: str) -> str:
    """Like `words_of`, for languages whose names may hold `$`."""
    return _bounded(_words(content, _SPACES_BUT_DOLLARS, _WORD_WITH_DOLLARS))


def _words(content: str, table: bytes, word: re.Pattern[str]) -> str:
    # Two and a half times as fast as a regex over the whole; numbers are words too, which harms nobody
    pieces = dict.fromkeys(content.encode("utf-8", "replace").translate(table).split())
    if content.isascii():
        return b"\n".join(pieces).decode("ascii")
    found: dict[str, None] = {}
    for piece in pieces:
        text = piece.decode("utf-8", "replace")
        if text.isascii():
            found[text] = None
        else:
            found.update(dict.fromkeys(word.findall(text)))
    return "\n".join(found)


def _table(others: str) -> bytes:
    """Letters, digits and all that is not ASCII stay what they are."""
    return bytes(code if code > 127 or chr(code).isalnum() or chr(code) in others else 32 for code in range(256))


_SPACES, _SPACES_BUT_DOLLARS = _table("_"), _table("_$")


def _bounded(joined: str) -> str:
    count = joined.count("\n") + 1
    if count > MOST_WORDS or len(joined) > _LONGEST_WORD * count:
        words = (word for word in joined.split("\n") if len(word) <= _LONGEST_WORD)
        joined = "\n".join(islice(words, MOST_WORDS))
    return f"\n{joined}\n"


_LINE_END = re.compile(rb"\r\n|\r|\n")


def _line_ends(data: bytes) -> tuple[int, ...]:
    """The byte after each line end."""
    return tuple(match.end() for match in _LINE_END.finditer(data))
