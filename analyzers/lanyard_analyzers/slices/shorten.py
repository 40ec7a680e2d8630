"""Making one row out of several lines, and long rows shorter.

Owns what may be left out of a line without changing what it says to a reader: line breaks and comments within a head,
long default values, the middle of long literals. Linear in the text; it knows no language beyond its comment mark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from lanyard_analyzers._late import late

ROW = 400
"""Characters of a row of context that is no head; the rest is elided."""
_LONG = 110
_VALUE = 24
_STRING = late(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\\n]|\\.)*`")
_LONG_STRING = 50
_CODE = frozenset("(<&:")
_PRAGMA = late(
    r"(?:#|(?<!:)//) ?(?:noqa|type: ?ignore|pylint:|pragma:|fmt:|nosec|mypy:|pyright:|isort:|ruff:|eslint-|@ts-"
    r"|prettier-|tslint:|nolint|NOLINT|NOSONAR|istanbul )"
)
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_NO_SPACE_AFTER = ("(", "[", "<", ".")
_NO_SPACE_BEFORE = (")", "]", ">", ".", ",", ";")


def joined(lines: Sequence[str], comment: str) -> str:
    """The lines of a head as one, with the indentation of the first; comments in it are dropped."""
    if len(lines) == 1:
        return lines[0].rstrip()
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    row = ""
    block = False
    for line in lines:
        text = line.strip()
        if block or text.startswith("/*"):
            block = "*/" not in text
            text = text.partition("*/")[2].strip()
        text = without_comment(text, comment).removesuffix("\\").rstrip()
        if not text:
            continue
        if row.endswith(_NO_SPACE_AFTER) or not row:
            row += text
        elif text.startswith(_NO_SPACE_BEFORE) and not text.startswith("..."):
            if text[0] in ")]>":
                row = row.removesuffix(",")
            row += text
        else:
            row += " " + text
    return indent + row


def shortened(row: str) -> str:
    """A row without the middle of its long literals and without its long default values."""
    if len(row) <= _LONG:
        return row
    row = _STRING.sub(_elided_string, row)
    if len(row) > _LONG and "=" in row:
        row = _without_long_defaults(row)
    return row


def clipped(row: str) -> str:
    """A row of at most `ROW` characters."""
    return row if len(row) <= ROW else row[:ROW].rstrip() + "…"


def _elided_string(match: re.Match[str]) -> str:
    # Short strings are matched too, or what stands between two of them would be taken for one; what an apostrophe
    # begins may be a lifetime of Rust
    text = match.group()
    if len(text) < _LONG_STRING or (text[0] == "'" and not _CODE.isdisjoint(text)):
        return text
    return f"{text[:25]}…{text[-1]}"


def without_comment(text: str, comment: str) -> str:
    """A row without the comment at its end; all of it where a quote leaves in doubt what is a comment."""
    if text.startswith(comment):
        return ""
    at = text.find(f" {comment}")
    if at >= 0 and not any(quote in text[at:] or text[:at].count(quote) % 2 for quote in "\"'`"):
        return text[:at].rstrip()
    return text


def without_pragma(row: str) -> str:
    """A row without what only tells a linter or a formatter what to do."""
    for mark in ("#", "//"):
        at = row.find(mark)
        if at > 0 and (match := _PRAGMA.search(row, at)) is not None:
            row = row[: match.start()].rstrip()
    return row


def _without_long_defaults(row: str) -> str:
    """Default values of the parameters in the first brackets, where they are longer than `_VALUE`, as `…`."""
    start = row.find("(")
    if start < 0:
        return row
    pieces: list[str] = []
    depth, at, begin, quote = 0, start, 0, ""
    value = -1
    while at < len(row):
        character = row[at]
        if quote:
            if character == "\\":
                at += 1
            elif character == quote:
                quote = ""
        elif character in "\"'`":
            quote = character
        elif character in _OPEN:
            depth += 1
        elif character in _CLOSE or (character == "," and depth == 1):
            if depth == 1 and value >= 0:
                if at - value > _VALUE:
                    pieces += (row[begin:value], "…")
                    begin = at
                value = -1
            if character in _CLOSE:
                depth -= 1
                if depth == 0:
                    break
        elif character == "=" and depth == 1 and value < 0 and row[at + 1 : at + 2] not in {">", "="}:
            value = at + 1
            if row[value : value + 1] == " ":
                value += 1
        at += 1
    return "".join((*pieces, row[begin:]))
