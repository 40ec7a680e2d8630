"""Text: the line table and splicing against an oracle that knows only the definition of a line."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from lanyard_analyzers.text import Edit, Span, Text

# Line ends, what other tools take for line ends, and characters of one to four bytes.
CHARACTERS = st.sampled_from("a\n\r\f\x0b\x1c\x85\u2028\u2029é😀 ")
CONTENT = st.text(CHARACTERS, max_size=40)


def oracle(content: str) -> tuple[int, ...]:
    return (0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", content)))


@given(CONTENT)
def test_lines_end_where_lsp_says(content: str) -> None:
    text = Text.of(content)
    assert text.starts == oracle(content)
    assert [text.line_text(n) for n in range(text.line_count)] == re.split(r"\r\n|\r|\n", content)


@settings(max_examples=400)
@given(CONTENT, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 6), CONTENT), min_size=1, max_size=6))
def test_a_spliced_line_table_equals_a_new_one(content: str, changes: list[tuple[int, int, str]]) -> None:
    text = Text.of(content)
    for at, length, new in changes:
        start = min(at, len(text))
        edit = Edit(Span(start, min(start + length, len(text))), new)
        expected = text.content[:start] + new + text.content[edit.span.end :]
        text = text.replace(edit, version=text.version + 1)
        assert text.content == expected
        assert text.starts == oracle(expected)
    assert text.version == len(changes)


@given(CONTENT, st.integers(-5, 60))
def test_every_offset_has_a_line(content: str, offset: int) -> None:
    text = Text.of(content)
    line = text.line_of(offset)
    clamped = max(0, min(offset, len(content)))
    assert text.starts[line] <= clamped
    assert line + 1 == text.line_count or clamped < text.starts[line + 1]


def test_a_change_leaves_the_old_text_alone() -> None:
    before = Text.of("a\nb\n", 1)
    after = before.replace(Edit(Span(1, 2), "\r"), 2)
    assert (before.content, before.version, before.starts) == ("a\nb\n", 1, (0, 2, 4))
    assert (after.content, after.version, after.starts) == ("a\rb\n", 2, (0, 2, 4))
