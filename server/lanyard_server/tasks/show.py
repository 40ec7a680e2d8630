"""Showing results to the user in any LSP editor: diagnostics pushed or pulled, lines, documents.

Owns how a client is told; what is told comes from `results` and `entries`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lanyard_routing import paths
from lanyard_server.feature import RequestFailed
from lanyard_server.plain import one_line
from lanyard_server.private_files import write_private
from lanyard_server.tasks.entries import diagnostics
from lanyard_server.tasks.files import current_text
from lanyard_server.tasks.results import Explanation, Proposal, Review

if TYPE_CHECKING:
    from lanyard_analyzers.text import Text
    from lanyard_server.session import Session
    from lanyard_server.tasks.board import Board
    from lanyard_server.tasks.results import Landed

_MOST_SHOWN = 64  # documents kept in the folder of what was shown


def pulls(session: Session) -> bool:
    """Whether the client asks for diagnostics itself (then nothing is pushed, or it would show all twice).

    One that cannot be told to ask again would never see a result that comes while nobody types, so it is pushed to.
    """
    declared, told = session.capabilities.text_document, session.capabilities.workspace
    return bool(declared and declared.diagnostic and told and told.diagnostics and told.diagnostics.refresh_support)


def refresh(session: Session, board: Board, uris: Iterable[str]) -> None:
    """Bring the client's view of these documents up to date."""
    if pulls(session):
        _spawn(session, lsp.WORKSPACE_DIAGNOSTIC_REFRESH, None)
        return
    for uri in uris:
        document = session.documents.glance(uri)
        if document is None:
            session.spawn(_publish_closed(session, board, uri), "diagnostics of a closed document")
        else:
            _publish(session, board, document.uri, document.text, document.version)


async def _publish_closed(session: Session, board: Board, uri: str) -> None:
    text = await current_text(session, uri)
    _publish(session, board, uri, text, None)


def _publish(session: Session, board: Board, uri: str, text: Text | None, version: int | None) -> None:
    shown = diagnostics(board, uri, text, session.encoding) if text is not None else []
    session.out.notify(lsp.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, lsp.PublishDiagnosticsParams(uri, shown, version=version))


def show_result(session: Session, landed: Landed) -> None:
    """Say in one line what came of a task, and each problem in one line."""
    for line in landed.problems:
        session.out.warn(line)
    if session.initialization_options.get("results") == "told":
        _tell(session, landed)
        return
    match landed.result:
        case Proposal() as proposal:
            # Short: a message that is wider than its terminal stops Neovim for a key. The diagnostic has all of it.
            session.out.show(f"{proposal.title}: {proposal.evidence.size}. Apply it from the quick fixes.")
            session.out.log(f"{proposal.title}: {proposal.evidence.line()}")
        case Review() as review:
            where = "" if not review.findings else ", shown as diagnostics"
            session.out.show(f"{review.title}: {review.note}{where}.")
        case _:
            pass


def _tell(session: Session, landed: Landed) -> None:
    """`lanyard/result`, for a client that asked with `"results": "told"` to show results with buttons of its own."""
    match landed.result:
        case Proposal() as proposal:
            line = f"{proposal.title}: {proposal.evidence.line()}"
            told = {"kind": "proposal", "id": proposal.id, "uri": proposal.change.uri, "line": one_line(line)}
        case Review() as review:
            line = f"{review.title}: {review.note}"
            told = {"kind": "review", "id": review.id, "uri": review.uri, "line": one_line(line)}
        case _:
            return
    session.out.notify("lanyard/result", told)


async def show_explanation(session: Session, explanation: Explanation) -> None:
    """Open an explanation as a Markdown document. Raises OSError where it cannot be written."""
    await show_document(session, f"{explanation.id}.md", f"# {explanation.title}\n\n{explanation.markdown}\n")


async def show_document(session: Session, name: str, content: str) -> Path:
    """Write a document into Lanyard's own folder and have the client open it, or say where it is. Raises OSError."""
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
    write_private(path, content)
    shown = sorted(path.parent.iterdir(), key=_written_at)
    for old in shown[:-_MOST_SHOWN]:
        with contextlib.suppress(OSError):  # another editor is tidying up too
            old.unlink()


def _written_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _spawn(session: Session, method: str, params: object) -> None:
    async def ask() -> None:
        try:
            await session.out.request(method, params)
        except RequestFailed as error:
            session.out.log(f"{method}: {error}")

    session.spawn(ask(), method)
