"""`workspace/applyEdit`: asks the client, and believes the document too.

Owns when an edit counts as applied. What is edited, and what follows from a refusal, is the caller's.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lanyard_server.session import Session

_LOOK_EVERY_S = 0.02


async def apply_edit(session: Session, params: Any, uri: str, *, expected: str) -> Any:
    """The client's answer, or `{"applied": True}` once the open document at `uri` reads as `expected`.

    Some clients apply an edit and never answer: ALE, by `HandleLSPResponse` in its `codefix.vim`.
    Raises RequestFailed as `Outbound.request` does.
    """
    try:
        async with asyncio.timeout(None) as told:
            watch = asyncio.ensure_future(_until_seen(session, uri, expected, told))
            try:
                return await session.out.request("workspace/applyEdit", params)
            finally:
                watch.cancel()
    except TimeoutError:
        return {"applied": True}


async def _until_seen(session: Session, uri: str, expected: str, told: asyncio.Timeout) -> None:
    """End the wait once the document reads as expected."""
    while True:
        await asyncio.sleep(_LOOK_EVERY_S)
        document = session.documents.glance(uri)
        if document is not None and document.text.content == expected:
            told.reschedule(asyncio.get_running_loop().time())
            return


__all__ = ["apply_edit"]
