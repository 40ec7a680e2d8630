"""From a reply to a result: parse strictly, anchor, re-parse, format, rebase.

The reply is data from a stranger. Owns the order of the checks and the words of the evidence; the checks
themselves are the analyzers'. Knows no LSP.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from lanyard_analyzers.replies import (
    check_edit,
    check_tests,
    code_edit,
    documents_only,
    hunks,
    parse_findings,
    tidy_markdown,
)
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.text import Edit, Span, Text
from lanyard_routing.task import Kind, Reply, Task
from lanyard_server.tasks.board import follow_proposal, follow_review
from lanyard_server.tasks.context import TaskContext
from lanyard_server.tasks.formatters import format_like_project
from lanyard_server.tasks.results import Explanation, FileChange, Landed, Proposal, Review, evidence
from lanyard_server.uris import canonical, uri_of

_READ_ONLY = frozenset({Kind.REVIEW, Kind.EXPLAIN})

_SECRET = re.compile(r"\bLANYARD_SECRET_\d+\b")

# The text of a URI as it is now: the open buffer, else the file; None where there is none.
Current = Callable[[str], Awaitable[Text | None]]

# Runs a test file (path, content) in the sandbox; a clause of evidence.
RunTests = Callable[[str, str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class _Work:
    """What a reply is landed with; `text` is the reply with its secrets restored."""

    task: Task
    context: TaskContext
    reply: Reply
    text: str
    current: Current
    run_tests: RunTests


async def land(task: Task, reply: Reply, current: Current, run_tests: RunTests) -> Landed:
    """Turn the reply of a finished task into a proposal, a review or an explanation, or say why not."""
    context = TaskContext.read(task.context)
    if context is None:
        return Landed(None, (f"{task.title}: the task was made by another version of Lanyard; run it again.",))
    if reply.finish == "length" and task.kind not in _READ_ONLY:
        return _refused(task, ["the model stopped at its length limit"])
    work = _Work(task, context, reply, context.redactions.restore(reply.text), current, run_tests)
    if _SECRET.search(work.text) and not _SECRET.search(context.base) and task.kind not in _READ_ONLY:
        return _refused(task, ["it holds placeholders of secrets from other files"])
    match task.kind:
        case Kind.REVIEW:
            landed = await asyncio.to_thread(_review, work)
        case Kind.EXPLAIN:
            # As the model wrote it: an explanation becomes a file, and a secret is not written down a second time.
            landed = Landed(Explanation(task.id, task.title, tidy_markdown(reply.text)))
            if not reply.text.strip():
                return _refused(task, ["the answer is empty"])
        case Kind.TEST:
            landed = await _tests(work)
        case _:
            landed = await _edit(work)
    cut = (f"{task.title}: the model stopped at its length limit.",) if reply.finish == "length" else ()
    return await _as_of_now(Landed(landed.result, (*cut, *landed.problems)), current)


def _review(work: _Work) -> Landed:
    task, context = work.task, work.context
    findings, problems = parse_findings(work.text, parse(context.text, context.language), context.target)
    lines = tuple(f"{task.title}: {problem.message}" for problem in problems)
    if not findings and problems:
        return Landed(None, lines)
    note = "no findings" if not findings else f"{len(findings)} finding{'s' if len(findings) > 1 else ''}"
    anchor = _first_line_of(context.text, context.target.span)
    return Landed(Review(task.id, task.title, canonical(context.uri), context.text, anchor, findings, note), lines)


async def _edit(work: _Work) -> Landed:
    context = work.context
    written, notes = await asyncio.to_thread(_checked, work)
    if written is None:
        return _refused(work.task, notes)
    after, formatted = await _formatted(context, context.path, context.base, written)
    if after == context.base:
        return _refused(work.task, ["the answer changes nothing"])
    lines = tuple(f"{work.task.title}: {note}." for note in notes)
    checks, uri = ("parsed", *formatted), canonical(context.uri)
    return await asyncio.to_thread(_proposed, work, uri, context.text, after, checks=checks, lines=lines)


def _checked(work: _Work) -> tuple[str | None, list[str]]:
    """The file with the reply in the target's place, or None; what is wrong with it or what it still needs."""
    context = work.context
    syntax = parse(context.text, context.language)
    edit, problems = code_edit(work.text, syntax, context.target)
    notes = [problem.message for problem in problems]
    if edit is None:
        return None, notes
    checked, problems = check_edit(syntax, context.target, edit)
    if checked is None:
        return None, [problem.message for problem in problems]
    if work.task.kind is Kind.DOCUMENT and not documents_only(syntax, checked.syntax):
        return None, ["it changes code, not documentation alone"]
    return checked.text.content, notes


async def _tests(work: _Work) -> Landed:
    context = work.context
    if context.test_path is None:
        return _refused(work.task, ["no place for the tests is known"])
    uri = canonical(uri_of(Path(context.root) / context.test_path))
    now = await work.current(uri)
    before = now.content if now else None
    checked, problems = await asyncio.to_thread(
        check_tests, work.text, context.language, context.target, existing=before
    )
    if checked is None:
        return _refused(work.task, [p.message for p in problems])
    after, formatted = await _formatted(context, context.test_path, before, checked.content)
    count = f"{checked.tests} test{'s' if checked.tests > 1 else ''}"
    ran = await work.run_tests(context.test_path, after)
    return await asyncio.to_thread(_proposed, work, uri, now, after, checks=("parsed", *formatted, count, ran))


async def _formatted(context: TaskContext, path: str, before: str | None, after: str) -> tuple[str, tuple[str, ...]]:
    """The content as the project formats it, and the clause of evidence for it, if any."""
    root = Path(context.root)
    done = await format_like_project(root / path, root, context.language, before, after)
    return after if done.content is None else done.content, (done.clause,) if done.clause else ()


def _proposed(
    work: _Work, uri: str, base: Text | None, after: str, *, checks: tuple[str, ...], lines: tuple[str, ...] = ()
) -> Landed:
    task, context = work.task, work.context
    edits = (Edit(Span(0, 0), after),) if base is None else tuple(hunks(base.content, after))
    change = FileChange(uri, base, edits)
    anchor = _first_line_of(context.text, context.target.span)
    seen = evidence(work.reply, checks, change)
    shown_at = canonical(context.uri)
    return Landed(Proposal(task.id, task.kind, task.title, shown_at, context.text, anchor, change, seen), lines)


async def _as_of_now(landed: Landed, current: Current) -> Landed:
    """Bring a result from the text it was made for to the text as it is now."""
    result = landed.result
    if isinstance(result, Proposal):
        for uri in dict.fromkeys((result.uri, result.change.uri)):
            now = await current(uri)
            if now is None:
                if result.change.base is not None and uri == result.change.uri:
                    return Landed(None, (*landed.problems, f"{result.title}: {uri} is gone; the proposal is dropped."))
                continue
            moved, why = follow_proposal(result, uri, now)
            if moved is None:
                return Landed(None, (*landed.problems, why))
            result = moved
        return Landed(result, landed.problems)
    if isinstance(result, Review):
        now = await current(result.uri)
        if now is None:
            return Landed(None, (*landed.problems, f"{result.title}: {result.uri} is gone."))
        moved_review = follow_review(result, now)
        if moved_review is None:
            line = f"{result.title}: the code was edited meanwhile; its findings have no place. Run it again."
            return Landed(None, (*landed.problems, line))
        return Landed(moved_review, landed.problems)
    return landed


def _refused(task: Task, reasons: list[str]) -> Landed:
    why = "; ".join(reasons) or "the answer holds no code"
    return Landed(None, (f"{task.title}: refused, {why}. Run it again, or choose a larger model.",))


def _first_line_of(text: Text, span: Span) -> Span:
    """The first line of a target that has something on it: where a diagnostic is seen, without a wall of squiggles."""
    first = text.line_of(span.start)
    for line in range(first, min(text.line_of(span.end), first + 50) + 1):
        content = text.line_text(line)
        if content.strip():
            start = text.line_span(line).start + len(content) - len(content.lstrip())
            return Span(start, text.line_span(line).end)
    return Span(span.start, span.start)
