"""Every way in which a model server fails, over real sockets: the task ends elsewhere, once, and one line says why."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from lanyard_routing.adapters.base import ChatRequest, EndpointUnavailable, FillRequest
from lanyard_routing.adapters.make import Dialect
from lanyard_routing.config import EndpointConfig, FleetConfig, RouteConfig, TimeoutConfig
from lanyard_routing.fleet import Condition
from lanyard_routing.queue.sqlite import SqliteQueue
from lanyard_routing.router import NoWorker
from lanyard_routing.task import Event, Finished, Message, Moved, Progress, Started, State
from lanyard_routing.testing.script import Fault, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint
from lanyard_routing.yard import Yard, open_yard
from unit.routing.fakes import task, until

# The limits are those of all workers: where the fault is no silence, they are not what ends the first attempt.
SILENT = {Fault.HANG_BEFORE, Fault.HANG_HEADERS, Fault.HANG_MIDDLE}
AMPLE = TimeoutConfig(connect=60, first_token=60, silence=60)
SHORT = TimeoutConfig(connect=60, first_token=3, silence=3)
MOVES_ON = [
    Fault.RESET,
    Fault.HANG_BEFORE,
    Fault.HANG_HEADERS,
    Fault.HANG_MIDDLE,
    Fault.BUSY,
    Fault.TOO_MANY,
    Fault.BROKEN,
    Fault.MISSING,
    Fault.CUT,
    Fault.NO_END,
    Fault.ERROR_MIDSTREAM,
    Fault.INVALID_JSON,
    Fault.HALF_UTF8,
    Fault.NOT_HTTP,
]
REPLY = "the whole reply of some words"


def config(timeout: TimeoutConfig, **urls: str) -> FleetConfig:
    endpoints = tuple(
        EndpointConfig(name=name, url=url, dialect="llamacpp", size="large") for name, url in urls.items()
    )
    return FleetConfig(endpoints=endpoints, routes=(RouteConfig(timeout=timeout),))


@asynccontextmanager
async def yard_of(state: Path, fault: Fault = Fault.NONE, **urls: str) -> AsyncGenerator[Yard]:
    """A yard that has asked its workers; its limits are short where the fault is a silence."""
    yard = await open_yard(config(SHORT if fault in SILENT else AMPLE, **urls), state=state, session="test")
    try:
        await yard.known(60)
        yield yard
    finally:
        await yard.close()


async def follow(yard: Yard, task_id: str) -> list[Event]:
    async with asyncio.timeout(60), aclosing(yard.router.stream(task_id)) as events:
        return [event async for event in events]


def one_line(text: str) -> bool:
    return bool(text.strip()) and "\n" not in text and len(text) < 400


@pytest.mark.parametrize("fault", MOVES_ON)
async def test_a_task_ends_elsewhere(tmp_path: Path, fault: Fault) -> None:
    bad = ScriptedEndpoint(Script(default=Say(text=REPLY, fault=fault)))
    good = ScriptedEndpoint(Script(default=Say(text=REPLY)))
    async with bad, good, yard_of(tmp_path, fault, bad=bad.url, good=good.url) as yard:
        await yard.router.submit(task("t1", max_tokens=64))
        events = await follow(yard, "t1")
        last = events[-1]
        assert isinstance(last, Finished)
        assert last.state is State.DONE
        assert last.reply is not None
        assert (last.reply.text, last.reply.worker) == (REPLY, "good")
        moved = [event for event in events if isinstance(event, Moved)]
        assert [event.worker for event in moved] == ["good"]
        assert one_line(moved[0].why)
        assert "bad" in moved[0].why
        start = max(number for number, event in enumerate(events) if isinstance(event, Started))
        assert "".join(event.text for event in events[start:] if isinstance(event, Progress)) == REPLY
        # A connection of the pool that the server reset is no verdict: the client asks again on a new one.
        assert len(bad.streams) == 1 or fault is Fault.RESET
        assert len(good.streams) == 1
        (status,) = await yard.router.claim_results("/w", task_id="t1")
        assert status.attempts == 2
        assert await yard.router.claim_results("/w", task_id="t1") == ()


async def test_a_worker_that_refuses_connections_is_left_and_used_again_when_it_returns(tmp_path: Path) -> None:
    one, two = ScriptedEndpoint(Script(default=Say(text="one"))), ScriptedEndpoint(Script(default=Say(text="two")))
    async with one, two, yard_of(tmp_path, one=one.url, two=two.url) as yard:
        await one.refuse()
        await yard.router.submit(task("t1", max_tokens=64))
        last = (await follow(yard, "t1"))[-1]
        assert isinstance(last, Finished)
        assert last.reply is not None
        assert last.reply.text == "two"
        await until(lambda: yard.fleet[0].condition is not Condition.READY)
        await one.accept()
        await two.refuse()
        await until(lambda: yard.fleet[0].condition is Condition.READY, 60)
        await yard.router.submit(task("t2", max_tokens=64))
        last = (await follow(yard, "t2"))[-1]
        assert isinstance(last, Finished)
        assert last.reply is not None
        assert last.reply.text == "one"


async def test_with_every_worker_down_the_task_waits_with_a_line_and_runs_later(tmp_path: Path) -> None:
    one = ScriptedEndpoint(Script(default=Say(text="late")))
    async with one, yard_of(tmp_path, one=one.url) as yard:
        await one.refuse()
        await yard.router.submit(task("t1", max_tokens=64))
        whys: list[str] = []
        async with asyncio.timeout(60), aclosing(yard.router.stream("t1")) as events:
            async for event in events:
                why = getattr(event, "why", "")
                if why:
                    whys.append(why)
                    await one.accept()
                if isinstance(event, Finished):
                    assert event.reply is not None
                    assert event.reply.text == "late"
        assert whys
        assert all(one_line(why) and "one" in why for why in whys)


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.ECHO])
async def test_a_refusal_fails_in_one_line_without_the_prompt(tmp_path: Path, fault: Fault) -> None:
    bad, good = ScriptedEndpoint(Script(default=Say(fault=fault))), ScriptedEndpoint()
    async with bad, good, yard_of(tmp_path, bad=bad.url, good=good.url) as yard:
        message = Message(role="user", content="a prompt that must not be repeated anywhere")
        await yard.router.submit(task("t1", messages=(message,)))
        last = (await follow(yard, "t1"))[-1]
        assert isinstance(last, Finished)
        assert last.failure is not None
        assert one_line(last.failure.message)
        assert "must not be repeated" not in last.failure.message
        assert good.streams == []


async def test_a_reply_cut_by_its_limit_says_so(tmp_path: Path) -> None:
    one = ScriptedEndpoint(Script(default=Say(text="half", finish="length")))
    async with one, yard_of(tmp_path, one=one.url) as yard:
        await yard.router.submit(task("t1"))
        last = (await follow(yard, "t1"))[-1]
        assert isinstance(last, Finished)
        assert last.reply is not None
        assert last.reply.finish == "length"


async def test_a_cancelled_task_closes_the_connection(tmp_path: Path) -> None:
    one = ScriptedEndpoint(Script(default=Say(text=REPLY, gate="closed", gate_after=2)))
    async with one, yard_of(tmp_path, one=one.url) as yard:
        await yard.router.submit(task("t1"))
        await one.reached_gate("closed")
        assert await yard.router.cancel("t1")
        await one.until(lambda: one.streams[0].closed_early)


@pytest.mark.parametrize("fault", [Fault.RESET, Fault.BUSY, Fault.HANG_BEFORE])
async def test_a_chat_goes_to_the_next_worker_before_its_first_delta(tmp_path: Path, fault: Fault) -> None:
    bad = ScriptedEndpoint(Script(default=Say(text=REPLY, fault=fault)))
    good = ScriptedEndpoint(Script(default=Say(text=REPLY)))
    async with bad, good, yard_of(tmp_path, fault, bad=bad.url, good=good.url) as yard:
        request = ChatRequest(messages=(Message(role="user", content="hello"),), max_tokens=32)
        deltas = [delta async for delta in yard.immediate.chat(request)]
        assert "".join(delta.text for delta in deltas) == REPLY
        assert deltas[-1].worker == "good"
        assert len(good.streams) == 1


async def test_a_chat_that_breaks_in_the_middle_is_an_error_in_one_line(tmp_path: Path) -> None:
    bad, good = ScriptedEndpoint(Script(default=Say(text=REPLY, fault=Fault.CUT))), ScriptedEndpoint()
    async with bad, good, yard_of(tmp_path, bad=bad.url, good=good.url) as yard:
        request = ChatRequest(messages=(Message(role="user", content="hello"),), max_tokens=32)
        with pytest.raises(EndpointUnavailable) as caught:
            _ = [delta async for delta in yard.immediate.chat(request)]
        assert one_line(str(caught.value))
        assert good.streams == []


async def test_a_closed_completion_closes_the_connection(tmp_path: Path) -> None:
    one = ScriptedEndpoint(Script(default=Say(text=REPLY, gate="closed", gate_after=1)))
    async with one, yard_of(tmp_path, one=one.url) as yard:
        async with aclosing(yard.immediate.fill(FillRequest(prefix="def f(", suffix=""))) as stream:
            await anext(stream)
        await one.until(lambda: one.streams[0].closed_early)


async def test_an_endpoint_whose_dialect_is_found_out_later(tmp_path: Path) -> None:
    one = ScriptedEndpoint(Script(default=Say(text="here")), dialects=(Dialect.OPENAI,))
    await one.accept()
    url = one.url
    await one.refuse()
    late = FleetConfig(endpoints=(EndpointConfig(name="late", url=url),), routes=(RouteConfig(timeout=AMPLE),))
    yard = await open_yard(late, state=tmp_path, session="test")
    try:
        request = ChatRequest(messages=(Message(role="user", content="hello"),), max_tokens=32)
        with pytest.raises(NoWorker, match="late"):
            _ = [delta async for delta in yard.immediate.chat(request)]
        await one.accept()
        await until(lambda: yard.fleet[0].condition is Condition.READY, 60)
        assert "".join([delta.text async for delta in yard.immediate.chat(request)]) == "here"
    finally:
        await yard.close()
        await one.refuse()


async def test_odd_configuration_gives_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    told: list[str] = []
    endpoints = (
        EndpointConfig(name="keyless", url="http://127.0.0.1:1", api_key_env="NO_SUCH_KEY"),
        EndpointConfig(name="cloud", url="http://8.8.8.8:1", dialect="openai"),
    )
    yard = await open_yard(FleetConfig(endpoints=endpoints), state=tmp_path, session="test", told=told.append)
    try:
        assert yard.add_endpoint(endpoints[1]) == "a second endpoint named cloud is left out"
        await yard.known(60)
        assert yard.fleet[0].condition is Condition.REFUSED
        assert "allow_cloud" in yard.fleet[0].why
        assert len(yard.problems) == 2
        assert "NO_SUCH_KEY is not set" in yard.problems[0]
        assert told == list(yard.problems)
    finally:
        await yard.close()


FILL_THE_DISK = """
import asyncio, json, resource, sys
from pathlib import Path
from lanyard_routing.dispatch import open_queue_only
from lanyard_routing.router import QueueRefused
from lanyard_routing.task import Kind, Message, Task

async def main():
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
    async with open_queue_only(Path(sys.argv[1])) as router:
        for number in range(1000):
            try:
                await router.submit(Task(id=str(number), kind=Kind.REVIEW, title="t", workspace="/w", max_tokens=9,
                                         messages=(Message(role="user", content="x" * 5000),)))
            except QueueRefused as error:
                print(json.dumps({"accepted": number, "line": str(error)}))
                return

asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="RLIMIT_FSIZE is POSIX")
async def test_a_disk_that_fills_up_refuses_in_one_line_and_keeps_what_it_accepted(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FILL_THE_DISK, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    told = json.loads(output)
    assert told["accepted"] > 10
    assert one_line(told["line"])
    assert "disk" in told["line"]
    queue = SqliteQueue(tmp_path, session="later")
    kept = {status.task.id for status in await queue.list(5000)}
    assert kept == {str(number) for number in range(told["accepted"])}
    await queue.close()
