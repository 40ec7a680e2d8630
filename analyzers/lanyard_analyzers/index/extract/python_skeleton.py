"""The text of a Python file without the insides of its functions: what an index parses.

Parsing is nearly all that reading a file costs, and the bodies of functions are most of a file; of them a record wants
the documentation and what is assigned to `self`. Owns finding the bodies by indentation, and the way from the lines of
the short text to those of the whole. A body is taken out only where nothing in it can reach beyond it: it closes each
bracket and each triple quote that it opens, and defines and imports nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Literal, NamedTuple

from tree_sitter import Node

from lanyard_analyzers.index.extract.nodes import Nodes

Bodies = Literal["sound", "all"]
"""Which bodies are taken out: those that are closed in themselves, or, of a text with syntax errors, all."""

_QUOTED = rb"'[^'\n\\]*+'|\"[^\"\n\\]*+\""
_PARAMETERS = rb"\((?:[^()'\"#]++|\((?:[^()'\"#]++|\([^()'\"#]*+\)|%b)*+\)|%b)*+\)" % (_QUOTED, _QUOTED)
_HEAD = re.compile(rb"def[ ]+\w+[ ]*(?:\[[^\]\n]*\])?%b[ ]*(?:->[ ]*[^:#\n]+)?:[ ]*(?:#[^\n]*)?\r?\n" % _PARAMETERS)
_TRIPLE = rb"\"\"\"(?:[^\"\\]++|\\.|\"(?!\"\"))*+\"\"\"|'''(?:[^'\\]++|\\.|'(?!''))*+'''"
_COMMENT = rb"[ ]*(?:#[^\n]*)?\r?\n"
_DOCUMENTATION = re.compile(
    rb"(?:%b)*([ ]+)([rRuU]?(?:%b|\"[^\"\\\n]+\"|'[^'\\\n]+')%b)?" % (_COMMENT, _TRIPLE, _COMMENT), re.DOTALL
)
_STRING = re.compile(rb"\w{0,3}[\"']")
# A literal at its beginning makes a regex ten times as fast
_ASSIGNED = tuple(
    (name, re.compile(re.escape(name) + rb"\w+[ ]*(,[^=\n]{0,200})?(=(?!=)|:)")) for name in (b"self.", b"cls.")
)
_INSIDE = re.compile(rb"[^\w.](?:import|def|class)[ ]")
_FIELD_LINES = 40
_FIELD_BYTES = 4_000
_MOST_DOUBTS = 200
_SMALLEST = 2_000
_SMALLEST_BODY = 160
"""Bytes of a body that take as long to parse as to take out."""


class Skeleton(NamedTuple):
    """`data` is the short text in UTF-8; `lines` is, for each of its lines, the line of the whole text.

    Where a body was taken out a `pass` stands for its last line.
    """

    data: bytes
    lines: Sequence[int]


def skeleton(data: bytes, bodies: Bodies = "sound") -> Skeleton | None:
    """The skeleton of a text; None where it would not be much shorter, or where its lines are no plain ones."""
    if len(data) < _SMALLEST or b"\t" in data or b"\f" in data:
        return None
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return None
    pieces: list[bytes] = []
    lines: list[int] = []
    done = line = taken = 0  # up to the byte `done`, at the start of `line`, the text is in `pieces`
    seen, double, single = 0, 0, 0
    count = data.count
    for head in _HEAD.finditer(data):
        start = head.end()
        if start <= done:
            continue
        double += count(b'"""', seen, start)
        single += count(b"'''", seen, start)
        seen = start
        if double % 2 or single % 2:
            continue  # code in a string
        before = data[data.rfind(b"\n", 0, head.start()) + 1 : head.start()].removesuffix(b"async ")
        body = _body(data, start, len(before), bodies) if not before.strip(b" ") else None
        if body is None:
            continue
        kept, end, last = body.kept, body.end, body.last
        at = line + count(b"\n", done, kept)
        pieces.append(data[done:kept])
        lines.extend(range(line, at))
        number, told = at, kept
        for first, stop, text in body.fields:
            number += count(b"\n", told, first)
            told = first
            pieces.append(text)
            lines.extend(range(number, number + count(b"\n", first, stop) + 1))
        pieces.append(body.filler)
        lines.append(at + count(b"\n", kept, last))
        line = at + count(b"\n", kept, end)
        taken += end - kept
        done = end
    if taken * 4 < len(data):
        return None
    pieces.append(data[done:])
    lines.extend(range(line, line + count(b"\n", done) + 1))
    return Skeleton(b"".join(pieces), lines)


_Field = tuple[int, int, bytes]


class _Body(NamedTuple):
    """Of the body of a function: where its documentation ends, the fields that it assigns, where it ends, and where its
    last line does."""

    kept: int
    fields: list[_Field]
    end: int
    last: int
    filler: bytes


def _body(data: bytes, start: int, indent: int, bodies: Bodies) -> _Body | None:
    """The body after a head that ends at `start`; None where it must stay."""
    lead = _DOCUMENTATION.match(data, start)
    if lead is None or len(lead.group(1)) <= indent:
        return None
    kept = lead.end() if lead.group(2) else start
    if not lead.group(2) and _STRING.match(data, lead.end()) is not None:
        return None  # documentation of another form
    stop = _dedent(indent).search(data, kept - 1)
    end = stop.start() + 1 if stop is not None else len(data)
    if end - kept < _SMALLEST_BODY:
        return None
    last = kept + len(data[kept:end].rstrip())
    if last <= kept or data[end - 1 : end] != b"\n" or _defines(data, kept - 1, end):
        return None
    if bodies == "sound" and not _is_closed(data, kept, end):
        return None
    fields = _fields(data, kept, end, lead.group(1))
    if fields is None:
        if bodies == "sound":
            return None
        fields = []
    return _Body(kept, fields, end, last, lead.group(1) + b"pass\n")


def _defines(data: bytes, start: int, end: int) -> bool:
    """Whether something is defined or imported."""
    find = data.find
    if find(b"import ", start, end) < 0 and find(b"def ", start, end) < 0 and find(b"class ", start, end) < 0:
        return False
    return _INSIDE.search(data, start, end) is not None


def _is_closed(data: bytes, start: int, end: int) -> bool:
    count = data.count
    return (
        count(b"(", start, end) == count(b")", start, end)
        and count(b"[", start, end) == count(b"]", start, end)
        and count(b"{", start, end) == count(b"}", start, end)
        and not count(b'"""', start, end) % 2
        and not count(b"'''", start, end) % 2
    )


def _fields(data: bytes, start: int, end: int, indent: bytes) -> list[_Field] | None:
    """The statements that assign to `self`, at the indentation of the body; None where they cannot be told apart."""
    found: list[_Field] = []
    reached, doubts = start, 0
    for match in _assigned(data, start, end):
        place = match.start()
        if place < reached:
            continue
        begin = data.rfind(b"\n", start - 1, place) + 1
        continues = data[begin - 3 : begin].rstrip(b"\r\n").endswith(b"\\")
        if continues or data[begin:place].strip(b" ") or not _is_closed(data, reached, begin):
            doubts += 1
            comma, sign = match.groups()
            if (sign == b"=" and not comma) or doubts > _MOST_DOUBTS:
                return None
            continue  # a slice, a key, an argument
        stop = begin
        for _ in range(_FIELD_LINES):
            stop = data.find(b"\n", stop, end) + 1 or end
            if stop - place > _FIELD_BYTES:
                return None
            if _is_closed(data, place, stop):
                break
        else:
            return None
        text = data[place:stop].rstrip()
        if text.endswith(b"\\"):
            return None
        found.append((begin, place + len(text), indent + text + b"\n"))
        reached = stop
    if found and (b'"""' in data[start:end] or b"'''" in data[start:end]):
        return None
    return found


def _assigned(data: bytes, start: int, end: int) -> list[re.Match[bytes]]:
    found: list[re.Match[bytes]] = []
    for name, pattern in _ASSIGNED:
        if data.find(name, start, end) >= 0:
            if found:
                found = sorted([*found, *pattern.finditer(data, start, end)], key=_start)
            else:
                found = list(pattern.finditer(data, start, end))
    return found


def _start(match: re.Match[bytes]) -> int:
    return match.start()


@cache
def _dedent(indent: int) -> re.Pattern[bytes]:
    """The end of a line before one that stands no deeper than `indent`."""
    return re.compile(rb"\n {0,%d}(?=[^ \r\n])" % indent)


class SkeletonNodes(Nodes):
    """Nodes of a skeleton, at the lines of the whole text."""

    __slots__ = ("_whole",)

    def __init__(self, short: Skeleton, root: Node) -> None:  # pyright: ignore[reportMissingSuperCall]
        self.data = short.data
        self.root = root
        self._whole = short.lines

    def first(self, node: Node) -> int:
        return self._whole[node.start_point[0]]

    def last(self, node: Node) -> int:
        row, column = node.end_point
        return self._whole[row if column else max(row - 1, node.start_point[0])]

    def lines(self, node: Node) -> tuple[int, int]:
        whole, first = self._whole, node.start_point[0]
        row, column = node.end_point
        return whole[first], whole[row if column else max(row - 1, first)]
