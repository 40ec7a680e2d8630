"""One question to a chat model, its answer streamed.

Owns the request and its failures' words; where the pieces go is the caller's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from lanyard_routing.adapters.base import ChatRequest, EndpointError
from lanyard_routing.router import NoWorker, RoutingError
from lanyard_routing.task import Capability, Sampling, ToolCall, Usage
from lanyard_server.chat.context import Piece
from lanyard_server.chat.params import OfferedTool, Turn
from lanyard_server.chat.prompt import build_chat_prompt
from lanyard_server.chat.restore import Restorer
from lanyard_server.feature import RequestFailed
from lanyard_server.session import Session

OPENING_S = 10.0
"""Seconds that a question waits for the runtime to open."""

Take = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole answer. `finish` is "length" where the model ran out of tokens."""

    text: str
    model: str
    worker: str
    finish: str
    usage: Usage
    calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What else a client may ask for: a model by name, tools for it, another limit than the settings'."""

    model: str | None = None
    tools: tuple[OfferedTool, ...] = ()
    tool_choice: Literal["auto", "required"] = "auto"
    max_tokens: int | None = None


async def ask(
    session: Session, turns: Sequence[Turn], *, pieces: Sequence[Piece], take: Take, wanted: Wanted = Wanted()
) -> Answer:
    """Ask, handing each piece of the answer to `take` as it comes.

    Raises RequestFailed with one line for the user; cancelling it closes the model's stream.
    """
    if session.runtime is None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(OPENING_S):
                await session.opened.wait()
    if session.runtime is None:
        raise RequestFailed("Lanyard could not start its models; run `lanyard doctor`, or ask again in a moment")
    lane = session.runtime.immediate
    prompt = build_chat_prompt(turns, pieces, wanted.tools)
    settings = session.settings.chat
    request = ChatRequest(
        messages=prompt.messages,
        max_tokens=wanted.max_tokens or settings.max_tokens,
        sampling=Sampling(temperature=settings.temperature),
        model=wanted.model,
        tools=prompt.tools,
        tool_choice=wanted.tool_choice,
    )
    restorer = Restorer(prompt.redactions)
    parts: list[str] = []
    named, worker, finish, usage = "", "", "stop", Usage()
    calls: tuple[ToolCall, ...] = ()

    async def give(text: str) -> None:
        if text:
            parts.append(text)
            await take(text)

    stream = lane.chat(request)
    try:
        async for delta in stream:
            named = delta.model or named
            await give(restorer.feed(delta.text))
            if delta.finish is not None:
                finish, worker, usage, calls = delta.finish, delta.worker, delta.usage or usage, delta.calls
    except NoWorker as error:
        lacking = None if wanted.model else lane.missing(Capability.TOOLS if wanted.tools else Capability.CHAT)
        raise RequestFailed(lacking or str(error)) from None
    except (RoutingError, EndpointError) as error:
        raise RequestFailed(str(error)) from None
    finally:
        await stream.aclose()
    await give(restorer.rest())
    for call in calls:
        _refuse_secrets(call, prompt.redactions.restore)
    return Answer("".join(parts), named, worker, finish, usage, calls)


def _refuse_secrets(call: ToolCall, restore: Callable[[str], str]) -> None:
    """A tool may send what it is given anywhere, so no secret is put back for one; without it a file would lose it."""
    written = json.dumps(call.arguments, ensure_ascii=False)
    if restore(written) != written:
        raise RequestFailed(
            f"the model wants to hand a secret to the tool {call.name}, and secrets are never put back for tools: "
            "ask again without the text that holds it, or run that step yourself"
        )
