"""Slices fit by the tokenizer of the model that will read them."""

from __future__ import annotations

import math

import pytest

from lanyard_analyzers.slices import Slice
from lanyard_analyzers.tokens import estimate
from lanyard_routing.dispatch import Counted
from lanyard_routing.task import Complexity, Kind, Message, Priority, Task
from lanyard_server.tasks.counting import Calibration, counted
from lanyard_server.tasks.make import Draft

WORD = "word "


def draft(tokens):
    """A draft whose slice is as long as it may be by the estimate."""
    text = WORD
    while estimate(text + WORD) <= tokens:
        text += WORD
    task = Task(
        id="1",
        kind=Kind.REVIEW,
        priority=Priority.BACKGROUND,
        complexity=Complexity.SIMPLE,
        title="t",
        workspace="/w",
        messages=(Message(role="user", content=text),),
        max_tokens=10,
        prompt_tokens=estimate(text),
    )
    return Draft(task, Slice(text=text, tokens=estimate(text)))


class Model:
    """Counts `ratio` tokens for each estimated one; None: has no tokenizer. A list is used up, its last one stays."""

    def __init__(self, *ratios, name="m"):
        self.ratios, self.name, self.asked = list(ratios), name, 0

    async def count_tokens(self, task, text):
        self.asked += 1
        ratio = self.ratios.pop(0) if len(self.ratios) > 1 else self.ratios[0]
        return None if ratio is None else Counted(self.name, math.ceil(estimate(text) * ratio))


async def order(model, known=None, budget=400, make=draft):
    cuts = []

    async def drafted(tokens):
        cuts.append(tokens)
        return make(tokens), ()

    made, _ = await counted(
        drafted, budget, language="python", kind="review", counting=model, known=known or Calibration()
    )
    return made, cuts


async def test_without_a_tokenizer_the_estimate_stands():
    made, cuts = await order(Model(None))
    assert cuts == [400]
    assert made.task.prompt_tokens == made.slice.tokens


async def test_a_slice_that_fits_is_sent_with_its_real_size():
    made, cuts = await order(Model(0.9))
    assert cuts == [400]
    assert made.task.prompt_tokens == pytest.approx(0.9 * made.slice.tokens, abs=2)


async def test_a_slice_that_is_too_long_is_cut_again_until_it_fits():
    model = Model(1.25)
    made, cuts = await order(model)
    assert len(cuts) == 2
    assert 300 < estimate(made.slice.text) * 1.25 <= 400


async def test_the_next_slice_is_right_at_once():
    known = Calibration()
    await order(Model(1.25), known)
    made, cuts = await order(Model(1.25), known)
    assert len(cuts) == 1
    assert 300 < estimate(made.slice.text) * 1.25 <= 400


async def test_another_model_is_calibrated_by_itself():
    known = Calibration()
    await order(Model(1.25, name="large"), known)
    _, cuts = await order(Model(0.8, name="small"), known)
    assert cuts == [pytest.approx(320, abs=2)]
    _, cuts = await order(Model(0.8, name="small"), known)
    assert cuts == [pytest.approx(500, abs=4)]


async def test_a_tokenizer_that_keeps_counting_more_is_given_up_on_after_two_cuts():
    model = Model(1.2, 1.5, 2.0)
    made, cuts = await order(model)
    assert len(cuts) == 3
    assert model.asked == 3
    assert made is not None


async def test_where_less_room_leaves_nothing_the_first_slice_stands():
    made, _ = await order(Model(1.3), make=lambda tokens: draft(tokens) if tokens >= 400 else None)
    assert estimate(made.slice.text) > 390


async def test_what_cannot_be_made_is_not_counted():
    model = Model(1.3)
    made, _ = await order(model, make=lambda tokens: None)
    assert made is None
    assert not model.asked
