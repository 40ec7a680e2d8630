"""Findings and proposals as diagnostics: `textDocument/diagnostic` for clients that pull, published for the others.

Owns when they are sent; runs nothing.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lanyard_server.feature import Feature
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.tasks.entries import SOURCE, diagnostics
from lanyard_server.tasks.show import pulls, refresh

if TYPE_CHECKING:
    from lanyard_server.session import Session

_PAUSE_S = 0.25


async def document_diagnostic(
    session: Session, params: lsp.DocumentDiagnosticParams
) -> lsp.RelatedFullDocumentDiagnosticReport:
    """All findings and proposals of a document, at their places in its text as it is now."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return lsp.RelatedFullDocumentDiagnosticReport(items=[])
    board = coordinator_of(session).followed(document)
    return lsp.RelatedFullDocumentDiagnosticReport(
        items=diagnostics(board, document.uri, document.text, session.encoding)
    )


async def republish(session: Session, params: Any) -> None:
    """After a change, once the typing pauses: the entries of the document at their new places."""
    uri = params.text_document.uri
    coordinator = coordinator_of(session)
    before = session.documents.get(uri)
    if pulls(session) or before is None or before.uri not in coordinator.board.uris():
        return
    await asyncio.sleep(_PAUSE_S)
    now = session.documents.get(uri)
    if now is not None and now.version == before.version:
        coordinator.followed(now)
        refresh(session, coordinator.board, {now.uri})


_OPTIONS = lsp.DiagnosticOptions(inter_file_dependencies=False, workspace_diagnostics=False, identifier=SOURCE)

FEATURES = (
    Feature(lsp.TEXT_DOCUMENT_DIAGNOSTIC, run="snapshot", handler=document_diagnostic, options=_OPTIONS),
    Feature(lsp.TEXT_DOCUMENT_DID_CHANGE, run="snapshot", handler=republish),
)
