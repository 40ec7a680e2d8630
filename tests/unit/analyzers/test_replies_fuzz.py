"""Any reply at all: nothing raises, nothing takes long (pytest's own time limit guards the hostile ones)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.replies import (
    check_edit,
    check_tests,
    code_edit,
    extract_code,
    parse_findings,
    tidy_markdown,
)
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import targets_at
from lanyard_analyzers.text import Span, Text

CODE = {
    "python": "class A:\n    def f(self):\n        return 1\n",
    "go": "package a\n\nfunc (a *A) F() int {\n\treturn 1\n}\n",
    "java": "class A {\r\n  int f() { return 1; }\r\n}\r\n",
}
PIECES = st.sampled_from(
    (
        *(
            "```",
            "```python\n",
            "````",
            "~~~",
            "\n```\n",
            "<think>",
            "</think>",
            "\n",
            "\r\n",
            "\r",
            "\t",
            "    ",
            "> ",
        ),
        *("def f(self):\n", "return 1", "class A {", "}", "int f() {", "import a\n", "# rest of the code", "...", "😀"),
        *('{"findings": [', '{"quote": "return 1", "severity": "x", "message": "m"}', "]}", "[", "{", '"', "\\", ","),
        *("\x00", "\ud800", "\u2028", "\u202e", "[a](b)", "![", "<b>", "func F() {", "package a\n", "1e999", "NaN"),
    )
)
REPLY = st.lists(PIECES | st.text(max_size=5), max_size=25).map("".join)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
JSON = st.recursive(SCALAR, lambda c: st.lists(c, max_size=4) | st.dictionaries(st.text(max_size=9), c, max_size=4))
FIELDS = st.sampled_from(("quote", "message", "severity", "suggestion", "line", "other"))


@settings(max_examples=300, deadline=None)
@given(REPLY, st.sampled_from(tuple(CODE)), st.integers(0, 60))
def test_no_reply_raises(reply: str, language: str, cursor: int) -> None:
    syntax = parse(Text.of(CODE[language]), language)
    extract_code(reply, language)
    tidy_markdown(reply)
    for target in targets_at(syntax, Span(cursor, cursor + 3)):
        findings, _ = parse_findings(reply, syntax, target)
        assert all(target.span.covers(finding.span) for finding in findings)
        check_tests(reply, language, target, existing=CODE[language] if cursor % 2 else None)
        edit, problems = code_edit(reply, syntax, target)
        if edit is None:
            assert problems
            continue
        checked, problems = check_edit(syntax, target, edit)
        assert (checked is None) == bool(problems)
        if checked is not None:
            assert checked.text.content.startswith(CODE[language][: target.span.start])
            assert checked.text.content.endswith(CODE[language][target.span.end :])
            assert not syntax.problems()
            assert not parse(checked.text, language).problems()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(FIELDS, JSON, max_size=6), max_size=4))
def test_no_json_raises(items: list[dict[str, object]]) -> None:
    syntax = parse(Text.of(CODE["python"]), "python")
    target = targets_at(syntax, Span(20, 20))[0]
    parse_findings(json.dumps({"findings": items}), syntax, target)


HOSTILE = {
    "open fences": "```python\n" * 20_000,
    "nested fences": "````a\n```b\n" * 10_000,
    "brackets": "[" * 300_000,
    "braces": '{"' * 150_000,
    "a list without end": "[" * 400 + "1," * 150_000,
    "an object without end": '{"findings": [' + '{"quote": "return 1", "message": "m"},' * 9_000,
    "quotes that are nearly there": json.dumps(
        {"findings": [{"quote": "retrun 1 or so, I think", "message": "m"}] * 900}
    ),
    "thoughts": "<think>" * 50_000,
    "links": "[" * 100_000 + "](" * 50_000,
    "images": "![a](" * 60_000,
    "ticks": "`" * 300_000,
    "angles": "```java\n" + "a<b<" * 50_000,
    "parentheses": "```python\n" + "(" * 100_000,
    "dots": "```python\n" + "# " * 100_000 + "\n```",
    "digits": '{"findings": [{"line": ' + "9" * 200_000,
    "paragraphs": "x = (1)\n\n" * 40_000,
    "blanks": " " * 300_000,
    "lines": "\n" * 300_000,
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("language", ["python", "java"])
@pytest.mark.timeout(200)
def test_no_reply_takes_long(name: str, language: str) -> None:
    reply = HOSTILE[name]
    syntax = parse(Text.of(CODE[language]), language)
    target = targets_at(syntax, Span(20, 20))[0]
    extract_code(reply, language)
    tidy_markdown(reply)
    parse_findings(reply, syntax, target)
    edit, _ = code_edit(reply, syntax, target)
    if edit is not None:
        check_edit(syntax, target, edit)
    check_tests(reply, language, target, existing=CODE[language])


def test_every_language_reads_replies() -> None:
    for language in LANGUAGES:
        assert extract_code(f"```{LANGUAGES[language].fences[0]}\nint x = f();\n```", language)[0] == "int x = f();"
