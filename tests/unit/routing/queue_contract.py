"""What every task queue must do. A queue's own test file gives the `open_queue` fixture and imports `Contract`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from lanyard_routing.queue.base import Claim, Offer, TaskQueue, Waiting
from lanyard_routing.task import Complexity, Failure, Kind, Priority, Reply, State, Zone
from unit.routing.fakes import task, until

OpenQueue = Callable[[str], Awaitable[TaskQueue]]


def anything(waiting: Waiting) -> str | None:
    return "m"


def offer(worker: str = "gpu", slots: int = 9, suits: Callable[[Waiting], str | None] = anything) -> Offer:
    return Offer(worker=worker, slots=slots, suits=suits)


def reply(text: str = "fine") -> Reply:
    return Reply(text=text, worker="gpu", model="m", finish="stop")


async def claimed(queue: TaskQueue, given: Offer | None = None) -> Claim:
    claim = await queue.claim(given or offer())
    assert claim is not None
    return claim


class Contract:
    """Test methods; `open_queue(session)` opens one more view of the same queue."""

    async def test_a_task_comes_back_as_it_was_put(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        given = task(
            "t",
            messages=({"role": "user", "content": "a\r\n𝄞\x00\u2028 'quoted' \"x\""},),
            context={"deep": [1, {"é": None}]},
            reply_schema={"type": "object"},
            zones=(Zone.LOCAL,),
        )
        receipt = await queue.put(given)
        assert (receipt.task_id, receipt.position) == ("t", 0)
        assert (await claimed(queue)).task == given

    async def test_the_order_is_priority_then_age(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        order = [
            ("b1", Priority.BATCH),
            ("g1", Priority.BACKGROUND),
            ("b2", Priority.BATCH),
            ("g2", Priority.BACKGROUND),
        ]
        positions = [(await queue.put(task(name, priority=priority))).position for name, priority in order]
        assert positions == [0, 0, 2, 1]
        assert [waiting.id for waiting in await queue.waiting()] == ["g1", "g2", "b1", "b2"]
        assert [(await claimed(queue)).task.id for _ in range(4)] == ["g1", "g2", "b1", "b2"]
        assert await queue.claim(offer()) is None

    async def test_the_same_id_again_changes_nothing(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        await queue.put(task("t", title="first"))
        await queue.put(task("t", title="second"))
        assert [status.task.title for status in await queue.list()] == ["first"]

    async def test_an_offer_sees_what_it_needs_to_judge(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        await queue.put(
            task("t", kind=Kind.TEST, complexity=Complexity.COMPLEX, worker="w", prompt_tokens=7, zones=(Zone.LAN,))
        )
        seen: list[Waiting] = []

        def look(waiting: Waiting) -> None:
            seen.append(waiting)

        assert await queue.claim(offer(suits=look)) is None
        assert seen == [
            Waiting("t", Kind.TEST, Priority.BACKGROUND, Complexity.COMPLEX, (Zone.LAN,), "w", 7, 100),
        ]

    async def test_a_task_that_does_not_suit_is_left_for_others(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        for name in ("t1", "t2"):
            await queue.put(task(name))
        only_second = offer(suits=lambda waiting: "m" if waiting.id == "t2" else None)
        assert (await claimed(queue, only_second)).task.id == "t2"
        assert await queue.claim(only_second) is None

    async def test_the_slots_of_a_worker_count_across_sessions(self, open_queue: OpenQueue) -> None:
        one, two = await open_queue("a"), await open_queue("b")
        for number in range(4):
            await one.put(task(f"t{number}"))
        first = await claimed(one, offer("gpu", 2))
        await claimed(two, offer("gpu", 2))
        assert await one.claim(offer("gpu", 2)) is None
        assert await two.claim(offer("gpu", 2)) is None
        await claimed(two, offer("cpu", 1))
        assert await one.finish(first, reply())
        await claimed(two, offer("gpu", 2))

    async def test_two_sessions_never_claim_the_same_task(self, open_queue: OpenQueue) -> None:
        queues = [await open_queue(name) for name in "abcd"]
        for number in range(40):
            await queues[0].put(task(f"t{number}"))

        async def take_all(queue: TaskQueue) -> list[str]:
            taken: list[str] = []
            while (claim := await queue.claim(offer(slots=99))) is not None:
                taken.append(claim.task.id)
            return taken

        taken = [each for some in await asyncio.gather(*map(take_all, queues)) for each in some]
        assert sorted(taken) == sorted(f"t{number}" for number in range(40))

    async def test_a_reply_ends_the_task_once(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        await queue.put(task("t"))
        claim = await claimed(queue)
        assert await queue.finish(claim, reply("one"))
        assert not await queue.finish(claim, reply("two"))
        assert not await queue.fail("t", Failure(message="no"), claim=claim)
        assert not await queue.requeue(claim)
        assert not await queue.cancel("t")
        status = await queue.status("t")
        assert status is not None
        assert status.state is State.DONE
        assert status.reply == reply("one")
        assert status.worker == "gpu"

    async def test_a_task_can_fail_claimed_or_queued(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        await queue.put(task("t1"))
        await queue.put(task("t2"))
        claim = await claimed(queue)
        failure = Failure(message="no worker; start one", attempts=("gpu: 503",))
        assert not await queue.fail("t1", failure)  # it runs: only its claim may end it
        assert await queue.fail("t1", failure, claim=claim)
        assert await queue.fail("t2", failure)
        for name in ("t1", "t2"):
            status = await queue.status(name)
            assert status is not None
            assert (status.state, status.failure) == (State.FAILED, failure)

    async def test_a_requeued_task_keeps_its_place_and_its_history(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        for name in ("t1", "t2"):
            await queue.put(task(name))
        claim = await claimed(queue)
        assert await queue.requeue(claim, line="gpu: 503", why="gpu rests", tried=("gpu",), above_context=4096)
        first = (await queue.waiting())[0]
        assert (first.id, first.tried, first.above_context, first.attempts, first.why) == (
            "t1",
            ("gpu",),
            4096,
            1,
            "gpu rests",
        )
        again = await claimed(queue)
        assert (again.task.id, again.attempt, again.lines, again.tried) == ("t1", 2, ("gpu: 503",), ("gpu",))
        assert again.token != claim.token
        assert not await queue.finish(claim, reply())

    async def test_a_resting_task_is_not_due(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        await queue.put(task("t"))
        await queue.requeue(await claimed(queue), rest_s=3600)
        assert await queue.claim(offer()) is None
        assert (await queue.waiting())[0].id == "t"
        assert await queue.choose("t", "cpu")
        again = await claimed(queue)
        assert (again.task.id, again.tried) == ("t", ())

    async def test_a_released_task_was_never_taken(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        await queue.put(task("t"))
        assert await queue.release(await claimed(queue))
        assert (await claimed(queue)).attempt == 1

    async def test_a_note_says_what_is_waited_for(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        await queue.put(task("t"))
        assert await queue.note("t", "gpu-1 is down")
        assert not await queue.note("t", "gpu-1 is down")
        status = await queue.status("t")
        assert status is not None
        assert status.why == "gpu-1 is down"
        await claimed(queue)
        assert not await queue.note("t", "late")

    async def test_cancelling_takes_the_claim_away(self, open_queue: OpenQueue) -> None:
        one, two = await open_queue("a"), await open_queue("b")
        for name in ("t1", "t2"):
            await one.put(task(name))
        first, second = await claimed(one), await claimed(one)
        assert await one.extend([first, second]) == {first.token, second.token}
        assert await two.cancel("t1")
        assert not await two.cancel("t1")
        assert not await two.cancel("nothing")
        assert await one.extend([first, second]) == {second.token}
        assert not await one.finish(first, reply())
        status = await two.status("t1")
        assert status is not None
        assert status.state is State.CANCELLED

    async def test_a_lease_that_ran_out_is_recovered(self, open_queue: OpenQueue) -> None:
        one, two = await open_queue("a"), await open_queue("b")
        await one.put(task("t"))
        stale = await claimed(one)
        assert await two.recover() == 0
        await one.extend([stale], lease_s=-1)
        assert await one.recover() == 0  # its own, which it may still extend
        assert await two.recover() == 1
        fresh = await claimed(two)
        assert fresh.attempt == 2
        assert not await one.finish(stale, reply("late"))
        assert await two.finish(fresh, reply("good"))

    async def test_closing_gives_back_what_was_claimed(self, open_queue: OpenQueue) -> None:
        one, two = await open_queue("a"), await open_queue("b")
        await one.put(task("t"))
        await claimed(one)
        await one.close()
        assert (await claimed(two)).attempt == 1

    async def test_a_result_is_delivered_to_one_session(self, open_queue: OpenQueue) -> None:
        one, two = await open_queue("a"), await open_queue("b")
        await one.put(task("t"))
        await two.finish(await claimed(two), reply())
        assert await two.claim_results("/w") == ()  # its submitter lives and follows it
        assert [status.task.id for status in await one.claim_results("/w", task_id="t")] == ["t"]
        assert await one.claim_results("/w", task_id="t") == ()
        assert await two.claim_results("/w", task_id="t") == ()
        assert await one.confirm_result("t")
        assert not await one.confirm_result("t")
        await one.close()
        assert await two.claim_results("/w") == ()

    async def test_a_result_that_was_not_confirmed_is_offered_again(self, open_queue: OpenQueue) -> None:
        one, two = await open_queue("a"), await open_queue("b")
        await one.put(task("t"))
        await one.put(task("elsewhere", workspace="/other"))
        for _ in range(2):
            await one.finish(await claimed(one), reply())
        assert len(await one.claim_results("/w")) == 1
        await one.close()
        (status,) = await two.claim_results("/w")
        assert status.reply == reply()
        assert await two.confirm_result("t")

    async def test_failures_are_delivered_and_cancelled_tasks_are_not(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        await queue.put(task("t1"))
        await queue.put(task("t2"))
        await queue.fail("t1", Failure(message="no"))
        await queue.cancel("t2")
        assert [status.task.id for status in await queue.claim_results("/w")] == ["t1"]

    async def test_unfinished_tasks_of_others_are_theirs_while_they_live(self, open_queue: OpenQueue) -> None:
        one, two = await open_queue("a"), await open_queue("b")
        for name in ("t1", "t2"):
            await one.put(task(name))
        await one.cancel("t2")
        assert [status.task.id for status in await one.unfinished("/w")] == ["t1"]
        assert await two.unfinished("/w") == ()
        await one.close()
        assert [status.task.id for status in await two.unfinished("/w")] == ["t1"]

    async def test_changes_are_told_to_all_sessions(self, open_queue: OpenQueue) -> None:
        one, two = await open_queue("a"), await open_queue("b")
        told: list[str] = []
        one.subscribe(lambda: told.append("one"))
        stop = two.subscribe(lambda: told.append("two"))
        await one.put(task("t1"))
        assert "one" in told
        await until(lambda: "two" in told)
        stop()
        told.clear()
        await two.note("t1", "x")
        await until(lambda: "one" in told)
        assert "two" not in told

    async def test_what_is_over_long_ago_is_forgotten_and_what_waits_is_not(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        for name in ("t1", "t2"):
            await queue.put(task(name))
        await queue.finish(await claimed(queue), reply())
        assert await queue.prune() == 0
        assert len(await queue.list()) == 2

    async def test_the_unknown_is_no_error(self, open_queue: OpenQueue) -> None:
        queue = await open_queue("a")
        assert await queue.status("x") is None
        assert await queue.list() == ()
        assert await queue.claim_results("/w") == ()
        assert not await queue.confirm_result("x")
        assert await queue.extend([]) == frozenset()
        assert not await queue.note("x", "y")
