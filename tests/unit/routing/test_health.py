"""The circuit breaker and the pulse of probes."""

from __future__ import annotations

import pytest

from lanyard_routing import health
from lanyard_routing.health import FIRST_REST_S, LONGEST_REST_S, Breaker, Fault, Pulse
from unit.routing.fakes import until


def test_a_few_failures_in_a_row_open_the_breaker_and_a_probe_closes_it() -> None:
    breaker = Breaker()
    for _ in range(2):
        breaker.failed(Fault.BROKEN, 0.0)
    assert breaker.allows(0.0)
    breaker.failed(Fault.BROKEN, 0.0)
    assert not breaker.allows(1.0)
    breaker.answered(1.0)
    assert not breaker.allows(1.0)  # it rests all the same
    breaker.answered(FIRST_REST_S)
    assert breaker.allows(FIRST_REST_S)
    assert not breaker.tested


def test_success_forgets_failures() -> None:
    breaker = Breaker()
    for _ in range(5):
        breaker.failed(Fault.BROKEN, 0.0)
        breaker.failed(Fault.BROKEN, 0.0)
        breaker.succeeded()
    assert breaker.allows(0.0)


def test_a_hung_server_rests_at_once_and_gets_one_trial() -> None:
    breaker = Breaker()
    breaker.failed(Fault.HUNG, 0.0)
    assert not breaker.allows(1.9)
    breaker.answered(2.0)  # its health call is answered all the same: no proof
    assert breaker.allows(2.0)
    assert breaker.tested
    breaker.begin()
    assert not breaker.allows(2.0)
    breaker.failed(Fault.HUNG, 2.0)
    assert breaker.resting_s(2.0) == pytest.approx(4.0)
    breaker.begin()
    breaker.succeeded()
    assert breaker.allows(2.0)
    assert not breaker.tested


def test_a_trial_without_a_verdict_may_be_repeated() -> None:
    breaker = Breaker()
    breaker.failed(Fault.HUNG, 0.0)
    breaker.begin()
    breaker.release()
    assert breaker.allows(2.0)


def test_the_rest_doubles_up_to_a_limit() -> None:
    breaker, now = Breaker(), 0.0
    rests: list[float] = []
    for _ in range(12):
        breaker.begin()
        breaker.failed(Fault.HUNG, now)
        rests.append(breaker.resting_s(now))
        now += rests[-1]
    assert rests[:4] == [2, 4, 8, 16]
    assert rests[-1] == LONGEST_REST_S


def test_requests_sent_before_the_rest_do_not_lengthen_it() -> None:
    breaker = Breaker()
    for _ in range(8):
        breaker.failed(Fault.HUNG, 0.0)
    assert breaker.resting_s(0.0) == FIRST_REST_S


async def test_the_pulse_beats_at_once_then_slowly_and_sooner_when_nudged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "STEADY_PROBE_S", 3600.0)
    beats = 0

    async def probe() -> bool:
        nonlocal beats
        beats += 1
        return True

    pulse = Pulse(probe, fastest=0.001)
    assert not pulse.asked
    pulse.start()
    await pulse.first()
    assert (beats, pulse.asked) == (1, True)
    pulse.nudge()
    await until(lambda: beats == 2)
    await pulse.close()


def test_an_ill_server_is_asked_more_and_more_slowly() -> None:
    assert [health.pause_s(failures) for failures in (0, 1, 2, 3, 4, 5, 5000)] == [15, 2, 4, 8, 16, 30, 30]


def test_probes_are_never_faster_than_two_seconds() -> None:
    assert health.FASTEST_PROBE_S >= 2.0
