"""What the embedded engine costs: start, memory, completions; with the cheapest HTTP call to it as the floor.

Run by hand: `python tests/bench/engine/bench_engine.py [MODEL.gguf]`. Figures of a busy machine are ratios at best.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

PREFIX = '"""Totals of a cart."""\n\nimport decimal\n\n\n' + "".join(
    f"def price_{number}(item):\n    return item.price * {number}\n\n\n" for number in range(30)
)


async def main(model: Path | None) -> None:
    from lanyard_routing.adapters.base import FillRequest, Model, Timeouts
    from lanyard_routing.adapters.http import Http, preload
    from lanyard_routing.adapters.origin import parse_origin
    from lanyard_routing.engine.adapter import EngineAdapter
    from lanyard_routing.engine.client import Engine
    from lanyard_routing.engine.starter import stop_all
    from lanyard_routing.local import options_of
    from lanyard_routing.models import inspect, shipped
    from lanyard_routing.netpolicy import Policy

    own = inspect(model) if model else shipped()
    assert own is not None, "no model"
    engine = Engine(options_of(own))
    adapter = EngineAdapter(engine, Model(own.name))
    print(f"model {own.name}, {own.size / 1e6:.1f} MB, context {engine.options.context} x {engine.options.slots}")
    await preload()
    starts: list[float] = []
    for _ in range(5):
        began = time.perf_counter()
        await engine.ensure()
        starts.append(time.perf_counter() - began)
        await engine.release()
        stop_all()
    print(f"start       p50 {statistics.median(starts) * 1e3:7.0f} ms   worst {max(starts) * 1e3:.0f} ms   (bar 600)")
    handle = await engine.ensure()
    print(f"memory      {engine.status().memory / 1e6:7.0f} MB after the start")
    http = Http(parse_origin(handle.url), Policy())

    async def fill() -> None:
        nonlocal tokens
        request = FillRequest(PREFIX + f"def total_{len(tokens)}(cart):\n    ", "\n", max_tokens=16)
        tokens += [delta async for delta in adapter.fill(request, Timeouts())]

    tokens: list[object] = []
    assert (await http.ask("/health", timeout_s=5)).status == 200
    await _time("health GET ", 200, lambda: http.ask("/health", timeout_s=5))
    await _time("ensure     ", 2000, engine.ensure)
    await _time("completion ", 30, fill)
    requests = [FillRequest(PREFIX[number * 40 :] * 3 + f"x{number}", "\n", max_tokens=32) for number in range(6)]

    async def drain(request: FillRequest) -> None:
        async for _ in adapter.fill(request, Timeouts()):
            pass

    await asyncio.gather(*(drain(each) for each in requests))
    print(f"memory      {engine.status().memory / 1e6:7.0f} MB after full contexts in all slots   (bar 250)")
    await http.close()
    await adapter.close()
    stop_all()


async def _time(what: str, rounds: int, work: Callable[[], Coroutine[object, object, object]]) -> None:
    took: list[float] = []
    for _ in range(rounds):
        began = time.perf_counter()
        await work()
        took.append((time.perf_counter() - began) * 1e3)
    took.sort()
    print(f"{what} p50 {statistics.median(took):7.2f} ms   p95 {took[int(rounds * 0.95)]:.2f} ms")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        os.environ["LANYARD_HOME"] = home
        asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
