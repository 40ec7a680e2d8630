"""The choice: first row, best class, soonest worker, fallbacks in order, and the words for all of it.

A fleet is written as text: one worker a line, `name zone size [condition] [key=value …]`.
"""

from __future__ import annotations

from typing import Any

import pytest

from lanyard_routing.config import DEFAULT_ROUTES, RouteConfig
from lanyard_routing.fleet import Condition, Served, Worker
from lanyard_routing.ledger import FIRST_RATES
from lanyard_routing.routes import Need, explain, match, missing, plan
from lanyard_routing.task import Capability, Complexity, Kind, Priority, SizeClass, Zone

BOTH = frozenset({Capability.CHAT, Capability.COMPLETION})


def fleet(text: str) -> tuple[Worker, ...]:
    return tuple(worker(line) for line in text.strip().splitlines())


def worker(line: str) -> Worker:
    words = line.split()
    more = dict(word.split("=") for word in words if "=" in word)
    name, zone, size, *rest = [word for word in words if "=" not in word]
    condition = Condition(rest[0]) if rest else Condition.READY
    free = int(more.get("free", 1))
    served = Served(
        name=f"{name}-model",
        size=SizeClass(size),
        zone=Zone(zone),
        context=int(more.get("context", 0)),
        capabilities=frozenset({Capability(more["does"])}) if "does" in more else BOTH,
        rates=FIRST_RATES[SizeClass(size)],
    )
    return Worker(
        name=name,
        url=f"http://{name}",
        zone=Zone(zone),
        condition=condition,
        models=(served,),
        slots=int(more.get("slots", 1)),
        busy=int(more.get("slots", 1)) - free,
        free=free,
        free_in=float(more.get("free_in", 0)),
        why="" if condition in (Condition.READY, Condition.TRIAL) else f"{name} refuses connections",
    )


def need(kind: str = "review", **more: Any) -> Need:
    values: dict[str, Any] = {"kind": Kind(kind), "priority": Priority.BACKGROUND, "max_tokens": 100, **more}
    return Need(**values)


def chosen(workers: str, asked: Need, table: tuple[RouteConfig, ...] = DEFAULT_ROUTES) -> str:
    placed = plan(asked, table, fleet(workers))
    return " ".join([placed.step, *(candidate.worker.name for candidate in placed.candidates)])


TWO_HOSTS = """
    laptop local tiny
    desk   local small
    gpu-1  lan   medium
    gpu-2  lan   large
"""


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        (need("complete", priority=Priority.IMMEDIATE, capability=Capability.COMPLETION), "first laptop"),
        (need("chat", priority=Priority.IMMEDIATE), "first desk"),
        (need("refactor", complexity=Complexity.SIMPLE), "first desk"),
        (need("refactor", complexity=Complexity.MODERATE), "first gpu-1"),
        (need("refactor", complexity=Complexity.COMPLEX), "first gpu-2"),
        (need("security"), "first gpu-2"),
        (need("explain"), "first desk"),
        (need("explain", complexity=Complexity.COMPLEX), "first gpu-2"),
    ],
)
def test_the_default_routes(asked: Need, where: str) -> None:
    assert chosen(TWO_HOSTS, asked) == where


def test_every_kind_priority_and_complexity_has_a_route_in_the_defaults() -> None:
    for kind in Kind:
        for priority in Priority:
            for complexity in Complexity:
                row, _ = match(Need(kind, priority, complexity))
                assert row < len(DEFAULT_ROUTES)


def test_the_first_row_that_matches_counts() -> None:
    table = (
        RouteConfig(kind=("review",), complexity=("complex",), worker="gpu-2"),
        RouteConfig(kind=("review", "test"), size=("tiny",)),
        *DEFAULT_ROUTES,
    )
    assert chosen(TWO_HOSTS, need("review", complexity=Complexity.COMPLEX), table) == "first gpu-2"
    assert chosen(TWO_HOSTS, need("review"), table) == "first laptop"
    assert chosen(TWO_HOSTS, need("refactor"), table) == "first gpu-1"
    assert match(need("review"), ())[1] == RouteConfig()


LARGE = (RouteConfig(size=("large",)),)


def test_the_soonest_worker_of_the_class_comes_first_and_a_near_one_wins_a_tie() -> None:
    assert (
        chosen("a lan large free_in=60\nb lan large free_in=5\nc local large free_in=5", need(), LARGE) == "first c b a"
    )


def test_a_busy_large_worker_is_waited_for_rather_than_a_free_small_one() -> None:
    assert chosen("big lan large free=0 free_in=60\nlow local small", need(), LARGE) == "first big"


def test_a_worker_whose_last_slot_is_kept_is_not_free_for_a_queued_task() -> None:
    assert chosen("kept lan large slots=2 free=0\nbusy lan large free_in=5", need(), LARGE) == "first busy kept"
    now = need(priority=Priority.IMMEDIATE)
    assert chosen("kept lan large slots=2 free=0\nbusy lan large free_in=5", now, LARGE) == "first kept busy"


@pytest.mark.parametrize(
    ("workers", "tried", "where"),
    [
        ("a lan large\nb lan large\nc lan small", {"a"}, "least_loaded b"),
        ("a lan large\nb lan large down\nc lan small", {"a"}, "smaller c"),
        ("a lan large\nc lan tiny\nd lan small\ne lan medium", {"a"}, "smaller e"),
        ("a lan large\nc lan tiny\nd lan small", {"a"}, "smaller d"),
        ("a lan large resting", set(), "queue"),
        ("a lan large trial", set(), "first a"),
        ("a lan large unknown", set(), "queue"),
        ("", set(), "queue"),
    ],
)
def test_the_fallbacks_come_in_their_order(workers: str, tried: set[str], where: str) -> None:
    assert chosen(workers, need(tried=frozenset(tried)), LARGE) == where


@pytest.mark.parametrize(
    ("fallbacks", "tried", "where"),
    [
        (("least_loaded",), {"a"}, "least_loaded b"),
        (("smaller", "queue"), {"a"}, "smaller c"),
        (("queue",), {"a"}, "queue"),
        (("ask",), {"a"}, "ask"),
        ((), {"a"}, "ask"),
        ((), set(), "first a b"),
    ],
)
def test_a_route_limits_its_fallbacks(fallbacks: tuple[str, ...], tried: set[str], where: str) -> None:
    table = (RouteConfig(size=("large",), fallbacks=fallbacks),)  # type: ignore[arg-type]
    assert chosen("a lan large\nb lan large\nc lan small", need(tried=frozenset(tried)), table) == where


def test_a_named_worker_comes_before_its_class() -> None:
    table = (RouteConfig(worker="b"),)
    workers = "a lan large\nb lan large free_in=99\nc lan tiny"
    assert chosen(workers, need(), table) == "first b"
    assert chosen(workers, need(tried=frozenset({"b"})), table) == "least_loaded a"
    assert chosen(workers, need(tried=frozenset({"a", "b"})), table) == "smaller c"


def test_a_task_for_one_worker_goes_nowhere_else() -> None:
    assert chosen("a lan large\nb lan tiny", need(worker="b"), LARGE) == "first b"
    assert chosen("a lan large\nb lan tiny down", need(worker="b"), LARGE) == "queue"
    assert chosen("a lan large", need(worker="gone"), LARGE) == "queue"


def test_a_model_in_the_cloud_needs_both_the_route_and_the_task() -> None:
    allowed = (RouteConfig(zones=("local", "lan", "cloud")),)
    assert chosen("far cloud large", need(), allowed) == "first far"
    assert chosen("far cloud large", need(zones=(Zone.LOCAL, Zone.LAN)), allowed) == "queue"
    assert chosen("far cloud large", need(), (RouteConfig(),)) == "queue"
    assert chosen("near lan large", need(zones=(Zone.LOCAL,)), (RouteConfig(),)) == "queue"


def test_a_context_too_small_is_passed_over() -> None:
    workers = "a lan large context=4096\nb lan small context=32768\nc lan small"
    assert chosen(workers, need(prompt_tokens=4000), LARGE) == "smaller b c"
    assert chosen(workers, need(above_context=40_000), LARGE) == "smaller c"


def test_a_prompt_that_fits_nowhere_is_hopeless() -> None:
    placed = plan(need(prompt_tokens=9000), LARGE, fleet("a lan large context=4096\nb lan small context=8192"))
    assert placed.hopeless
    assert placed.step == "ask"
    assert placed.why == "9100 tokens do not fit: the largest context of the fleet is 8192; select less code"


@pytest.mark.parametrize(
    ("workers", "asked", "said"),
    [
        ("a lan large down\nb lan small", need(), "waits for a: a refuses connections"),
        ("b lan small", need(), "no worker has a model of size large; add one, or let b do it"),
        ("b lan large", need(worker="c"), "waits for c, which is not in the fleet"),
        ("b lan large", need(tried=frozenset({"b"})), "waits for b: it failed at b"),
        ("", need(), "there is no model that can chat: start Ollama"),
        ("b lan large does=completion", need(), "there is no model that can chat"),
        (
            "b lan large",
            need(zones=(Zone.LOCAL,)),
            "b-model could do it, but its zone is lan and only local is allowed",
        ),
    ],
)
def test_what_a_task_waits_for_is_one_line(workers: str, asked: Need, said: str) -> None:
    placed = plan(asked, (RouteConfig(size=("large",), fallbacks=("queue",)),), fleet(workers))
    assert placed.candidates == ()
    assert said in placed.why
    assert "\n" not in placed.why


@pytest.mark.parametrize("does", ["completion", "chat"])
def test_missing_names_what_does_not_answer(does: str) -> None:
    assert missing(Capability.CHAT, RouteConfig(), fleet(f"a lan large down does={does}")) == (
        "no worker answers: a refuses connections"
    )


def test_explain_says_why_there() -> None:
    lines = explain(
        need("review", complexity=Complexity.COMPLEX, prompt_tokens=2000, tried=frozenset({"gpu-3"})),
        DEFAULT_ROUTES,
        fleet("gpu-2 lan large slots=2 free=1\ngpu-3 lan large\ngpu-4 lan large down\nlaptop local tiny"),
    )
    assert lines == (
        "review, complex, background: route 7 of 7 (built in) wants size large, then medium, zones local and lan, "
        "fallbacks least_loaded, smaller, queue, ask",
        "gpu-2 (gpu-2-model, large, lan): 1 of 2 slots busy, would finish in about 15 s",
        "gpu-3: it failed there already",
        "gpu-4: not now, gpu-4 refuses connections",
        "laptop: not needed, its size is tiny",
        "chosen: gpu-2 (gpu-2-model, large, lan) (fallback least_loaded)",
    )


def test_a_fleet_that_only_completes_says_that_nobody_chats_not_that_code_is_too_long():
    placed = plan(need(prompt_tokens=3000), DEFAULT_ROUTES, fleet("engine local tiny context=512 does=completion"))
    assert placed.why.startswith("there is no model that can chat")


def test_a_model_whose_context_is_too_short_is_not_blamed_on_its_zone():
    workers = fleet("engine local tiny context=512")
    placed = plan(need(prompt_tokens=3000), DEFAULT_ROUTES, workers)
    assert "do not fit" in placed.why
    assert "zone" not in missing(Capability.CHAT, placed.route, workers)
