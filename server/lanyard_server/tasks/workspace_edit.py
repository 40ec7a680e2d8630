"""A file change as a workspace edit, in the form that the client declared.

Owns the choice between `documentChanges` (versions are checked there) and `changes`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lanyard_analyzers.text import Text
from lanyard_server.positions import lsp_range

if TYPE_CHECKING:
    from lanyard_server.session import Session
    from lanyard_server.tasks.results import FileChange


def workspace_edit(session: Session, change: FileChange) -> lsp.WorkspaceEdit:
    """The edit for `workspace/applyEdit`, with the version and the URI's spelling of the document where it is open."""
    document = session.documents.glance(change.uri)
    uri, version = (document.uri, document.version) if document else (change.uri, None)
    base = change.base or Text.of("")
    edits = [
        lsp.TextEdit(range=lsp_range(base, edit.span, session.encoding), new_text=edit.new)
        for edit in sorted(change.edits, key=lambda e: e.span.start)
    ]
    declared = session.capabilities.workspace and session.capabilities.workspace.workspace_edit
    if not (declared and declared.document_changes):
        return lsp.WorkspaceEdit(changes={uri: edits})
    named = lsp.OptionalVersionedTextDocumentIdentifier(uri=uri, version=version)
    edited = lsp.TextDocumentEdit(text_document=named, edits=list(edits))
    if change.base is not None:
        return lsp.WorkspaceEdit(document_changes=[edited])
    if lsp.ResourceOperationKind.Create not in (declared.resource_operations or []):
        return lsp.WorkspaceEdit(changes={uri: edits})  # the form in which clients make a missing file themselves
    create = lsp.CreateFile(uri=uri, options=lsp.CreateFileOptions(overwrite=False, ignore_if_exists=False))
    return lsp.WorkspaceEdit(document_changes=[create, edited])
