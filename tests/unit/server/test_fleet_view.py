"""`lanyard/fleet`: who asks too early is told later."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from lanyard_server.feature import RequestFailed
from lanyard_server.features import fleet_view
from support.immediate import Out, make_session


class Router:
    """A queue without tasks."""

    def listen(self, _: Callable[[], None]) -> Callable[[], None]:
        return lambda: None

    async def list(self, _: int) -> tuple[()]:
        return ()


async def test_who_asks_long_before_the_fleet_is_there_is_told_when_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_view, "_OPENING_S", 0.0)
    session = make_session(None)
    for _ in range(2):
        with pytest.raises(RequestFailed, match="no fleet yet"):
            await fleet_view.fleet(session, None)
    session.runtime = type("Runtime", (), {"router": Router(), "yard": None})()  # pyright: ignore[reportAttributeAccessIssue]
    session.opened.set()
    await asyncio.gather(*session.spawned)
    assert isinstance(session.out, Out)
    assert [method for method, _ in session.out.sent] == ["lanyard/fleetChanged"]
    assert len(session.closers) == 1, "changes are listened for"
