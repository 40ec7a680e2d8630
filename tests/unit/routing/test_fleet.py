"""Workers out of endpoints: which models, which size, which zone, in which condition."""

from __future__ import annotations

import asyncio

import pytest

from lanyard_routing import netpolicy
from lanyard_routing.adapters.base import AddressRefused, Model, ModelMissing, Probe
from lanyard_routing.fleet import Condition, Fleet, Member, size_of
from lanyard_routing.netpolicy import CloudAccess, Policy
from lanyard_routing.task import Capability, SizeClass, Zone
from unit.routing.fakes import Fake, endpoint, fleet_of


@pytest.mark.parametrize(
    ("model", "size"),
    [
        (Model("x", parameters=4_000_000_000), "tiny"),
        (Model("x", parameters=4_000_000_001), "small"),
        (Model("x", parameters=15_000_000_000), "small"),
        (Model("x", parameters=32_000_000_000), "medium"),
        (Model("x", parameters=70_000_000_000), "large"),
        (Model("qwen2.5-coder:7b-instruct"), "small"),
        (Model("Qwen2.5-Coder-32B-Instruct-GGUF"), "medium"),
        (Model("mixtral-8x7b"), "large"),
        (Model("smollm-360M"), "tiny"),
        (Model("gpt-neo"), "small"),
        (Model(""), "small"),
    ],
)
def test_size_classes(model: Model, size: str) -> None:
    assert size_of(model) is SizeClass(size)


async def member_with(
    *models: Model, policy: Policy | None = None, url: str = "http://127.0.0.1", **config: object
) -> tuple[Member, Fake]:
    fake = Fake("w")
    fake.health = Probe(ready=True, models=models)
    made = Member(endpoint("w", **config).model_copy(update={"url": url}), fake, policy or Policy())
    await made.probe()
    return made, fake


async def test_models_come_in_the_users_order_and_code_first_otherwise() -> None:
    reported = (Model("llama:8b"), Model("qwen2.5-coder:7b"), Model("deepseek-coder:6.7b"))
    member, _ = await member_with(*reported)
    assert [model.name for model in member.snapshot().models] == ["qwen2.5-coder:7b", "deepseek-coder:6.7b", "llama:8b"]
    member, _ = await member_with(*reported, models=("llama:8b", "phi"))
    assert [model.name for model in member.snapshot().models] == ["llama:8b", "phi"]
    member, _ = await member_with(Model("phi:latest"), models=("phi",))
    assert [model.name for model in member.snapshot().models] == ["phi:latest"]


async def test_the_users_word_counts_before_the_servers() -> None:
    member, _ = await member_with(Model("m", parameters=10**9), size="large", slots=7, capabilities=("completion",))
    worker = member.snapshot()
    assert worker.slots == 7
    assert worker.models[0].size is SizeClass.LARGE
    assert worker.models[0].capabilities == {Capability.COMPLETION}


async def test_a_model_that_would_run_elsewhere_is_not_offered_unless_the_cloud_is_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(netpolicy, "_loopback_only", 0)  # nothing is connected to here
    models = (Model("here:7b"), Model("there:70b", remote=True))
    member, _ = await member_with(*models)
    assert [model.name for model in member.snapshot().models] == ["here:7b"]
    member, _ = await member_with(*models, policy=Policy(CloudAccess.ALLOWED))
    assert [(model.name, model.zone) for model in member.snapshot().models] == [
        ("here:7b", Zone.LOCAL),
        ("there:70b", Zone.CLOUD),
    ]


async def test_a_public_address_is_refused_in_words() -> None:
    member, fake = await member_with(Model("m"), url="http://8.8.8.8")
    worker = member.snapshot()
    assert worker.condition is Condition.REFUSED
    assert worker.models == ()
    assert fake.seen == []


async def test_a_server_that_goes_down_is_still_known_for_its_models() -> None:
    member, fake = await member_with(Model("m"))
    fake.health = Probe(ready=False, why="w: refuses connections")
    await member.probe()
    worker = member.snapshot()
    assert (worker.condition, worker.why) == (Condition.DOWN, "w: refuses connections")
    assert [model.name for model in worker.models] == ["m"]


async def test_a_probe_that_raises_is_a_server_that_is_down() -> None:
    member, fake = await member_with(Model("m"))

    async def broken() -> Probe:
        raise RuntimeError("secret prompt")

    fake.probe = broken  # type: ignore[method-assign]
    assert not await member.probe()
    worker = member.snapshot()
    assert worker.condition is Condition.DOWN
    assert "secret" not in worker.why


async def test_a_slow_answer_does_not_hide_what_a_later_probe_found() -> None:
    member, fake = await member_with(Model("m"))
    asked, answer = asyncio.Event(), asyncio.Event()

    async def slow() -> Probe:
        was = fake.health
        asked.set()
        await answer.wait()
        return was

    fake.probe, quick = slow, fake.probe  # type: ignore[method-assign]
    early = asyncio.create_task(member.probe())
    await asked.wait()
    fake.probe, fake.health = quick, Probe(ready=False, why="w: refuses connections")  # type: ignore[method-assign]
    assert not await member.probe()
    answer.set()
    assert not await early
    assert member.snapshot().condition is Condition.DOWN


async def test_a_missing_model_is_left_out_until_it_is_listed_again() -> None:
    member, fake = await member_with(Model("m"), models=("m", "gone"))
    for name in ("m", "gone"):
        member.failed(ModelMissing("404"), name)
    assert member.snapshot().models == ()
    await member.probe()
    assert [model.name for model in member.snapshot().models] == ["m"]
    fake.health = Probe(ready=True, models=(Model("m"), Model("gone")))
    await member.probe()
    assert len(member.snapshot().models) == 2


async def test_a_refused_address_is_not_tried_again_before_the_next_probe() -> None:
    member, _ = await member_with(Model("m"))
    member.failed(AddressRefused("w: resolves to a public address"), "m")
    assert member.snapshot().condition is Condition.REFUSED
    await member.probe()
    assert member.snapshot().condition is Condition.READY


async def test_listeners_hear_of_changes_only() -> None:
    fake = Fake("w")
    heard: list[int] = []
    fleet = Fleet(probe_s=0.001)
    fleet.listen(lambda: heard.append(1))
    fleet.add(Member(endpoint("w"), fake, Policy()))
    assert fleet.workers()[0].condition is Condition.UNKNOWN
    assert fleet.unknown()
    await fleet.known(5)
    assert len(heard) == 1
    await fleet.close()
    assert fake.closed


async def test_an_empty_fleet_is_known_at_once() -> None:
    fleet = await fleet_of()
    assert fleet.workers() == ()
    assert not fleet.unknown()
    await fleet.close()


async def test_listeners_hear_that_a_probe_took_back_what_a_failure_had_said_meanwhile() -> None:
    fake = Fake("w")
    fleet = await fleet_of(fake, probe_s=0.001)
    asked, answer, seen = asyncio.Event(), asyncio.Event(), list[Condition]()
    try:
        fleet.listen(lambda: seen.append(fleet.workers()[0].condition))
        plain = fake.probe

        async def slow() -> Probe:
            asked.set()
            await answer.wait()
            return await plain()

        fake.probe = slow  # type: ignore[method-assign]
        fleet.nudge(["w"])
        async with asyncio.timeout(50):
            await asked.wait()
            fleet.failed("w", AddressRefused("w: resolves to a public address"), "w-model")
            assert seen == [Condition.REFUSED]
            answer.set()
            while fleet.workers()[0].condition is not Condition.READY:
                await asyncio.sleep(0)
        assert seen == [Condition.REFUSED, Condition.READY]
    finally:
        await fleet.close()
