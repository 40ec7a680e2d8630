"""Who follows a task, or waits for results: in its own process and in others, early and late."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from pathlib import Path

import pytest

from lanyard_routing import dispatch
from lanyard_routing.dispatch import open_queue_only
from lanyard_routing.fleet import Member
from lanyard_routing.netpolicy import Policy
from lanyard_routing.queue import deliveries
from lanyard_routing.task import Event, Progress, Started, State
from unit.routing.fakes import Fake, endpoint, task, until
from unit.routing.house import Open, final, text_since_start


async def test_another_process_sees_worker_and_result_without_the_text(house: Open, tmp_path: Path) -> None:
    gate = asyncio.Event()
    fake = Fake("gpu", ["a", gate, "b"], billions=32)
    here = await house(fake)
    await here.router.submit(task())
    async with open_queue_only(tmp_path) as other, aclosing(other.stream("t1")) as events:
        seen: list[Event] = []
        async for event in events:
            seen.append(event)
            if isinstance(event, Started):
                gate.set()
    assert Started(worker="gpu", model="gpu-model", attempt=1) in seen
    reply = final(seen).reply
    assert reply is not None
    assert reply.text == "ab"


async def test_who_comes_late_gets_the_text_so_far(house: Open) -> None:
    gate = asyncio.Event()
    fake = Fake("gpu", ["a", gate, "b"], billions=32)
    here = await house(fake)
    await here.router.submit(task())
    await until(lambda: fake.open == 1)
    async with aclosing(here.router.stream("t1")) as events:
        seen = [await anext(events), await anext(events)]
        gate.set()
        seen += [event async for event in events]
    assert text_since_start(seen) == "ab"
    assert sum(isinstance(event, Started) for event in seen) == 1


async def test_an_unknown_task_has_no_events(house: Open) -> None:
    here = await house()
    assert await here.follow("nothing") == []
    assert await here.router.status("nothing") is None
    assert await here.router.question("nothing") is None


async def test_progress_comes_ten_times_a_second_at_most(house: Open) -> None:
    fake = Fake("gpu", ["x"] * 500, billions=32)
    here, begun = await house(fake), asyncio.get_running_loop().time()
    events = await here.run()
    progress = [event for event in events if isinstance(event, Progress)]
    assert len(progress) < 10 * (asyncio.get_running_loop().time() - begun) + 3
    assert sum(len(event.text) for event in progress) == 500
    assert progress[-1].tokens == 500


async def test_results_of_others_come_when_they_leave(house: Open) -> None:
    one, two = await house(Fake("gpu", ["x"], billions=32)), await house(session="b")
    final(await one.run())
    async with asyncio.timeout(50), aclosing(two.router.results("/w")) as results:
        waiting = asyncio.ensure_future(anext(results))
        await asyncio.sleep(0)
        await one.close()
        status = await waiting
    assert status.task.id == "t1"
    assert await two.router.confirm_result("t1")


async def test_who_follows_a_task_hears_of_its_worker_when_another_editor_left_it(house: Open) -> None:
    here, there = await house(), await house(Fake("far", [asyncio.Event()], billions=32), session="b")
    await here.router.submit(task())
    events: list[Event] = []
    async with asyncio.timeout(50), aclosing(here.router.stream("t1")) as stream:
        async for event in stream:
            events.append(event)
            if isinstance(event, Started) and event.worker == "far":
                here.fleet.add(Member(endpoint("near"), Fake("near", ["x"], billions=32), Policy()))
                await there.close()
    assert final(events).state is State.DONE
    assert [event.worker for event in events if isinstance(event, Started)] == ["far", "near"]


async def test_results_of_an_editor_that_died_without_a_word_come_too(
    house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await house(Fake("gpu", ["x"], billions=32)), await house(session="b")
    final(await one.run())
    monkeypatch.setattr(dispatch, "LOOK_S", 0.005)
    looks = 0

    def verdict(_: str) -> str:
        nonlocal looks
        looks += 1
        return "alive" if looks < 3 else "dead"  # nothing is written when a process is killed

    monkeypatch.setattr(deliveries, "verdict", verdict)
    async with asyncio.timeout(50), aclosing(two.router.results("/w")) as results:
        assert (await anext(results)).task.id == "t1"
