"""Whether a model can be offered tools, by what its server says.

Owns the questions, each of which is asked once. Nothing is claimed without an answer: `None` means "not known, ask
again", and a server that says nothing of tools is offered none unless the user's configuration has `tools = true`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lanyard_routing.adapters.base import EndpointError, Tool
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.streaming import items, mapping, text
from lanyard_routing.adapters.tools import tool_field

_PROBE_S = 2.0
_NAME = "lanyard_probe"
_QUESTION: dict[str, Any] = {
    "messages": [{"role": "user", "content": "hi"}],
    "tools": [tool_field(Tool(_NAME, "Does nothing."))],
}


async def template_takes_tools(http: Http, model: str) -> bool | None:
    """llama.cpp: whether a tool gets into the prompt. `/apply-template` renders it and runs no model."""
    try:
        answer = await http.ask("/apply-template", {"model": model, **_QUESTION}, timeout_s=_PROBE_S)
    except EndpointError:
        return None
    if answer.status == 200:
        return _NAME in text(mapping(answer.json()).get("prompt"))
    return False if answer.status in (400, 404, 500, 501) else None  # 500: "tools param requires --jinja flag"


async def accepts_tools(http: Http, model: str) -> bool | None:
    """vLLM: whether it takes a request with tools, which it refuses without --enable-auto-tool-choice; one token."""
    body = {"model": model, **_QUESTION, "tool_choice": "auto", "max_tokens": 1, "stream": False}
    try:
        answer = await http.ask("/v1/chat/completions", body, timeout_s=_PROBE_S)
    except EndpointError:
        return None
    return True if answer.status == 200 else False if 400 <= answer.status < 500 and answer.status != 429 else None


class LmStudioTools:
    """LM Studio's own lists, which mark the models trained for tools; no other server has them."""

    def __init__(self, http: Http) -> None:
        self._http = http
        self._asked: frozenset[str] | None = None
        self._able: frozenset[str] = frozenset()

    async def names(self, listed: Sequence[str]) -> frozenset[str]:
        """Of the models listed those that can call tools; asked anew where the list has changed."""
        now = frozenset(listed)
        if now != self._asked:
            try:
                able = await self._by_v1()
                self._able = able if able is not None else await self._by_v0()
            except EndpointError:
                return frozenset()
            self._asked = now
        return self._able & now

    async def _by_v1(self) -> frozenset[str] | None:
        answer = await self._http.ask("/api/v1/models", timeout_s=_PROBE_S)
        found = mapping(answer.json()).get("models") if answer.status == 200 else None
        if found is None:
            return None
        able: set[str] = set()
        for model in map(mapping, items(found)):
            if mapping(model.get("capabilities")).get("trained_for_tool_use") is True:
                able.add(text(model.get("key")))
                able.update(text(mapping(each).get("id")) for each in items(model.get("loaded_instances")))
        return frozenset(able)

    async def _by_v0(self) -> frozenset[str]:
        answer = await self._http.ask("/api/v0/models", timeout_s=_PROBE_S)
        found = items(mapping(answer.json()).get("data")) if answer.status == 200 else []
        told = [mapping(each) for each in found]
        return frozenset(text(each.get("id")) for each in told if "tool_use" in items(each.get("capabilities")))
