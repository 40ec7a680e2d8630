"""From lines to text: markers, joined rows, order, origins."""

from __future__ import annotations

import random

import pytest

from lanyard_analyzers.slices import forms
from lanyard_analyzers.slices.pruned import pruned
from lanyard_analyzers.slices.render import Rows, TargetLines, file_rows, render
from lanyard_analyzers.slices.shorten import joined, shortened, without_comment, without_pragma
from unit.analyzers.test_forms import PYTHON, TYPESCRIPT, source

JAVASCRIPT = """\
/* A licence
 * of many lines. */
const { a, b } = require("./x");

/**
 * Adds up.
 * @param {number} one
 */
export function sum(
  one, // the first
  two = { many: 1, more: 2, most: 3, evenMore: 4, yetMore: 5, theRest: 6, andMore: 7, andTheVeryLast: 8 },
) {
  const found = one + two.many;
  // eslint-disable-next-line no-console
  console.log(found); // eslint-disable-line no-console
  if (found) {
    return found;
  }
  return sum(found - 1);
}

class Deep {
  inner = 1;
  run() {
    return 1;
  }
  stop() {
    this.inner = 2;
    return this.run();
  }
}
"""


def texts(rows: Rows) -> list[str]:
    return [text for text, _ in rows]


def test_a_head_of_several_lines_is_one_row() -> None:
    file = source(JAVASCRIPT, "javascript")
    rows = file_rows(file, forms.documented(file, file.by_qualified["sum"]))
    assert texts(rows) == ["// src/file", "/** Adds up. */", "export function sum(one, two = …) { …7 }"]
    assert [origin.line for _, origin in rows if origin is not None] == [4, 8]


def test_gaps_in_a_body_are_marked_and_its_end_is_shown() -> None:
    file = source(JAVASCRIPT, "javascript")
    rows = file_rows(file, forms.signature(file, file.by_qualified["sum"]) | {18})
    assert texts(rows)[1:] == [
        "export function sum(one, two = …) {",
        "  …6",
        "  return sum(found - 1);",
        "}",
    ]


def test_what_only_a_linter_reads_is_left_out() -> None:
    file = source(JAVASCRIPT, "javascript")
    text = "\n".join(texts(file_rows(file, forms.verbatim(file, file.by_qualified["sum"]))))
    assert "  console.log(found);\n" in text


def test_very_short_bodies_are_shown() -> None:
    file = source(JAVASCRIPT, "javascript")
    text = texts(file_rows(file, forms.outline(file, file.by_qualified["Deep"])))
    assert text[1:] == ["class Deep {", "  inner = 1;", "  run() { return 1; }", "  stop() { …2 }", "}"]


def test_a_nested_piece_without_its_surroundings_is_not_indented() -> None:
    file = source("namespace N {\n    export function f() {\n        return 1;\n    }\n}\n", "typescript")
    rows = file_rows(file, forms.verbatim(file, file.by_qualified["N.f"]))
    assert texts(rows)[1:] == ["export function f() {", "    return 1;", "}"]


def test_a_member_brings_the_head_of_its_class() -> None:
    file = source(JAVASCRIPT, "javascript")
    run = file.by_qualified["Deep.run"]
    rows = file_rows(file, frozenset(range(run.head, run.last + 1)))
    assert texts(rows)[1:] == ["class Deep {", "  run() {", "    return 1;", "  }", "  …5", "}"]


def test_what_is_shown_as_the_target_is_not_shown_twice_or_counted() -> None:
    file = source(JAVASCRIPT, "javascript")
    stop = file.by_qualified["Deep.stop"]
    rows = file_rows(file, forms.outline(file, file.by_qualified["Deep"]), (stop.first, stop.last))
    assert texts(rows)[1:] == ["class Deep {", "  inner = 1;", "  run() { return 1; }", "}"]


def test_files_come_by_path_and_the_target_last() -> None:
    one, two, own = (source(f"const {name} = 1;\n", "javascript", f"{name}.js") for name in ("b", "c", "a"))
    context = {file.path: (file, frozenset({0})) for file in (two, one)}
    before = render(context, TargetLines(own, 0, 0, 1, "a", numbered=True), ["a note"])
    assert texts(before) == [
        "// a note", "", "// b.js", "const b = 1;", "", "// c.js", "const c = 1;", "", "// a.js:1-1 a", "const a = 1;",
    ]  # fmt: skip
    other = render(context, TargetLines(two, 0, 0, 1, "c", numbered=False), ["a note"])
    assert texts(other)[:4] == texts(before)[:4]


def test_imports_are_pruned_to_what_is_used() -> None:
    words = frozenset({"a", "path"})
    assert pruned("from m import (\n    a,\n    b as path,\n    c,\n)", words, "python") == "from m import a, b as path"
    assert pruned("import { a, type b, c } from './m';", words, "typescript") == "import { a } from './m';"
    assert pruned("use m::{a, b};", words, "rust") == "use m::{a};"
    assert pruned('import (\n\t"x/path"\n\t"x/other"\n)', words, "go") == 'import "x/path"'
    assert pruned("import { b, c } from './m';", words, "typescript") == "import { b, c } from './m';"
    assert pruned("import os", words, "python") == "import os"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["def f(", "    a,  # one", "    b='#',", "):"], "def f(a, b='#'):"),
        (["f(", "  /* all", "     of it */ a,", ") {"], "f(a) {"),
        (["  type A =", "    | B", "    | C"], "  type A = | B | C"),
        (["f(a,", "  ...rest)"], "f(a, ...rest)"),
    ],
)
def test_joined(lines: list[str], expected: str) -> None:
    assert joined(lines, "#" if lines[0].startswith("def") else "//") == expected


def test_long_literals_and_defaults_are_shortened() -> None:
    row = f'x = "{"a" * 200}" + f(y)'
    assert shortened(row) == f'x = "{"a" * 24}…" + f(y)'
    head = f"def f(a, b={'c' * 90}, *, d=1, e: int = (1, {'2, ' * 20})):"
    assert shortened(head) == "def f(a, b=…, *, d=1, e: int = …):"
    assert shortened("short = 'x'") == "short = 'x'"
    assert without_comment("x = 'a # b'", "#") == "x = 'a # b'"
    assert without_comment("x = '#' # why", "#") == "x = '#'"
    assert without_pragma("import a  # noqa: F401") == "import a"
    assert without_pragma('url = "http://noqa"') == 'url = "http://noqa"'


def _squeezed(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


@pytest.mark.parametrize("content", [PYTHON, TYPESCRIPT, JAVASCRIPT], ids=["python", "typescript", "javascript"])
@pytest.mark.parametrize("seed", range(8))
def test_every_row_begins_as_its_origin_and_nothing_comes_twice(content: str, seed: int) -> None:
    generator = random.Random(seed)
    language = {PYTHON: "python", TYPESCRIPT: "typescript", JAVASCRIPT: "javascript"}[content]
    file = source(content, language)
    shapes = [forms.signature, forms.documented, forms.header, forms.outline, forms.verbatim]
    lines: frozenset[int] = frozenset(generator.sample(range(-3, file.text.line_count + 3), 4))
    for symbol in generator.sample(file.symbols, min(3, len(file.symbols))):
        lines |= generator.choice(shapes)(file, symbol)
    rows = file_rows(file, lines)
    assert rows == file_rows(file, frozenset(sorted(lines, reverse=True)))
    origins = [origin.line for _, origin in rows if origin is not None]
    assert origins == sorted(set(origins))
    for text, origin in rows:
        if origin is None:
            assert not text or text.startswith(("# ", "// ")) or text.lstrip().startswith("…")
            continue
        after = _squeezed("".join(file.lines[origin.line : origin.line + 40]))
        assert after.startswith(_squeezed(text.partition("…")[0])[:12]), (text, after[:60])
