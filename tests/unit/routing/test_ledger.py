"""The account of outstanding work: slots, learned rates, cancelled prefills, others' work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanyard_routing.ledger import FIRST_RATES, Ledger, Work
from lanyard_routing.task import SizeClass, Usage

LARGE = SizeClass.LARGE


def begin(ledger: Ledger, now: float = 0.0, prompt: int = 2000, most: int = 200) -> Work:
    return ledger.begin("m", LARGE, prompt_tokens=prompt, max_tokens=most, now=now)


def test_a_slot_is_taken_and_given_back() -> None:
    ledger = Ledger(2)
    one, two = begin(ledger), begin(ledger)
    assert (ledger.busy(0), ledger.free_for_tasks(0)) == (2, 0)
    ledger.finish(one, 1)
    ledger.finish(one, 1)
    assert ledger.busy(1) == 1
    ledger.drop(two)
    assert (ledger.busy(1), ledger.free_in(1)) == (0, 0.0)


def test_the_wait_is_for_the_slot_that_is_free_first() -> None:
    ledger = Ledger(2)
    begin(ledger, prompt=2000, most=200)  # 10 s of prefill, 10 s of decode
    begin(ledger, prompt=200, most=200)  # 1 s and 10 s
    assert ledger.free_in(0) == pytest.approx(11)
    begin(ledger, prompt=2000, most=200)
    assert ledger.free_in(0) == pytest.approx(20)


def test_work_that_is_overdue_is_not_expected_to_end_now() -> None:
    ledger = Ledger(1)
    begin(ledger, prompt=200, most=20)  # 1 s of prefill, 1 s of decode
    assert ledger.free_in(1.5) == pytest.approx(1.5)
    assert ledger.free_in(101) == pytest.approx(101)


def test_rates_are_learned_from_what_the_server_tells() -> None:
    ledger = Ledger(1)
    work = begin(ledger, prompt=1000)
    work.first(1.0)
    ledger.finish(work, 11.0, Usage(prompt_tokens=1000, cached_tokens=500, completion_tokens=400))
    rates = ledger.rates("m", LARGE)
    first = FIRST_RATES[LARGE]
    assert rates.cached == pytest.approx(0.15)
    assert rates.prefill == pytest.approx(first.prefill + 0.3 * (500 - first.prefill))
    assert rates.decode == pytest.approx(first.decode + 0.3 * (40 - first.decode))
    assert ledger.rates("other", LARGE) == first


def test_a_request_that_waited_in_the_server_teaches_no_prefill_rate() -> None:
    ledger = Ledger(1)
    begin(ledger)
    late = begin(ledger)
    late.first(100.0)
    late.tokens = 50
    ledger.finish(late, 101.0)
    assert ledger.rates("m", LARGE).prefill == FIRST_RATES[LARGE].prefill
    assert ledger.rates("m", LARGE).decode > FIRST_RATES[LARGE].decode


def test_a_cancelled_prefill_counts_until_it_must_be_over() -> None:
    ledger = Ledger(1)
    work = begin(ledger, prompt=2000)  # 10 s
    assert ledger.abandon(work, 4.0)
    assert not ledger.abandon(work, 4.0)
    assert (ledger.busy(9.9), ledger.free_in(9.0)) == (1, pytest.approx(1.0))
    assert ledger.busy(10.1) == 0


def test_a_cancelled_prefill_counts_until_a_probe_shows_a_free_slot() -> None:
    ledger = Ledger(1)
    ledger.abandon(begin(ledger, prompt=20_000), 0.0)
    ledger.saw(None, 1.0)
    assert ledger.busy(1.0) == 1
    ledger.saw(1, 1.0)
    assert ledger.busy(1.0) == 1
    ledger.saw(0, 2.0)
    assert ledger.busy(2.0) == 0


def test_a_prefill_of_any_length_is_forgotten_after_a_while() -> None:
    ledger = Ledger(1)
    ledger.abandon(begin(ledger, prompt=10_000_000), 0.0)
    assert ledger.busy(29.0) == 1
    assert ledger.busy(31.0) == 0


def test_cancelling_after_the_first_token_frees_the_slot_at_once() -> None:
    ledger = Ledger(1)
    work = begin(ledger)
    work.first(1.0)
    ledger.abandon(work, 2.0)
    assert ledger.busy(2.0) == 0


def test_what_others_do_there_counts() -> None:
    ledger = Ledger(2)
    begin(ledger)
    ledger.saw(2, 0.0)
    assert (ledger.busy(0.0), ledger.free_in(0.0)) == (2, pytest.approx(10.0))
    assert ledger.busy(100.0) == 1  # no probe for long
    ledger.elsewhere(1)
    assert ledger.busy(100.0) == 2
    ledger.elsewhere(0)
    assert ledger.busy(100.0) == 1


def test_a_slot_is_kept_for_the_immediate_lane_where_it_is_used() -> None:
    ledger = Ledger(4)
    assert ledger.free_for_tasks(0.0) == 4
    ledger.used_at_once(0.0)
    assert ledger.free_for_tasks(1.0) == 3
    assert ledger.free_for_tasks(10_000.0) == 4
    alone = Ledger(1)
    alone.used_at_once(0.0)
    assert alone.free_for_tasks(1.0) == 1


@given(st.lists(st.tuples(st.sampled_from("bfadps"), st.integers(0, 9), st.floats(0, 100)), max_size=40))
def test_any_order_of_events_keeps_the_numbers_sane(steps: list[tuple[str, int, float]]) -> None:
    ledger, works, now = Ledger(3), [], 0.0
    for what, number, seconds in steps:
        now += seconds
        if what == "b":
            works.append(begin(ledger, now, prompt=number * 1000, most=number * 10 + 1))
        elif what == "p":
            ledger.saw(number, now)
        elif what == "s":
            ledger.elsewhere(number - 3)
        elif works:
            work = works[number % len(works)]
            work.first(now)
            work.tokens += number
            if what == "f":
                ledger.finish(work, now)
            elif what == "a":
                ledger.abandon(work, now)
            else:
                ledger.drop(work)
        assert 0 <= ledger.free_for_tasks(now) <= 3
        assert ledger.busy(now) >= ledger.active() >= 0
        assert ledger.free_in(now) >= 0
        rates = ledger.rates("m", LARGE)
        assert rates.prefill > 0
        assert rates.decode > 0
        assert 0 <= rates.cached <= 1
