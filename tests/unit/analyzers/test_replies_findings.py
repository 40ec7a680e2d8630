"""Findings: JSON in its odd forms, anchored by what they quote."""

from __future__ import annotations

import json

import jsonschema
import pytest

from lanyard_analyzers.replies import FINDINGS_SCHEMA, Finding, Severity, parse_findings
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import Shape, file_target, find_target
from lanyard_analyzers.text import Span, Text

CODE = """\
def f(items):
    total = 0
    for item in items:
        total += item.price   *  item.count
    return None


def g(items):
    total = 0
    x = "😀 total"
    return None
"""
SYNTAX = parse(Text.of(CODE), "python")


def found(reply: str, name: str = "f") -> tuple[list[tuple[str, str]], list[str]]:
    """(quoted characters, message) of each finding, and the problems."""
    target = find_target(SYNTAX, name, Shape.FUNCTION) if name else file_target(SYNTAX)
    assert target is not None
    findings, problems = parse_findings(reply, SYNTAX, target)
    for finding in findings:
        assert target.span.covers(finding.span)
        assert " ".join(SYNTAX.text.slice(finding.span).split()) == finding.quote
    return [(f.quote, f.message) for f in findings], [p.message for p in problems]


def reply(*quotes: str, **more: object) -> str:
    return json.dumps({"findings": [{"quote": q, "severity": "error", "message": "m", **more} for q in quotes]})


@pytest.mark.parametrize(
    "form",
    [
        "@",
        "```json\n@\n```",
        "Here is my review:\n\n@\n\nI hope this {really} helps.",
        "<think>[1, 2] {}</think>@",
        "```\n@\n```\nSee `{}`.",
        "\ufeff@\r\n",
        'As {"asked": true} for: @',
    ],
)
def test_the_list_is_found_in_any_wrapping(form: str) -> None:
    assert found(form.replace("@", reply("total = 0"))) == ([("total = 0", "m")], [])


def test_a_bare_list_will_do() -> None:
    bare = json.dumps(json.loads(reply("total = 0"))["findings"])
    assert found(bare)[0] == [("total = 0", "m")]


@pytest.mark.parametrize("text", ['{"findings": []}', "[]", '{"findings":[]} done'])
def test_no_findings_is_an_answer(text: str) -> None:
    assert found(text) == ([], [])


@pytest.mark.parametrize(
    "text", ["", "Looks good to me!", "{}", '{"findings": 3}', "{'findings': []}", "[1, 2]", "[" * 9000]
)
def test_what_is_no_list_is_said(text: str) -> None:
    assert found(text) == ([], ["the answer is no list of findings"])


def test_whole_findings_of_a_cut_reply_are_kept() -> None:
    cut = reply("total = 0", "for item in items:")
    findings, problems = found(cut[: cut.index("for item") + 3])
    assert findings == [("total = 0", "m")]
    assert problems == ["the answer is cut off; only its whole findings are shown"]


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("total = 0", "total = 0"),
        ("    total = 0\n", "total = 0"),
        ("total += item.price * item.count", "total += item.price * item.count"),
        ("`for item in items:`", "for item in items:"),
        ("3: for item in items:", "for item in items:"),
        ("for item in items: ...", "for item in items:"),
        ("for item in items:\n        total += item.price", "for item in items:"),
        ("total += item.prices * item.count", "total += item.price * item.count"),
        ("item.price", "item.price"),
    ],
)
def test_a_quote_finds_its_line(quote: str, expected: str) -> None:
    assert found(reply(quote))[0] == [(expected, "m")]


@pytest.mark.parametrize("quote", ["def g(items):", 'x = "😀 total"', "while True:", "os.system(x)", "0"])
def test_a_quote_that_is_not_in_the_target_is_dropped(quote: str) -> None:
    assert found(reply(quote)) == ([], ["1 finding without a place in the code, dropped"])


def test_a_quote_that_fits_several_lines_needs_a_hint() -> None:
    assert found(reply("return None"), "") == ([], ["1 finding whose quote fits several lines, dropped"])
    for line, expected in ((5, 4), (11, 10), (9, 10)):
        findings, _ = parse_findings(reply("return None", line=line), SYNTAX, file_target(SYNTAX))
        assert SYNTAX.text.line_of(findings[0].span.start) == expected


def test_a_line_number_alone_is_never_believed() -> None:
    assert found(reply("os.system(x)", line=2))[0] == []


@pytest.mark.parametrize(
    ("said", "severity"),
    [
        ("error", Severity.ERROR),
        ("Warning", Severity.WARNING),
        ("CRITICAL", Severity.ERROR),
        ("nit", Severity.HINT),
        ("purple", Severity.INFO),
        (None, Severity.INFO),
        (3, Severity.INFO),
        ([], Severity.INFO),
    ],
)
def test_severities(said: object, severity: Severity) -> None:
    target = find_target(SYNTAX, "f", Shape.FUNCTION)
    assert target is not None
    assert parse_findings(reply("total = 0", severity=said), SYNTAX, target)[0][0].severity is severity


def test_messages_are_plain_bounded_and_harmless() -> None:
    message = "See [docs](http://evil/x) ![i](http://evil/y)\x1b[31m \u202ereversed " + "long " * 300
    findings, _ = found(reply("total = 0", message=message))
    shown = findings[0][1]
    assert shown.startswith("See docs i[31m reversed long")
    assert 490 < len(shown) <= 500
    assert "http" not in shown
    assert found(reply("total = 0", message="\u200b \x00"))[1] == ["1 finding without a quote or a message, dropped"]


@pytest.mark.parametrize(
    "item", [{}, {"quote": "total = 0"}, {"message": "m"}, {"quote": 3, "message": "m"}, {"quote": " ", "message": "m"}]
)
def test_a_malformed_finding_costs_only_itself(item: dict[str, object]) -> None:
    items = [item, *json.loads(reply("total = 0"))["findings"]]
    findings, problems = found(json.dumps({"findings": items}))
    assert findings == [("total = 0", "m")]
    assert problems == ["1 finding without a quote or a message, dropped"]


def test_duplicates_are_one_and_the_number_is_bounded() -> None:
    assert len(found(reply("total = 0", "total = 0"))[0]) == 1
    assert found(reply(*["while True:"] * 80))[1] == [
        "50 findings without a place in the code, dropped",
        "30 findings beyond the first 50, dropped",
    ]


def test_the_schema_asks_for_what_is_read() -> None:
    jsonschema.Draft202012Validator.check_schema(FINDINGS_SCHEMA)
    jsonschema.validate(json.loads(reply("total = 0", suggestion="s")), FINDINGS_SCHEMA)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"findings": [{"quote": "x", "severity": "bad", "message": "m"}]}, FINDINGS_SCHEMA)


def test_a_finding_is_a_value() -> None:
    assert Finding(Span(0, 1), "q", Severity.HINT, "m") == Finding(Span(0, 1), "q", Severity.HINT, "m", "")
