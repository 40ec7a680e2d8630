"""Which local models join the fleet of a session."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from lanyard_routing import fleet
from lanyard_routing.fleet import Condition, Served, Worker
from lanyard_routing.ledger import FIRST_RATES
from lanyard_routing.netpolicy import Policy
from lanyard_routing.task import Capability, SizeClass, Zone
from lanyard_server.runtime import add_local_models
from lanyard_server.settings import Settings


async def joined(*workers: Worker) -> list[str]:
    added: list[Any] = []

    async def known(limit_s: float) -> tuple[Worker, ...]:
        return workers

    await add_local_models(Settings(), SimpleNamespace(known=known, policy=Policy(), add=added.append))  # type: ignore
    for member in added:
        await member.adapter.close()
    return [member.name for member in added]


def worker(zone: Zone, condition: Condition = Condition.READY) -> Worker:
    model = Served("m", SizeClass.SMALL, zone, 0, frozenset(Capability), FIRST_RATES[SizeClass.SMALL])
    return Worker("w", "http://w", zone, condition, (model,))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path))


async def test_nothing_joins_where_the_users_own_endpoints_do_all():
    assert await joined(worker(Zone.LAN)) == []


async def test_each_endpoint_has_time_for_its_first_answer_before_a_local_model_joins_in_its_place():
    given: list[float] = []

    async def known(limit_s: float) -> tuple[Worker, ...]:
        given.append(limit_s)
        return (worker(Zone.LAN),)

    await add_local_models(Settings(), SimpleNamespace(known=known, policy=Policy(), add=None))  # type: ignore
    assert given[0] > fleet._PROBE_LIMIT_S


@pytest.mark.parametrize("workers", [[], [worker(Zone.CLOUD)], [worker(Zone.LAN, Condition.DOWN)]])
async def test_the_model_that_comes_with_lanyard_joins_where_nothing_near_completes(workers):
    """An endpoint in the cloud is not used at the cursor unless a route says so, and must not leave it empty."""
    assert any(name.startswith("local-") for name in await joined(*workers))
