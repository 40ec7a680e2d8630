"""`textDocument/codeAction`: what fits the node under the cursor. Runs no model, reads no file.

Owns the list and its order. What is listed runs as commands (`features/task_commands.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lanyard_analyzers.targets import Shape, targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_routing.task import Kind
from lanyard_server.chat.actions import chat_actions
from lanyard_server.chat.markdown import is_chat_document
from lanyard_server.feature import Feature
from lanyard_server.positions import span
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.tasks.entries import SOURCE, entry_actions, entry_of, is_proposal
from lanyard_server.tasks.files import can_have_tasks
from lanyard_server.tasks.prompts import title
from lanyard_server.tasks.requests import MOST_DIAGNOSTIC, RUN, arguments_for

if TYPE_CHECKING:
    from lanyard_server.session import Document, Session

# The kinds of a target, in the order of the list, with the code action kind each is filed under.
_LISTED: tuple[tuple[Kind, str], ...] = (
    (Kind.REFACTOR, "refactor.rewrite"),
    (Kind.TEST, "refactor.rewrite.tests"),
    (Kind.REVIEW, "lanyard.review"),
    (Kind.DOCUMENT, "refactor.rewrite.document"),
    (Kind.EXPLAIN, "lanyard.explain"),
)

_MOST_DIAGNOSTICS = 5


async def code_action(session: Session, params: lsp.CodeActionParams) -> list[lsp.CodeAction | lsp.Command]:
    """The actions at a range, the nearest target first."""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return []
    actions = [
        *_entry_actions(session, document, params),
        *_fixes(session, document, params),
        *_target_actions(session, document, params),
        *chat_actions(session, document, span(document.text, params.range, session.encoding)),
    ]
    actions = [action for action in actions if _wanted(action.kind, params.context.only)]
    if not _literals_supported(session):
        return [action.command for action in actions if action.command is not None]
    return list(actions)


def _entry_actions(session: Session, document: Document, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    board = coordinator_of(session).followed(document)
    selection = span(document.text, params.range, session.encoding)
    own = [d for d in params.context.diagnostics if d.source == SOURCE or is_proposal(board, d)]
    actions: list[lsp.CodeAction] = []
    for label, command, arguments in entry_actions(board, document.uri, document.text, selection):
        about = [d for d in own if (found := entry_of(d)) is None or found[0] == arguments[0]]
        actions.append(_action(label, command, arguments, "quickfix", diagnostics=about or None))
    return actions


def _fixes(session: Session, document: Document, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    if document.syntax is None or not can_have_tasks(document):
        return []
    actions: list[lsp.CodeAction] = []
    board = coordinator_of(session).board
    about = {(d.message, d.range.start.line): d for d in params.context.diagnostics if not is_proposal(board, d)}
    for diagnostic in list(about.values())[:_MOST_DIAGNOSTICS]:
        place = span(document.text, diagnostic.range, session.encoding)
        found = [t for t in targets_at(document.syntax, place) if t.shape is not Shape.SELECTION]
        if found:
            arguments = arguments_for(document, found[0], Kind.FIX, session.encoding)
            arguments["diagnostic"] = diagnostic.message[:MOST_DIAGNOSTIC]
            arguments["line"] = diagnostic.range.start.line
            label = title(Kind.FIX, found[0].name, diagnostic.message)
            actions.append(_action(label, RUN, [arguments], "quickfix", diagnostics=[diagnostic]))
    return actions


def _target_actions(session: Session, document: Document, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    if document.syntax is None or not can_have_tasks(document):
        return []
    if is_chat_document(document.uri, document.language_id):
        return []  # eglot opens it in the language of the first mode that it manages
    actions: list[lsp.CodeAction] = []
    for target in targets_at(
        document.syntax, _meant(document.text, span(document.text, params.range, session.encoding))
    ):
        name = document.path.name if target.shape is Shape.FILE and document.path else target.name
        for kind, filed in _LISTED:
            arguments = arguments_for(document, target, kind, session.encoding)
            actions.append(_action(title(kind, name), RUN, [arguments], filed))
    return actions


def _meant(text: Text, selection: Span) -> Span:
    """The selection, or a cursor where it is a piece of one line.

    Where nothing is selected Helix, Kakoune and Vim's clients send the character under the cursor, eglot the word.
    """
    line = text.line_of(selection.start)
    if line != text.line_of(selection.end):
        return selection
    whole = len(selection) > 1 and text.slice(selection).strip() == text.line_text(line).strip()
    return selection if whole else Span(selection.start, selection.start)


def _action(
    label: str, command: str, arguments: list[Any], kind: str, diagnostics: list[lsp.Diagnostic] | None = None
) -> lsp.CodeAction:
    return lsp.CodeAction(
        title=label,
        kind=kind,
        diagnostics=diagnostics,
        command=lsp.Command(title=label, command=command, arguments=arguments),
    )


def _wanted(kind: str | lsp.CodeActionKind | None, only: Sequence[str | lsp.CodeActionKind] | None) -> bool:
    """Whether a kind is one of those asked for, or lies below one of them."""
    asked = [str(getattr(entry, "value", entry)) for entry in only or ()]
    have = str(getattr(kind, "value", kind) or "")
    return not asked or any(not one or have == one or have.startswith(one + ".") for one in asked)


def _literals_supported(session: Session) -> bool:
    declared = session.capabilities.text_document and session.capabilities.text_document.code_action
    return bool(declared and declared.code_action_literal_support)


FEATURE = Feature(
    lsp.TEXT_DOCUMENT_CODE_ACTION,
    run="snapshot",
    handler=code_action,
    options=lsp.CodeActionOptions(
        code_action_kinds=["quickfix", "refactor.rewrite", "lanyard.review", "lanyard.explain", "source.lanyard"],
        resolve_provider=False,
    ),
)
