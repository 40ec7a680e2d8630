"""Whether code with an edit is still sound, as far as syntax tells.

Owns the comparison of a text before and after an edit: new errors, names defined twice.
"""

from __future__ import annotations

import ast
import warnings
from collections import Counter

from lanyard_analyzers._definitions import definitions
from lanyard_analyzers.syntax import Syntax
from lanyard_analyzers.text import Edit, Span

_MAX_PROBLEMS = 200


def stands_alone(syntax: Syntax) -> bool:
    """Whether a whole text is free of syntax errors."""
    return syntax.parsed.clean and (syntax.language != "python" or _compiles(syntax.text.content))


def new_error(before: Syntax, after: Syntax, edit: Edit) -> str | None:
    """The first syntax error that the edit brings, as half a line; errors that were there elsewhere do not count."""
    if after.partial:
        return "the result could not be parsed"
    inside = Span(edit.span.start, edit.span.start + len(edit.new))
    old, new = before.problems(_MAX_PROBLEMS), after.problems(_MAX_PROBLEMS)
    if len(new) > len(old) or sum(_meets(p.span, inside) for p in new) > sum(_meets(p.span, edit.span) for p in old):
        first = next((p for p in new if _meets(p.span, inside)), new[0])
        line = after.text.line_of(first.span.start) - after.text.line_of(inside.start) + 1
        return f"the result does not parse: {first.message} at its line {max(1, line)}"
    if after.language == "python" and _compiles(before.text.content) and not _compiles(after.text.content):
        return "the result does not parse: Python refuses its indentation or syntax"
    return None


def doubled(before: Syntax, after: Syntax) -> tuple[str, ...]:
    """Names that `after` defines twice with the same head, and oftener than `before`; overloads differ in theirs."""
    old, new = _heads(before), _heads(after)
    return tuple(name for (name, head), count in new.items() if count > max(1, old[name, head]))


def _heads(syntax: Syntax) -> Counter[tuple[str, str]]:
    content, heads = syntax.text.content, Counter[tuple[str, str]]()
    for one in definitions(syntax):
        head = content[one.node.start : one.body.start if one.body else one.node.end]
        heads[one.name, "".join(head.split())] += 1
    return heads


def _meets(problem: Span, span: Span) -> bool:
    return problem.start <= span.end and span.start <= problem.end


def _compiles(content: str) -> bool:
    """Whether CPython's own parser accepts the content: tree-sitter accepts dedents that it does not."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(content)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
