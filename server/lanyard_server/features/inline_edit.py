"""`lanyard/edit`: an instruction at a selection; the new lines stream as partial results, the edits are the result.

Owns the method's messages. Nothing is changed here: the client shows the edits and applies them on the user's yes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types as lsp

from lanyard_server.feature import Feature
from lanyard_server.inline_edit.flow import edit_inline
from lanyard_server.inline_edit.params import EditParams, decode
from lanyard_server.positions import lsp_range

if TYPE_CHECKING:
    from lanyard_analyzers.text import Span, Text
    from lanyard_server.session import Session


async def edit(session: Session, params: EditParams) -> dict[str, Any]:
    """`{"uri", "version", "edits", "checks", "problems", "worker", "model"}`; `edits` are LSP text edits."""

    def part(value: dict[str, Any]) -> None:
        if params.partial_result_token is not None:
            session.out.notify("$/progress", {"token": params.partial_result_token, "value": value})

    async def take(lines: str) -> None:
        part({"text": lines})

    def begin(text: Text, span: Span) -> None:
        part({"range": lsp_range(text, span, session.encoding)})

    found = await edit_inline(session, params, take, begin)
    edits = [lsp.TextEdit(lsp_range(found.text, one.span, session.encoding), one.new) for one in found.edits]
    return {
        "uri": params.text_document.uri,
        "version": found.text.version,
        "edits": edits,
        "checks": list(found.checks),
        "problems": list(found.problems),
        "worker": found.worker,
        "model": found.model,
    }


FEATURE = Feature("lanyard/edit", run="snapshot", handler=edit, decode=decode)
