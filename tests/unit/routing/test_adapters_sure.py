"""Where a suggestion ends because the model is not sure of it any more."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from lanyard_routing.adapters.base import FillRequest, Timeouts
from lanyard_routing.adapters.healing import Filling
from lanyard_routing.adapters.http import Http
from lanyard_routing.adapters.llamacpp import InfillReader, LlamaCppAdapter
from lanyard_routing.adapters.origin import parse_origin
from lanyard_routing.adapters.sure import Measure, Surety
from lanyard_routing.models import shipped
from lanyard_routing.netpolicy import Policy
from lanyard_routing.testing.wire import Listener, Request, Response

Tokens = list[tuple[str, float | None]]


def said(surety: Surety, tokens: Tokens, *, limited: bool = False) -> list[str]:
    """What is shown, piece by piece, blanks left out."""
    pieces = [surety.take(piece, logprob) for piece, logprob in tokens]
    return [piece for piece in (*pieces, surety.end(limited=limited)) if piece]


def test_a_line_is_said_when_it_ends() -> None:
    surety = Surety(-0.5)
    assert surety.take("foo", -0.1) == ""
    assert surety.take("()", -0.2) == ""
    assert surety.take("\n    ", -0.1) == "foo()\n"
    assert surety.take("bar", -0.1) == ""
    assert surety.end(limited=False) == "    bar"


@pytest.mark.parametrize(
    ("measure", "least", "shown"),
    [
        ("mean", -0.5, "self.name + "),
        ("mean", -0.12, "self.name"),
        ("mean", -0.9, "self.name + other\n"),
        ("token", -0.5, "self.name + "),
        ("token", -0.35, "self.name +"),
        ("whole", -0.4, "self.name"),
        ("whole", -0.7, "self.name +"),
        ("whole", -0.05, ""),
    ],
)
def test_a_line_is_cut_where_it_is_still_sure(measure: Measure, least: float, shown: str) -> None:
    tokens: Tokens = [
        ("self", -0.1),
        (".", -0.1),
        ("name", -0.1),
        (" +", -0.3),
        (" ", -0.4),
        ("other", -3.0),
        ("\n", 0.0),
    ]
    assert "".join(said(Surety(least, measure), tokens)) == shown


def test_no_word_is_parted() -> None:
    assert said(Surety(-0.5), [(" na", -0.1), ("me", -0.9), ("\n", -0.1)]) == [" name\n"]
    assert said(Surety(-0.5, "token"), [("x = na", -0.1), ("me", -0.9), ("\n", -0.1)]) == []
    assert said(Surety(-0.5, "token"), [("x = ", -0.1), ("na", -0.1), ("me", -0.9), ("\n", -0.1)]) == ["x = "]


def test_a_word_that_the_last_token_may_have_cut_is_left_out() -> None:
    tokens: Tokens = [("x", -0.1), (" =", -0.1), (" na", -0.1)]
    assert said(Surety(-0.5), tokens, limited=True) == ["x ="]
    assert said(Surety(-0.5), tokens) == ["x = na"]


def test_nothing_follows_a_line_that_was_cut() -> None:
    surety = Surety(-0.5)
    tokens: Tokens = [("a", -0.1), (" b", -5.0), ("\n", -0.1), ("c", -0.1), ("\n", -0.1)]
    assert said(surety, tokens) == ["a"]
    assert surety.over


def test_each_line_must_be_sure_by_itself() -> None:
    sure: Tokens = [("a" * 9, -0.01), ("\n", -0.01)]
    assert said(Surety(-0.5), [*sure, ("b", -2.0), ("\n", -0.1), *sure]) == ["a" * 9 + "\n"]
    assert said(Surety(-1.0, "whole"), [*sure, ("b", -0.9), ("\n", -0.1), ("c", -0.9)]) == ["a" * 9 + "\n", "b\n", "c"]


def test_a_token_may_end_a_line_after_other_text() -> None:
    assert said(Surety(-0.5), [("f(", -0.1), ("):\n", -0.3), ("    ", -0.1)]) == ["f():\n"]
    assert said(Surety(-0.5), [("f(", -0.1), ("):\n", -3.0), ("    ", -0.1)]) == ["f("]
    assert said(Surety(-0.5), [("\n    ", -0.2), ("x", -0.1)]) == ["\n", "    x"]


def test_what_the_file_said_before_is_sure_as_far_as_it_is_the_same() -> None:
    tokens: Tokens = [("self", -0.1), (".na", -2.0), ("me", -2.0), (" =", -0.1), (" 1", -0.1), ("\n", -0.1)]
    assert said(Surety(-0.8, "whole"), tokens) == ["self"]
    assert said(Surety(-0.8, "whole", "self.name = 1"), tokens) == ["self.name = 1\n"]
    assert said(Surety(-0.8, "whole", "self.name = 23"), tokens) == ["self.name ="]
    assert said(Surety(-0.8, "whole", "self.name + 1"), tokens) == ["self.name"]
    assert said(Surety(-0.8, "whole", "self.nickname"), tokens) == ["self"]
    assert said(Surety(-0.8, "whole", "self.name"), tokens) == ["self.name"]
    again: Tokens = [("a" * 9, -0.01), ("\n", -0.01), ("b", -2.0), ("\n", -0.01)]
    assert said(Surety(-0.8, "whole", "b"), again) == ["a" * 9 + "\n"]  # of the first line, not of the next


def test_what_is_not_told_is_not_sure() -> None:
    assert said(Surety(-0.5), [("a", None), ("\n", None)]) == []
    assert said(Surety(-0.5), [("a ", -0.1), ("b", None)]) == ["a "]
    assert said(Surety(-0.5), []) == []


def event(content: str, logprob: float, **more: Any) -> dict[str, Any]:
    return {"content": content, "stop": False, "completion_probabilities": [{"logprob": logprob}], **more}


END = {"content": "", "stop": True, "stop_type": "eos", "tokens_evaluated": 7, "tokens_predicted": 3}


def test_infill_ends_where_the_model_is_not_sure() -> None:
    reader = InfillReader(Surety(-0.5, "token"))
    assert reader.read(event("name", -0.1)) is None
    assert not reader.counts.complete
    delta = reader.read(event(" other", -0.9))
    assert delta is not None
    assert delta.text == "name"
    assert (reader.counts.complete, reader.counts.finish) == (True, "stop")


def test_infill_says_the_rest_at_the_end_of_the_reply() -> None:
    reader = InfillReader(Surety(-0.5))
    assert reader.read(event("name", -0.1)) is None
    delta = reader.read(END)
    assert delta is not None
    assert delta.text == "name"
    assert (reader.counts.finish, reader.counts.prompt_tokens) == ("stop", 7)
    limited = InfillReader(Surety(-0.5))
    limited.read(event("x na", -0.1))
    assert limited.read({**END, "stop_type": "limit"}) is None
    assert limited.counts.finish == "stop"


def test_without_a_threshold_all_is_said_at_once() -> None:
    reader = InfillReader()
    delta = reader.read(event("name", -9.0))
    assert delta is not None
    assert delta.text == "name"


def listed(content: str, logprob: float, *others: tuple[str, float]) -> dict[str, Any]:
    top = [{"token": token, "logprob": value} for token, value in ((content, logprob), *others)]
    return {"content": content, "completion_probabilities": [{"logprob": logprob, "top_logprobs": top}]}


def test_what_was_cut_from_the_prefix_is_not_said_again() -> None:
    reader = InfillReader(None, ".na")
    assert reader.read(listed(".", -3.0)) is None
    deltas = [reader.read(listed("name", -0.1)), reader.read(listed(" = 1\n", -0.1)), reader.read(END)]
    assert "".join(delta.text for delta in deltas if delta) == "me = 1\n"
    assert reader.counts.finish == "stop"


def test_a_token_that_was_held_to_the_cut_counts_among_those_that_fit() -> None:
    surely = listed(".name", math.log(0.09), (" foo", math.log(0.9)), (".na", math.log(0.001)))
    between = listed(".name", math.log(0.09), (".nap", math.log(0.08)), (" foo", math.log(0.8)))
    for token, shown in ((surely, ["me"]), (between, [])):
        reader = InfillReader(Surety(-0.5), ".na")
        assert [delta.text for event in (token, END) if (delta := reader.read(event))] == shown


def test_a_reply_that_does_not_begin_with_what_was_cut_shows_nothing() -> None:
    reader = InfillReader(None, ".na")
    assert reader.read(listed("foo", -0.1)) is None
    assert (reader.counts.complete, reader.counts.finish) == (True, "stop")


def test_odd_probabilities_do_not_matter_where_no_threshold_is() -> None:
    odd = {"content": "foo", "completion_probabilities": [None, {"logprob": "x"}, {"logprob": -0.1, "top_logprobs": 3}]}
    for event in (odd, {"content": "foo"}):
        delta = InfillReader(None, "f").read(event)
        assert delta is not None
        assert delta.text == "oo"
    sure = InfillReader(Surety(-0.5), "f")
    assert [delta.text for event in (odd, END) if (delta := sure.read(event))] == ["oo"]


async def test_the_suffix_first_model_is_asked_where_the_word_begins() -> None:
    asked: list[tuple[str, dict[str, Any]]] = []

    async def answer(request: Request, response: Response) -> None:
        asked.append((request.path, json.loads(request.body)))
        await response.begin("text/event-stream")
        for each in (listed(".name", -0.1), listed("\n", -0.1), listed("    y", -9.0), END):
            await response.chunk(b"data: " + json.dumps(each).encode() + b"\n\n")
        await response.finish()

    listener = Listener(answer, lambda request: None)
    port = await listener.open(0)
    for filling in (Filling("suffix_first", -0.5), Filling("suffix_first"), Filling("infill", -0.5)):
        adapter = LlamaCppAdapter(Http(parse_origin(f"http://127.0.0.1:{port}"), Policy()), filling)
        deltas = [delta.text async for delta in adapter.fill(FillRequest("    x.na", "\n"), Timeouts())]
        await adapter.close()
        said = {"-0.5": "me\n", "None": "me\n    y"}[str(filling.least_logprob)]
        assert "".join(deltas) == (said if filling.how == "suffix_first" else ".name\n")
    await listener.close()
    assert [path for path, _ in asked] == ["/completion", "/completion", "/infill"]
    own, unlimited, infill = (body for _, body in asked)
    for body in (own, unlimited):
        assert body["prompt"].endswith("<|fim_prefix|>    x<|fim_middle|>")
        assert body["grammar"] == 'root ::= "\\U0000002Ena" .*'
        assert body["n_probs"] > 1
    assert (infill["input_prefix"], infill["n_probs"], "grammar" in infill) == ("    x.na", 1, False)


def test_the_card_says_what_the_threshold_is_of(tmp_path: Path) -> None:
    (tmp_path / "lanyard-fim.gguf").write_bytes(b"GGUF")
    card: dict[str, Any] = {"name": "m", "size": 4, "sha256": "0", "least_logprob": -1, "least_logprob_of": "whole"}
    (tmp_path / "lanyard-fim.json").write_text(json.dumps(card))
    found = shipped(tmp_path)
    assert found is not None
    assert found.filling == Filling("infill", -1.0, "whole")
