"""What a landed task gives: evidence, proposals, reviews.

Owns values only: no LSP types, no session.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from lanyard_analyzers.replies import Finding
from lanyard_analyzers.replies.hunks import counted, lines_of
from lanyard_analyzers.text import Edit, Span, Text
from lanyard_routing.task import Kind, Reply


@dataclass(frozen=True, slots=True)
class Evidence:
    """What verification did and saw. Each of `checks` is one short clause, in the order done."""

    checks: tuple[str, ...]
    added: int
    removed: int
    worker: str
    model: str
    tokens: int
    seconds: float

    @property
    def size(self) -> str:
        """How much changes."""
        return f"+{self.added} −{self.removed} lines"

    def line(self) -> str:
        """All of it in one line."""
        return f"{self.size}; {', '.join(self.checks)}; by {self.worker} ({self.model}, {self.seconds:.1f} s)"


@dataclass(frozen=True, slots=True)
class FileChange:
    """Edits of one file, in the coordinates of `base`; `base` None means that the file is new.

    `left` are the numbers of the edits where some have been applied before: a hunk keeps its number, whatever becomes
    of the others. Empty: all are there, numbered from 0.
    """

    uri: str
    base: Text | None
    edits: tuple[Edit, ...]
    left: tuple[int, ...] = ()

    def numbered(self) -> tuple[tuple[int, Edit], ...]:
        """Each edit with its number."""
        return tuple(zip(self.left or range(len(self.edits)), self.edits, strict=True))

    def after(self) -> str:
        """The content with the edits applied."""
        content = self.base.content if self.base else ""
        for edit in sorted(self.edits, key=lambda e: e.span.start, reverse=True):
            content = content[: edit.span.start] + edit.new + content[edit.span.end :]
        return content


@dataclass(frozen=True, slots=True)
class Proposal:
    """Edits that passed verification and wait for the user's yes.

    `anchor` is the span in the base of `uri` where the proposal is shown.
    """

    id: str
    kind: Kind
    title: str
    uri: str
    base: Text
    anchor: Span
    change: FileChange
    evidence: Evidence

    def diff(self, label: str) -> str:
        """A unified diff of the change, with `label` as the file's name."""
        before = self.change.base.content if self.change.base else ""
        old = "/dev/null" if self.change.base is None else f"a/{label}"
        one, other = ([line for line in lines_of(text) if line] for text in (before, self.change.after()))
        lines = difflib.unified_diff(one, other, old, f"b/{label}")
        return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines)


@dataclass(frozen=True, slots=True)
class Review:
    """Findings of one review; spans are in `base`."""

    id: str
    title: str
    uri: str
    base: Text
    anchor: Span
    findings: tuple[Finding, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Markdown that explains the target."""

    id: str
    title: str
    markdown: str


@dataclass(frozen=True, slots=True)
class Landed:
    """The outcome of a reply: at most one result, and what went wrong, each one line for the user."""

    result: Proposal | Review | Explanation | None
    problems: tuple[str, ...] = ()


def evidence(reply: Reply, checks: tuple[str, ...], change: FileChange) -> Evidence:
    """Evidence of a change, with what the reply cost."""
    added, removed = counted(change.base.content if change.base else "", change.after())
    usage = reply.usage
    return Evidence(checks, added, removed, reply.worker, reply.model, usage.completion_tokens, usage.total_s)
