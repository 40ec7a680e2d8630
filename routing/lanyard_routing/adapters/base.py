"""The interface of an adapter: one endpoint, one dialect.

Owns the requests, the deltas and the error tree that all adapters share. An adapter speaks HTTP to one endpoint
and does nothing else: it does not retry, queue, choose or log prompts. Failover, limits, recording and fakes
are wrappers with this same interface.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from lanyard_routing.task import Capability, Message, Sampling, ToolCall, Usage


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `first_token` covers queueing and prefill at the endpoint; `silence` is the longest gap after it."""

    connect: float = 3.0
    first_token: float = 120.0
    silence: float = 30.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of another file that a completion may draw on."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class FillRequest:
    """Fill in the middle: what stands before and after the cursor, and chunks of other files."""

    prefix: str
    suffix: str
    chunks: tuple[Chunk, ...] = ()
    path: str = ""
    max_tokens: int = 64
    sampling: Sampling = field(default_factory=lambda: Sampling(temperature=0.0))
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool that a model may call; `parameters` is the JSON schema of its arguments."""

    name: str
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """Answer messages; `reply_schema` is a JSON schema that the reply must follow where the engine can force it.

    `tools` are what the model may call, and with `tool_choice` "required" must, where the engine can force it.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    sampling: Sampling = field(default_factory=Sampling)
    model: str | None = None
    reply_schema: dict[str, Any] | None = None
    tools: tuple[Tool, ...] = ()
    tool_choice: Literal["auto", "required"] = "auto"


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of a streamed reply. The last one has `finish` set and carries the usage and the calls of tools.

    `logprob` is the mean log-probability of the tokens in this piece where the engine tells it. `worker` names the
    worker on the last delta of a reply that came through the fleet; adapters leave it empty.
    """

    text: str
    finish: Literal["stop", "length"] | None = None
    usage: Usage | None = None
    model: str = ""
    tokens: int = 1
    logprob: float | None = None
    worker: str = ""
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """A model as its endpoint describes it; 0 or empty where the endpoint does not say.

    `remote` is True where the endpoint would hand the prompt on to another host (an Ollama `remote_host` model).
    """

    name: str
    parameters: int = 0
    context: int = 0
    capabilities: frozenset[Capability] = frozenset()
    remote: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """What one health probe saw. `why`: one line where the endpoint is not ready, or ready and not as it should be."""

    ready: bool
    models: tuple[Model, ...] = ()
    slots: int | None = None
    busy: int | None = None
    why: str = ""


class EndpointError(Exception):
    """Base of all failures of an endpoint. `str(error)` is one line for the user, without prompt or code.

    EndpointError
    ├── EndpointUnavailable   the server's side: refused, hung, 5xx, 429, cut stream, nonsense; another may do better
    │   └── EndpointTimeout   no connection, no first token, or silence for too long
    ├── RequestRejected       400, 401, 403, 422, 501: the same request fails elsewhere too, or configuration is wrong
    │   ├── ContextExceeded   the prompt is longer than the model's context
    │   └── ToolCallRefused   the model called what it was not offered, or with arguments that are no JSON object
    ├── ModelMissing          404: this endpoint lacks the model; another may have it
    └── AddressRefused        the network policy forbids the address
    """


class EndpointUnavailable(EndpointError):
    """The endpoint failed; the request may succeed elsewhere."""


class EndpointTimeout(EndpointUnavailable):
    """The endpoint took too long to connect, to begin, or to go on."""


class RequestRejected(EndpointError):
    """The endpoint understood and refused; retrying elsewhere does not help."""


class ContextExceeded(RequestRejected):
    """The prompt does not fit the model's context."""


class ToolCallRefused(RequestRejected):
    """The model's call of a tool cannot be made; it speaks against the model, not its server."""


class ModelMissing(EndpointError):
    """The endpoint does not have the model."""


class AddressRefused(EndpointError):
    """The network policy does not allow this address."""


class Adapter(Protocol):
    """One endpoint in its dialect. Closing a generator (`aclose`) closes the HTTP stream at once."""

    @property
    def url(self) -> str:
        """The endpoint's base URL, without credentials."""
        ...

    async def probe(self) -> Probe:
        """Ask for health, models and load. Never raises; what is wrong stands in `Probe.why`."""
        ...

    def fill(self, request: FillRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """Stream a fill-in-the-middle completion. Raises EndpointError while iterated."""
        ...

    def chat(self, request: ChatRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """Stream a chat reply. Raises EndpointError while iterated. A stream without its end mark raises."""
        ...

    async def count_tokens(self, text: str, model: str | None = None) -> int | None:
        """Tokens of `text` by the engine's own tokenizer; None where it has no such call or does not answer."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...


@runtime_checkable
class Restless(Protocol):
    """An adapter that sees by itself when its endpoint has become another; who probes it sets `changed`, to be told."""

    changed: Callable[[], None]
