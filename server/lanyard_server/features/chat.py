"""`lanyard/chat`: a question with its conversation, answered by a chat model and streamed as partial results.

Owns the method's messages. The client keeps the conversation; nothing of it is remembered here.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from lanyard_server.chat.ask import Wanted, ask
from lanyard_server.chat.context import gather
from lanyard_server.chat.params import ChatParams, decode, result
from lanyard_server.feature import Feature

if TYPE_CHECKING:
    from lanyard_server.session import Session

PARTIAL_EVERY_S = 0.03
"""Partial results that come faster are merged: no eye reads faster, and each costs the editor a redraw."""


class _Partial:
    """Sends partial results: `$/progress` with `{"text": …}`, each the text since the one before."""

    def __init__(self, session: Session, token: int | str | None) -> None:
        self._session = session
        self._token = token
        self._waiting = ""
        self._timer: asyncio.TimerHandle | None = None
        self._sent_at = 0.0

    async def take(self, text: str) -> None:
        """The next piece of the answer."""
        if self._token is None:
            return
        self._waiting += text
        loop = asyncio.get_running_loop()
        wait = self._sent_at + PARTIAL_EVERY_S - loop.time()
        if wait <= 0:
            self.flush()
        elif self._timer is None:
            self._timer = loop.call_later(wait, self.flush)

    def flush(self) -> None:
        """Send what waits."""
        self.drop()
        if self._waiting:
            self._session.out.notify("$/progress", {"token": self._token, "value": {"text": self._waiting}})
            self._sent_at = asyncio.get_running_loop().time()
        self._waiting = ""

    def drop(self) -> None:
        """Send nothing more by itself."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


async def chat(session: Session, params: ChatParams) -> Any:
    """The whole answer, with the worker, the model and what it cost."""
    pieces, problems = await gather(session, params.context)
    partial = _Partial(session, params.partial_result_token)
    try:
        wanted = Wanted(params.model, params.tools, params.tool_choice, params.max_tokens)
        answer = await ask(session, params.turns, pieces=pieces, take=partial.take, wanted=wanted)
        partial.flush()
    finally:
        partial.drop()
    return result(
        answer.text,
        calls=answer.calls,
        model=answer.model,
        worker=answer.worker,
        finish=answer.finish,
        usage=answer.usage,
        problems=problems,
    )


FEATURE = Feature("lanyard/chat", run="snapshot", handler=chat, decode=decode)
