"""kill -9 in the middle of tasks: what was accepted is finished by the next process, and delivered once."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing, suppress
from pathlib import Path

import pytest

from lanyard_routing.queue.sqlite import FILE_NAME
from lanyard_routing.testing.script import Rule, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint

CHILD = Path(__file__).with_name("yard_child.py")
KILLS = 20
TASKS = 4


class Child:
    """A process with an open yard, and the lines it said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.said: list[str] = []

    async def until(self, line: str) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(300):
            while not any(said == line or said.startswith(f"{line} ") for said in self.said):
                raw = await self.process.stdout.readline()
                assert raw, f"it ended before it said {line!r}: {self.said}"
                self.said.append(raw.decode().strip())

    async def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        assert self.process.stdout is not None
        rest = await self.process.stdout.read()
        self.said += rest.decode().splitlines()
        await self.process.wait()

    def ids(self, word: str) -> list[str]:
        return [line.split()[1] for line in self.said if line.startswith(f"{word} ")]


@asynccontextmanager
async def child(state: Path, url: str, session: str, count: int) -> AsyncGenerator[Child]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(CHILD),
        str(state),
        url,
        session,
        str(count),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    running = Child(process)
    try:
        yield running
    finally:
        await running.kill()


def stored(state: Path) -> tuple[dict[str, str], int]:
    with closing(sqlite3.connect(state / FILE_NAME)) as db:
        states = dict(db.execute("SELECT id, state FROM task").fetchall())
        return states, db.execute("SELECT count(*) FROM reply").fetchone()[0]


@pytest.mark.timeout(900)
async def test_twenty_kills_lose_nothing_and_deliver_nothing_twice(tmp_path: Path) -> None:
    dice = random.Random(20_260)
    accepted: list[str] = []
    confirmed: Counter[str] = Counter()
    shown_after_confirmed: list[str] = []
    script = Script(default=Say(text="one two three four five six", pace_s=0.01), slots=2)

    def note(running: Child) -> None:
        accepted.extend(running.ids("accepted"))
        shown_after_confirmed.extend(each for each in running.ids("shown") if confirmed[each])
        confirmed.update(running.ids("confirmed"))

    async with ScriptedEndpoint(script) as endpoint:
        for number in range(KILLS):
            async with child(tmp_path, endpoint.url, f"s{number}", TASKS) as running:
                # The kill point: among the first words of a process, or when all that it was given is under way.
                await running.until(dice.choice(["ready", f"accepted s{number}-{dice.randrange(TASKS)}"]))
                await asyncio.sleep(dice.uniform(0, 0.3))
                await running.kill()
                note(running)
        async with child(tmp_path, endpoint.url, "last", 1) as running:
            await running.until("idle")
            await running.kill()
            note(running)
    states, replies = stored(tmp_path)
    assert len(accepted) > KILLS // 2
    assert set(accepted) <= set(states)
    assert set(states.values()) == {"done"}
    assert replies == len(states)
    assert shown_after_confirmed == []
    assert set(confirmed.values()) == {1}
    # One killed between the confirmation and its line has confirmed without saying so.
    assert len(set(states) - set(confirmed)) <= KILLS


async def test_a_living_editor_takes_over_from_one_that_was_killed(tmp_path: Path) -> None:
    rules = (Rule(say=Say(text="never", gate="closed"), match="task", times=2),)
    async with (
        ScriptedEndpoint(Script(rules=rules, default=Say(text="taken over"), slots=2)) as endpoint,
        child(tmp_path, endpoint.url, "first", 2) as first,
    ):
        await first.until("accepted first-1")
        await endpoint.until(lambda: endpoint.busy == 2)
        async with child(tmp_path, endpoint.url, "second", 0) as second:
            await second.until("ready")
            await first.kill()
            await second.until("idle")
            assert sorted(second.ids("confirmed")) == ["first-0", "first-1"]
    states, replies = stored(tmp_path)
    assert set(states.values()) == {"done"}
    assert replies == 2
