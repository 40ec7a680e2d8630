"""An adapter in memory, for tests of what stands above adapters.

Owns no network at all. It keeps the contract of the real ones: the last delta carries finish and usage, closing a
generator ends the call, and errors are raised while iterating.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field

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
from lanyard_routing.task import Capability, Usage


@dataclass(slots=True)
class FakeReply:
    """What one call does: pieces, then an error if there is one; at `gate` it waits before the first piece.

    `error_after` pieces come before the error.
    """

    text: str = "ok"
    error: EndpointError | None = None
    error_after: int = 0
    gate: asyncio.Event | None = None

    def pieces(self) -> list[str]:
        """The text in words, each with the blank before it."""
        words = self.text.split(" ")
        return [word if not number else f" {word}" for number, word in enumerate(words)]


@dataclass(slots=True)
class FakeCall:
    """One call that was made, and how it ended."""

    request: FillRequest | ChatRequest
    timeouts: Timeouts
    ended: bool = False
    closed_early: bool = False


@dataclass(slots=True)
class FakeAdapter(Adapter):
    """See Adapter. `replies` are used up in order, then `default`, which may be a function of the request."""

    name: str = "fake"
    default: FakeReply | Callable[[FillRequest | ChatRequest], FakeReply] = field(default_factory=FakeReply)
    replies: list[FakeReply] = field(default_factory=list[FakeReply])
    health: Probe = field(
        default_factory=lambda: Probe(
            ready=True,
            models=(Model("fake-1b", 1_000_000_000, 8192, frozenset({Capability.COMPLETION, Capability.CHAT})),),
            slots=1,
        )
    )
    calls: list[FakeCall] = field(default_factory=list[FakeCall])
    probes: int = 0
    closed: bool = False

    @property
    def url(self) -> str:
        """See Adapter."""
        return f"http://{self.name}.invalid"

    @property
    def running(self) -> int:
        """Calls that have begun and not ended."""
        return sum(not call.ended for call in self.calls)

    async def probe(self) -> Probe:
        """See Adapter."""
        self.probes += 1
        return self.health

    def fill(self, request: FillRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter."""
        return self._stream(request, timeouts)

    def chat(self, request: ChatRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter."""
        return self._stream(request, timeouts)

    async def count_tokens(self, text: str, model: str | None = None) -> int | None:
        """See Adapter. A token is a word."""
        return len(text.split())

    async def close(self) -> None:
        """See Adapter."""
        self.closed = True

    async def _stream(self, request: FillRequest | ChatRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        call = FakeCall(request, timeouts)
        self.calls.append(call)
        reply = self._next(request)
        model = self.health.models[0].name if self.health.models else ""
        try:
            if reply.gate is not None:
                await reply.gate.wait()
            pieces = reply.pieces()
            for number, piece in enumerate(pieces):
                if reply.error is not None and number == reply.error_after:
                    raise reply.error
                await asyncio.sleep(0)
                yield Delta(piece, model=model)
            if reply.error is not None:
                raise reply.error
            yield Delta("", "stop", Usage(completion_tokens=len(pieces)), model, 0)
        except (GeneratorExit, asyncio.CancelledError):
            call.closed_early = True
            raise
        finally:
            call.ended = True

    def _next(self, request: FillRequest | ChatRequest) -> FakeReply:
        if self.replies:
            return self.replies.pop(0)
        return self.default(request) if callable(self.default) else self.default
