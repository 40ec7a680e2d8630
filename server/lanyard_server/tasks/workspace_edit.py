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


def workspace_edit(session: Session, change: FileChange, version: int | None) -> lsp.WorkspaceEdit:
    """The edit for `workspace/applyEdit`. `version` is the open document's version; None where it is not open."""
    base = change.base or Text.of("")
    edits = [
        lsp.TextEdit(range=lsp_range(base, edit.span, session.encoding), new_text=edit.new)
        for edit in sorted(change.edits, key=lambda e: e.span.start)
    ]
    declared = session.capabilities.workspace and session.capabilities.workspace.workspace_edit
    if not (declared and declared.document_changes):
        return lsp.WorkspaceEdit(changes={change.uri: edits})
    document = lsp.TextDocumentEdit(
        text_document=lsp.OptionalVersionedTextDocumentIdentifier(uri=change.uri, version=version), edits=list(edits)
    )
    if change.base is not None:
        return lsp.WorkspaceEdit(document_changes=[document])
    if lsp.ResourceOperationKind.Create not in (declared.resource_operations or []):
        return lsp.WorkspaceEdit(document_changes=[document])
    create = lsp.CreateFile(uri=change.uri, options=lsp.CreateFileOptions(overwrite=False, ignore_if_exists=False))
    return lsp.WorkspaceEdit(document_changes=[create, document])
