"""`textDocument/diagnostic`: findings and proposals for clients that pull.

Owns the report; runs nothing. Clients that do not pull get the same by `textDocument/publishDiagnostics`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lanyard_server.feature import Feature
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.tasks.entries import SOURCE, diagnostics

if TYPE_CHECKING:
    from lanyard_server.session import Session


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


FEATURE = Feature(
    lsp.TEXT_DOCUMENT_DIAGNOSTIC,
    run="snapshot",
    handler=document_diagnostic,
    options=lsp.DiagnosticOptions(identifier=SOURCE, inter_file_dependencies=False, workspace_diagnostics=False),
)
