"""`textDocument/completion`: the same suggestion for editors that know no ghost text.

Owns the conversion into a completion list. Not offered to a client that knows inline completion.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lanyard_analyzers.text import Span
from lanyard_server.completion.asked import Asked, Suggestion
from lanyard_server.completion.flow import suggest
from lanyard_server.completion.turns import Superseded
from lanyard_server.feature import NOT_OFFERED, Feature
from lanyard_server.positions import lsp_range, offset

if TYPE_CHECKING:
    from lanyard_server.session import Session

_WORD_END = re.compile(r"\w*\Z")
_LABEL_LENGTH = 60


async def completion(session: Session, params: lsp.CompletionParams) -> lsp.CompletionList | None:
    """One item at most; incomplete, so that the editor asks again at the next key."""
    document = session.documents.glance(params.text_document.uri)
    if document is None:
        return lsp.CompletionList(is_incomplete=True, items=[])
    at = offset(document.text, params.position.line, params.position.character, session.encoding)
    try:
        suggestion = await suggest(session, Asked(document, at, trigger="automatic"))
    except Superseded:
        return None
    items = [] if suggestion is None else [_item(session, suggestion)]
    return lsp.CompletionList(is_incomplete=True, items=items)


def _item(session: Session, suggestion: Suggestion) -> lsp.CompletionItem:
    text = suggestion.document.text
    line = text.line_span(text.line_of(suggestion.span.start))
    word = _WORD_END.search(text.content[line.start : suggestion.span.start])
    typed = word.group() if word else ""
    whole = typed + suggestion.text
    lines = [line for line in whole.split("\n") if line.strip()]
    return lsp.CompletionItem(
        label=_label(lines[0].strip(), lines[1:]),
        kind=lsp.CompletionItemKind.Text,
        detail=f"Lanyard: {suggestion.model}" if suggestion.model else "Lanyard",
        documentation=lsp.MarkupContent(
            kind=lsp.MarkupKind.Markdown, value=f"```{suggestion.document.language_id}\n{whole}\n```"
        ),
        # Editors compare what was typed with this, and sort it behind what a language server knows for sure.
        filter_text=lines[0],
        sort_text="\U0010fffdLanyard",
        insert_text_format=lsp.InsertTextFormat.PlainText,
        insert_text_mode=lsp.InsertTextMode.AsIs,
        text_edit=lsp.TextEdit(
            range=lsp_range(text, Span(suggestion.span.start - len(typed), suggestion.span.end), session.encoding),
            new_text=whole.replace("\n", _line_end(text.content)),
        ),
    )


def _label(first: str, more: list[str]) -> str:
    if len(first) > _LABEL_LENGTH:
        return first[: _LABEL_LENGTH - 1] + "…"
    return f"{first} ↵" if more else first


def _line_end(content: str) -> str:
    """The document's line end: unlike ghost text, the edit of a list item is inserted as it is."""
    at = content.find("\n")
    return "\r\n" if at > 0 and content[at - 1] == "\r" else "\n"


def _options(session: Session) -> Any:
    declared = getattr(session.capabilities, "text_document", None)
    if getattr(declared, "inline_completion", None) is not None:
        return NOT_OFFERED
    return lsp.CompletionOptions(trigger_characters=[".", "("], resolve_provider=False)


FEATURE = Feature(lsp.TEXT_DOCUMENT_COMPLETION, run="snapshot", handler=completion, options=_options)
