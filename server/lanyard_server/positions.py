"""The only conversion between LSP positions and offsets.

Inside, a position is an offset in code points (`lanyard_analyzers.text`); an LSP position is a line and a count of
code units of the encoding that was agreed on at `initialize`. Everything here is total: lines past the end mean the
end of the text, characters past the line end mean the line end (before the line-end characters), a position inside a
surrogate pair or a multi-byte sequence means the start of that character, and numbers of any sort are accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from lsprotocol.types import Position, Range

from lanyard_analyzers.text import Span, Text

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_CONTINUATION_BYTES = bytes(range(0x80, 0xC0))
_LARGE = 2**31


class Encoding(StrEnum):
    """What `character` counts: bytes, 16-bit units or code points."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


class _Place(Protocol):
    line: int
    character: int


class _Range(Protocol):
    @property
    def start(self) -> _Place: ...
    @property
    def end(self) -> _Place: ...


def choose_encoding(offered: Iterable[object] | None) -> Encoding:
    """The client's first encoding that we know; UTF-16, the protocol's default, where it offers none."""
    known = {str(encoding): encoding for encoding in Encoding}
    for name in offered or ():
        found = known.get(str(getattr(name, "value", name)))
        if found is not None:
            return found
    return Encoding.UTF16


def offset(text: Text, line: float, character: float, encoding: Encoding) -> int:
    """The offset in code points of an LSP position."""
    row, units = _whole(line), _whole(character)
    if row < 0:
        return 0
    if row >= text.line_count:
        return len(text)
    within = text.line_span(row)
    if units <= 0:
        return within.start
    if encoding is Encoding.UTF32 or text.content.isascii():
        return min(within.start + units, within.end)
    # No character is narrower than one unit, so only this many can lie before the position.
    prefix = text.content[within.start : min(within.end, within.start + units)]
    if prefix.isascii():
        return within.start + len(prefix)
    if encoding is Encoding.UTF16:
        return within.start + _characters_in_utf16(prefix, units)
    return within.start + _characters_in_utf8(prefix, units)


def position(text: Text, at: int, encoding: Encoding) -> tuple[int, int]:
    """The LSP line and character of an offset; an offset inside a line end means the end of that line."""
    line = text.line_of(at)
    within = text.line_span(line)
    at = max(within.start, min(at, within.end))
    if encoding is Encoding.UTF32 or text.content.isascii():
        return line, at - within.start
    prefix = text.content[within.start : at]
    if prefix.isascii():
        return line, len(prefix)
    if encoding is Encoding.UTF16:
        return line, len(prefix) + len(_ASTRAL.findall(prefix))
    return line, len(prefix.encode("utf-8", "surrogatepass"))


def span(text: Text, range_: _Range, encoding: Encoding) -> Span:
    """The span that an LSP range covers; a range whose ends are swapped is taken the right way round."""
    start = offset(text, range_.start.line, range_.start.character, encoding)
    end = offset(text, range_.end.line, range_.end.character, encoding)
    return Span(start, end) if start <= end else Span(end, start)


def lsp_position(text: Text, at: int, encoding: Encoding) -> Position:
    """The LSP position of an offset."""
    line, character = position(text, at, encoding)
    return Position(line, character)


def lsp_range(text: Text, covered: Span, encoding: Encoding) -> Range:
    """The LSP range of a span."""
    return Range(lsp_position(text, covered.start, encoding), lsp_position(text, covered.end, encoding))


def _whole(number: float) -> int:
    if isinstance(number, int):
        return number
    try:
        return int(number)
    except OverflowError:
        return _LARGE if number > 0 else -1
    except (TypeError, ValueError):
        return 0


def _characters_in_utf16(prefix: str, units: int) -> int:
    surplus = 0
    for astral in _ASTRAL.finditer(prefix):
        before = astral.start() + surplus
        if before >= units:
            break
        if before + 1 == units:
            return astral.start()
        surplus += 1
    return min(units - surplus, len(prefix))


def _characters_in_utf8(prefix: str, units: int) -> int:
    encoded = prefix.encode("utf-8", "surrogatepass")
    begun = len(encoded[:units].translate(None, _CONTINUATION_BYTES))
    cut = units < len(encoded) and encoded[units] & 0xC0 == 0x80
    return begun - 1 if cut else begun
