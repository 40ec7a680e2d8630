"""Each row of the language table, by its fixture; a new row without one fails here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lanyard_analyzers.languages import LANGUAGES, is_test_path, language_of, path_of_tests, query_of
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.targets import Shape, find_target, signature, targets_at
from lanyard_analyzers.text import Span, Text

FIXTURES = Path(__file__).parents[2] / "data" / "analyzers" / "languages"
SECTIONS = ("definitions", "imports", "references", "members", "branches", "tests", "identifiers")


def fixture(language: str) -> tuple[Syntax, dict[str, list[str]]]:
    """A fixture is code, then what it holds: `=== section` and its lines."""
    code, *sections = (FIXTURES / f"{language}.txt").read_text(encoding="utf-8").split("=== ")
    expected = {s.partition("\n")[0]: s.partition("\n")[2].rstrip("\n").split("\n") for s in sections}
    return parse(Text.of(code), language), expected


def listed(syntax: Syntax, expected: list[str]) -> list[tuple[Shape, str, int, int, str]]:
    rows: list[tuple[Shape, str, int, int, str]] = []
    for line in expected:
        for shape in Shape:
            if line.startswith(f"{shape} "):
                rest = line.removeprefix(f"{shape} ")
        # The name may hold spaces (`operator bool`): the lines are the first word that looks so.
        words = rest.split(" ")
        at = next(n for n, word in enumerate(words) if word.replace("-", "").isdecimal() and "-" in word)
        first, last = map(int, words[at].split("-"))
        rows.append((Shape(line.split(" ")[0]), " ".join(words[:at]), first, last, " ".join(words[at + 1 :])))
    return rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_definition_is_found_from_its_lines(language: str) -> None:
    syntax, expected = fixture(language)
    text = syntax.text
    assert syntax.problems() == ()
    for shape, name, first, last, head in listed(syntax, expected["targets"]):
        start = text.line_span(first - 1)
        indent = len(text.slice(start)) - len(text.slice(start).lstrip())
        at = Span(start.start + indent, start.start + indent)
        found = [t for t in targets_at(syntax, at) if (t.shape, t.name) == (shape, name)]
        assert found, f"{name} at line {first}"
        span = found[0].span
        assert (text.line_of(span.start) + 1, text.line_of(span.end) + 1) == (first, last), name
        assert signature(syntax, found[0]) == head
        assert find_target(syntax, name, shape) is not None
        assert targets_at(syntax, at)[-1].shape is Shape.FILE


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_fixture_shows_what_a_language_needs(language: str) -> None:
    _, expected = fixture(language)
    rows = [line.split(" ")[:2] for line in expected["targets"]]
    shapes = {shape for shape, _ in rows}
    assert {"function", "class"} <= shapes | {"java": {"function"}, "lua": {"class"}, "bash": {"class"}}.get(
        language, set()
    )
    assert "method" in shapes or language in {"c", "bash"}
    separator = LANGUAGES[language].separator
    assert language in {"c", "bash"} or any(separator in name for _, name in rows)


@pytest.mark.parametrize("language", LANGUAGES)
def test_imports_references_members_tests_and_branches(language: str) -> None:
    syntax, expected = fixture(language)

    def words(section: str, capture: str) -> str:
        return " ".join(syntax.node_text(node) for node in syntax.captures(section).get(capture, ()))

    sources, names = [*expected["imports"], ""][:2]
    assert (words("imports", "import.source"), words("imports", "import.name")) == (sources, names)
    assert words("references", "call") == expected["calls"][0]
    assert words("references", "type") == expected["types"][0]
    assert " ".join(syntax.node_text(m["name"][0]) for m in syntax.matches("members")) == expected["members"][0]
    tests = [syntax.node_text(node).split("\n")[0] for node in syntax.captures("tests").get("test", ())]
    assert tests == [line for line in expected["tests"] if line]
    assert len(syntax.captures("branches").get("branch", ())) == int(expected["branches"][0])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_compiles(language: str, section: str) -> None:
    assert query_of(language, section).pattern_count > 0


def test_a_row_claims_no_other_rows_ids() -> None:
    for field in ("lsp_ids", "suffixes"):
        claimed = [value for row in LANGUAGES.values() for value in getattr(row, field)]
        assert len(claimed) == len(set(claimed))


@pytest.mark.parametrize(
    ("language_id", "path", "expected"),
    [
        ("python", "", "python"),
        ("typescriptreact", "/a/b.tsx", "tsx"),
        ("cpp", "C:\\src\\cart.h", "cpp"),
        ("", "C:\\src\\cart.H", "c"),
        ("plaintext", "/a/b.py", "python"),
        ("plaintext", "/a.py/b", None),
        ("", "/a/Makefile", None),
        ("", ".py", "python"),
        ("shellscript", "/usr/local/bin/deploy", "bash"),
        ("cs", "", "csharp"),
        ("", "Rakefile.rake", "ruby"),
        ("", "", None),
    ],
)
def test_the_language_of_a_document(language_id: str, path: str, expected: str | None) -> None:
    assert language_of(language_id, path) == expected


@pytest.mark.parametrize(
    ("language_id", "path", "content", "expected"),
    [
        ("", "a/cart.h", "#pragma once\n\nclass Cart;\n", "cpp"),
        ("c", "a/cart.h", "namespace shop {\nint f();\n}\n", "cpp"),  # Emacs opens every .h so
        ("", "a/cart.h", "  public:\n", "cpp"),
        ("", "a/cart.h", "template <class T>\nT f(T);\n", "cpp"),
        ("", "a/cart.h", '#ifdef __cplusplus\nextern "C" {\n#endif\nint new;\n', "c"),
        ("", "a/cart.h", "int class_of(int namespace_id);\n", "c"),
        ("", "a/cart.c", "class Cart;\n", "c"),
        ("cpp", "a/cart.h", "int f(void);\n", "cpp"),
    ],
)
def test_a_header_is_of_the_language_of_its_content(language_id: str, path: str, content: str, expected: str) -> None:
    assert language_of(language_id, path, content=content) == expected


@pytest.mark.parametrize(
    ("path", "language", "expected"),
    [
        ("shop/cart.py", "python", "shop/test_cart.py"),
        ("web/Cart.tsx", "tsx", "web/Cart.test.tsx"),
        ("cart.go", "go", "cart_test.go"),
        ("src/cart.rs", "rust", "tests/cart_test.rs"),
        ("/home/a/src/cart.rs", "rust", "/home/a/tests/cart_test.rs"),
        ("api/src/main/java/shop/Cart.java", "java", "api/src/test/java/shop/CartTest.java"),
        ("src/Shop.Web/Carts/Cart.cs", "csharp", "tests/Shop.Web.Tests/Carts/CartTests.cs"),
        ("src/Cart.cs", "csharp", "src/CartTests.cs"),
        ("lib/shop/cart.rb", "ruby", "test/shop/cart_test.rb"),
        ("src/Carts/Cart.php", "php", "tests/Carts/CartTest.php"),
        ("app/src/main/kotlin/shop/Cart.kt", "kotlin", "app/src/test/kotlin/shop/CartTest.kt"),
        ("lua/shop/cart.lua", "lua", "tests/shop/cart_spec.lua"),
        ("lib/cart.sh", "bash", "test/cart.bats"),
    ],
)
def test_where_tests_go(path: str, language: str, expected: str) -> None:
    assert path_of_tests(path, language) == expected
    assert is_test_path(expected, language)
    assert not is_test_path(path, language)


def test_importing_loads_no_grammar() -> None:
    modules = "lanyard_analyzers.languages, lanyard_analyzers.targets, lanyard_analyzers.replies"
    code = f"import sys, {modules}; print([m for m in sys.modules if m.startswith('tree_sitter_')])"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "[]\n"
