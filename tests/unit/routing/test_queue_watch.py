"""Word of other processes' changes, with a version number in memory."""

from __future__ import annotations

import asyncio

from lanyard_routing.queue.watch import Watch


async def test_a_change_between_the_subscribers_look_and_the_first_poll_is_told() -> None:
    async def version() -> int:
        return 7  # written by then, and nothing is written after it

    watch, told = Watch(version, fastest_s=0.001), asyncio.Event()
    watch.subscribe(told.set)
    try:
        async with asyncio.timeout(10):
            await told.wait()
    finally:
        await watch.close()
