"""What a scripted endpoint answers: replies, faults and the rules that choose between them.

Owns the values and their JSON form; must not know HTTP or dialects.
"""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from lanyard_routing.task import Capability, ToolCall

_PIECE = re.compile(r"\s*\S+|\s+")


class Fault(StrEnum):
    """What goes wrong with a reply. The connection-wide one, nobody listening, is `ScriptedEndpoint.refuse`."""

    NONE = "none"
    RESET = "reset"
    """The connection is reset as soon as the request is read."""
    HANG_BEFORE = "hang_before"
    """Nothing is sent; ends when the client leaves."""
    HANG_HEADERS = "hang_headers"
    """The head of the response is sent, and pings, but no event; ends when the client leaves."""
    HANG_MIDDLE = "hang_middle"
    """Half of the reply, then silence with pings; ends when the client leaves."""
    BUSY = "busy"
    """503."""
    TOO_MANY = "too_many"
    """429."""
    BROKEN = "broken"
    """500."""
    UNAUTHORIZED = "unauthorized"
    """401."""
    MISSING = "missing"
    """404: no such model."""
    UNRECORDED = "unrecorded"
    """404: a replay has no reply to this."""
    CONTEXT = "context"
    """400: the prompt exceeds the context."""
    ECHO = "echo"
    """400, and the message repeats the prompt."""
    REDIRECT = "redirect"
    """307 to `Script.location`."""
    CUT = "cut"
    """Half of the reply, then the connection closes without the end of the body."""
    NO_END = "no_end"
    """The whole text and an orderly end of the body, but no end mark."""
    ERROR_MIDSTREAM = "error_midstream"
    """Half of the reply, then an error object with the status still 200."""
    INVALID_JSON = "invalid_json"
    """Half of the reply, then an event that is not JSON."""
    HALF_UTF8 = "half_utf8"
    """Half of the reply, then half a UTF-8 character and an orderly end of the body."""
    BAD_UTF8 = "bad_utf8"
    """A byte that is no UTF-8 inside an event, then everything as usual."""
    ENDLESS_LINE = "endless_line"
    """One line that never ends; ends when the client leaves."""
    NOT_HTTP = "not_http"
    """Bytes that are no HTTP."""
    WRONG_FENCE = "wrong_fence"
    """The text in a code fence of the wrong language that is never closed."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Say(_Value):
    """One reply. `pace_s` seconds pass between pieces; at `gate`, after `gate_after` pieces, it waits to be let on."""

    text: str = "ok"
    pieces: tuple[str, ...] | None = None
    finish: Literal["stop", "length"] = "stop"
    thinking: str = ""
    calls: tuple[ToolCall, ...] = ()
    """Tools that the reply calls after its text."""
    written: str | None = None
    """In place of the arguments of its calls, as the model wrote them."""
    fault: Fault = Fault.NONE
    pace_s: float = Field(default=0.0, ge=0)
    prefill_s: float = Field(default=0.0, ge=0)
    gate: str = ""
    gate_after: int = Field(default=0, ge=0)

    def stream(self) -> tuple[str, ...]:
        """The reply in pieces, about one a word."""
        text = f"```brainfuck\n{self.text}" if self.fault is Fault.WRONG_FENCE else self.text
        return self.pieces if self.pieces is not None else tuple(_PIECE.findall(text))


class Rule(_Value):
    """Answer `say` where the request is of this form and its text matches; at most `times` times.

    The text is the last message of a chat that is the user's or a tool's, and prefix, a NUL and suffix of a completion.
    """

    say: Say
    match: str = ""
    form: Literal["any", "chat", "fill"] = "any"
    times: int | None = Field(default=None, ge=1)
    seed: int | None = None
    """Only where the request is sampled with this seed."""

    @field_validator("match")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from None
        return value


class ServedModel(_Value):
    """A model as the endpoint lists it. `remote` makes it one that Ollama would run on another host."""

    name: str = "scripted-qwen2.5-coder-1.5b"
    parameters: int = 1_500_000_000
    context: int = 8192
    capabilities: tuple[Capability, ...] = (Capability.COMPLETION, Capability.CHAT)
    remote: bool = False


class Script(_Value):
    """Rules in order, the first that fits wins; `default` is the reply where none does."""

    rules: tuple[Rule, ...] = ()
    default: Say = Say()
    models: tuple[ServedModel, ...] = (ServedModel(),)
    slots: int = Field(default=2, ge=1)
    api_key: str = ""
    location: str = ""
    loading: bool = False


def load_script(path: Path) -> Script:
    """A script from its JSON file; raises OSError and pydantic's ValidationError."""
    return Script.model_validate_json(path.read_bytes())
