"""Syntax: incremental trees against fresh ones, offsets, problems, odd input."""

from __future__ import annotations

import gc
import random
import re
import threading
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanyard_analyzers._bytes import Utf8
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.syntax import Syntax, parse, reparse
from lanyard_analyzers.text import Edit, Span, Text

FIXTURES = Path(__file__).parents[2] / "data" / "analyzers" / "languages"
CODE = {name: (FIXTURES / f"{name}.txt").read_text(encoding="utf-8").split("=== ")[0] for name in LANGUAGES}
# What editors send: single keys, pairs, whole lines, pasted pieces; and what few of them ever do.
PIECES = (
    *(
        "x",
        " ",
        "    ",
        "\t",
        "\n",
        "\n\n",
        "(",
        ")",
        "()",
        "[",
        "]",
        "{",
        "}",
        "{}",
        ",",
        ";",
        ":",
        "=",
        ".",
        "<",
        ">",
    ),
    *(
        '"',
        "'",
        "`",
        '"""',
        "#",
        "//",
        "/*",
        "*/",
        "\\",
        "\\\n",
        "1",
        " + 1",
        "return ",
        "if ",
        "else:\n",
        "class A:\n",
    ),
    *("\r\n", "\r", "\f", "\x0b", "\x00", "\u2028", "\x85", "é", "😀", "\ufeff", "\ud800", "$", "${", "@", "#include"),
)


def random_edit(text: Text, source: random.Random) -> Edit:
    """An edit of a few characters, sometimes of some lines, sometimes a copy of another place."""
    size = len(text)
    start = source.randrange(size + 1)
    end = min(size, start + source.choice((0, 0, 0, 1, 1, 2, 5, 40)))
    if source.random() < 0.2:
        first = source.randrange(text.line_count)
        start, end = text.starts[first], text.starts[min(first + source.choice((1, 1, 3)), text.line_count - 1)]
        end = max(start, end)
    if source.random() < 0.2:
        at = source.randrange(size + 1)
        return Edit(Span(start, end), text.content[at : at + source.choice((3, 30, 120))])
    return Edit(Span(start, end), "".join(source.choice(PIECES) for _ in range(source.choice((0, 1, 1, 1, 2, 3)))))


def gentle_edit(text: Text, source: random.Random) -> Edit:
    """An edit that often leaves a text without errors: another word, white space, a line twice or not at all."""
    kind = source.random()
    if kind < 0.4:
        words = [found.span() for found in re.finditer(r"\w+", text.content)] or [(0, 0)]
        (start, end), (first, last) = source.choice(words), source.choice(words)
        return Edit(
            Span(start, end), source.choice((text.content[first:last], "é", "x1", text.content[start:end] + "y"))
        )
    if kind < 0.7:
        gaps = [found.span() for found in re.finditer(r"\s+", text.content)] or [(0, 0)]
        start, end = source.choice(gaps)
        gap = text.content[start:end]
        return Edit(Span(start, end), gap + source.choice((" ", "\n", "\r\n", "\f", "# x\n", "// x\n", "/* x */", gap)))
    line = source.randrange(text.line_count)
    start, end = text.starts[line], text.starts[min(line + 1, text.line_count - 1)]
    end = max(start, end)
    return Edit(Span(start, end), text.content[start:end] * source.choice((0, 2)))


def outline(syntax: Syntax) -> list[tuple[str, int, int]]:
    """Every node with its extent: more than the s-expression tells."""
    cursor, found = syntax.tree.walk(), []
    while True:
        node = cursor.node
        assert node is not None
        found.append((node.type, node.start_byte, node.end_byte))
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while cursor.goto_parent():
            if cursor.goto_next_sibling():
                break
        else:
            return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_after_any_edits_the_tree_equals_a_fresh_parse(language: str) -> None:
    documents, reused = 600, 0  # times nine languages: more than 5,000 documents
    for seed in range(documents):
        source = random.Random(f"{language} {seed}")
        content = CODE[language]
        lines = content.splitlines(keepends=True)
        edit_of = source.choice((random_edit, gentle_edit))
        if edit_of is random_edit and source.random() < 0.7:
            first = source.randrange(len(lines))
            content = "".join(lines[first : first + source.choice((5, 15, 40))])
        content = source.choice((content, content, content.replace("\n", "\r\n"), content.replace("\n", "\r", 2)))
        text = Text.of(content)
        syntax = parse(text, language)
        for step in range(source.randint(2, 5)):
            edits: list[Edit] = []
            for _ in range(source.choice((1, 1, 1, 2, 3))):
                edits.append(edit_of(text, source))
                text = text.replace(edits[-1], text.version + 1)
            syntax = reparse(syntax, text, edits)
            assert text.starts == (0, *(end.end() for end in re.finditer(r"\r\n|\r|\n", text.content)))
            reused += syntax.settled
            if source.random() < 0.6:  # not every text is asked for its tree
                assert outline(syntax) == outline(parse(text, language)), (seed, step)
    assert reused > documents // 2  # else every tree above was a fresh parse anyway


@pytest.mark.parametrize("language", LANGUAGES)
def test_typing_a_text_letter_by_letter_gives_its_tree(language: str) -> None:
    content = CODE[language][:700]
    text = Text.of("")
    syntax = parse(text, language)
    for letter in content:
        edit = Edit(Span(len(text), len(text)), letter)
        text = text.replace(edit)
        syntax = reparse(syntax, text, (edit,))
    assert outline(syntax) == outline(parse(Text.of(content), language))


ENDLESS = """const valr), Priced {
    private val lines = mutableListOf<Line>()
    var paid: Money? = null
\\ constructor(owner: String) : this(owner, listOf(), 0)
    /** Sums. */
    @Throws(IOException::class)
    suspend fun total(tax: Double = TAX): Double {
        fun known(x: T) = x.price > 0
        val twice = { x: Double -> x * 2 }
        var sum = 0.0
        for (item in items) {
            if (known(item) && tax > 0) { sum += twice(item.price) }
        }
        return floor(sum) + Line("é").size
    }

    override val price: Double get() = items.sumOf { it.price }

"""


def test_a_parse_that_would_never_end_is_given_up_and_the_next_text_is_parsed() -> None:
    text = Text.of(ENDLESS)
    syntax = parse(text, "kotlin")
    assert syntax.partial
    edit = Edit(Span(0, len("const valr), Priced")), "class Cart")
    whole = text.replace(edit)
    edit_2 = Edit(Span(whole.content.index("\\"), whole.content.index("\\") + 1), "")
    whole = whole.replace(edit_2)
    after = reparse(syntax, whole, (edit, edit_2))
    assert not after.partial
    assert outline(after) == outline(parse(whole, "kotlin"))


@pytest.mark.parametrize("tail", ["@", "@A", "@get:", "@A(", "/* x", '"x', '"""x', "@A // x"])
def test_kotlin_may_end_anywhere(tail: str) -> None:
    text = Text.of(f"val a = 1\n{tail}")
    syntax = parse(text, "kotlin")
    assert not syntax.partial
    assert syntax.node_span(syntax.root).end <= len(text)


def test_a_reading_from_inside_an_error_does_not_outlive_it() -> None:
    # tree-sitter's own incremental parse keeps `<T,>` as a type assertion here after the error has gone.
    tail = "export const f = <T,>(x: T): T => { return x }\n"
    text = Text.of("type U = `a;\n" + tail * 3)
    syntax = parse(text, "typescript")
    edit = Edit(Span(9, 10), "")
    fixed = text.replace(edit)
    assert str(reparse(syntax, fixed, (edit,)).root) == str(parse(fixed, "typescript").root)


def test_an_old_syntax_stays_valid() -> None:
    text = Text.of(CODE["python"] * 3)
    syntax = parse(text, "python")
    before = outline(syntax)
    for at in range(0, len(text), 97):
        edit = Edit(Span(at, min(at + 5, len(text))), "(\n")
        reparse(syntax, text.replace(edit), (edit,))
    assert outline(syntax) == before


def test_threads_may_read_one_syntax_while_it_is_edited() -> None:
    text = Text.of(CODE["java"] * 20 + "class {")
    syntax = parse(text, "java")
    expected, seen = outline(syntax), []
    readers = [threading.Thread(target=lambda: seen.append(outline(syntax))) for _ in range(4)]
    for reader in readers:
        reader.start()
    for at in range(0, len(text), 501):
        edit = Edit(Span(at, at), "x")
        reparse(syntax, text.replace(edit), (edit,))
    for reader in readers:
        reader.join()
    assert seen == [expected] * 4


@settings(max_examples=300)
@given(st.text(st.sampled_from("a\né😀\ud800\x00"), max_size=3000), st.lists(st.integers(0, 3000)))
def test_offsets_and_bytes(content: str, offsets: list[int]) -> None:
    utf8 = Utf8(content)
    for offset in {min(offset, len(content)) for offset in offsets} | {0, len(content)}:
        byte = utf8.byte_of(offset)
        assert byte == len(content[:offset].encode("utf-8", "replace"))
        assert utf8.offset_of(byte) == offset


def test_nodes_lie_where_the_text_says() -> None:
    syntax = parse(Text.of("# 😀é\nname = '😀' + other\n"), "python")
    names = [syntax.node_text(node) for node in syntax.captures("identifiers")["identifier"]]
    assert names == ["name", "other"]
    assert [node.text for node in syntax.captures("identifiers")["identifier"]] == [b"name", b"other"]


@settings(max_examples=200)
@given(st.text(max_size=200), st.sampled_from(tuple(LANGUAGES)), st.integers(-10, 300), st.integers(-10, 300))
def test_nothing_raises_for_odd_input(content: str, language: str, start: int, end: int) -> None:
    syntax = parse(Text.of(content), language)
    for problem in syntax.problems():
        assert 0 <= problem.span.start <= problem.span.end <= len(content)
        assert problem.message
    syntax.node_at(Span(start, end))
    syntax.captures("definitions", Span(start, end))


@pytest.mark.parametrize(
    ("language", "code", "message"),
    [
        ("python", "x = 1 )\n", "unexpected x = 1 )"),
        ("java", "class A { void f() { g( } }", ""),
        ("c", "int f() { return 1 }", "missing ;"),
        ("go", "func f() {", ""),
    ],
)
def test_problems_say_what_and_where(language: str, code: str, message: str) -> None:
    problems = parse(Text.of("\n" + code), language).problems()
    assert problems
    assert message in problems[0].message
    assert all(problem.span.start >= 1 for problem in problems)


def test_problems_are_bounded() -> None:
    assert len(parse(Text.of("x = ;\n" * 500), "python").problems(limit=7)) == 7


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("java", "a<b<" * 25_000),  # each of these takes all memory or crashes the process where it is parsed
        ("java", "class A {\n}\n" * 50 + "x=>" * 20_000),
        ("c", "yield=>" * 9_000),
        ("c", "(" * 50_000),
    ],
)
def test_a_hostile_text_is_not_parsed(language: str, code: str) -> None:
    syntax = parse(Text.of(code), language)
    assert syntax.partial
    assert "select the lines" in syntax.problems()[0].message
    edit = Edit(Span(0, 0), "x")
    text = syntax.text.replace(edit)
    assert reparse(syntax, text, (edit,)).partial
    whole = Edit(Span(0, len(text)), "int x;")
    again = reparse(reparse(syntax, text, (edit,)), text.replace(whole), (whole,))
    assert (again.partial, again.problems()) == (False, ())


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("c", "int a[] = {\n" + "0, " * 20_000 + "0};\n"),
        ("cpp", "int a[] = {\n" + "{0x00, 0x01},\n" * 5_000 + "};\n"),
        ("python", "a = [\n" + "    None,\n" * 9_000 + "]\n"),
        ("java", "class A { int[] a = {\n" + "-1,\n" * 20_000 + "0}; }\n"),
        ("go", "package a\n\n" + "// ====\n" * 9_000),
        ("typescript", "f(x);\n" * 9_000),
    ],
)
def test_tables_that_repeat_themselves_are_parsed(language: str, code: str) -> None:
    syntax = parse(Text.of(code), language)
    assert (syntax.partial, syntax.problems()) == (False, ())


def test_parsing_again_and_again_keeps_no_old_text() -> None:
    text = Text.of(CODE["python"] * 200)
    syntax = parse(text, "python")
    kept: list[int] = []
    tracemalloc.start()
    try:
        for number in range(25):
            edit = Edit(Span(0, 0), f"x{number} = 1\n")
            text = text.replace(edit)
            syntax = reparse(syntax, text, (edit,))
            assert syntax.root.child_count
            gc.collect()
            kept.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert kept[-1] - kept[4] < 2 * len(text), kept


def test_a_draft_is_at_hand_where_a_large_text_has_errors() -> None:
    text = Text.of(CODE["java"] * 30)
    syntax = parse(text, "java")
    edit = Edit(Span(text.content.index("{"), text.content.index("{") + 1), "")
    broken = reparse(syntax, text.replace(edit), (edit,))
    assert broken.draft is not broken
    assert broken.draft.text is broken.text
    assert str(broken.root) == str(parse(broken.text, "java").root)
    assert broken.draft is broken  # now that the exact tree is known
    assert syntax.draft is syntax
