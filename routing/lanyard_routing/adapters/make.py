"""From an endpoint's URL to its adapter.

Owns the choice of dialect; must not know workers or configuration files.
"""

from __future__ import annotations

import asyncio
from enum import StrEnum

from lanyard_routing.adapters import failures
from lanyard_routing.adapters.base import Adapter, AddressRefused, EndpointError
from lanyard_routing.adapters.http import Answer, Http
from lanyard_routing.adapters.llamacpp import LlamaCppAdapter
from lanyard_routing.adapters.ollama import OllamaAdapter
from lanyard_routing.adapters.openai import OpenAIAdapter
from lanyard_routing.adapters.origin import parse_origin
from lanyard_routing.adapters.streaming import items, mapping
from lanyard_routing.netpolicy import Policy

_DETECT_S = 5.0


class Dialect(StrEnum):
    """How an endpoint is spoken to; vLLM, LM Studio and all others are `openai`."""

    LLAMACPP = "llamacpp"
    OLLAMA = "ollama"
    OPENAI = "openai"


def make_adapter(
    url: str,
    dialect: Dialect,
    *,
    name: str = "",
    policy: Policy | None = None,
    api_key: str | None = None,
    fim: str | None = None,
) -> Adapter:
    """An adapter; opens no connection yet. `fim` names a model family where the model's name does not tell it.

    Raises ValueError with one line for a URL that is none.
    """
    policy = policy or Policy()
    http = Http(parse_origin(url, name=name, api_key=api_key), policy)
    match dialect:
        case Dialect.LLAMACPP:
            return LlamaCppAdapter(http)
        case Dialect.OLLAMA:
            return OllamaAdapter(http)
        case Dialect.OPENAI:
            return OpenAIAdapter(http, fim=fim)


async def detect_dialect(
    url: str, *, name: str = "", policy: Policy | None = None, api_key: str | None = None, timeout_s: float = _DETECT_S
) -> Dialect:
    """Ask an endpoint what it speaks. Raises EndpointError where no known dialect answers, ValueError for a bad URL."""
    http = Http(parse_origin(url, name=name, api_key=api_key), policy or Policy())
    try:
        found = await asyncio.gather(
            *(http.ask(path, timeout_s=timeout_s) for path in ("/api/version", "/props", "/v1/models")),
            return_exceptions=True,
        )
    finally:
        await http.close()
    version, props, models = found
    if isinstance(version, Answer) and version.status == 200 and "version" in mapping(version.json()):
        return Dialect.OLLAMA
    if isinstance(props, Answer) and (_is_llamacpp(props) or _is_loading(props)):
        return Dialect.LLAMACPP
    if not isinstance(props, Answer) and isinstance(models, Answer) and _lists_llamacpp(models):
        return Dialect.LLAMACPP
    if isinstance(models, Answer) and (models.status in (401, 403) or "data" in mapping(models.json())):
        return Dialect.OPENAI
    errors = [each for each in found if isinstance(each, BaseException)]
    for error in errors:
        if isinstance(error, AddressRefused) or len(errors) == len(found) or not isinstance(error, EndpointError):
            raise error
    raise failures.nonsense(http.origin, "no known model server answers there")


def _is_llamacpp(answer: Answer) -> bool:
    return answer.status == 200 and bool({"total_slots", "default_generation_settings"} & mapping(answer.json()).keys())


def _lists_llamacpp(answer: Answer) -> bool:
    """A server in the middle of a long prompt may keep `/props` waiting; its list of models comes all the same."""
    return any(mapping(each).get("owned_by") == "llamacpp" for each in items(mapping(answer.json()).get("data")))


def _is_loading(answer: Answer) -> bool:
    return answer.status == 503 and mapping(mapping(answer.json()).get("error")).get("message") == "Loading model"
