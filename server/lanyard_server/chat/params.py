"""The parameters and the result of `lanyard/chat`.

Owns their JSON form. They come from outside: everything is checked and bounded here.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from lanyard_routing.task import Usage

LONGEST = 400_000
"""Characters of one message."""


class _Json(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class Turn(_Json):
    """One message of the conversation, as the client keeps it."""

    role: Literal["user", "assistant"]
    content: str = Field(max_length=LONGEST)


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
    """`lanyard/chat`: either `text`, a single question, or `messages`, the last of them the user's."""

    text: str | None = Field(default=None, max_length=LONGEST)
    messages: tuple[Turn, ...] = Field(default=(), max_length=200)
    context: tuple[ContextItem, ...] = Field(default=(), max_length=20)
    model: str | None = None
    partial_result_token: int | str | None = None

    @model_validator(mode="after")
    def _asks(self) -> Self:
        turns = self.turns
        if not turns or turns[-1].role != "user" or not turns[-1].content.strip():
            raise ValueError("the last message must be the user's and say something")
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


def result(text: str, *, model: str, worker: str, finish: str, usage: Usage, problems: tuple[str, ...]) -> Any:
    """The result of `lanyard/chat` as JSON; `problems` are one line each, for the user."""
    return {
        "message": {"role": "assistant", "content": text},
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
