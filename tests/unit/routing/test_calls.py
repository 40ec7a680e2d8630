"""One request at one worker: each ends in one verdict on the worker, and none leaves a slot taken."""

from __future__ import annotations

import logging
from contextlib import aclosing, suppress

import pytest

from lanyard_routing.adapters.base import (
    AddressRefused,
    ChatRequest,
    ContextExceeded,
    EndpointError,
    EndpointTimeout,
    ModelMissing,
    RequestRejected,
    Timeouts,
)
from lanyard_routing.calls import call
from lanyard_routing.fleet import Condition, Fleet
from lanyard_routing.health import Fault
from lanyard_routing.routes import Candidate, need_of
from unit.routing.fakes import Fake, Step, fleet_of, task


async def ask(fleet: Fleet) -> str:
    """One chat at the only worker."""
    worker = fleet.workers()[0]
    asked = task()
    request = ChatRequest(asked.messages, asked.max_tokens)
    candidate = Candidate(worker, worker.models[0], 0.0)
    async with aclosing(
        call(fleet, candidate, need_of(asked), lambda adapter, model: adapter.chat(request, Timeouts()))
    ) as deltas:
        return "".join([delta.text async for delta in deltas])


async def test_a_worker_that_falls_silent_in_the_middle_rests() -> None:
    fleet = await fleet_of(Fake("w", ["some text", EndpointTimeout("w fell silent")]))
    with pytest.raises(EndpointTimeout):
        await ask(fleet)
    assert fleet.workers()[0].condition is Condition.RESTING
    await fleet.close()


@pytest.mark.parametrize(
    "error", [ModelMissing("gone"), AddressRefused("moved"), RequestRejected("no"), ContextExceeded("long")]
)
async def test_a_trial_that_says_nothing_of_the_servers_health_is_followed_by_another(error: EndpointError) -> None:
    fleet = await fleet_of(Fake("w", [error]), probe_s=60)
    member = fleet.get("w")
    assert member is not None
    member.breaker.failed(Fault.HUNG, -1e9)  # it hung long ago and has rested since
    assert member.snapshot().condition is Condition.TRIAL
    with pytest.raises(type(error)):
        await ask(fleet)
    await member.probe()  # it is well, and lists the model
    assert member.snapshot().condition is Condition.TRIAL
    await fleet.close()


@pytest.mark.parametrize(
    "script", [["text"], ["text", EndpointTimeout("silent")], [EndpointTimeout("no token")], [RequestRejected("no")]]
)
async def test_the_slot_is_free_again_however_it_ends(script: list[Step]) -> None:
    fleet = await fleet_of(Fake("w", script), probe_s=60)
    with suppress(EndpointError):
        await ask(fleet)
    member = fleet.get("w")
    assert member is not None
    assert member.ledger.active() == 0
    await fleet.close()


async def test_a_mistake_of_ours_is_logged_without_what_it_was_about(caplog: pytest.LogCaptureFixture) -> None:
    fleet = await fleet_of(Fake("w"))
    worker = fleet.workers()[0]

    text = "def secret(): ..."

    def broken(*_: object) -> object:
        raise ValueError(text)

    stream = call(fleet, Candidate(worker, worker.models[0], 0.0), need_of(task()), broken)  # pyright: ignore
    with caplog.at_level(logging.INFO), pytest.raises(EndpointError):
        await anext(stream)
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text
    await fleet.close()
