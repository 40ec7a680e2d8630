"""How entries of the board are shown: diagnostics, and the actions that belong to them.

Owns the LSP shape of proposals and findings. Positions are converted by `positions`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lanyard_server.positions import lsp_range
from lanyard_server.uris import canonical

if TYPE_CHECKING:
    from lanyard_analyzers.replies import Finding
    from lanyard_analyzers.text import Span, Text
    from lanyard_server.positions import Encoding
    from lanyard_server.tasks.board import Board
    from lanyard_server.tasks.results import Proposal, Review

SOURCE = "lanyard"
APPLY, DIFF, DISMISS, DISMISS_FINDING = "lanyard.apply", "lanyard.showDiff", "lanyard.dismiss", "lanyard.dismissFinding"

_SEVERITY = {
    "error": lsp.DiagnosticSeverity.Error,
    "warning": lsp.DiagnosticSeverity.Warning,
    "info": lsp.DiagnosticSeverity.Information,
    "hint": lsp.DiagnosticSeverity.Hint,
}


def diagnostics(board: Board, uri: str, text: Text, encoding: Encoding) -> list[lsp.Diagnostic]:
    """Diagnostics of a document; the board must have followed the document to `text` before."""
    uri = canonical(uri)
    shown = [_proposal_diagnostic(p, text, encoding) for p in board.proposals.values() if p.uri == uri]
    for review in board.reviews.values():
        if review.uri == uri:
            shown += [_finding_diagnostic(review, i, f, text, encoding) for i, f in enumerate(review.findings)]
    return shown


def _proposal_diagnostic(proposal: Proposal, text: Text, encoding: Encoding) -> lsp.Diagnostic:
    return lsp.Diagnostic(
        range=lsp_range(text, proposal.anchor, encoding),
        severity=lsp.DiagnosticSeverity.Information,
        source=SOURCE,
        code="proposal",
        message=_proposal_message(proposal),
        data={"entry": proposal.id},
    )


def _proposal_message(proposal: Proposal) -> str:
    return f"{proposal.title}: {proposal.evidence.line()}. Quick fixes here: Apply, Show diff, Dismiss."


def is_proposal(board: Board, diagnostic: lsp.Diagnostic) -> bool:
    """Whether a diagnostic that a client sent back is a proposal's; Vim's clients return neither source nor code."""
    if diagnostic.source == SOURCE and diagnostic.code == "proposal":
        return True
    return any(diagnostic.message == _proposal_message(p) for p in board.proposals.values())


def entry_of(diagnostic: lsp.Diagnostic) -> tuple[str, int | None] | None:
    """The entry, and the finding's number, that a diagnostic says it is about; None where it does not say."""
    match diagnostic.data:
        case {"entry": str(entry), "index": int(index)}:
            return entry, index
        case {"entry": str(entry)}:
            return entry, None
        case _:
            return None


def _finding_diagnostic(review: Review, index: int, finding: Finding, text: Text, encoding: Encoding) -> lsp.Diagnostic:
    return lsp.Diagnostic(
        range=lsp_range(text, finding.span, encoding),
        severity=_SEVERITY.get(str(finding.severity), lsp.DiagnosticSeverity.Information),
        source=SOURCE,
        code="finding",
        message=finding_message(finding),
        data={"entry": review.id, "index": index},
    )


def finding_message(finding: Finding) -> str:
    """A finding as one text: what is wrong, then what to do."""
    return f"{finding.message}\n{finding.suggestion}" if finding.suggestion else finding.message


def entry_actions(board: Board, uri: str, text: Text, selection: Span) -> list[tuple[str, str, list[Any]]]:
    """(title, command, arguments) for the entries on the lines of a selection."""
    uri = canonical(uri)
    first, last = text.line_of(selection.start), text.line_of(selection.end)
    actions: list[tuple[str, str, list[Any]]] = []
    for proposal in board.proposals.values():
        if proposal.uri == uri and _on_lines(text, proposal.anchor, first, last):
            actions += [
                (f"Apply: {proposal.title}", APPLY, [proposal.id]),
                (f"Show diff: {proposal.title}", DIFF, [proposal.id]),
                (f"Dismiss: {proposal.title}", DISMISS, [proposal.id]),
            ]
    for review in board.reviews.values():
        here = [i for i, f in enumerate(review.findings) if review.uri == uri and _on_lines(text, f.span, first, last)]
        for index in here:
            brief = _brief(review.findings[index].message)
            actions.append((f"Dismiss finding: {brief}", DISMISS_FINDING, [review.id, index]))
        if here and len(review.findings) > 1:
            actions.append((f"Dismiss all {len(review.findings)} findings: {review.title}", DISMISS, [review.id]))
    return actions


def _on_lines(text: Text, span: Span, first: int, last: int) -> bool:
    return text.line_of(span.start) <= last and first <= text.line_of(span.end)


def _brief(message: str, limit: int = 50) -> str:
    line = " ".join(message.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
