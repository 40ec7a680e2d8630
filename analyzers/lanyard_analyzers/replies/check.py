"""Whether an edit from a reply may be offered.

Owns the checks that need no tools: inside the target, no new syntax errors, the target still there, nothing left out,
a sane size. Formatting and running tests are the server's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from lanyard_analyzers._definitions import definitions
from lanyard_analyzers.replies.edits import MAX_CODE
from lanyard_analyzers.replies.hunks import counted
from lanyard_analyzers.replies.problem import Problem
from lanyard_analyzers.replies.sound import doubled, new_error
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.targets import Shape, Target, find_target
from lanyard_analyzers.text import Edit, Text

_GROWTH, _SLACK = 3, 2_000
_SHRINK, _LARGE = 12, 1_500

_COMMENT = r"(?:#|//|/\*+|\*|--|<!--)"
_LEFT_OUT = re.compile(
    rf"^[^\n]*{_COMMENT}[^\n]*?(?:"
    r"\b(?:rest|remainder) of (?:the |your |this )?\w+|\bexisting (?:code|implementation|logic|methods?|fields?)\b"
    r"|\b(?:un|not )changed\b|\bsame as (?:before|above|original)\b|\bomitted\b"
    r"|\b(?:code|methods?|functions?) (?:go|goes) here\b"
    r"|\byour (?:code|implementation|logic) here\b|\bother (?:methods|functions|code) (?:remain|stay|here|as)\b"
    r"|\bTODO:? implement\b|\bprevious code\b|\bas (?:before|above)\b)[^\n]*$"
    rf"|^[ \t]*{_COMMENT}[ \t]*(?:\.\.\.|…)[^\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_BARE_DOTS = re.compile(r"^[ \t]*(?:\.\.\.|…|\[\.\.\.\])[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Checked:
    """An edit that passed: the text with it, its syntax, and what verification saw."""

    edit: Edit
    text: Text
    syntax: Syntax
    added: int
    removed: int
    parsed: bool = True


def check_edit(
    before: Syntax, target: Target, edit: Edit, *, renamed_to: str | None = None
) -> tuple[Checked | None, tuple[Problem, ...]]:
    """Check one edit of a target. `renamed_to` is the target's qualified name afterwards, if the task was to rename."""
    reason = _of_the_text(before, target, edit)
    if reason is not None:
        return None, (Problem(reason),)
    text = before.text.replace(edit)
    after = parse(text, before.language)
    reason = new_error(before, after, edit)
    reasons = [reason] if reason else list(_of_the_names(before, after, target, renamed_to))
    if reasons:
        return None, tuple(Problem(reason) for reason in reasons)
    added, removed = counted(before.text.slice(edit.span), edit.new)
    return Checked(edit, text, after, added, removed), ()


def documents_only(before: Syntax, after: Syntax) -> bool:
    """Whether two syntaxes differ in comments and documentation strings alone."""
    return list(_code_of(before)) == list(_code_of(after))


def left_out(new: str, old: str) -> str | None:
    """A line that stands for code left out, which the old code has not."""
    for pattern in (_LEFT_OUT, _BARE_DOTS):
        known = {" ".join(found[0].split()) for found in pattern.finditer(old)}
        for found in pattern.finditer(new):
            line = " ".join(found[0].split())
            if line not in known:
                return line[:60]
    return None


def _of_the_text(before: Syntax, target: Target, edit: Edit) -> str | None:
    if not 0 <= edit.span.start <= edit.span.end <= len(before.text) or not target.span.covers(edit.span):
        return "the edit reaches beyond the code that was asked about"
    old, new = before.text.slice(edit.span), edit.new
    if not new.strip():
        return "the answer is empty"
    if _settled(new) == _settled(old):
        return "the answer changes nothing"
    if len(new) > min(MAX_CODE, max(_GROWTH * len(old), len(old) + _SLACK)):
        return f"the answer is {len(new) // max(1, len(old))} times as long as the code"
    line = left_out(new, old)
    if line is not None:
        return f"the answer leaves code out: {line}"
    if len(old) > _LARGE and len(new) * _SHRINK < len(old):
        return "the answer drops nearly all of the code"
    return None


def _of_the_names(before: Syntax, after: Syntax, target: Target, renamed_to: str | None) -> Iterator[str]:
    if target.shape is Shape.FILE:
        kept = {one.name for one in definitions(after)}
        gone = [one.name for one in definitions(before) if one.name not in kept and one.name == _outermost(one.name)]
        if gone:
            yield f"the answer drops {', '.join(gone[:3])}"
    elif target.shape is not Shape.SELECTION:
        name = renamed_to or target.name
        if find_target(after, name, target.shape) is None:
            yield f"the answer no longer defines {name}"
    twice = doubled(before, after)
    if twice:
        yield f"the answer defines {twice[0]} twice"


def _outermost(name: str) -> str:
    return re.split(r"\.|::", name, maxsplit=1)[0]


def _settled(code: str) -> list[str]:
    return [line.rstrip() for line in code.strip().splitlines()]


def _code_of(syntax: Syntax) -> Iterator[str]:
    """The tokens of a syntax but for comments and documentation strings."""
    stack: list[Node] = [syntax.root]
    while stack:
        node = stack.pop()
        lone_string = node.type == "expression_statement" and [c.type for c in node.named_children] == ["string"]
        if "comment" in node.type or lone_string:
            continue
        if not node.child_count:
            yield syntax.node_text(node)
        stack.extend(reversed(node.children))
