"""Positions of the editor and offsets of ours."""

from __future__ import annotations

import math

import pytest
from lsprotocol.types import Position, Range

from lanyard_analyzers.text import Span, Text
from lanyard_server.positions import Encoding, choose_encoding, lsp_range, offset, position, span

UTF8, UTF16, UTF32 = Encoding.UTF8, Encoding.UTF16, Encoding.UTF32
# é: 2 bytes, 1 unit; 😀: 4 bytes, 2 units; \u2028 is no line end.
MIXED = Text.of("abc\r\né😀x\ny\u2028z\rend")


@pytest.mark.parametrize(
    ("encoding", "characters"),
    [
        (UTF8, [0, 0, 1, 1, 1, 1, 2, 3, 3]),
        (UTF16, [0, 1, 1, 2, 3, 3]),
        (UTF32, [0, 1, 2, 3, 3]),
    ],
)
def test_every_unit_of_a_line_has_its_character(encoding, characters):
    line = MIXED.starts[1]
    found = [offset(MIXED, 1, unit, encoding) - line for unit in range(len(characters))]
    # Inside a character means its start.
    assert found == characters


@pytest.mark.parametrize("encoding", list(Encoding))
def test_every_offset_comes_back(encoding):
    for text in (MIXED, Text.of(""), Text.of("\n"), Text.of("a\r\r\n\f\x0b\x85b"), Text.of("\ud800x\udc00\n")):
        for at in range(len(text) + 1):
            inside_line_end = text.content[max(0, at - 1) : at + 1] == "\r\n"
            expected = at - 1 if inside_line_end else at
            assert offset(text, *position(text, at, encoding), encoding) == expected


@pytest.mark.parametrize("encoding", list(Encoding))
@pytest.mark.parametrize(
    ("line", "character", "expected"),
    [
        (0, 99, 3),  # the line end, before its characters
        (0, 4, 3),
        (0, -1, 0),
        (-1, 5, 0),
        (99, 0, len(MIXED)),
        (3, 99, len(MIXED)),
        (2**40, 2**40, len(MIXED)),
        (0, 2**70, 3),
        (0, 1.9, 1),
        (0.5, 1, 1),
        (math.inf, 0, len(MIXED)),
        (-math.inf, 0, 0),
        (0, math.inf, 3),
        (0, math.nan, 0),
        (None, "x", 0),
    ],
)
def test_any_number_is_a_position(encoding, line, character, expected):
    assert offset(MIXED, line, character, encoding) == expected


def test_a_position_past_the_end_of_a_short_line_stays_on_it():
    text = Text.of("ab\n\ncd")
    assert offset(text, 1, 5, UTF16) == 3
    assert offset(text, 0, 5, UTF16) == 2


def test_swapped_ends_are_taken_the_right_way_round():
    text = Text.of("abc")
    assert span(text, Range(Position(0, 2), Position(0, 1)), UTF16) == Span(1, 2)


@pytest.mark.parametrize("encoding", list(Encoding))
def test_a_span_and_its_range(encoding):
    start = MIXED.content.index("😀")
    covered = Span(start, start + 1)
    assert span(MIXED, lsp_range(MIXED, covered, encoding), encoding) == covered


def test_ranges_of_an_editor():
    covered = Span(MIXED.content.index("x"), MIXED.content.index("z"))
    assert lsp_range(MIXED, covered, UTF16) == Range(Position(1, 3), Position(2, 2))
    assert lsp_range(MIXED, covered, UTF8) == Range(Position(1, 6), Position(2, 4))
    assert lsp_range(MIXED, covered, UTF32) == Range(Position(1, 2), Position(2, 2))


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, UTF16),
        ((), UTF16),
        (("utf-7",), UTF16),
        (("utf-7", "utf-8", "utf-16"), UTF8),
        ((None, 3, "utf-32"), UTF32),
    ],
)
def test_the_first_known_encoding_wins(offered, chosen):
    assert choose_encoding(offered) is chosen
