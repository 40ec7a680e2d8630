"""Targets at a cursor (`$0`) or a selection (`«»`), by text; complexity; finding a target again."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.targets import Shape, Target, complexity, file_target, find_target, signature, targets_at
from lanyard_analyzers.text import Span, Text


def at(marked: str, language: str = "python") -> tuple[Syntax, tuple[Target, ...]]:
    if "$0" in marked:
        before, after = marked.split("$0")
        span = Span(len(before), len(before))
    else:
        before, rest = marked.split("«")
        inner, after = rest.split("»")
        span = Span(len(before), len(before) + len(inner))
        before += inner
    syntax = parse(Text.of(before + after), language)
    return syntax, targets_at(syntax, span)


def names(marked: str, language: str = "python") -> list[str]:
    return [f"{target.shape} {target.name}".strip() for target in at(marked, language)[1]]


CART = """\
import os

class Cart:
    # Sums.
    @cached
    def total(self):
        def add(a, b):
            return a + b
        return add(1, 2)

    def size(self):
        return 1

done = 1
"""


@pytest.mark.parametrize(
    ("cursor", "expected"),
    [
        ("import os$0", ["file"]),
        ("class Ca$0rt:", ["class Cart", "file"]),
        ("# Su$0ms.", ["method Cart.total", "class Cart", "file"]),
        ("@cach$0ed", ["method Cart.total", "class Cart", "file"]),
        ("$0    def total", ["method Cart.total", "class Cart", "file"]),
        ("return a$0 + b", ["function Cart.total.add", "class Cart", "file"]),
        ("add(1, 2)$0", ["method Cart.total", "class Cart", "file"]),
        ("    def size(self):$0", ["method Cart.size", "class Cart", "file"]),
        ("do$0ne = 1", ["file"]),
    ],
)
def test_a_cursor_gives_the_innermost_function_its_class_and_the_file(cursor: str, expected: list[str]) -> None:
    plain = cursor.replace("$0", "")
    assert CART.count(plain) == 1
    assert names(CART.replace(plain, cursor)) == expected


def test_a_selection_comes_first_and_is_snapped_to_lines() -> None:
    marked = CART.replace("return a + b", "ret«urn a» + b")
    syntax, targets = at(marked)
    assert [t.name for t in targets] == ["line 8", "Cart.total.add", "Cart", ""]
    assert syntax.text.slice(targets[0].span) == "            return a + b"


def test_a_selection_that_cuts_a_definition_takes_all_of_it() -> None:
    marked = CART.replace("return add(1, 2)", "ret«urn add(1, 2)").replace("def size", "def» size")
    syntax, targets = at(marked)
    assert [(t.shape, t.name) for t in targets] == [
        (Shape.SELECTION, "lines 4-12"),
        (Shape.CLASS, "Cart"),
        (Shape.FILE, ""),
    ]
    assert syntax.text.slice(targets[0].span).startswith("    # Sums.")
    assert find_target(syntax, "lines 4-12", Shape.SELECTION) == targets[0]


@pytest.mark.parametrize("marked", ["a = 1\n«\n\n»b = 2\n", "«»a = 1\n", "a«  »= 1"])
def test_a_blank_selection_is_a_cursor(marked: str) -> None:
    assert names(marked) == ["file"]


def test_blank_lines_at_the_ends_of_a_selection_do_not_count() -> None:
    assert names("a = 1\n«\nb = 2\n\n»c = 3\n")[0] == "selection line 3"


@pytest.mark.parametrize(
    ("language", "marked", "name", "start", "end"),
    [
        ("typescript", "let a\n/** d */\n@x()\nexport class A {\n  m() {$0}\n}\n", "A", "/** d */", "}\n}"),
        ("rust", "use a;\n\n/// d\n#[test]\nfn f() {$0}\n", "f", "/// d", "fn f() {}"),
        ("rust", "impl A {\n  /* d */\n  pub fn f(&self) {$0}\n}\n", "A::f", "/* d */", "pub fn f(&self) {}"),
        ("go", "package a\n\n// d\n// e\nfunc (a *A[T]) F() {$0}\n", "(*A).F", "// d", "func (a *A[T]) F() {}"),
        ("java", "class A {\n  /** d */\n  @B\n  void f() {$0}\n}\n", "A.f", "/** d */", "void f() {}"),
        ("cpp", "// d\ntemplate <class T>\nT f(T x) {$0 return x; }\n", "f", "// d", "return x; }"),
        ("c", "struct s { int $0a; };\n", "s", "struct s", "};"),
        ("javascript", "export const f = async (x) => {$0 };\n", "f", "export", "};"),
        ("python", "@a\n@b(\n  1,\n$0)\nasync def f():\n    pass\n", "f", "@a", "pass"),
        ("c", "int a; /* of a */\nint f(void) {$0 return 1; }\n", "f", "int f", "return 1; }"),
        ("c", "/* apart */\n\nint f(void) {$0 return 1; }\n", "f", "int f", "return 1; }"),
        ("c", "/*\n two$0\n lines\n*/\nint f(void) { return 1; }\n", "f", "/*", "return 1; }"),
    ],
)
def test_a_span_covers_what_belongs_to_a_definition(
    language: str, marked: str, name: str, start: str, end: str
) -> None:
    syntax, targets = at(marked, language)
    found = next(target for target in targets if target.name == name)
    content = syntax.text.slice(found.span)
    assert content.startswith(start)
    assert content.endswith(end)


def test_crlf_and_astral_characters_do_not_shift_a_span() -> None:
    syntax, targets = at('# 😀é\r\ndef f():\r\n    return "😀$0"\r\n\r\nx = 1\r\n')
    assert syntax.text.slice(targets[0].span) == '# 😀é\r\ndef f():\r\n    return "😀"'


def test_targets_are_there_in_a_text_with_errors() -> None:
    assert (
        names("class A:\n    def f(self):\n        x = (1,\n        $0\n\n    def g(self):\n        pass\n")[-1]
        == "file"
    )
    assert "function g" in names("x = = 1\ndef g():\n    $0return 1\n")


@settings(max_examples=150)
@given(
    st.text(st.sampled_from("ab :\n\r(){};=#/*\"'@é😀"), max_size=60),
    st.sampled_from(tuple(LANGUAGES)),
    st.integers(-5, 70),
    st.integers(-5, 70),
)
def test_any_text_and_any_selection(content: str, language: str, start: int, end: int) -> None:
    syntax = parse(Text.of(content), language)
    targets = targets_at(syntax, Span(start, end))
    assert targets[-1] == Target(Shape.FILE, "", Span(0, len(content)), language)
    for target in targets:
        assert 0 <= target.span.start <= target.span.end <= len(content)
        complexity(syntax, target)
        signature(syntax, target)
        find_target(syntax, target.name, target.shape)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("    return a\n", "simple"),
        ("    if a and b or c:\n        return 1\n" + "    if a:\n        b()\n" * 4, "moderate"),
        ("    if a:\n        b()\n" * 20, "complex"),
        ("    b()\n" * 60, "moderate"),
        ("    b()\n" * 200, "complex"),
    ],
)
def test_complexity_counts_paths_and_lines(body: str, expected: str) -> None:
    syntax = parse(Text.of("def f(a, b, c):\n" + body), "python")
    target = find_target(syntax, "f", Shape.FUNCTION)
    assert target is not None
    assert complexity(syntax, target) == expected
    assert complexity(syntax, file_target(syntax)) == expected


@pytest.mark.parametrize("name", ["lines 2-9", "lines 0-1", "lines a-b", "", "lines 1-2-3", "lines ²", "line -1"])
def test_lines_that_are_not_there_are_not_found(name: str) -> None:
    assert find_target(parse(Text.of("a\nb\n"), "python"), name, Shape.SELECTION) is None


def test_a_target_is_found_again_after_a_change() -> None:
    syntax, targets = at(CART.replace("return 1", "return 1$0"))
    changed = parse(Text.of("# new\n\n" + syntax.text.content), "python")
    again = find_target(changed, targets[0].name, targets[0].shape)
    assert again is not None
    assert changed.text.slice(again.span) == syntax.text.slice(targets[0].span)
    assert find_target(changed, "Cart.gone", Shape.METHOD) is None
