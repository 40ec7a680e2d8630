"""The parameters and the result of `lanyard/chat`.

Owns their JSON form. They come from outside: everything is checked and bounded here.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from lanyard_routing.task import ToolCall, Usage

LONGEST = 400_000
"""Characters of one message."""


class _Json(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Call(_Json):
    """A model's call of a tool that it was offered."""

    id: str = Field(min_length=1, max_length=200)
    name: str = Field(min_length=1, max_length=200)
    arguments: dict[str, Any] = Field(default_factory=dict)


class OfferedTool(_Json):
    """A tool that the client runs when the model calls it; `parameters` is the JSON schema of its arguments."""

    name: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=LONGEST)
    parameters: dict[str, Any] = Field(default_factory=dict)


class Turn(_Json):
    """One message of the conversation, as the client keeps it.

    A `tool`'s is what came of the call whose id is `call`; `system` adds to Lanyard's own rules.
    """

    role: Literal["user", "assistant", "system", "tool"]
    content: str = Field(default="", max_length=LONGEST)
    calls: tuple[Call, ...] = Field(default=(), max_length=64)
    call: str = Field(default="", max_length=200)


class Position(_Json):
    """An LSP position."""

    line: int = Field(ge=0)
    character: int = Field(default=0, ge=0)


class Range(_Json):
    """An LSP range."""

    start: Position
    end: Position


class ContextItem(_Json):
    """A file or a selection that the question is about; without a range the whole file."""

    uri: str
    range: Range | None = None


class ChatParams(_Json):
    """`lanyard/chat`: either `text`, a single question, or `messages`, the last of them the user's or a tool's."""

    text: str | None = Field(default=None, max_length=LONGEST)
    messages: tuple[Turn, ...] = Field(default=(), max_length=2000)
    context: tuple[ContextItem, ...] = Field(default=(), max_length=20)
    model: str | None = None
    tools: tuple[OfferedTool, ...] = Field(default=(), max_length=256)
    tool_choice: Literal["auto", "required"] = "auto"
    max_tokens: int | None = Field(default=None, ge=1, le=32_768)
    partial_result_token: int | str | None = None

    @model_validator(mode="after")
    def _asks(self) -> Self:
        turns = self.turns
        last = turns[-1] if turns else None
        if last is None or not (last.role == "tool" or (last.role == "user" and last.content.strip())):
            raise ValueError("the last message must be the user's and say something, or a tool's")
        made = {call.id for turn in turns for call in turn.calls}
        if any(turn.role == "tool" and turn.call not in made for turn in turns):
            raise ValueError("a tool's message answers no call of the conversation")
        return self

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The conversation with the question at its end."""
        if self.text is None:
            return self.messages
        return (*self.messages, Turn(role="user", content=self.text))


def decode(raw: Any) -> ChatParams:
    """The parameters from their JSON; raises pydantic's ValidationError."""
    return ChatParams.model_validate(raw)


def result(
    text: str,
    *,
    calls: tuple[ToolCall, ...] = (),
    model: str,
    worker: str,
    finish: str,
    usage: Usage,
    problems: tuple[str, ...],
) -> Any:
    """The result of `lanyard/chat` as JSON; `problems` are one line each, for the user."""
    said: dict[str, Any] = {"role": "assistant", "content": text}
    if calls:
        said["calls"] = [call.model_dump() for call in calls]
    return {
        "message": said,
        "model": model,
        "worker": worker,
        "finish": finish,
        "usage": {
            "promptTokens": usage.prompt_tokens,
            "cachedTokens": usage.cached_tokens,
            "completionTokens": usage.completion_tokens,
            "firstTokenS": round(usage.first_token_s, 3),
            "totalS": round(usage.total_s, 3),
            "tokensPerS": round(usage.tokens_per_s, 1),
        },
        "problems": list(problems),
    }
