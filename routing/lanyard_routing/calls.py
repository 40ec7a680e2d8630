"""One request at one worker, with its account kept.

Owns what every request to a worker has in common, whoever sends it: the ledger, the breaker, and that nothing but
`EndpointError` comes out. Must not choose, retry or queue.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace

from lanyard_routing.adapters.base import Adapter, Delta, EndpointError, EndpointTimeout, EndpointUnavailable
from lanyard_routing.failure_log import log_failure
from lanyard_routing.fleet import Fleet
from lanyard_routing.routes import Candidate, Need

_log = logging.getLogger(__name__)

Send = Callable[[Adapter, str], AsyncGenerator[Delta]]


async def call(fleet: Fleet, candidate: Candidate, need: Need, send: Send) -> AsyncGenerator[Delta]:
    """The deltas of one request; `send(adapter, model)` makes it. Raises EndpointError while iterated."""
    name, model = candidate.worker.name, candidate.model
    member = fleet.get(name)
    if member is None:
        raise EndpointUnavailable(f"{name} has left the fleet")
    ledger, breaker = member.ledger, member.breaker
    work = ledger.begin(
        model.name,
        model.size,
        prompt_tokens=need.prompt_tokens,
        max_tokens=need.max_tokens,
        now=time.monotonic(),
    )
    breaker.begin()
    stream: AsyncGenerator[Delta] | None = None
    try:
        stream = send(member.adapter, model.name)
        async for delta in stream:
            work.first(time.monotonic())
            work.tokens += delta.tokens
            if delta.finish is not None:
                ledger.finish(work, time.monotonic(), delta.usage)
                breaker.succeeded()
            yield delta if delta.finish is None else replace(delta, worker=name)
    except EndpointError as error:
        if isinstance(error, EndpointTimeout):
            ledger.abandon(work, time.monotonic())  # it may still run there
        else:
            ledger.drop(work)
        fleet.failed(name, error, model.name)
        raise
    except Exception as error:
        log_failure(_log, f"a request to {name}", error)
        failure = EndpointUnavailable(f"{name}: the reply could not be read ({type(error).__name__})")
        ledger.drop(work)
        fleet.failed(name, failure, model.name)
        raise failure from error
    finally:
        if ledger.abandon(work, time.monotonic()):
            verdict = breaker.succeeded if work.first_at is not None else breaker.release
            verdict()
        if stream is not None:
            await stream.aclose()
