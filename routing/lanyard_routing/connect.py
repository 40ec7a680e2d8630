"""From a configured endpoint to its adapter.

Owns the late choice of the dialect: an endpoint with `dialect = "auto"` is asked what it speaks when it is first
probed, so that a server which is down at start costs nothing and is understood when it comes. Must not know workers.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator

from lanyard_routing.adapters.base import (
    Adapter,
    ChatRequest,
    Delta,
    EndpointError,
    EndpointUnavailable,
    FillRequest,
    Probe,
    Timeouts,
)
from lanyard_routing.adapters.make import Dialect, detect_dialect, make_adapter
from lanyard_routing.config import EndpointConfig
from lanyard_routing.netpolicy import Policy


def connect(endpoint: EndpointConfig, policy: Policy) -> Adapter:
    """An adapter for the endpoint; opens no connection. Raises ValueError with one line for what cannot be one."""
    key = None
    if endpoint.api_key_env is not None:
        key = os.environ.get(endpoint.api_key_env)
        if not key:
            raise ValueError(
                f"the environment variable {endpoint.api_key_env} is not set; set it to the endpoint's key"
            )
    if endpoint.dialect == "auto":
        make_adapter(endpoint.url, Dialect.OPENAI, name=endpoint.name, policy=policy, api_key=key)
        return Detecting(endpoint, policy, key)
    return make_adapter(endpoint.url, Dialect(endpoint.dialect), name=endpoint.name, policy=policy, api_key=key)


class Detecting(Adapter):
    """See Adapter. Another server that comes up at the same address is asked anew after a failed probe."""

    def __init__(self, endpoint: EndpointConfig, policy: Policy, key: str | None) -> None:
        self._endpoint, self._policy, self._key = endpoint, policy, key
        self._inner: Adapter | None = None
        self._doubtful = False
        self._detecting = asyncio.Lock()
        self.dialect: Dialect | None = None

    @property
    def url(self) -> str:
        """See Adapter."""
        return self._endpoint.url

    async def probe(self) -> Probe:
        """See Adapter."""
        try:
            inner = await self._known()
        except (EndpointError, ValueError) as error:
            return Probe(ready=False, why=str(error))
        probe = await inner.probe()
        self._doubtful = not probe.ready
        return probe

    def fill(self, request: FillRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter. Raises EndpointUnavailable at once where the dialect is not known yet."""
        return self._ready().fill(request, timeouts)

    def chat(self, request: ChatRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter. Raises EndpointUnavailable at once where the dialect is not known yet."""
        return self._ready().chat(request, timeouts)

    async def count_tokens(self, text: str, model: str | None = None) -> int | None:
        """See Adapter."""
        return None if self._inner is None else await self._inner.count_tokens(text, model)

    async def close(self) -> None:
        """See Adapter."""
        if self._inner is not None:
            await self._inner.close()

    def _ready(self) -> Adapter:
        if self._inner is None:
            raise EndpointUnavailable(f'endpoint "{self._endpoint.name}" has not answered yet; it will be asked again')
        return self._inner

    async def _known(self) -> Adapter:
        async with self._detecting:
            if self._inner is not None and not self._doubtful:
                return self._inner
            dialect = await detect_dialect(
                self._endpoint.url, name=self._endpoint.name, policy=self._policy, api_key=self._key
            )
            if self._inner is None or dialect is not self.dialect:
                stale, self.dialect = self._inner, dialect
                self._inner = make_adapter(
                    self._endpoint.url, dialect, name=self._endpoint.name, policy=self._policy, api_key=self._key
                )
                if stale is not None:
                    await stale.close()
            return self._inner
