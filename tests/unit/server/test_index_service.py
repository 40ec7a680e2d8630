"""What the server keeps of an index process's answers, with a process in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from lanyard_server.index.messages import AskContext, Context
from lanyard_server.index.service import IndexService
from support.immediate import make_session

BUDGET = 100


class Client:
    """Answers when `gate` is set."""

    process_id = 1

    def __init__(self) -> None:
        self.asked = 0
        self.gate = asyncio.Event()

    def tell(self, _: Any) -> bool:
        return True

    async def context(self, asked: AskContext, _: float) -> Context:
        self.asked += 1
        await self.gate.wait()
        return Context(asked.id, (), 0, 9, 0.0)


async def test_a_context_that_was_asked_for_before_a_file_changed_is_asked_for_again(tmp_path: Path) -> None:
    session, client = make_session(None, root=tmp_path), Client()
    service: Any = IndexService(session)
    service._clients[tmp_path] = client
    uri = (tmp_path / "a.py").as_uri()
    session.documents.open(uri, "python", 1, "x = 1\n")  # pyright: ignore[reportAttributeAccessIssue]
    document = session.documents.get(uri)
    service.foresee(document, 0, BUDGET)
    await asyncio.sleep(0)  # it is asked
    service.touched([tmp_path / "b.py"])
    client.gate.set()
    await asyncio.gather(*session.spawned)
    service.foresee(document, 0, BUDGET)
    await asyncio.gather(*session.spawned)
    assert client.asked == 2
    service.foresee(document, 0, BUDGET)
    await asyncio.gather(*session.spawned)
    assert client.asked == 2
    service.feed.close()
