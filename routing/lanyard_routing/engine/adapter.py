"""The embedded engine as an endpoint of the fleet.

Owns the wrapping alone: an `Adapter` whose server is started by the first request and started again when it died,
and the word of both. The dialect is llama.cpp's own adapter. A health probe neither starts the engine nor keeps it
from its idle end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from lanyard_routing.adapters.base import (
    Adapter,
    ChatRequest,
    Delta,
    EndpointTimeout,
    EndpointUnavailable,
    FillRequest,
    Model,
    Probe,
    Timeouts,
)
from lanyard_routing.adapters.healing import Filling
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.llamacpp import LlamaCppAdapter
from lanyard_routing.adapters.make import Dialect
from lanyard_routing.adapters.origin import parse_origin
from lanyard_routing.engine.client import Engine, EngineHandle
from lanyard_routing.engine.starter import EngineFailed
from lanyard_routing.netpolicy import Policy

ENGINE_URL = "http://127.0.0.1"
"""What the fleet shows; the port changes with every start."""

DIED = "stopped; the next request starts it again"

_LOOK_S = 2.0  # how often a running engine is looked at: one call of the system, no request


class EngineAdapter(Adapter):
    """See Adapter, Restless. `model` is what the engine serves, `filling` how its card says that it is best asked."""

    dialect = Dialect.LLAMACPP

    def __init__(self, engine: Engine, model: Model, *, name: str = "embedded", filling: Filling | None = None) -> None:
        self.engine = engine
        self._filling = filling
        self._model = model
        self._name = name
        self._inner: tuple[EngineHandle, Adapter] | None = None
        self._looking: asyncio.Task[None] | None = None
        self.changed: Callable[[], None] = lambda: None

    @property
    def url(self) -> str:
        """See Adapter."""
        handle = self.engine.current()
        return handle.url if handle else ENGINE_URL

    async def probe(self) -> Probe:
        """See Adapter. Ready as long as a start may be tried: a stopped engine is one that costs nothing."""
        status = self.engine.status()
        if status.state == "failing":
            return Probe(
                ready=False,
                why=f"the local model {status.model} keeps failing; see {status.log} or run `lanyard doctor`",
            )
        if status.state == "died":
            return Probe(ready=True, models=(self._model,), slots=self.engine.options.slots, busy=0, why=DIED)
        if self._inner is not None and self.engine.alive():
            probe = await self._inner[1].probe()
            if probe.ready:
                return Probe(ready=True, models=(self._model,), slots=probe.slots, busy=probe.busy)
        return Probe(ready=True, models=(self._model,), slots=self.engine.options.slots, busy=0)

    def fill(self, request: FillRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter."""
        return self._stream(lambda adapter: adapter.fill(request, timeouts))

    def chat(self, request: ChatRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter."""
        return self._stream(lambda adapter: adapter.chat(request, timeouts))

    async def count_tokens(self, text: str, model: str | None = None) -> int | None:
        """See Adapter. None while the engine does not run."""
        if self._inner is None or not self.engine.alive():
            return None
        return await self._inner[1].count_tokens(text, model)

    async def close(self) -> None:
        """See Adapter. Lets the engine go as well."""
        inner, self._inner = self._inner, None
        if self._looking is not None:
            self._looking.cancel()
        if inner is not None:
            await inner[1].close()
        await self.engine.release()

    async def _stream(self, call: Callable[[Adapter], AsyncGenerator[Delta]]) -> AsyncGenerator[Delta]:
        """One repetition, where the engine died or closed the connection before it said anything.

        A pooled connection may be closed by llama.cpp just as it is used again. A second failure is an error.
        """
        for last in (False, True):
            adapter = await self._ready()
            begun = False
            try:
                async with aclosing(call(adapter)) as stream:
                    async for delta in stream:
                        begun = True
                        yield delta
            except EndpointUnavailable as error:
                if begun or last:
                    raise
                if await self.engine.answers() and isinstance(error, EndpointTimeout):
                    raise
            else:
                return

    async def _ready(self) -> Adapter:
        try:
            handle = await self.engine.ensure()
        except EngineFailed as error:
            raise EndpointUnavailable(str(error)) from error
        if self._inner is None or self._inner[0] != handle:
            origin = parse_origin(handle.url, name=self._name, api_key=handle.api_key)
            old = self._inner
            self._inner = (handle, LlamaCppAdapter(Http(origin, Policy()), self._filling))
            self._look(handle)
            if old is not None:
                await old[1].close()
        return self._inner[1]

    def _look(self, handle: EngineHandle) -> None:
        """Have the fleet ask now, and once more when this engine is gone: nothing else would tell it soon."""

        async def look() -> None:
            self.changed()
            # Nothing tells of the end of a process that another editor may have started.
            while self.engine.alive() and self.engine.current() == handle:  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_S)
            self.changed()

        if self._looking is not None:
            self._looking.cancel()
        self._looking = asyncio.create_task(look(), name="lanyard-engine-look")
