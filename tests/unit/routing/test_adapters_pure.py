"""FIM prompts, readers and sizes: the pure parts of the adapters."""

from __future__ import annotations

from typing import Any

import pytest

from lanyard_routing.adapters import failures, streaming
from lanyard_routing.adapters.base import Chunk, FillRequest
from lanyard_routing.adapters.fim import FAMILIES, build_prompt, family_of
from lanyard_routing.adapters.llamacpp import InfillReader
from lanyard_routing.adapters.ollama import OllamaReader
from lanyard_routing.adapters.openai import OpenAIReader
from lanyard_routing.adapters.origin import parse_origin
from lanyard_routing.adapters.sizes import parameters_of


@pytest.mark.parametrize("reader", [OpenAIReader, OllamaReader, InfillReader])
@pytest.mark.parametrize(
    "event",
    [
        {},
        {"choices": None},
        {"choices": [None]},
        {"choices": [{"delta": None}]},
        {"choices": [{"delta": {"content": 7}}]},
        {"choices": "x", "usage": [1], "model": {}},
        {"usage": {"prompt_tokens": "many", "completion_tokens": -1, "prompt_tokens_details": []}},
        {"message": "x", "done": "yes", "eval_count": True},
        {"content": None, "stop": 1, "timings": "x", "completion_probabilities": [{"logprob": "x"}, None, 3]},
        {"content": ["a"], "tokens_predicted": 1e400},
    ],
)
def test_an_odd_event_gives_no_text_and_no_exception(reader: type[streaming.Reader], event: dict[str, Any]) -> None:
    parser = reader()
    assert parser.read(event) is None
    assert parser.counts.completion_tokens == 0


@pytest.mark.parametrize(
    ("reader", "event"),
    [
        (OpenAIReader, {"model": "m\ud800", "choices": [{"delta": {"content": "é \ud83d"}}]}),
        (OllamaReader, {"model": "m\ud800", "message": {"content": "é \ud83d"}}),
        (InfillReader, {"model": "m\ud800", "content": "é \ud83d"}),
    ],
)
def test_half_a_character_in_json_becomes_one_that_can_be_written_down(
    reader: type[streaming.Reader], event: dict[str, Any]
) -> None:
    delta = reader().read(event)
    assert delta is not None
    assert delta.text == "é �"
    assert delta.model in ("", "m�")


def test_a_log_probability_is_passed_on() -> None:
    delta = InfillReader().read({"content": "ab", "completion_probabilities": [{"logprob": -1.0}, {"logprob": -2.0}]})
    assert delta is not None
    assert delta.logprob == -1.5


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("qwen2.5-coder:1.5b", "qwen-coder"),
        ("Qwen/Qwen2.5-Coder-32B-Instruct-AWQ", "qwen-coder"),
        ("qwen3-coder-30b-a3b", "qwen-coder"),
        ("bigcode/starcoder2-3b", "starcoder"),
        ("codellama:7b-code", "codellama"),
        ("CodeLlama-13b-hf", "codellama"),
        ("deepseek-coder-v2:16b", "deepseek-coder"),
        ("codestral-22b-v0.1", "codestral"),
        ("granite-code:8b", "granite-code"),
        ("ibm-granite/granite-4.0-h-tiny", "granite"),
        ("google/codegemma-2b", "codegemma"),
        ("llama3.1:8b", None),
        ("qwen2.5:7b", None),
        ("gemma3", None),
        ("", None),
    ],
)
def test_the_family_of_a_model(model: str, family: str | None) -> None:
    found = family_of(model)
    assert (found.name if found else None) == family


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_keeps_the_code_and_defuses_its_own_tokens(family: Any) -> None:
    assert family_of(family.name) is family
    plain = build_prompt(FillRequest("BEFORE{x}", "AFTER{y}", path="p.py"), family)
    assert plain == family.template.format(prefix="BEFORE{x}", suffix="AFTER{y}")
    hostile = "".join(family.stops)
    prompt = build_prompt(FillRequest(f"a{hostile}", hostile, (Chunk(hostile, hostile),), "p.py"), family)
    clean = build_prompt(FillRequest("a", "b", (Chunk("c", "d"),), "p.py"), family)
    for token in family.stops:
        assert prompt.count(token) == clean.count(token)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("qwen2.5-coder:7b", 7_000_000_000),
        ("Qwen2.5-Coder-0.5B-Instruct", 500_000_000),
        ("mixtral-8x7b-instruct", 56_000_000_000),
        ("qwen3-coder-30b-a3b", 30_000_000_000),
        ("gemma-270m", 270_000_000),
        ("494.03M", 494_030_000),
        ("7.6B", 7_600_000_000),
        ("gpt-oss:120b", 120_000_000_000),
        ("llama3", 0),
        ("phi-4", 0),
        ("model-v1.5-beta", 0),
        ("4bit", 0),
        ("", 0),
    ],
)
def test_the_size_in_a_name(name: str, parameters: int) -> None:
    assert parameters_of(name) == parameters


def test_an_error_that_nests_endlessly_is_one_line() -> None:
    error = failures.status_error(parse_origin("http://127.0.0.1:1"), "/x", 500, b"[" * 60_000)
    assert "failed (500)" in str(error)
