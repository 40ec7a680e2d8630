"""The immediate lane: work that someone at the cursor waits for.

Owns failover before the first delta. Between a request and its endpoint there is no I/O of ours: the choice is made
from what probes and former requests left in memory. Must not touch the queue.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import replace

from lanyard_routing.adapters.base import (
    Adapter,
    AddressRefused,
    ChatRequest,
    ContextExceeded,
    Delta,
    EndpointUnavailable,
    FillRequest,
    ModelMissing,
    Timeouts,
)
from lanyard_routing.calls import call
from lanyard_routing.config import RouteConfig
from lanyard_routing.fleet import Fleet
from lanyard_routing.router import NoWorker
from lanyard_routing.routes import Need, missing, plan
from lanyard_routing.task import Capability, Complexity, Kind, Priority

_CHARS_PER_TOKEN = 3.5  # only workers are compared by it
_ELSEWHERE = (EndpointUnavailable, ModelMissing, AddressRefused, ContextExceeded)
_FIRST_PROBE_S = 3.0

SendTimed = Callable[[Adapter, str, Timeouts], AsyncGenerator[Delta]]


class Lane:
    """`router.ImmediateLane` over the fleet."""

    def __init__(self, fleet: Fleet, table: Sequence[RouteConfig]) -> None:
        self._fleet = fleet
        self._table = table

    def fill(self, request: FillRequest) -> AsyncGenerator[Delta]:
        """Stream a completion; see `ImmediateLane.fill`."""
        chars = len(request.prefix) + len(request.suffix) + sum(len(chunk.text) for chunk in request.chunks)
        need = _need(Kind.COMPLETE, Capability.COMPLETION, chars, request.max_tokens)
        return self._stream(
            need,
            lambda adapter, model, timeouts: adapter.fill(replace(request, model=request.model or model), timeouts),
        )

    def chat(self, request: ChatRequest) -> AsyncGenerator[Delta]:
        """Stream a chat reply; see `ImmediateLane.chat`."""
        chars = sum(len(message.content) for message in request.messages)
        chars += sum(len(tool.description) + len(str(tool.parameters)) for tool in request.tools)
        capability = Capability.TOOLS if request.tools else Capability.CHAT
        need = replace(_need(Kind.CHAT, capability, chars, request.max_tokens), model=request.model)
        return self._stream(
            need,
            lambda adapter, model, timeouts: adapter.chat(replace(request, model=request.model or model), timeouts),
        )

    def missing(self, capability: Capability) -> str | None:
        """See `ImmediateLane.missing`."""
        kind = Kind.COMPLETE if capability is Capability.COMPLETION else Kind.CHAT
        placed = plan(_need(kind, capability, 0, 0), self._table, workers := self._fleet.workers())
        return None if placed.candidates else missing(capability, placed.route, workers)

    def context(self, capability: Capability) -> int:
        """See `ImmediateLane.context`."""
        kind = Kind.COMPLETE if capability is Capability.COMPLETION else Kind.CHAT
        candidates = plan(_need(kind, capability, 0, 0), self._table, self._fleet.workers()).candidates
        return candidates[0].model.context if candidates else 0

    async def _stream(self, need: Need, send: SendTimed) -> AsyncGenerator[Delta]:
        failures: list[str] = []
        placed = plan(need, self._table, self._fleet.workers())
        if not placed.candidates and self._fleet.unknown():
            await self._fleet.known(_FIRST_PROBE_S)
            placed = plan(need, self._table, self._fleet.workers())
        timeouts = placed.route.timeout.as_timeouts()
        while placed.candidates:
            candidate = placed.candidates[0]
            self._fleet.used_at_once(candidate.worker.name)
            began = False
            stream = call(self._fleet, candidate, need, lambda adapter, model: send(adapter, model, timeouts))
            try:
                async for delta in stream:
                    began = True
                    yield delta
                return
            except _ELSEWHERE as error:
                if began:
                    raise
                failures.append(str(error))
                too_small = candidate.model.context if isinstance(error, ContextExceeded) else 0
                need = replace(
                    need,
                    tried=need.tried | {candidate.worker.name},
                    above_context=max(need.above_context, too_small),
                )
            finally:
                await stream.aclose()
            placed = plan(need, self._table, self._fleet.workers())
        lacking = placed.why if need.model else missing(need.capability, placed.route, self._fleet.workers())
        raise NoWorker("; ".join(failures) or lacking)


def _need(kind: Kind, capability: Capability, chars: int, max_tokens: int) -> Need:
    return Need(
        kind=kind,
        priority=Priority.IMMEDIATE,
        complexity=Complexity.SIMPLE,
        capability=capability,
        prompt_tokens=int(chars / _CHARS_PER_TOKEN),
        max_tokens=max_tokens,
    )
