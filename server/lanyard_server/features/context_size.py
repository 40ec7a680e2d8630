"""`lanyard/contextSize`: what files and selections would cost in a question, before it is asked.

Owns the method's messages. Nothing is sent to a model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from lanyard_analyzers.tokens import estimate
from lanyard_server.chat.context import gather
from lanyard_server.chat.params import ContextItem
from lanyard_server.feature import Feature

if TYPE_CHECKING:
    from lanyard_server.session import Session


class _Params(BaseModel):
    model_config = ConfigDict(frozen=True)
    items: tuple[ContextItem, ...] = Field(max_length=20)


async def context_size(session: Session, params: _Params) -> dict[str, Any]:
    """`{"items": [{"label", "tokens", "problem"}]}`, one for each item; tokens are estimated."""
    rows: list[dict[str, Any]] = []
    for item in params.items:
        pieces, problems = await gather(session, (item,))
        label = item.uri.rpartition("/")[2]
        if pieces:
            lines = f":{pieces[0].first_line}-{pieces[0].last_line}" if item.range else ""
            label = f"{pieces[0].path.rpartition('/')[2]}{lines}"
        tokens = sum(estimate(piece.rendered()) for piece in pieces)
        problem = "" if pieces else next(iter(problems), "it is empty")
        rows.append({"label": label, "tokens": tokens, "problem": problem})
    return {"items": rows}


FEATURE = Feature("lanyard/contextSize", run="snapshot", handler=context_size, decode=_Params.model_validate)
