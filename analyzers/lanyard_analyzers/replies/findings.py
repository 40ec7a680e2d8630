"""Findings: what a review says, anchored to the code by the line that it quotes.

Owns reading the reply's JSON and refusing what has no place. A line number alone is never believed: it only chooses
between lines that the quote fits equally well (`anchor.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, cast

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from lanyard_analyzers.replies.anchor import Anchors
from lanyard_analyzers.replies.problem import Problem
from lanyard_analyzers.replies.prose import plain, without_thoughts
from lanyard_analyzers.syntax import Syntax
from lanyard_analyzers.targets import Target
from lanyard_analyzers.text import Span

_MAX_FINDINGS = 50
_MAX_DECODES, _MAX_DECODED = 400, 4_000_000
_MESSAGE, _SUGGESTION, _QUOTE = 500, 500, 300


class Severity(StrEnum):
    """How bad a finding is, in LSP's four grades."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    HINT = "hint"


# What models say although the prompt and the schema ask for the four words.
_GRADES = {
    "critical": Severity.ERROR,
    "blocker": Severity.ERROR,
    "high": Severity.ERROR,
    "bug": Severity.ERROR,
    "major": Severity.WARNING,
    "medium": Severity.WARNING,
    "warn": Severity.WARNING,
    "moderate": Severity.WARNING,
    "information": Severity.INFO,
    "minor": Severity.INFO,
    "low": Severity.INFO,
    "note": Severity.HINT,
    "nit": Severity.HINT,
    "style": Severity.HINT,
    "suggestion": Severity.HINT,
}

FINDINGS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "findings": {
            "type": "array",
            "maxItems": _MAX_FINDINGS,
            "items": {
                "type": "object",
                "properties": {
                    "quote": {"type": "string", "minLength": 1, "maxLength": _QUOTE},
                    "severity": {"type": "string", "enum": [grade.value for grade in Severity]},
                    "message": {"type": "string", "minLength": 1, "maxLength": _MESSAGE},
                    "suggestion": {"type": "string", "maxLength": _SUGGESTION},
                },
                "required": ["quote", "severity", "message"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["findings"],
    "additionalProperties": False,
}
"""What a review must answer, for endpoints that can force a reply into a schema."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a review found. `span` is the quoted code, `quote` its characters there, on one line."""

    span: Span
    quote: str
    severity: Severity
    message: str
    suggestion: str = ""


class _Raw(BaseModel):
    model_config = ConfigDict(extra="ignore")

    quote: str
    message: str
    severity: Severity = Severity.INFO
    suggestion: str = ""
    line: int | None = None

    @field_validator("severity", mode="before")
    @classmethod
    def _grade(cls, value: object) -> Severity:
        word = str(value).strip().lower()
        return _GRADES.get(word) or (Severity(word) if word in set(Severity) else Severity.INFO)

    @field_validator("suggestion", mode="before")
    @classmethod
    def _words(cls, value: object) -> str:
        return value if isinstance(value, str) else ""

    @field_validator("line", mode="before")
    @classmethod
    def _number(cls, value: object) -> int | None:
        return value if isinstance(value, int) and 0 < value < 10_000_000 else None


def parse_findings(reply: str, syntax: Syntax, target: Target) -> tuple[tuple[Finding, ...], tuple[Problem, ...]]:
    """The findings of a review's reply, in the order of the text; what was dropped is told as problems."""
    read = _raw_findings(without_thoughts(reply))
    if read is None:
        return (), (Problem("the answer is no list of findings"),)
    raw, state = read
    anchors = Anchors(syntax.text, target.span)
    found: dict[tuple[Span, str], Finding] = {}
    dropped: dict[str, int] = {}
    for item in raw[:_MAX_FINDINGS]:
        finding = _anchored(item, anchors)
        if isinstance(finding, Finding):
            found.setdefault((finding.span, finding.message), finding)
        else:
            dropped[finding] = dropped.get(finding, 0) + 1
    if len(raw) > _MAX_FINDINGS:
        dropped[f"beyond the first {_MAX_FINDINGS}"] = len(raw) - _MAX_FINDINGS
    problems = tuple(Problem(f"{count} finding{'s' * (count > 1)} {why}, dropped") for why, count in dropped.items())
    if state == "cut":
        problems = (*problems, Problem("the answer is cut off; only its whole findings are shown"))
    return tuple(sorted(found.values(), key=lambda finding: finding.span)), problems


def _anchored(item: object, anchors: Anchors) -> Finding | str:
    try:
        raw = _Raw.model_validate(item)
    except ValidationError:
        return "without a quote or a message"
    message = plain(raw.message, _MESSAGE)
    if not message or not raw.quote.strip():
        return "without a quote or a message"
    span = anchors.find(raw.quote, raw.line)
    if isinstance(span, str):
        return span
    quote = " ".join(anchors.text.slice(span).split())[:_QUOTE]
    return Finding(span, quote, raw.severity, message, plain(raw.suggestion, _SUGGESTION))


def _raw_findings(text: str) -> tuple[list[object], Literal["whole", "cut"]] | None:
    """The items of the reply's list: of the first JSON value that has one, else what can be saved from a cut reply."""
    for value in _values(text, re.compile(r"[{\[]")):
        listed: object = value
        if isinstance(value, dict):
            listed = cast("dict[str, object]", value).get("findings")
        elif not value and not text.lstrip().startswith("["):
            continue  # an empty list somewhere in prose says nothing
        if isinstance(listed, list) and all(isinstance(item, dict) for item in cast("list[object]", listed)):
            return cast("list[object]", listed), "whole"
    objects = _values(text, re.compile(r"\{(?=\s*\")"))
    saved = [cast("dict[str, object]", value) for value in objects if isinstance(value, dict) and "quote" in value]
    return (list(saved), "cut") if saved else None


def _values(text: str, opening: re.Pattern[str]) -> Iterator[object]:
    """JSON values in a text, each after the end of the one before; bounded in tries and in characters read."""
    decoder, at, left = json.JSONDecoder(strict=False), 0, _MAX_DECODED
    for _ in range(_MAX_DECODES):
        start = opening.search(text, at)
        if start is None or left < 0:
            return
        try:
            value, at = decoder.raw_decode(text, start.start())
        except json.JSONDecodeError as error:
            at = start.end()
            left -= error.pos - start.start()
            continue
        except (ValueError, RecursionError):  # a number of thousands of digits; a list of thousands of lists
            at = start.end()
            left -= len(text) // 8
            continue
        yield value
