"""The code actions of a chat document.

Owns their titles and kinds; the list of all actions is `features/code_action.py`'s.
"""

from __future__ import annotations

from lsprotocol import types as lsp

from lanyard_analyzers.text import Span
from lanyard_server.chat.markdown import is_chat_document, question, sections
from lanyard_server.session import Document, Session

SEND = "lanyard.chat.send"
SEND_KIND = "source.lanyard.send"


def chat_actions(session: Session, document: Document, span: Span) -> list[lsp.CodeAction]:
    """Send, wherever the cursor is in a chat document whose last section asks something; else nothing."""
    if not is_chat_document(document.uri, document.language_id) or question(sections(document.text)) is None:
        return []
    title = "Send to Lanyard"
    return [
        lsp.CodeAction(
            title=title,
            kind=SEND_KIND,
            command=lsp.Command(title=title, command=SEND, arguments=[document.uri]),
        )
    ]
