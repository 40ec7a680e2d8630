"""The worker loop and the four verbs over a real queue, with adapters in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from lanyard_routing import worker as worker_module
from lanyard_routing.adapters.base import (
    ChatRequest,
    ContextExceeded,
    Delta,
    EndpointTimeout,
    EndpointUnavailable,
    FillRequest,
    ModelMissing,
    Probe,
    RequestRejected,
)
from lanyard_routing.config import RouteConfig
from lanyard_routing.dispatch import open_queue_only
from lanyard_routing.fallbacks import Action
from lanyard_routing.queue.statements import FREE
from lanyard_routing.task import Event, Moved, Queued, SizeClass, Started, State
from unit.routing.fakes import Fake, Step, task, until
from unit.routing.house import Open, final, text_since_start


async def test_a_task_runs_and_its_events_come_in_order(house: Open) -> None:
    fake = Fake("gpu", ["Hel", "lo ", "𝄞"], billions=32)
    events = await (await house(fake)).run()
    reply = final(events).reply
    assert reply is not None
    assert (reply.text, reply.worker, reply.model, reply.finish) == ("Hello 𝄞", "gpu", "gpu-model", "stop")
    assert reply.usage.completion_tokens == 3
    assert reply.usage.total_s > 0
    assert text_since_start(events) == "Hello 𝄞"
    assert [event.attempt for event in events if isinstance(event, Started)] == [1]
    assert fake.seen[0].model == "gpu-model"


@pytest.mark.parametrize(
    "error", [EndpointUnavailable("one: 503"), EndpointTimeout("one: hung"), ModelMissing("one: no such model")]
)
async def test_a_worker_that_fails_hands_the_task_on(house: Open, error: Exception) -> None:
    one, two = Fake("one", ["lost ", error], billions=32), Fake("two", ["kept"], billions=32)
    events = await (await house(one, two)).run()
    assert final(events).state is State.DONE
    assert text_since_start(events) == "kept"
    moved = [event for event in events if isinstance(event, Moved)]
    assert [(event.worker, event.why) for event in moved] == [("two", str(error))]
    assert [event.attempt for event in events if isinstance(event, Started)] == [1, 2]
    assert (len(one.seen), len(two.seen)) == (1, 1)


async def test_a_mistake_of_ours_loses_no_task(house: Open) -> None:
    one, two = Fake("one", billions=32), Fake("two", ["kept"], billions=32)
    one.scripts = [[object()]]  # type: ignore[list-item]
    one._play = lambda request: None  # type: ignore[assignment, method-assign, return-value]
    events = await (await house(one, two)).run()
    assert final(events).state is State.DONE


async def test_a_refused_request_fails_in_one_line_and_goes_nowhere_else(house: Open) -> None:
    one, two = Fake("one", [RequestRejected("one: 422 bad schema; report this")], billions=32), Fake("two", billions=32)
    events = await (await house(one, two)).run()
    failure = final(events).failure
    assert failure is not None
    assert failure.message == "one: 422 bad schema; report this"
    assert two.seen == []


async def test_a_prompt_too_long_goes_to_a_larger_context(house: Open) -> None:
    one = Fake("one", [ContextExceeded("one: too long")], billions=32, context=8192)
    small = Fake("small", billions=32, context=8000)
    big = Fake("big", ["fits"], billions=7, context=32768)
    events = await (await house(one, small, big)).run(prompt_tokens=7950, max_tokens=10)
    reply = final(events).reply
    assert reply is not None
    assert reply.worker == "big"
    assert (len(one.seen), len(small.seen)) == (1, 0) or (len(one.seen), len(small.seen)) == (1, 1)


async def test_a_prompt_too_long_for_all_fails_with_what_to_do(house: Open) -> None:
    events = await (await house(Fake("one", billions=32, context=4096))).run(prompt_tokens=9000)
    failure = final(events).failure
    assert failure is not None
    assert "select less code" in failure.message


async def test_no_more_tasks_than_slots_run_at_a_worker(house: Open) -> None:
    gate = asyncio.Event()
    fake = Fake("gpu", [gate, "x"], billions=32, slots=2)
    one, two = await house(fake), await house(fake, session="b")
    for number in range(6):
        await one.router.submit(task(f"t{number}"))
    await until(lambda: fake.open == 2)
    for _ in range(20):
        one.loop.wake()
        two.loop.wake()
        await asyncio.sleep(0.002)
    assert fake.open == 2
    gate.set()
    for number in range(6):
        final(await one.follow(f"t{number}"))
    assert fake.most_open == 2
    assert len(fake.seen) == 6


async def test_tasks_spread_over_the_workers_of_a_class(house: Open) -> None:
    gate = asyncio.Event()
    fakes = [Fake(name, [gate, "x"], billions=32) for name in ("one", "two", "three")]
    here = await house(*fakes)
    for number in range(3):
        await here.router.submit(task(f"t{number}"))
    await until(lambda: all(fake.open == 1 for fake in fakes))
    gate.set()


async def test_a_smaller_model_takes_over_when_the_class_is_down(house: Open) -> None:
    large, small = (
        Fake("large", [EndpointUnavailable("large: refused")], billions=70),
        Fake("small", ["ok"], billions=7),
    )
    events = await (await house(large, small)).run(complexity="complex")
    reply = final(events).reply
    assert reply is not None
    assert reply.worker == "small"


async def test_without_the_fallback_it_waits_and_runs_when_the_worker_returns(house: Open) -> None:
    large, small = Fake("large", ["ok"], billions=70), Fake("small", billions=7)
    well, large.health = large.health, Probe(ready=False, why="large: refuses connections; start its server")
    table = (RouteConfig(size=(SizeClass.LARGE,), fallbacks=("least_loaded", "queue")),)
    here = await house(large, small, table=table)
    await here.router.submit(task())
    seen: list[Event] = []
    async with asyncio.timeout(50), aclosing(here.router.stream("t1")) as events:
        async for event in events:
            seen.append(event)
            if isinstance(event, Queued) and "refuses connections" in event.why:
                question = await here.router.question("t1")
                assert question is not None
                assert [option.action for option in question.options] == [
                    Action.WAIT,
                    Action.RETRY,
                    Action.ELSEWHERE,
                    Action.CANCEL,
                ]
                large.health = well
    assert final(seen).state is State.DONE
    assert small.seen == []


async def test_the_user_may_send_a_waiting_task_elsewhere(house: Open) -> None:
    large, small = Fake("large", billions=70), Fake("small", ["ok"], billions=7)
    large.health = Probe(ready=False, why="large: refuses connections")
    table = (RouteConfig(size=(SizeClass.LARGE,), fallbacks=("queue", "ask")),)
    here = await house(large, small, table=table)
    await here.router.submit(task())
    await here.fleet.known(50)
    question = await here.router.question("t1")
    assert question is not None
    (elsewhere,) = [option for option in question.options if option.action is Action.ELSEWHERE]
    assert "small-model" in elsewhere.label
    assert await here.router.answer("t1", elsewhere) is not None
    reply = final(await here.follow("t1")).reply
    assert reply is not None
    assert reply.worker == "small"


async def test_without_a_queue_in_the_fallbacks_it_fails_and_asks(house: Open) -> None:
    table = (RouteConfig(size=(SizeClass.LARGE,), fallbacks=("least_loaded", "ask")),)
    here = await house(
        Fake("large", [EndpointUnavailable("large: 503")], ["second time"], billions=70),
        Fake("small", ["from small"], billions=7),
        table=table,
    )
    failure = final(await here.run()).failure
    assert failure is not None
    assert failure.message == "large: 503; try again, or run it on another worker"
    question = await here.router.question("t1")
    assert question is not None
    assert question.options[0].action is Action.RETRY
    again = await here.router.answer("t1", question.options[0])
    assert again is not None
    assert again.id != "t1"
    reply = final(await here.follow(again.id)).reply
    assert reply is not None
    assert reply.text == "second time"


async def test_a_single_worker_that_fails_is_tried_again_until_it_gives_up(
    house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "MAX_ATTEMPTS", 3)
    here = await house(Fake("one", [EndpointUnavailable("one: 503")], billions=32))
    member = here.fleet.get("one")
    assert member is not None
    member.breaker.failed = lambda *_: None  # type: ignore[method-assign]  # it would rest for seconds
    failure = final(await here.run()).failure
    assert failure is not None
    assert failure.message == "gave up after 3 attempts: one: 503; try again later"
    assert failure.attempts == ("one: 503",) * 3


async def test_cancelling_closes_the_stream(house: Open) -> None:
    fake = Fake("gpu", ["a", asyncio.Event()], billions=32)
    here = await house(fake)
    await here.router.submit(task())
    await until(lambda: fake.open == 1)
    assert await here.router.cancel("t1")
    assert final(await here.follow("t1")).state is State.CANCELLED
    await until(lambda: fake.open == 0)
    assert not await here.router.cancel("t1")


async def test_cancelling_from_another_process_closes_the_stream(house: Open, tmp_path: Path) -> None:
    fake = Fake("gpu", ["a", asyncio.Event()], billions=32)
    here = await house(fake)
    await here.router.submit(task())
    await until(lambda: fake.open == 1)
    async with open_queue_only(tmp_path) as other:
        assert await other.cancel("t1")
    await until(lambda: fake.open == 0)


async def test_a_queued_task_can_be_cancelled(house: Open) -> None:
    here = await house()
    await here.router.submit(task())
    assert await here.router.cancel("t1")
    assert final(await here.follow("t1")).state is State.CANCELLED


async def test_closing_in_the_middle_leaves_the_task_for_the_next(house: Open) -> None:
    stuck = Fake("gpu", ["a", asyncio.Event()], billions=32)
    one = await house(stuck)
    await one.router.submit(task())
    await until(lambda: stuck.open == 1)
    await one.close()
    assert stuck.open == 0
    two = await house(Fake("gpu", ["done"], billions=32), session="b")
    reply = final(await two.follow("t1")).reply
    assert reply is not None
    assert reply.text == "done"
    (status,) = await two.router.claim_results("/w")
    assert status.attempts == 1


async def test_a_full_disk_at_the_end_keeps_the_reply_until_there_is_room(house: Open) -> None:
    gate = asyncio.Event()
    fake = Fake("gpu", ["y" * 200_000, gate], billions=32)
    here = await house(fake)
    await here.router.submit(task())
    await until(lambda: fake.open == 1)
    store = here.queue._store
    pages = await store.run(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await store.run(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchall())
    gate.set()
    await until(lambda: any("is full" in line for line in here.told))
    await store.run(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchall())
    reply = final(await here.follow("t1")).reply
    assert reply is not None
    assert len(reply.text) == 200_000
    assert len(fake.seen) == 1


class Clinging(Fake):
    """Its streams end only when `free` is set, once their reader has left them."""

    def __init__(self, name: str, *scripts: Sequence[Step]) -> None:
        super().__init__(name, *scripts, billions=32, slots=2)
        self.free = asyncio.Event()

    async def _play(self, request: ChatRequest | FillRequest) -> AsyncGenerator[Delta]:
        try:
            async for delta in super()._play(request):
                yield delta
        except asyncio.CancelledError:
            await self.free.wait()
            raise


async def test_an_attempt_that_was_taken_away_does_not_end_the_next_one_here(house: Open) -> None:
    go_on = asyncio.Event()
    fake = Clinging("gpu", [asyncio.Event()], ["a", go_on, "b"])
    here = await house(fake)
    await here.router.submit(task())
    following = asyncio.create_task(here.follow("t1"))
    await until(lambda: len(fake.seen) == 1)
    lost = f"UPDATE task SET state = 'queued', {FREE}"  # as others do whose machine slept less than this one
    await here.queue._store.run(lambda db: db.execute(lost))  # pyright: ignore[reportPrivateUsage]
    await until(lambda: len(fake.seen) == 2)
    fake.free.set()
    await until(lambda: len(here.loop._running) == 1)  # pyright: ignore[reportPrivateUsage]
    go_on.set()
    events = await following
    assert final(events).state is State.DONE
    assert text_since_start(events) == "ab"
    assert len(fake.seen) == 2
