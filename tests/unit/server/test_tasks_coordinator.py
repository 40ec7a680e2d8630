"""The coordinator: what it takes up of earlier sessions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from lanyard_routing.task import Event, State, Status, Task
from lanyard_server.tasks.coordinator import coordinator_of
from support.immediate import make_session
from unit.routing.fakes import task


class Router:
    """A queue that holds one task of an earlier session for each workspace."""

    def __init__(self) -> None:
        self.followed: list[str] = []
        self.both = asyncio.Event()

    async def unfinished(self, workspace: str) -> tuple[Status, ...]:
        return (Status(task=earlier(workspace), state=State.QUEUED, submitted_at=0),)

    async def stream(self, task_id: str) -> AsyncGenerator[Event]:
        self.followed.append(task_id)
        if len(self.followed) == 2:
            self.both.set()
        for event in ():
            yield event

    async def results(self, _: str) -> AsyncGenerator[Status]:
        await asyncio.Event().wait()
        for status in ():
            yield status


def earlier(workspace: str) -> Task:
    return task("earlier", workspace=workspace)


async def test_a_command_that_is_quicker_than_the_look_at_what_was_left_does_not_prevent_it(tmp_path: Path) -> None:
    session, router = make_session(None, root=tmp_path), Router()
    session.runtime = type("Runtime", (), {"router": router})()  # pyright: ignore[reportAttributeAccessIssue]
    coordinator: Any = coordinator_of(session)
    coordinator.watch(task("now", workspace=str(tmp_path)))
    await coordinator.resume()
    async with asyncio.timeout(50):
        await router.both.wait()
    assert router.followed == ["now", "earlier"]
    for each in session.spawned:
        each.cancel()
    await asyncio.gather(*session.spawned, return_exceptions=True)
