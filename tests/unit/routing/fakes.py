"""A fleet in memory: adapters that answer as told, and a policy that resolves nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from lanyard_routing.adapters.base import (
    Adapter,
    ChatRequest,
    Delta,
    EndpointError,
    FillRequest,
    Model,
    Probe,
    Timeouts,
)
from lanyard_routing.config import EndpointConfig
from lanyard_routing.fleet import Fleet, Member
from lanyard_routing.netpolicy import Policy
from lanyard_routing.task import Capability, Kind, Message, Task, Usage

BOTH = frozenset({Capability.CHAT, Capability.COMPLETION})
Step = str | EndpointError | asyncio.Event


class Fake(Adapter):
    """Each request plays the next of `scripts` (the last one again and again): text, an error, an event to wait for."""

    def __init__(
        self, name: str, *scripts: Sequence[Step], billions: float = 7, context: int = 0, slots: int | None = None
    ) -> None:
        self.name = name
        self.scripts = list(scripts) or [["ok"]]
        self.seen: list[ChatRequest | FillRequest] = []
        self.open = 0
        self.most_open = 0
        self.closed = False
        self.health = Probe(
            ready=True,
            models=(Model(f"{name}-model", parameters=int(billions * 1e9), context=context, capabilities=BOTH),),
            slots=slots,
        )

    @property
    def url(self) -> str:
        return "http://127.0.0.1"

    async def probe(self) -> Probe:
        return self.health

    def fill(self, request: FillRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        return self._play(request)

    def chat(self, request: ChatRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        return self._play(request)

    async def count_tokens(self, text: str, model: str | None = None) -> int | None:
        return None

    async def close(self) -> None:
        self.closed = True

    async def _play(self, request: ChatRequest | FillRequest) -> AsyncGenerator[Delta]:
        self.seen.append(request)
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            for step in script:
                match step:
                    case str():
                        yield Delta(step, model=request.model or "")
                    case asyncio.Event():
                        await step.wait()
                    case EndpointError():
                        raise step
            yield Delta("", finish="stop", usage=Usage(prompt_tokens=10, completion_tokens=3), tokens=0)
        finally:
            self.open -= 1


def endpoint(name: str, **more: object) -> EndpointConfig:
    return EndpointConfig.model_validate({"name": name, "url": "http://127.0.0.1", **more})


async def fleet_of(*fakes: Fake, probe_s: float = 0.01) -> Fleet:
    fleet = Fleet(probe_s=probe_s)
    for fake in fakes:
        fleet.add(Member(endpoint(fake.name), fake, Policy()))
    await fleet.known(50)
    return fleet


async def until(condition: Callable[[], bool], limit_s: float = 50) -> None:
    """Wait for a condition of this process."""
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.002)


def task(task_id: str = "t1", **more: object) -> Task:
    values: dict[str, object] = {
        "id": task_id,
        "kind": Kind.REVIEW,
        "title": f"Review {task_id}",
        "workspace": "/w",
        "messages": (Message(role="user", content="look"),),
        "max_tokens": 100,
    }
    return Task.model_validate({**values, **more})
