"""Tools in a chat: how each dialect spells them, and what a model may call.

Owns the joining of streamed calls and their checks. A call is data from a stranger: its name must be one that was
offered, its arguments a JSON object. Pure: no request is made here, no tool is run anywhere in Lanyard.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from lanyard_routing.adapters.base import Tool, ToolCallRefused
from lanyard_routing.task import Message, ToolCall

MOST_CALLS = 64
"""Calls in one reply."""
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Offer:
    """The names of the tools that a request offers."""

    names: frozenset[str] = frozenset()

    @classmethod
    def of(cls, tools: Sequence[Tool]) -> Offer:
        """The offer of these tools."""
        return cls(frozenset(tool.name for tool in tools))


@dataclass(slots=True)
class _Part:
    place: int | None
    id: str
    name: str
    written: list[str] = field(default_factory=list[str])
    given: dict[str, Any] | None = None


@dataclass(slots=True)
class Called:
    """The calls of one reply as they come: whole (Ollama, LM Studio), or name first and arguments in pieces."""

    parts: list[_Part] = field(default_factory=list[_Part])

    def add(self, place: int | None, identity: str, name: str, arguments: object) -> None:
        """One event's piece of a call; `place` is its index where the server tells one. Too many are not kept."""
        if len(self.parts) > MOST_CALLS:
            return
        part = self._part(place, identity, name)
        part.id = part.id or identity
        part.name = part.name or name
        if isinstance(arguments, dict):
            part.given = cast("dict[str, Any]", arguments)
        elif isinstance(arguments, str):
            part.written.append(arguments)

    def checked(self, offer: Offer, *, label: str, finish: Literal["stop", "length"]) -> tuple[ToolCall, ...]:
        """The calls, each with a name that was offered; raises ToolCallRefused with one line."""
        if len(self.parts) > MOST_CALLS:
            raise ToolCallRefused(f"{label}: the model called more than {MOST_CALLS} tools at once; ask again")
        return tuple(_checked(part, offer, label, finish) for part in self.parts)

    def _part(self, place: int | None, identity: str, name: str) -> _Part:
        same = [part for part in self.parts if part.place == place] if place is not None else self.parts[-1:]
        known = same[-1] if same else None
        # A server without indices, or with 0 for every call, begins each with its name or a new id.
        begins = bool(name) if place is None else bool(name and identity and known and known.id not in ("", identity))
        if known is None or begins:
            known = _Part(place, identity, name)
            self.parts.append(known)
        return known


def _checked(part: _Part, offer: Offer, label: str, finish: str) -> ToolCall:
    if part.name not in offer.names:
        raise ToolCallRefused(
            f'{label}: the model called the tool "{_shown(part.name)}", which it was not offered; ask again, '
            "or choose a larger model"
        )
    arguments = part.given if part.given is not None else _parsed("".join(part.written))
    if arguments is None:
        why = "ran out of tokens in" if finish == "length" else "wrote no JSON object for"
        raise ToolCallRefused(
            f'{label}: the model {why} the arguments of the tool "{_shown(part.name)}"; ask again, '
            "or choose a larger model"
        )
    return ToolCall(id=part.id or f"call_{uuid.uuid4().hex[:12]}", name=part.name, arguments=arguments)


def _parsed(written: str) -> dict[str, Any] | None:
    """A JSON object; nothing at all is what several servers write for a tool without arguments."""
    if not written.strip():
        return {}
    # JSON can spell half a character, which nothing after this could write down.
    whole = written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    try:
        value: Any = json.loads(whole, parse_constant=_no_number)
        again = json.dumps(value, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
        value = json.loads(again.decode("utf-16-le", "replace"))
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _shown(name: str) -> str:
    return "".join(each if each.isprintable() else " " for each in name[:_SHOWN])


def tool_field(tool: Tool) -> dict[str, Any]:
    """A tool as all dialects take it; one without a schema takes no arguments."""
    parameters = tool.parameters or {"type": "object", "properties": {}}
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters},
    }


def openai_message(message: Message) -> dict[str, Any]:
    """A message in the OpenAI form (llama.cpp server, vLLM, LM Studio): arguments are a text."""
    body: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.calls:
        body["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(call.arguments, ensure_ascii=False)},
            }
            for call in message.calls
        ]
    if message.role == "tool":
        body["tool_call_id"] = message.call
    return body


def ollama_messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """Messages in Ollama's form: arguments are an object, and a tool's answer names the tool."""
    names = {call.id: call.name for message in messages for call in message.calls}
    bodies: list[dict[str, Any]] = []
    for message in messages:
        body: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.calls:
            body["tool_calls"] = [
                {"id": call.id, "function": {"name": call.name, "arguments": call.arguments}} for call in message.calls
            ]
        if message.role == "tool":
            body |= {"tool_name": names.get(message.call, ""), "tool_call_id": message.call}
        bodies.append(body)
    return bodies
