"""Ollama's own dialect.

Owns this dialect's requests and replies, and the rule that a model which Ollama would run on another host is a cloud
model. Never sends `num_ctx` (another value than the loaded one reloads the model) nor `keep_alive`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

from lanyard_routing.adapters import failures
from lanyard_routing.adapters.base import (
    Adapter,
    ChatRequest,
    Delta,
    EndpointError,
    FillRequest,
    Model,
    ModelMissing,
    Probe,
    RequestRejected,
    Timeouts,
)
from lanyard_routing.adapters.fim import build_prompt, family_of
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.openai import PROBE_S, sampling_fields
from lanyard_routing.adapters.remote import is_remote_name, refuse_remote
from lanyard_routing.adapters.sizes import parameters_of
from lanyard_routing.adapters.streaming import (
    MOST_MODELS,
    Call,
    Counts,
    count,
    items,
    mapping,
    model_name,
    most_of,
    stream_reply,
    text,
    texts_of,
)
from lanyard_routing.adapters.tools import Offer, ollama_messages, tool_field
from lanyard_routing.task import Capability, Sampling


class OllamaReader:
    """Reads the lines of `/api/chat` and `/api/generate`; thinking is no text and is dropped."""

    def __init__(self) -> None:
        self.counts = Counts()

    def read(self, event: dict[str, Any]) -> Delta | None:
        """See Reader. The end mark is `"done": true`."""
        counts = self.counts
        message = mapping(event.get("message"))
        piece = text(message.get("content")) or text(event.get("response"))
        counts.model = counts.model or model_name(event.get("model"))
        if event.get("done") is True:
            counts.finish = "length" if event.get("done_reason") == "length" else "stop"
            counts.complete = True
            counts.prompt_tokens = count(event.get("prompt_eval_count"))
            counts.completion_tokens = count(event.get("eval_count"))
        for each in map(mapping, items(message.get("tool_calls"))):
            function = mapping(each.get("function"))
            counts.called.add(None, text(each.get("id")), text(function.get("name")), function.get("arguments"))
            counts.lively = True
        if piece or message.get("thinking") or event.get("thinking"):
            counts.lively = True
        return Delta(piece, model=counts.model) if piece else None


class OllamaAdapter(Adapter):
    """See Adapter. Models come from `/api/tags`; load is not told by anything, so `busy` is None."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._models: dict[str, Model] = {}
        self._capabilities: dict[str, list[Any]] = {}

    @property
    def url(self) -> str:
        """See Adapter."""
        return self._http.origin.url

    async def probe(self) -> Probe:
        """See Adapter. Models that are loaded come first, and with the context that they are loaded with."""
        try:
            return Probe(ready=True, models=await self._survey())
        except EndpointError as error:
            return Probe(ready=False, why=str(error))

    def fill(self, request: FillRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter. Chunks are sent where the model's FIM tokens are known; elsewhere its own template is used."""
        return stream_reply(self._http, partial(self._fill_call, request), timeouts)

    def chat(self, request: ChatRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter."""
        return stream_reply(self._http, partial(self._chat_call, request), timeouts)

    async def count_tokens(self, text: str, model: str | None = None) -> int | None:
        """See Adapter. Ollama has no such call."""
        return None

    async def close(self) -> None:
        """See Adapter."""
        await self._http.close()

    async def _fill_call(self, request: FillRequest) -> Call:
        model = await self._allowed(request.model, Capability.COMPLETION)
        options = _options(request.sampling, request.max_tokens)
        body: dict[str, Any] = {"model": model, "stream": True, "options": options}
        # Without a prompt Ollama only loads the model, so the top of a file needs the raw form too.
        family = family_of(model) if request.chunks or not request.prefix else None
        if family is not None:
            options["stop"] = [*request.sampling.stop, *family.stops]
            body |= {"prompt": build_prompt(request, family), "raw": True}
        else:
            body |= {"prompt": request.prefix, "suffix": request.suffix}
        return Call("/api/generate", body, OllamaReader(), "ndjson", model, texts_of(request), most=most_of(request))

    async def _chat_call(self, request: ChatRequest) -> Call:
        model = await self._allowed(request.model, Capability.CHAT)
        body: dict[str, Any] = {
            "model": model,
            "messages": ollama_messages(request.messages),
            "stream": True,
            "options": _options(request.sampling, request.max_tokens),
            # Without these two a prompt beyond the context is cut silently, and the model answers about half of it.
            "truncate": False,
            "shift": False,
        }
        if request.reply_schema is not None:
            body["format"] = request.reply_schema
        if request.tools:
            body["tools"] = [tool_field(each) for each in request.tools]
        return Call(
            "/api/chat",
            body,
            OllamaReader(),
            "ndjson",
            model,
            texts_of(request),
            Offer.of(request.tools),
            most=most_of(request),
        )

    async def _survey(self) -> tuple[Model, ...]:
        origin = self._http.origin
        tags, running = await asyncio.gather(
            self._http.ask("/api/tags", timeout_s=PROBE_S), self._http.ask("/api/ps", timeout_s=PROBE_S)
        )
        if tags.status != 200:
            raise failures.status_error(origin, "/api/tags", tags.status, tags.body)
        answer = mapping(tags.json())
        if "models" not in answer:
            raise failures.nonsense(origin, "/api/tags is no list of models")
        loaded = {text(each.get("name")): each for each in map(mapping, items(mapping(running.json()).get("models")))}
        models = [
            await self._describe(each, loaded)
            for each in map(mapping, items(answer["models"])[:MOST_MODELS])
            if model_name(each.get("name")) or model_name(each.get("model"))
        ]
        if not models:
            raise ModelMissing(f"{origin.label} has no models; pull one there, for example: ollama pull qwen2.5-coder")
        models.sort(key=lambda model: (model.remote, model.name not in loaded))
        self._models = {model.name: model for model in models}
        return tuple(models)

    async def _allowed(self, name: str | None, wanted: Capability) -> str:
        """The model to ask for, after making sure that it runs where the policy allows."""
        label = self._http.origin.label
        if not self._models or (name and self._named(name) is None):
            await self._survey()
        if name:
            model = self._named(name)
            if model is None:
                raise ModelMissing(f'{label} has no model "{name}"; pull it there: ollama pull {name}')
        else:
            model = next((each for each in self._models.values() if wanted in each.capabilities), None)
            if model is None:
                raise RequestRejected(f"{label} has no model for {wanted}; pull one there: ollama pull qwen2.5-coder")
        if model.remote:
            refuse_remote(self._http, model.name)
        return model.name

    def _named(self, name: str) -> Model | None:
        """The model of that name; Ollama reads a name without a tag as `:latest`."""
        return self._models.get(name) or self._models.get(f"{name}:latest")

    async def _describe(self, tag: dict[str, Any], loaded: dict[str, dict[str, Any]]) -> Model:
        name = model_name(tag.get("name")) or model_name(tag.get("model"))
        details = mapping(tag.get("details"))
        remote = bool(tag.get("remote_host") or tag.get("remote_model")) or is_remote_name(name)
        told = await self._told(name, text(tag.get("digest")), tag.get("capabilities"))
        can: set[Capability] = set()
        if "embedding" not in told:
            can.add(Capability.CHAT)
            if "tools" in told:
                can.add(Capability.TOOLS)
        if "insert" in told:
            can.add(Capability.COMPLETION)
        size = parameters_of(text(details.get("parameter_size"))) or parameters_of(name)
        return Model(name, size, count(loaded.get(name, {}).get("context_length")), frozenset(can), remote)

    async def _told(self, name: str, digest: str, listed: object) -> list[Any]:
        """A model's capabilities: in the list since 2026, else asked for once for each digest."""
        if items(listed):
            return items(listed)
        key = f"{name}@{digest}"
        if key not in self._capabilities:
            answer = await self._http.ask("/api/show", {"model": name}, timeout_s=PROBE_S)
            if answer.status != 200:
                return []
            self._capabilities[key] = items(mapping(answer.json()).get("capabilities"))
        return self._capabilities[key]


def _options(sampling: Sampling, max_tokens: int) -> dict[str, Any]:
    return {"num_predict": max_tokens, **sampling_fields(sampling)}
