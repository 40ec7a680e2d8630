"""A process that has a yard open, for tests that kill it: `python yard_child.py STATE URL SESSION COUNT`.

Submits COUNT tasks, runs whatever the queue holds, delivers every result of the workspace, and says on stdout what it
did: `accepted ID`, `shown ID`, `confirmed ID`, `idle`. A newline on stdin ends it.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from contextlib import aclosing
from pathlib import Path

from lanyard_routing.config import EndpointConfig, FleetConfig
from lanyard_routing.task import FINAL_STATES, Kind, Message, Task
from lanyard_routing.yard import open_yard


def say(*words: str) -> None:
    print(*words, flush=True)


async def main(state: str, url: str, session: str, count: int) -> None:
    endpoint = EndpointConfig(name="gpu", url=url, dialect="llamacpp", size="large", slots=2)
    yard = await open_yard(FleetConfig(endpoints=(endpoint,)), state=Path(state), session=session)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    threading.Thread(target=lambda: (sys.stdin.readline(), loop.call_soon_threadsafe(over.set)), daemon=True).start()

    async def deliver() -> None:
        async with aclosing(yard.deliveries("/w")) as results:
            async for status in results:
                say("shown", status.task.id)
                if await yard.router.confirm_result(status.task.id):
                    say("confirmed", status.task.id)
                if all(each.state in FINAL_STATES and each.delivered_at for each in await yard.router.list()):
                    say("idle")

    delivering = asyncio.create_task(deliver())
    say("ready")
    for number in range(count):
        await yard.router.submit(
            Task(
                id=f"{session}-{number}",
                kind=Kind.REVIEW,
                title=f"Review {number}",
                workspace="/w",
                messages=(Message(role="user", content=f"task {number}"),),
                max_tokens=64,
            )
        )
        say("accepted", f"{session}-{number}")
    await over.wait()
    delivering.cancel()
    await asyncio.gather(delivering, return_exceptions=True)
    await yard.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])))
