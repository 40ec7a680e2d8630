"""What tests of the routing share."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from lanyard_routing import worker as worker_module
from lanyard_routing.config import DEFAULT_ROUTES, RouteConfig
from unit.routing.fakes import Fake
from unit.routing.house import House, Open


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Open]:
    monkeypatch.setattr(worker_module, "_FIRST_REST_S", 0.01)
    monkeypatch.setattr(worker_module, "NOTE_S", 0.0)
    opened: list[House] = []

    async def build(*fakes: Fake, session: str = "a", table: Sequence[RouteConfig] = DEFAULT_ROUTES) -> House:
        opened.append(House(tmp_path, session, fakes, table))
        return opened[-1]

    yield build
    for each in opened:
        await each.close()
