"""`textDocument/inlineCompletion`: ghost text at the cursor (LSP 3.18).

Owns the conversion of its parameters and its answer. A superseded request is answered with null, which lets an
editor keep the ghost text that it shows; an empty list takes it away.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as lsp

from lanyard_server.completion.asked import Asked, Selected, Suggestion
from lanyard_server.completion.flow import suggest_all
from lanyard_server.completion.turns import Superseded
from lanyard_server.feature import Feature
from lanyard_server.positions import lsp_range, offset, span

if TYPE_CHECKING:
    from lanyard_server.session import Document, Session


async def inline_completion(session: Session, params: lsp.InlineCompletionParams) -> lsp.InlineCompletionList | None:
    """Items always with their range: one at most, and where the user asks once more by key, others after it."""
    document = session.documents.glance(params.text_document.uri)
    if document is None:
        return lsp.InlineCompletionList(items=[])
    try:
        suggestions = await suggest_all(session, _asked(session, document, params))
    except Superseded:
        return None
    return lsp.InlineCompletionList(items=[_item(session, each) for each in suggestions])


def _asked(session: Session, document: Document, params: lsp.InlineCompletionParams) -> Asked:
    at = offset(document.text, params.position.line, params.position.character, session.encoding)
    chosen = params.context.selected_completion_info
    by_hand = params.context.trigger_kind == lsp.InlineCompletionTriggerKind.Invoked
    return Asked(
        document,
        at,
        trigger="invoked" if by_hand else "automatic",
        selected=None if chosen is None else Selected(span(document.text, chosen.range, session.encoding), chosen.text),
    )


def _item(session: Session, suggestion: Suggestion) -> lsp.InlineCompletionItem:
    # Line ends stay \n: VS Code turns them into the document's, and Neovim would insert a \r as a character.
    return lsp.InlineCompletionItem(
        insert_text=suggestion.text,
        range=lsp_range(suggestion.document.text, suggestion.span, session.encoding),
    )


FEATURE = Feature(
    lsp.TEXT_DOCUMENT_INLINE_COMPLETION,
    run="snapshot",
    handler=inline_completion,
    options=lsp.InlineCompletionOptions(),
)
