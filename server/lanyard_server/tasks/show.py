"""Showing results to the user in any LSP editor: diagnostics pushed or pulled, lines, documents.

Owns how a client is told; what is told comes from `results` and `entries`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lanyard_routing import paths
from lanyard_server.feature import RequestFailed
from lanyard_server.tasks.entries import diagnostics
from lanyard_server.tasks.files import current_text
from lanyard_server.tasks.results import Explanation, Proposal, Review

if TYPE_CHECKING:
    from lanyard_routing.task import Task
    from lanyard_server.session import Session
    from lanyard_server.tasks.board import Board
    from lanyard_server.tasks.results import Landed


def pulls(session: Session) -> bool:
    """Whether the client asks for diagnostics itself (then nothing is pushed, or it would show all twice)."""
    declared = session.capabilities.text_document
    return bool(declared and declared.diagnostic)


def refresh(session: Session, board: Board, uris: Iterable[str]) -> None:
    """Bring the client's view of these documents up to date."""
    if pulls(session):
        declared = session.capabilities.workspace and session.capabilities.workspace.diagnostics
        if declared and declared.refresh_support:
            _spawn(session, lsp.WORKSPACE_DIAGNOSTIC_REFRESH, None)
        return
    for uri in uris:
        text = current_text(session, uri)
        document = session.documents.get(uri)
        shown = diagnostics(board, uri, text, session.encoding) if text is not None else []
        session.out.notify(
            lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS,
            lsp.PublishDiagnosticsParams(uri, shown, version=document.version if document else None),
        )


def show_result(session: Session, task: Task, landed: Landed) -> None:
    """Say in one line what came of a task, and each problem in one line."""
    for line in landed.problems:
        session.out.warn(line)
    match landed.result:
        case Proposal() as proposal:
            session.out.show(
                f"{proposal.title}: {proposal.evidence.line()}. Apply it from the quick fixes at its first line."
            )
        case Review() as review:
            where = "" if not review.findings else ", shown as diagnostics"
            session.out.show(f"{review.title}: {review.note}{where}.")
        case _:
            pass


async def show_explanation(session: Session, explanation: Explanation) -> None:
    """Open an explanation as a Markdown document."""
    await show_document(session, f"{explanation.id}.md", f"# {explanation.title}\n\n{explanation.markdown}\n")


async def show_document(session: Session, name: str, content: str) -> Path:
    """Write a document into Lanyard's own folder and have the client open it, or say where it is."""
    path = paths.state_dir() / "shown" / name
    await asyncio.to_thread(_write, path, content)
    window = session.capabilities.window
    if window and window.show_document and window.show_document.support:
        _spawn(
            session,
            lsp.WINDOW_SHOW_DOCUMENT,
            lsp.ShowDocumentParams(uri=path.as_uri(), external=False, take_focus=False),
        )
    else:
        session.out.show(f"Written to {path}")
    return path


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def _spawn(session: Session, method: str, params: object) -> None:
    async def ask() -> None:
        try:
            await session.out.request(method, params)
        except RequestFailed as error:
            session.out.log(f"{method}: {error}")

    session.spawn(ask(), method)
