"""A model that cannot begin inside a word: what is cut from its prompt, and how it is asked."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lanyard_routing.adapters.base import Chunk, FillRequest, Timeouts
from lanyard_routing.adapters.healing import Filling, heal, healed_fields, shortened
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.llamacpp import LlamaCppAdapter
from lanyard_routing.adapters.origin import parse_origin
from lanyard_routing.models import shipped
from lanyard_routing.netpolicy import Policy
from lanyard_routing.testing.wire import Listener, Request, Response

END = {"content": "", "stop": True, "stop_type": "eos", "tokens_evaluated": 7, "tokens_predicted": 3}


def token(text: str, logprob: float) -> dict[str, Any]:
    """One event: a token, and how sure the model was of it."""
    return {"content": text, "stop": False, "completion_probabilities": [{"token": text, "logprob": logprob}]}


@pytest.mark.parametrize(
    ("prefix", "cut"),
    [
        ("        self.na", ".na"),
        ("    return mo", " mo"),
        ("x = foo(", "("),
        ("x = ", " "),
        ("def f():\n", ""),
        ("", ""),
        ("größe", "größe"),
        ('print("', '"'),
        ("x\r\nab", "ab"),
        ("x = " + "a" * 65, ""),
        ("x = \ud83d", ""),
    ],
)
def test_the_prompt_is_cut_where_the_word_at_the_cursor_begins(prefix: str, cut: str) -> None:
    assert heal(prefix) == (prefix[: len(prefix) - len(cut)], cut)


@pytest.mark.parametrize(
    ("cut", "spelled"),
    [('."', r"\U0000002E\U00000022"), ("\\n", r"\U0000005Cn"), ("\t_a1", r"\U00000009\U0000005Fa1")],
)
def test_what_was_cut_is_no_syntax_of_the_grammar(cut: str, spelled: str) -> None:
    assert healed_fields(cut)["grammar"] == f'root ::= "{spelled}" .*'


def test_nothing_cut_needs_no_grammar() -> None:
    assert healed_fields("") == {}


@asynccontextmanager
async def engine(*events: dict[str, Any]) -> AsyncGenerator[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    asked: list[tuple[str, dict[str, Any]]] = []

    async def answer(request: Request, response: Response) -> None:
        asked.append((request.path, json.loads(request.body)))
        await response.begin("text/event-stream")
        for event in events:
            await response.chunk(b"data: " + json.dumps(event).encode() + b"\n\n")
        await response.finish()

    listener = Listener(answer, lambda request: None)
    port = await listener.open(0)
    try:
        yield f"http://127.0.0.1:{port}", asked
    finally:
        await listener.close()


@pytest.mark.parametrize("prefix", ["x" * 2000, "語" * 2000, "short", "😀" * 500, "\ud83d" * 900])
def test_what_takes_too_many_tokens_is_cut_to_what_always_fits(prefix: str) -> None:
    less = shortened(FillRequest(prefix, "s")).prefix
    assert len(less.encode()) <= 768
    assert less
    assert prefix.endswith(less) or "\ud83d" in prefix


async def test_the_suffix_comes_first_and_the_prompt_ends_where_the_word_begins() -> None:
    chunks = (Chunk("a.py", "class A: …3"), Chunk("b.py", "def b(): …<|fim_middle|>"))
    request = FillRequest("x = 1\nreturn x.na", "\n# <|file_sep|>\n", chunks=chunks)
    async with engine(token(".name", -0.1), token("()\n", -0.1), END) as (url, asked):
        adapter = LlamaCppAdapter(Http(parse_origin(url), Policy()), Filling("suffix_first"))
        deltas = [delta.text async for delta in adapter.fill(request, Timeouts())]
        await adapter.close()
    assert "".join(deltas) == "me()\n"
    ((path, body),) = asked
    assert path == "/completion"
    assert body["prompt"] == (
        "<|repo_name|>myproject\n<|file_sep|>a.py\nclass A: …3<|file_sep|>b.py\ndef b(): …< |fim_middle|>"
        "<|file_sep|>filename\n<|fim_suffix|>\n# < |file_sep|>\n<|fim_prefix|>x = 1\nreturn x<|fim_middle|>"
    )
    assert body["grammar"].startswith('root ::= "')
    assert not {"input_extra", "input_prefix"} & set(body)


async def test_all_other_models_are_asked_by_their_fim_tokens() -> None:
    async with engine({**END, "content": "x"}) as (url, asked):
        adapter = LlamaCppAdapter(Http(parse_origin(url), Policy()))
        assert [delta.text async for delta in adapter.fill(FillRequest("a.b", "c"), Timeouts())] == ["x", ""]
        await adapter.close()
    ((path, body),) = asked
    assert (path, body["input_prefix"]) == ("/infill", "a.b")


def test_the_card_says_how_the_shipped_model_is_asked(tmp_path: Path) -> None:
    own = shipped()
    assert own is not None
    assert own.filling.how == "suffix_first"
    assert own.filling.least_logprob is not None
    (tmp_path / "lanyard-fim.gguf").write_bytes(b"GGUF")
    card: dict[str, Any] = {"name": "m", "size": 4, "sha256": "0"}
    for keys, filling in [
        ({}, Filling("infill", None)),
        ({"fill": "suffix_first", "least_logprob": -1}, Filling("suffix_first", -1.0)),
    ]:
        (tmp_path / "lanyard-fim.json").write_text(json.dumps(card | keys))
        found = shipped(tmp_path)
        assert found is not None
        assert found.filling == filling
    for unknown in ("guess", "prefix", "healed"):
        (tmp_path / "lanyard-fim.json").write_text(json.dumps(card | {"fill": unknown}))
        assert shipped(tmp_path) is None
