"""Tests out of a reply: a new test file, or what is added to one that exists.

Owns joining the two and the checks that need no tools. The path is the caller's: none is taken from a reply. Nothing
is run here.
"""

from __future__ import annotations

from dataclasses import dataclass

from lanyard_analyzers._definitions import definitions
from lanyard_analyzers.replies.check import left_out
from lanyard_analyzers.replies.edits import MAX_CODE, leaf
from lanyard_analyzers.replies.fences import code_blocks
from lanyard_analyzers.replies.join import joined
from lanyard_analyzers.replies.problem import Problem
from lanyard_analyzers.replies.sound import doubled
from lanyard_analyzers.replies.tags import with_tag
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.targets import Shape, Target
from lanyard_analyzers.text import Text

# Tests of these are part of the same package or file, or see it without naming it.
_SEES_WITHOUT_IMPORT = frozenset({"go", "java", "rust", "csharp", "ruby", "php", "kotlin", "bash"})


@dataclass(frozen=True, slots=True)
class CheckedTests:
    """Tests that passed: the whole content of the test file, and how many tests it gained."""

    content: str
    tests: int
    parsed: bool = True


def check_tests(
    reply: str, language: str, target: Target, *, existing: str | None = None
) -> tuple[CheckedTests | None, tuple[Problem, ...]]:
    """Read the tests of `target` from a reply. `existing` is the test file's content, None where there is no file."""
    blocks = code_blocks(reply, language)
    if not blocks:
        return None, (Problem("the answer holds no code"),)
    reasons: list[str] = []
    for block in blocks:
        content, reason = _joined(with_tag(block.code, language), language, existing)
        reason = reason or _refusal(content, language, target, existing)
        if reason is None:
            gained = _tests(parse(Text.of(content), language)) - _tests(parse(Text.of(existing or ""), language))
            return CheckedTests(content, gained), ()
        if not block.cut:
            reasons.append(reason)
        else:
            reasons.append(f"{reason}; the answer may be cut off")
    return None, (Problem(reasons[0]),)


def _joined(code: str, language: str, existing: str | None) -> tuple[str, str | None]:
    if len(code) > MAX_CODE:
        return "", "the answer is too long"
    if existing is None or not existing.strip():
        return code + "\n", None
    return joined(code, existing, language)


def _refusal(content: str, language: str, target: Target, existing: str | None) -> str | None:
    after, before = parse(Text.of(content), language), parse(Text.of(existing or ""), language)
    problems = after.problems()
    if len(problems) > len(before.problems()):
        line = after.text.line_of(problems[0].span.start) + 1
        return f"the tests do not parse: {problems[0].message} at line {line}"
    if _tests(after) <= _tests(before):
        return "the answer holds no test"
    line_left_out = left_out(content, existing or "")
    if line_left_out is not None:
        return f"the answer leaves code out: {line_left_out}"
    twice = doubled(before, after)
    if twice:
        return f"the answer defines {twice[0]} twice"
    return _about(after, language, target)


def _about(after: Syntax, language: str, target: Target) -> str | None:
    """Whether the tests are about the target itself: they name it, reach it, and bring no copy of it."""
    if target.shape in (Shape.FUNCTION, Shape.METHOD, Shape.CLASS):
        name = leaf(target.name, language)
        top = target.name.split(".")[0].split("::")[0].strip("(*)")
        names = {after.node_text(node).strip("#") for node in after.captures("identifiers").get("identifier", ())}
        if not {name.strip("~#"), top} & names:
            return f"the tests never name {name}"
        if any(one.name == target.name and one.body is not None for one in definitions(after)):
            return f"the tests bring their own copy of {target.name}"
    if language not in _SEES_WITHOUT_IMPORT and not after.captures("imports").get("import"):
        return "the tests import nothing, so they cannot reach the code"
    return None


def _tests(syntax: Syntax) -> int:
    return len(syntax.captures("tests").get("test", ()))
