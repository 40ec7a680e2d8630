"""The OpenAI dialect: vLLM, LM Studio and everything else that speaks `/v1`.

Owns this dialect's requests and replies; llama.cpp's server chats in the same form and uses the reader here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator
from dataclasses import replace
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
from lanyard_routing.adapters.fim import Family, build_prompt, family_of
from lanyard_routing.adapters.http import Http
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
from lanyard_routing.adapters.tool_probes import LmStudioTools, accepts_tools
from lanyard_routing.adapters.tools import Offer, openai_message, tool_field
from lanyard_routing.task import Capability, Sampling

PROBE_S = 3.0
_COUNT_S = 5.0
_EMBEDDING = re.compile(r"embed|rerank|\bbge\b|minilm", re.IGNORECASE)
_RUNNING = re.compile(r"^vllm:num_requests_(?:running|waiting)(?:\{[^}]*\})?\s+([0-9.eE+]+)\s*$", re.MULTILINE)


class OpenAIReader:
    """Reads the chunks of `/v1/chat/completions` and `/v1/completions`; thinking is no text and is dropped."""

    def __init__(self) -> None:
        self.counts = Counts()

    def read(self, event: dict[str, Any]) -> Delta | None:
        """See Reader. The end mark is the finish reason, with the usage after it where the server sends one."""
        counts = self.counts
        usage = event.get("usage")
        if usage:
            self._count(mapping(usage))
        if not counts.model:
            counts.model = short_name(model_name(event.get("model")))
        choices = items(event.get("choices"))
        if not choices:
            return None
        choice = mapping(choices[0])
        delta = mapping(choice.get("delta"))
        piece = text(delta.get("content")) or text(choice.get("text"))
        reason = choice.get("finish_reason")
        if reason:
            counts.finish = "length" if reason == "length" else "stop"
        for each in map(mapping, items(delta.get("tool_calls"))):
            function, place = mapping(each.get("function")), each.get("index")
            counts.called.add(
                place if isinstance(place, int) else None,
                text(each.get("id")),
                text(function.get("name")),
                function.get("arguments"),
            )
            counts.lively = True
        if piece or delta.get("reasoning_content") or delta.get("reasoning"):
            counts.lively = True
        return Delta(piece, model=counts.model) if piece else None

    def _count(self, usage: dict[str, Any]) -> None:
        counts = self.counts
        counts.prompt_tokens = count(usage.get("prompt_tokens"))
        counts.completion_tokens = count(usage.get("completion_tokens"))
        counts.cached_tokens = count(mapping(usage.get("prompt_tokens_details")).get("cached_tokens"))


def short_name(identity: str) -> str:
    """A model's id; for the path of a GGUF its file name, which is all that another host's path is good for."""
    return re.split(r"[\\/]", identity)[-1] if identity.lower().endswith(".gguf") else identity


def sampling_fields(sampling: Sampling) -> dict[str, Any]:
    """Sampling as this dialect spells it; a seed only where one is set."""
    fields: dict[str, Any] = {"temperature": sampling.temperature, "top_p": sampling.top_p}
    if sampling.seed is not None:
        fields["seed"] = sampling.seed
    if sampling.stop:
        fields["stop"] = list(sampling.stop)
    return fields


def chat_call(request: ChatRequest, model: str) -> Call:
    """A chat request in this dialect."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [openai_message(each) for each in request.messages],
        "max_tokens": request.max_tokens,
        **sampling_fields(request.sampling),
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if request.reply_schema is not None:
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "reply", "schema": request.reply_schema, "strict": True},
        }
    if request.tools:
        body["tools"] = [tool_field(each) for each in request.tools]
        body["tool_choice"] = request.tool_choice
    offer = Offer.of(request.tools)
    return Call(
        "/v1/chat/completions",
        body,
        OpenAIReader(),
        model=model,
        sent=texts_of(request),
        offer=offer,
        most=most_of(request),
    )


class OpenAIAdapter(Adapter):
    """See Adapter. Completions are raw FIM prompts, for model families whose tokens are known (`fim.py`)."""

    def __init__(self, http: Http, *, fim: str | None = None) -> None:
        self._http = http
        self._fim = fim
        self._model = ""
        self._tokenize = True
        self._vllm = False
        self._tools: dict[str, bool] = {}
        self._studio = LmStudioTools(http)

    @property
    def url(self) -> str:
        """See Adapter."""
        return self._http.origin.url

    async def probe(self) -> Probe:
        """See Adapter. Load is known for vLLM only."""
        try:
            models, busy = await asyncio.gather(self._survey(), self._busy())
        except EndpointError as error:
            return Probe(ready=False, why=str(error))
        return Probe(ready=True, models=models, busy=busy)

    def fill(self, request: FillRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter. Raises RequestRejected where the model's FIM tokens are not known."""
        return stream_reply(self._http, partial(self._fill_call, request), timeouts)

    def chat(self, request: ChatRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter."""
        return stream_reply(self._http, partial(self._chat_call, request), timeouts)

    async def count_tokens(self, text: str, model: str | None = None) -> int | None:
        """See Adapter. vLLM has the call; a server that answers it with anything else is not asked again."""
        if not self._tokenize:
            return None
        try:
            name = await self._name(model)
            body = {"model": name, "prompt": text, "add_special_tokens": False}
            answer = await self._http.ask("/tokenize", body, timeout_s=_COUNT_S)
        except EndpointError:
            return None
        counted = mapping(answer.json()).get("count")
        if answer.status == 200 and isinstance(counted, int):
            return counted
        self._tokenize = answer.status >= 500
        return None

    async def close(self) -> None:
        """See Adapter."""
        await self._http.close()

    async def _fill_call(self, request: FillRequest) -> Call:
        model = await self._name(request.model)
        family = self._family(model)
        if family is None:
            raise RequestRejected(
                f'{self._http.origin.label}: no fill-in-the-middle tokens are known for model "{model}"; '
                "choose a coder model such as qwen2.5-coder, or name its family as fim in the configuration"
            )
        fields = sampling_fields(request.sampling)
        fields["stop"] = [*request.sampling.stop, *family.stops][:16]
        body = {
            "model": model,
            "prompt": build_prompt(request, family),
            "max_tokens": request.max_tokens,
            **fields,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        return Call("/v1/completions", body, OpenAIReader(), model=model, sent=texts_of(request), most=most_of(request))

    async def _chat_call(self, request: ChatRequest) -> Call:
        return chat_call(request, await self._name(request.model))

    async def _name(self, model: str | None) -> str:
        if not model and not self._model:
            await self._survey()
        name = model or self._model
        if is_remote_name(name):
            refuse_remote(self._http, name)
        return name

    async def _survey(self) -> tuple[Model, ...]:
        origin = self._http.origin
        answer = await self._http.ask("/v1/models", timeout_s=PROBE_S)
        if answer.status != 200:
            raise failures.status_error(origin, "/v1/models", answer.status, answer.body)
        body = mapping(answer.json())
        if "data" not in body:
            raise failures.nonsense(origin, "/v1/models is no list of models")
        listed = [mapping(each) for each in items(body["data"])[:MOST_MODELS]]
        self._vllm = any(each.get("owned_by") == "vllm" for each in listed)
        models = tuple(self._describe(each) for each in listed if model_name(each.get("id")))
        if not models:
            raise ModelMissing(f"{origin.label} has no model loaded; load one there")
        usable = sorted(models, key=lambda model: (model.remote, not model.capabilities))
        self._model = usable[0].name
        return await self._with_tools(models)

    async def _with_tools(self, models: tuple[Model, ...]) -> tuple[Model, ...]:
        """The models with what their server says of tools: LM Studio by its list, vLLM by taking a request or not."""
        told = frozenset[str]() if self._vllm else await self._studio.names([model.name for model in models])
        for model in models:
            if self._vllm and model.name not in self._tools and Capability.CHAT in model.capabilities:
                accepted = await accepts_tools(self._http, model.name)
                if accepted is not None:
                    self._tools[model.name] = accepted
        able = told | {name for name, accepted in self._tools.items() if accepted}
        return tuple(
            replace(model, capabilities=model.capabilities | {Capability.TOOLS})
            if model.name in able and Capability.CHAT in model.capabilities
            else model
            for model in models
        )

    async def _busy(self) -> int | None:
        if not self._vllm:
            return None
        try:
            answer = await self._http.ask("/metrics", timeout_s=PROBE_S)
        except EndpointError:
            return None
        numbers = _RUNNING.findall(answer.body.decode("utf-8", "replace")) if answer.status == 200 else []
        try:
            return round(sum(map(float, numbers))) if numbers else None
        except (ValueError, OverflowError):
            return None

    def _family(self, model: str) -> Family | None:
        return family_of(self._fim or model)

    def _describe(self, listed: dict[str, Any]) -> Model:
        name = model_name(listed.get("id"))
        can: set[Capability] = set()
        if not _EMBEDDING.search(name):
            can.add(Capability.CHAT)
            if self._family(name):
                can.add(Capability.COMPLETION)
        window = count(listed.get("max_model_len")) or count(listed.get("max_context_length"))
        size = count(mapping(listed.get("meta")).get("n_params")) or parameters_of(name)
        return Model(name, size, window, frozenset(can), is_remote_name(name))
