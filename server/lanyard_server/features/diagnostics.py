"""Findings and proposals as diagnostics: `textDocument/diagnostic` for clients that pull, published for the others.

Owns when they are sent; runs nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lanyard_server.feature import NOT_OFFERED, Feature
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.tasks.entries import SOURCE, diagnostics
from lanyard_server.tasks.show import pulls

if TYPE_CHECKING:
    from lanyard_server.session import Session

_PAUSE_S = 0.25


async def document_diagnostic(
    session: Session, params: lsp.DocumentDiagnosticParams
) -> lsp.RelatedFullDocumentDiagnosticReport:
    """All findings and proposals of a document, at their places in its text as it is now."""
    document = session.documents.glance(params.text_document.uri)
    if document is None:
        return lsp.RelatedFullDocumentDiagnosticReport(items=[])
    board = coordinator_of(session).followed(document)
    return lsp.RelatedFullDocumentDiagnosticReport(
        items=diagnostics(board, document.uri, document.text, session.encoding)
    )


async def changed(session: Session, params: Any) -> None:
    """After a change, once the typing pauses: the entries of the document at their new places."""
    uri = params.text_document.uri
    coordinator = coordinator_of(session)
    before = session.documents.glance(uri)
    if pulls(session) or before is None or not coordinator.board.has(uri):
        return
    await asyncio.sleep(_PAUSE_S)
    now = session.documents.glance(uri)
    if now is not None and now.version == before.version:
        coordinator.refresh({now.uri})


async def opened(session: Session, params: Any) -> None:
    """Entries that were put up while the document was closed, and what was left for a folder of its own."""
    coordinator = coordinator_of(session)
    document = session.documents.glance(params.text_document.uri)
    if document is None:
        return
    if coordinator.board.has(document.uri):
        coordinator.refresh({document.uri})
    if document.path is not None:
        await coordinator.adopt(document.path.parent)


async def folders_changed(session: Session, _: Any) -> None:
    """What earlier sessions left for folders that have been added."""
    if session.runtime is not None:
        await coordinator_of(session).resume()


def _options(session: Session) -> Any:
    if not pulls(session):
        return NOT_OFFERED
    return lsp.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False, identifier=SOURCE)


FEATURES = (
    Feature(lsp.TEXT_DOCUMENT_DIAGNOSTIC, run="snapshot", handler=document_diagnostic, options=_options),
    Feature(lsp.TEXT_DOCUMENT_DID_CHANGE, run="snapshot", handler=changed),
    Feature(lsp.TEXT_DOCUMENT_DID_OPEN, run="snapshot", handler=opened),
    Feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, run="snapshot", handler=folders_changed),
)
