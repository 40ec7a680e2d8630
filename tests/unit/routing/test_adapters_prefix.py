"""A model that only goes on from a text: how it is asked, and where its reply ends."""

from __future__ import annotations

import json
import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from lanyard_routing.adapters.base import Chunk, Delta, FillRequest, Timeouts
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.llamacpp import LlamaCppAdapter
from lanyard_routing.adapters.origin import parse_origin
from lanyard_routing.adapters.prefix import Filling, PrefixReader, heal, prefix_body, shortened
from lanyard_routing.models import shipped
from lanyard_routing.netpolicy import Policy
from lanyard_routing.task import Sampling
from lanyard_routing.testing.wire import Listener, Request, Response

END = {"content": "", "stop": True, "stop_type": "eos", "tokens_evaluated": 7, "tokens_predicted": 3}


def token(text: str, logprob: float, *others: tuple[str, float]) -> dict[str, Any]:
    """One event: a token, how sure the model was of it, and which other tokens there were."""
    top = [{"token": name, "logprob": value} for name, value in ((text, logprob), *others)]
    return {
        "content": text,
        "stop": False,
        "completion_probabilities": [{"token": text, "logprob": logprob, "top_logprobs": top}],
    }


def read(cut: str, least: float | None, *events: dict[str, Any]) -> tuple[str, PrefixReader]:
    reader = PrefixReader(cut, least)
    said = ""
    for event in events:
        delta = reader.read(event)
        said += delta.text if delta else ""
        if reader.counts.complete:
            break
    return said, reader


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
    assert prefix_body(FillRequest("", ""), cut, "")["grammar"] == f'root ::= "{spelled}" [^\\n]* [\\n]*'


def test_nothing_cut_needs_no_grammar() -> None:
    assert "grammar" not in prefix_body(FillRequest("", ""), "", "")


def test_the_cut_text_is_not_said_again() -> None:
    said, reader = read(".na", None, token(".", -3.0), token("name", -0.1), token(" =", -0.2), END)
    assert said == "me ="
    assert (reader.counts.finish, reader.counts.prompt_tokens, reader.counts.completion_tokens) == ("stop", 7, 3)


def test_the_reply_ends_before_the_first_token_that_is_not_sure() -> None:
    said, reader = read("", -0.5, token("name", -0.1), token(" =", -0.2), token(" other", -0.6), token("x", -0.1))
    assert said == "name ="
    assert reader.counts.complete


def test_a_word_that_does_not_end_surely_is_left_out() -> None:
    assert read("", -0.5, token(" x", -0.1), token(" na", -0.1), token("me", -0.9))[0] == " x "
    assert read("", -0.5, token("na", -0.1), token("me", -0.9))[0] == ""
    assert read("", None, token("x", -0.1), token(" na", -0.1), {**END, "stop_type": "limit"})[0] == "x "
    assert read("", None, token("x", -0.1), token(" na", -0.1), END)[0] == "x na"


def test_a_token_held_by_the_grammar_counts_among_those_that_fit() -> None:
    surely = token(".name", math.log(0.09), (" foo", math.log(0.9)), (".na", math.log(0.001)))
    assert read(".na", -0.5, surely, END)[0] == "me"
    between = token(".name", math.log(0.09), (".nap", math.log(0.08)), (" foo", math.log(0.8)))
    assert read(".na", -0.5, between, END)[0] == ""


def test_the_delta_tells_how_sure_the_model_was() -> None:
    reader = PrefixReader("", -1.0)
    assert reader.read(token("a", -0.25)) is None
    assert reader.read(token("b", -0.75)) is None
    assert reader.read(END) == Delta("ab", tokens=2, logprob=-0.5)


def test_an_engine_that_keeps_to_no_grammar_or_tells_no_probability_shows_nothing() -> None:
    assert read(".na", None, token("foo", -0.1), END)[0] == ""
    assert read("", -0.5, {"content": "foo", "stop": False}, END)[0] == ""
    assert read("", None, {"content": "foo", "stop": False}, END)[0] == "foo"
    odd = {"content": "foo", "completion_probabilities": [None, {"logprob": "x"}, {"logprob": -0.1, "top_logprobs": 3}]}
    assert read("f", -0.5, odd, END)[0] == "oo"


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


async def test_it_is_asked_by_what_stands_before_the_cursor() -> None:
    request = FillRequest("def f(x):\n    return x.na", "\n\nf(1)\n", max_tokens=64, sampling=Sampling(temperature=0.0))
    async with engine(token(".name", -0.1), token("()", -0.1), END) as (url, asked):
        adapter = LlamaCppAdapter(Http(parse_origin(url), Policy()), Filling("prefix", -0.5))
        deltas = [delta async for delta in adapter.fill(request, Timeouts())]
        await adapter.close()
    assert [delta.text for delta in deltas] == ["me()", ""]
    assert deltas[-1].finish == "stop"
    ((path, body),) = asked
    assert path == "/completion"
    assert body["prompt"] == "def f(x):\n    return x"
    assert body["stop"] == ["\n"]
    assert body["n_predict"] <= 64
    assert body["stream"] is True
    assert "input_suffix" not in body


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
    assert own.filling.least_logprob is not None
    (tmp_path / "lanyard-fim.gguf").write_bytes(b"GGUF")
    card: dict[str, Any] = {"name": "m", "size": 4, "sha256": "0"}
    for keys, filling in [
        ({}, Filling("infill", None)),
        ({"fill": "prefix", "least_logprob": -1}, Filling("prefix", -1.0)),
    ]:
        (tmp_path / "lanyard-fim.json").write_text(json.dumps(card | keys))
        found = shipped(tmp_path)
        assert found is not None
        assert found.filling == filling
    (tmp_path / "lanyard-fim.json").write_text(json.dumps(card | {"fill": "guess"}))
    assert shipped(tmp_path) is None
