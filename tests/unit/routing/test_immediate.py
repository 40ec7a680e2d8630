"""The immediate lane: the soonest worker, the next one before the first delta, closing that closes."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from lanyard_routing.adapters.base import (
    ChatRequest,
    ContextExceeded,
    EndpointTimeout,
    EndpointUnavailable,
    FillRequest,
    RequestRejected,
)
from lanyard_routing.config import DEFAULT_ROUTES
from lanyard_routing.fleet import Condition
from lanyard_routing.immediate import Lane
from lanyard_routing.router import NoWorker
from lanyard_routing.task import Capability, Message
from unit.routing.fakes import Fake, fleet_of

FILL = FillRequest(prefix="def f(", suffix="", max_tokens=16)
CHAT = ChatRequest(messages=(Message(role="user", content="hello"),), max_tokens=16)


async def text_of(stream: object) -> str:
    return "".join([delta.text async for delta in stream])  # type: ignore[attr-defined]


async def test_a_completion_goes_to_the_smallest_model_and_a_chat_to_a_small_one() -> None:
    tiny, small = Fake("tiny", ["1"], billions=1.5), Fake("small", ["2"], billions=7)
    lane = Lane(await fleet_of(small, tiny), DEFAULT_ROUTES)
    assert await text_of(lane.fill(FILL)) == "1"
    assert await text_of(lane.chat(CHAT)) == "2"
    assert [request.model for request in tiny.seen] == ["tiny-model"]


async def test_a_worker_that_fails_before_its_first_delta_is_left_for_the_next() -> None:
    one, two = Fake("one", [EndpointUnavailable("one: refused")]), Fake("two", ["yes"])
    lane = Lane(await fleet_of(one, two), DEFAULT_ROUTES)
    assert await text_of(lane.chat(CHAT)) == "yes"
    assert (len(one.seen), len(two.seen)) == (1, 1)


async def test_a_failure_after_the_first_delta_is_an_error() -> None:
    one, two = Fake("one", ["half", EndpointUnavailable("one: cut")]), Fake("two", ["yes"])
    lane = Lane(await fleet_of(one, two), DEFAULT_ROUTES)
    with pytest.raises(EndpointUnavailable, match="one: cut"):
        await text_of(lane.chat(CHAT))
    assert two.seen == []


async def test_a_refused_request_is_not_sent_elsewhere_but_one_too_long_is() -> None:
    one, two = Fake("one", [RequestRejected("no")], [ContextExceeded("too long")]), Fake("two", ["yes"])
    lane = Lane(await fleet_of(one, two), DEFAULT_ROUTES)
    with pytest.raises(RequestRejected):
        await text_of(lane.chat(CHAT))
    assert await text_of(lane.chat(CHAT)) == "yes"


async def test_when_all_fail_one_line_names_each() -> None:
    lane = Lane(
        await fleet_of(Fake("one", [EndpointUnavailable("one: 503")]), Fake("two", [EndpointTimeout("two: hung")])),
        DEFAULT_ROUTES,
    )
    with pytest.raises(NoWorker, match="one: 503; two: hung"):
        await text_of(lane.chat(CHAT))


async def test_the_least_loaded_worker_is_taken() -> None:
    gate = asyncio.Event()
    one, two = Fake("one", [gate, "a"]), Fake("two", [gate, "b"])
    lane = Lane(await fleet_of(one, two), DEFAULT_ROUTES)
    both = [asyncio.create_task(text_of(lane.chat(CHAT))) for _ in range(2)]
    while len(one.seen) + len(two.seen) < 2:
        await asyncio.sleep(0)
    gate.set()
    assert sorted(await asyncio.gather(*both)) == ["a", "b"]


async def test_closing_closes_the_model_stream() -> None:
    one = Fake("one", ["a", asyncio.Event()])
    fleet = await fleet_of(one)
    lane = Lane(fleet, DEFAULT_ROUTES)
    async with aclosing(lane.chat(CHAT)) as stream:
        assert (await anext(stream)).text == "a"
        assert one.open == 1
    assert one.open == 0
    assert fleet.workers()[0].busy == 0


async def test_a_cancelled_prefill_stays_counted_until_a_probe_says_otherwise() -> None:
    one = Fake("one", [asyncio.Event()])
    fleet = await fleet_of(one, probe_s=3600)
    lane = Lane(fleet, DEFAULT_ROUTES)
    long = ChatRequest(messages=(Message(role="user", content="x" * 40_000),), max_tokens=16)
    waiting = asyncio.create_task(text_of(lane.chat(long)))
    while not one.open:
        await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    assert (one.open, fleet.workers()[0].busy) == (0, 1)
    member = fleet.get("one")
    assert member is not None
    one.health = type(one.health)(ready=True, models=one.health.models, busy=0)
    await member.probe()
    assert fleet.workers()[0].busy == 0


async def test_what_is_missing_is_said_in_one_line() -> None:
    assert "no model that can chat" in (Lane(await fleet_of(), DEFAULT_ROUTES).missing(Capability.CHAT) or "")
    fill_only = Fake("tiny", billions=1)
    fill_only.health = type(fill_only.health)(
        ready=True,
        models=(fill_only.health.models[0].__class__("t", capabilities=frozenset({Capability.COMPLETION})),),
    )
    lane = Lane(await fleet_of(fill_only), DEFAULT_ROUTES)
    assert lane.missing(Capability.COMPLETION) is None
    assert "lanyard models" in (lane.missing(Capability.CHAT) or "")
    with pytest.raises(NoWorker, match="no model that can chat"):
        await text_of(lane.chat(CHAT))


async def test_a_hung_worker_rests_and_is_used_again() -> None:
    one = Fake("one", [EndpointTimeout("one: hung")], ["back"])
    fleet = await fleet_of(one)
    lane = Lane(fleet, DEFAULT_ROUTES)
    with pytest.raises(NoWorker):
        await text_of(lane.chat(CHAT))
    assert fleet.workers()[0].condition is Condition.RESTING
    member = fleet.get("one")
    assert member is not None
    member.breaker._until = 0.0  # the rest is over
    assert fleet.workers()[0].condition is Condition.TRIAL
    assert await text_of(lane.chat(CHAT)) == "back"
    assert fleet.workers()[0].condition is Condition.READY


async def test_a_request_before_the_first_probe_waits_for_it() -> None:
    from lanyard_routing.fleet import Fleet, Member
    from lanyard_routing.netpolicy import Policy
    from unit.routing.fakes import endpoint

    fleet = Fleet()
    fleet.add(Member(endpoint("one"), Fake("one", ["yes"]), Policy()))
    assert await text_of(Lane(fleet, DEFAULT_ROUTES).chat(CHAT)) == "yes"
    await fleet.close()
