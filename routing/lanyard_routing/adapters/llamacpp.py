"""The dialect of llama.cpp's server, alone on a host or embedded.

Owns this dialect's requests and replies; chat goes through its OpenAI form (`openai.py`).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from typing import Any

from lanyard_routing.adapters import failures
from lanyard_routing.adapters.base import (
    Adapter,
    ChatRequest,
    ContextExceeded,
    Delta,
    EndpointError,
    FillRequest,
    Model,
    Probe,
    Timeouts,
)
from lanyard_routing.adapters.echo import echo
from lanyard_routing.adapters.fim import own_prompt
from lanyard_routing.adapters.healing import Cut, Filling, heal, healed_fields, shortened
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.openai import PROBE_S, chat_call, sampling_fields, short_name
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
from lanyard_routing.adapters.sure import Surety
from lanyard_routing.adapters.tool_probes import template_takes_tools
from lanyard_routing.task import Capability

_COUNT_S = 5.0
_PROBS_VOCAB = 32_768
"""Up to this vocabulary a log-probability costs the engine next to nothing; at 150,000 it is a millisecond a token."""

_NO_TEMPLATE = (
    "{%- for message in messages -%}\n  {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>"
)
"""How the template begins that llama.cpp uses for a model that brings none (common/chat.cpp, CHATML_TEMPLATE_SRC)."""

_FINAL_FIELDS = ["content", "stop", "stop_type", "tokens_evaluated", "tokens_predicted", "timings", "model"]


class InfillReader:
    """Reads the events of `/infill` and `/completion`.

    With a `surety` what is not sure is not said, and the reply ends there. `cut` is what was cut from the prefix: the
    reply must begin with it.
    """

    def __init__(self, surety: Surety | None = None, cut: str = "") -> None:
        self.counts = Counts()
        self._surety = surety
        self._cut = Cut(cut)

    def read(self, event: dict[str, Any]) -> Delta | None:
        """See Reader. The end mark is `"stop": true`, or that the model is not sure."""
        counts, surety = self.counts, self._surety
        taken = self._cut.take(event)
        if taken is None:  # an engine that does not keep to grammars
            counts.finish, counts.complete = "stop", True
            return None
        piece, logprob = taken
        if surety is not None:
            piece = surety.take(piece, logprob)
            if event.get("stop") is True:
                piece += surety.end(limited=event.get("stop_type") == "limit")
        if event.get("stop") is True:
            counts.finish = "length" if event.get("stop_type") == "limit" else "stop"
            counts.complete = True
            timings = mapping(event.get("timings"))
            counts.cached_tokens = count(timings.get("cache_n"))
            counts.prompt_tokens = count(event.get("tokens_evaluated"))
            counts.completion_tokens = count(event.get("tokens_predicted"))
            counts.model = short_name(model_name(event.get("model")))
        if surety is not None and surety.over:
            counts.finish, counts.complete = "stop", True
        counts.lively = True
        return Delta(piece, model=counts.model, logprob=logprob) if piece else None


class LlamaCppAdapter(Adapter):
    """See Adapter. Which model is loaded, and what it can do, is learnt by `probe`; `filling` is from its card."""

    def __init__(self, http: Http, filling: Filling | None = None) -> None:
        self._http = http
        self._filling = filling or Filling()
        self._model = ""
        self._infill: dict[str, bool] = {}
        self._tools: dict[str, bool] = {}
        self._probs = False

    @property
    def url(self) -> str:
        """See Adapter."""
        return self._http.origin.url

    async def probe(self) -> Probe:
        """See Adapter. Slots and load are exact, unless the server hides `/slots`."""
        origin = self._http.origin
        try:
            health = await self._http.ask("/health", timeout_s=PROBE_S)
            if health.status != 200:
                return Probe(ready=False, why=str(failures.status_error(origin, "/health", health.status, health.body)))
            props, slots, listing = await asyncio.gather(
                *(self._http.ask(path, timeout_s=PROBE_S) for path in ("/props", "/slots", "/v1/models"))
            )
            if props.status != 200:
                return Probe(ready=False, why=str(failures.status_error(origin, "/props", props.status, props.body)))
            facts = mapping(props.json())
            total = count(facts.get("total_slots"))
            if not total:
                return Probe(ready=False, why=str(failures.nonsense(origin, "/props does not tell its slots")))
            listed = [mapping(each) for each in items(mapping(listing.json()).get("data"))[:MOST_MODELS]]
            models = tuple([await self._describe(each, facts) for each in listed if model_name(each.get("id"))])
        except EndpointError as error:
            return Probe(ready=False, why=str(error))
        if not models:
            return Probe(ready=False, slots=total, why=f"{origin.label} has no model loaded; load one there")
        self._model = models[0].name
        states = [mapping(each).get("is_processing") for each in items(slots.json())] if slots.status == 200 else []
        busy = sum(state is True for state in states) if states else None
        return Probe(ready=True, models=models, slots=total, busy=busy)

    def fill(self, request: FillRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter. Raises RequestRejected where the model has no FIM tokens and is asked by them."""
        if self._filling.how == "suffix_first":
            return self._suffix_first(request, timeouts)
        return stream_reply(self._http, partial(self._infill_call, request), timeouts)

    def chat(self, request: ChatRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """See Adapter."""
        return stream_reply(self._http, partial(self._chat_call, request), timeouts)

    async def count_tokens(self, text: str, model: str | None = None) -> int | None:
        """See Adapter."""
        body: dict[str, Any] = {"content": text, "add_special": False}
        if model:
            body["model"] = model
        try:
            answer = await self._http.ask("/tokenize", body, timeout_s=_COUNT_S)
        except EndpointError:
            return None
        tokens = mapping(answer.json()).get("tokens")
        return len(items(tokens)) if answer.status == 200 and tokens is not None else None

    async def close(self) -> None:
        """See Adapter."""
        await self._http.close()

    async def _suffix_first(self, request: FillRequest, timeouts: Timeouts) -> AsyncGenerator[Delta]:
        """`/completion` refuses what `/infill` would cut: digits and other scripts take many tokens."""
        try:
            async with aclosing(stream_reply(self._http, partial(self._own_call, request), timeouts)) as stream:
                async for delta in stream:
                    yield delta
            return
        except ContextExceeded:
            less = shortened(request)
        async with aclosing(stream_reply(self._http, partial(self._own_call, less), timeouts)) as stream:
            async for delta in stream:
                yield delta

    async def _infill_call(self, request: FillRequest) -> Call:
        asked: dict[str, Any] = {"input_prefix": request.prefix, "input_suffix": request.suffix}
        if request.chunks:
            asked["input_extra"] = [{"filename": each.path, "text": each.text} for each in request.chunks]
        return self._fill_call("/infill", request, asked)

    async def _own_call(self, request: FillRequest) -> Call:
        prefix, cut = heal(request.prefix)
        asked = {"prompt": own_prompt(replace(request, prefix=prefix)), **healed_fields(cut)}
        return self._fill_call("/completion", request, asked, cut=cut)

    def _fill_call(self, path: str, request: FillRequest, asked: dict[str, Any], *, cut: str = "") -> Call:
        least, surety = self._filling.least_logprob, None
        if least is not None:
            surety = Surety(least, self._filling.measure, echo(request.prefix, request.suffix))
        body: dict[str, Any] = {
            "n_predict": request.max_tokens,
            **sampling_fields(request.sampling),
            "stream": True,
            "response_fields": _FINAL_FIELDS,
        }
        if self._probs or surety is not None:
            body["n_probs"] = 1
        if request.model:
            body["model"] = request.model
        return Call(
            path,
            body | asked,  # last: a healed reply needs more probabilities
            InfillReader(surety, cut),
            model=request.model or self._model,
            sent=texts_of(request),
            most=most_of(request),
        )

    async def _chat_call(self, request: ChatRequest) -> Call:
        return chat_call(request, request.model or self._model or "default")

    async def _describe(self, listed: dict[str, Any], props: dict[str, Any]) -> Model:
        identity = model_name(listed.get("id"))
        meta = mapping(listed.get("meta"))
        window = count(meta.get("n_ctx")) or count(mapping(props.get("default_generation_settings")).get("n_ctx"))
        can: set[Capability] = set()
        if await self._can_infill(identity):
            can.add(Capability.COMPLETION)
        if not text(props.get("chat_template")).startswith(_NO_TEMPLATE):
            can.add(Capability.CHAT)
            if await self._can_call_tools(identity, props):
                can.add(Capability.TOOLS)
        self._probs = 0 < count(meta.get("n_vocab")) <= _PROBS_VOCAB
        size = count(meta.get("n_params")) or parameters_of(identity)
        return Model(short_name(identity), size, window, frozenset(can))

    async def _can_call_tools(self, identity: str, props: dict[str, Any]) -> bool:
        """Asked once for each model: the server says that its template knows tools, and puts one into a prompt."""
        if identity not in self._tools:
            told = mapping(props.get("chat_template_caps"))
            if told and not (told.get("supports_tools") and told.get("supports_tool_calls")):
                self._tools[identity] = False
            else:
                taken = await template_takes_tools(self._http, identity)
                if taken is None:
                    return False
                self._tools[identity] = taken
        return self._tools[identity]

    async def _can_infill(self, identity: str) -> bool:
        """Asked once for each model, by a request without its required field: 501 without FIM tokens, else 400."""
        known = self._infill.get(identity)
        if known is None:
            answer = await self._http.ask("/infill", {"model": identity}, timeout_s=PROBE_S)
            if answer.status not in (400, 404, 501):
                return False
            known = self._infill[identity] = answer.status == 400
        return known
