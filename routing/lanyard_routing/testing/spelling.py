"""How each dialect spells a scripted reply: its listings, events and errors.

Pure: values in, JSON out. The forms follow what real servers answer.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal

from lanyard_routing.task import Capability, ToolCall
from lanyard_routing.testing.script import Script, ServedModel

Form = Literal["chat", "fill"]

STREAMS: dict[str, tuple[str, Form]] = {
    "/v1/chat/completions": ("openai", "chat"),
    "/v1/completions": ("openai", "fill"),
    "/infill": ("llamacpp", "fill"),
    "/api/chat": ("ollama", "chat"),
    "/api/generate": ("ollama", "fill"),
}
"""The streaming calls: path → how the reply is spelled, and what is asked for."""
_FIM = re.compile(r"<\|fim_suffix\|>(.*)<\|fim_middle\|>\Z", re.DOTALL)


def line(value: object) -> bytes:
    """One line of NDJSON."""
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def sse(value: object) -> bytes:
    """One server-sent event."""
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


@dataclass(slots=True)
class Speller:
    """Spells one streamed reply."""

    style: str
    form: Form
    model: str
    prompt_tokens: int
    usage_wanted: bool = True
    said: list[str] = field(default_factory=list[str])
    called: bool = False

    @property
    def kind(self) -> str:
        """The content type."""
        return "application/x-ndjson" if self.style == "ollama" else "text/event-stream"

    @property
    def ping(self) -> bytes:
        """What a server sends to keep a connection open; nothing where the dialect has no such thing."""
        return b"" if self.style == "ollama" else b": ping\n\n"

    def opening(self) -> bytes:
        """What comes before the first text."""
        if self.style == "openai" and self.form == "chat":
            return sse(self._chunk({"role": "assistant", "content": None}))
        return b""

    def thinking(self, text: str) -> bytes:
        """A piece of thinking, where the dialect tells it apart."""
        if self.style == "ollama" and self.form == "chat":
            return line(
                {"model": self.model, "message": {"role": "assistant", "content": "", "thinking": text}, "done": False}
            )
        if self.style == "openai" and self.form == "chat":
            return sse(self._chunk({"reasoning_content": text}))
        return b""

    def piece(self, text: str) -> bytes:
        """A piece of the reply."""
        self.said.append(text)
        if self.style == "ollama":
            return line({"model": self.model, **self._ollama(text), "done": False})
        if self.style == "llamacpp":
            return sse({"index": 0, "content": text, "tokens": [1], "stop": False})
        return sse(self._chunk({"content": text}))

    def call(self, number: int, called: ToolCall, written: str | None) -> list[bytes]:
        """A call of a tool: whole in Ollama's dialect; else its name, then its arguments in three pieces."""
        self.called = True
        if self.style == "ollama":
            function = {
                "index": number,
                "name": called.name,
                "arguments": called.arguments if written is None else written,
            }
            message = {"role": "assistant", "content": "", "tool_calls": [{"function": function}]}
            return [line({"model": self.model, "message": message, "done": False})]
        arguments = json.dumps(called.arguments, ensure_ascii=False) if written is None else written
        third = max(1, -(-len(arguments) // 3))
        pieces = [arguments[at : at + third] for at in range(0, len(arguments), third)]
        first = {
            "index": number,
            "id": called.id,
            "type": "function",
            "function": {"name": called.name, "arguments": ""},
        }
        rest = [{"index": number, "function": {"arguments": piece}} for piece in pieces]
        return [sse(self._chunk({"tool_calls": [each]})) for each in (first, *rest)]

    def ending(self, finish: Literal["stop", "length"]) -> bytes:
        """Everything from the finish reason to the end mark."""
        written = len(self.said)
        if self.style == "ollama":
            counts = {"prompt_eval_count": self.prompt_tokens, "eval_count": written}
            return line({"model": self.model, **self._ollama(""), "done": True, "done_reason": finish, **counts})
        if self.style == "llamacpp":
            return sse(
                {
                    "content": "",
                    "stop": True,
                    "stop_type": "limit" if finish == "length" else "eos",
                    "model": self.model,
                    "tokens_evaluated": self.prompt_tokens,
                    "tokens_predicted": written,
                    "timings": {"cache_n": 0},
                }
            )
        usage = {"prompt_tokens": self.prompt_tokens, "completion_tokens": written}
        last = sse(self._chunk({}, "tool_calls" if self.called and finish == "stop" else finish))
        counted = sse({"model": self.model, "choices": [], "usage": usage}) if self.usage_wanted else b""
        return last + counted + b"data: [DONE]\n\n"

    def error(self, message: str) -> bytes:
        """An error in the middle of the stream."""
        if self.style == "ollama":
            return line({"error": message})
        return sse({"error": {"message": message, "type": "server_error", "code": 500}})

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        if self.form == "fill":
            choice: dict[str, Any] = {"index": 0, "text": delta.get("content") or "", "finish_reason": finish}
        else:
            choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {"model": self.model, "choices": [choice]}

    def _ollama(self, text: str) -> dict[str, Any]:
        return {"message": {"role": "assistant", "content": text}} if self.form == "chat" else {"response": text}


def seed_of(body: dict[str, Any]) -> Any:
    """The seed that a request is sampled with, None where it names none."""
    options: dict[str, Any] = body.get("options") or {}
    return options.get("seed", body.get("seed"))


def asked_text(path: str, body: dict[str, Any]) -> str:
    """What a rule is matched against: the last message of the user or a tool, or prefix, a NUL and suffix.

    A prompt written with a model's FIM tokens reads the same: one comes as soon as there is context of other files.
    """
    if path == "/infill":
        return f"{body.get('input_prefix', '')}\0{body.get('input_suffix', '')}"
    if "messages" in body:
        said = [each.get("content") or "" for each in body["messages"] if each.get("role") in ("user", "tool")]
        return str(said[-1]) if said else ""
    prompt = str(body.get("prompt", ""))
    spelled = _FIM.search(prompt)
    return f"{prompt[: spelled.start()]}\0{spelled[1]}" if spelled else f"{prompt}\0{body.get('suffix', '')}"


def listing(path: str, script: Script, busy: int) -> dict[str, Any] | list[Any] | None:
    """The answer to a GET; None where the path is none of ours."""
    models = script.models
    match path:
        case "/health":
            return {"status": "ok"}
        case "/props":
            return {"total_slots": script.slots, "chat_template": "{{ scripted }}", "is_sleeping": False}
        case "/slots":
            return [{"id": each, "is_processing": each < busy} for each in range(script.slots)]
        case "/v1/models":
            return {"object": "list", "data": [_openai_model(each) for each in models]}
        case "/api/version":
            return {"version": "0.12.0"}
        case "/api/tags":
            return {"models": [_ollama_model(each) for each in models]}
        case "/api/ps":
            return {"models": [{"name": each.name, "context_length": each.context} for each in models[:1]]}
        case _:
            return None


def _openai_model(model: ServedModel) -> dict[str, Any]:
    meta = {"n_params": model.parameters, "n_ctx": model.context, "n_vocab": 151_936}
    return {"id": model.name, "object": "model", "max_model_len": model.context, "meta": meta}


def _ollama_model(model: ServedModel) -> dict[str, Any]:
    can = ["completion"] + (["insert"] if Capability.COMPLETION in model.capabilities else [])
    can += ["tools"] if Capability.TOOLS in model.capabilities else []
    described: dict[str, Any] = {
        "name": model.name,
        "model": model.name,
        "details": {"parameter_size": f"{model.parameters / 1e9:g}B"},
        "capabilities": can,
    }
    if model.remote:
        described |= {"remote_host": "https://models.example", "remote_model": model.name}
    return described
