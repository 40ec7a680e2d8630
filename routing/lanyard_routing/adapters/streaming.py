"""One streamed call → deltas; the part that all dialects share.

Owns timing, the end of a stream, and the order "text, text, …, one last delta with finish and usage". What an event
means is the reader's business: one class for each form of reply, in the dialect's module.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, cast

from lanyard_routing.adapters import failures
from lanyard_routing.adapters.base import ChatRequest, Delta, EndpointUnavailable, FillRequest, Timeouts
from lanyard_routing.adapters.framing import MAX_REPLY
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.tools import Called, Offer
from lanyard_routing.task import Usage

Finish = Literal["stop", "length"]
_LEAST_MOST, _LONGEST_TOKEN = 16_384, 512
_LONGEST_NAME = 500
MOST_MODELS = 500
"""Models of one endpoint that are known at most."""


@dataclass(slots=True)
class Counts:
    """What a reader has seen so far of the end of a reply; token counts are 0 where the endpoint does not say."""

    finish: Finish | None = None
    complete: bool = False
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    model: str = ""
    lively: bool = False
    called: Called = field(default_factory=Called)


class Reader(Protocol):
    """Turns one event into a delta. Sets `counts.complete` at the end mark, `counts.lively` at any sign of progress."""

    counts: Counts

    def read(self, event: dict[str, Any]) -> Delta | None:
        """The text in this event, None where it has none; `event` is any JSON object."""
        ...


@dataclass(frozen=True, slots=True)
class Call:
    """A request ready to be sent, and how to read its reply.

    `sent` are the texts that no error message may repeat, `most` the characters that the reply may have.
    """

    path: str
    body: dict[str, Any]
    reader: Reader
    framing: Literal["sse", "ndjson"] = "sse"
    model: str = ""
    sent: tuple[str, ...] = field(default=(), repr=False)
    offer: Offer = field(default_factory=Offer)
    most: int = MAX_REPLY


async def stream_reply(http: Http, prepare: Callable[[], Awaitable[Call]], timeouts: Timeouts) -> AsyncGenerator[Delta]:
    """Run one call. Raises EndpointError; a reply without an end mark is a cut one."""
    await http.ready()
    try:
        async with asyncio.timeout(timeouts.first_token):
            call = await prepare()
    except TimeoutError:
        raise failures.no_first_token(http.origin, timeouts.first_token) from None
    reader, counts = call.reader, call.reader.counts
    began = time.perf_counter()
    first = 0.0
    pieces = length = 0
    async with http.stream(
        call.path, call.body, timeouts=timeouts, framing=call.framing, model=call.model, sent=call.sent
    ) as events:
        try:
            async for data in events:
                if data == "[DONE]":
                    counts.complete = True
                    break
                delta = reader.read(_parse(http, call, data))
                if counts.lively:
                    counts.lively = False
                    events.alive()
                if delta is not None:
                    if not first:
                        first = time.perf_counter() - began
                    pieces += delta.tokens
                    length += len(delta.text)
                    if length > call.most:
                        raise failures.nonsense(http.origin, "it sends many times as much as it was asked for")
                    yield delta
                    events.alive()
                if counts.complete:
                    break
                if counts.finish is not None:
                    events.expect_end()
        except EndpointUnavailable:
            # The text is whole once the engine has said why it stopped; only the usage may be lost.
            if counts.finish is None:
                raise
        if not counts.complete and counts.finish is None:
            raise failures.cut(http.origin)
        total = time.perf_counter() - began
        usage = Usage.model_construct(
            prompt_tokens=counts.prompt_tokens,
            cached_tokens=counts.cached_tokens,
            completion_tokens=counts.completion_tokens or pieces,
            first_token_s=first or total,
            total_s=total,
        )
        calls = counts.called.checked(call.offer, label=http.origin.label, finish=counts.finish or "stop")
        yield Delta("", counts.finish or "stop", usage, counts.model or call.model, 0, calls=calls)
        await events.drain()


def _parse(http: Http, call: Call, data: str) -> dict[str, Any]:
    try:
        event: Any = json.loads(data)
    except (ValueError, RecursionError):
        raise failures.nonsense(http.origin, "its stream has an event that is not JSON") from None
    if not isinstance(event, dict):
        raise failures.nonsense(http.origin, "its stream has an event that is no JSON object")
    fields = cast("dict[str, Any]", event)
    if fields.get("error"):
        raise failures.stream_error(http.origin, fields["error"], model=call.model, sent=call.sent)
    return fields


def most_of(request: FillRequest | ChatRequest) -> int:
    """The characters that a reply may have: so many for each token that no engine's come near it."""
    return _LEAST_MOST + _LONGEST_TOKEN * request.max_tokens


def texts_of(request: FillRequest | ChatRequest) -> tuple[str, ...]:
    """The texts of a request that no error message may repeat."""
    if isinstance(request, ChatRequest):
        called = (json.dumps(call.arguments) for message in request.messages for call in message.calls)
        return (*(message.content for message in request.messages), *called)
    return (request.prefix, request.suffix, *(chunk.text for chunk in request.chunks))


def count(value: object) -> int:
    """A token count as a server gives it; 0 for anything else."""
    return int(value) if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12 else 0


def text(value: object) -> str:
    """A piece of text as a server gives it; empty for null and anything else.

    JSON can spell half a character (`\\ud83d` alone), which nothing after this could write down: it becomes U+FFFD.
    """
    if not isinstance(value, str):
        return ""
    return value if value.isascii() else value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def model_name(value: object) -> str:
    """The name of a model as a server gives it; empty where it cannot be shown in one line."""
    named = text(value)
    return named if len(named) <= _LONGEST_NAME and named.isprintable() else ""


def mapping(value: object) -> dict[str, Any]:
    """A JSON object as a server gives it; empty for anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """A JSON array as a server gives it; empty for anything else."""
    return cast("list[Any]", value) if isinstance(value, list) else []
