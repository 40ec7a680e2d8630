"""Which worker gets a task, and why.

Owns the choice: the first row of the routing table that matches, the candidates it leaves, their order, and the
words that explain both. Pure: values in, values out; must not know how work is sent or queued.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from lanyard_routing.config import DEFAULT_ROUTES, Fallback, RouteConfig
from lanyard_routing.fleet import USABLE, Served, Worker
from lanyard_routing.ledger import expected_reply
from lanyard_routing.paths import config_file
from lanyard_routing.task import Capability, Complexity, Kind, Priority, SizeClass, Zone

_SIZES = tuple(SizeClass)
_ZONES = tuple(Zone)
KEPT_SLOT_S = 10.0  # a queued task's wait for a worker whose last slot is kept for the immediate lane


@dataclass(frozen=True, slots=True)
class Need:
    """What is to be placed. `model` is one that was named, whatever its size.

    `tried` are the workers where it failed; `above_context` is a context too small for it.
    """

    kind: Kind
    priority: Priority
    complexity: Complexity = Complexity.MODERATE
    zones: tuple[Zone, ...] = _ZONES
    capability: Capability = Capability.CHAT
    prompt_tokens: int = 0
    max_tokens: int = 0
    worker: str | None = None
    model: str | None = None
    tried: frozenset[str] = field(default_factory=frozenset[str])
    above_context: int = 0


class Asks(Protocol):
    """What a task and a waiting one have in common."""

    @property
    def kind(self) -> Kind: ...
    @property
    def priority(self) -> Priority: ...
    @property
    def complexity(self) -> Complexity: ...
    @property
    def zones(self) -> tuple[Zone, ...]: ...
    @property
    def prompt_tokens(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def worker(self) -> str | None: ...


def need_of(task: Asks, *, tried: Iterable[str] = (), above_context: int = 0) -> Need:
    """What a task needs."""
    return Need(
        kind=task.kind,
        priority=task.priority,
        complexity=task.complexity,
        zones=task.zones,
        prompt_tokens=task.prompt_tokens,
        max_tokens=task.max_tokens,
        worker=task.worker,
        tried=frozenset(tried),
        above_context=above_context,
    )


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model at a worker that could take it; `seconds` until it would have finished."""

    worker: Worker
    model: Served
    seconds: float

    def __str__(self) -> str:
        return f"{self.worker.name} ({self.model.name}, {self.model.size}, {self.model.zone})"


@dataclass(frozen=True, slots=True)
class Plan:
    """Where it can go now.

    `step` says how far down the route's fallbacks this is; "first" is the route's own choice. `candidates` are
    usable now, the best first; empty for the steps "queue" (wait) and "ask" (fail, and let the user choose).
    `why` is one line that says what is waited for. `hopeless` is True where no change of health can help.
    """

    row: int
    route: RouteConfig
    step: Fallback | str
    candidates: tuple[Candidate, ...] = ()
    why: str = ""
    hopeless: bool = False
    waits_for: tuple[str, ...] = ()
    smaller: tuple[Candidate, ...] = ()


def match(need: Need, table: Sequence[RouteConfig] = DEFAULT_ROUTES) -> tuple[int, RouteConfig]:
    """The first row that matches, with its index; a table without one gets a row that takes everything."""
    for index, row in enumerate(table):
        if (
            (not row.kind or need.kind in row.kind)
            and (not row.priority or need.priority in row.priority)
            and (not row.complexity or need.complexity in row.complexity)
        ):
            return index, row
    return len(table), RouteConfig()


def plan(need: Need, table: Sequence[RouteConfig], workers: Sequence[Worker]) -> Plan:
    """Place it: the best class of the route that has a usable worker, then the route's fallbacks in their order."""
    row, route = match(need, table)
    fitting = [
        (worker, model) for worker in workers for model in worker.models if not _unfit(need, route, worker, model)
    ]
    steps = list(_steps(need, route, fitting))
    if need.tried and "least_loaded" not in route.fallbacks:
        steps = [(step, group) for step, group in steps if step == "smaller"]
    for step, group in steps:
        usable = [pair for pair in group if pair[0].condition in USABLE and pair[0].name not in need.tried]
        if usable:
            return Plan(row, route, step, _ordered(need, usable))
    untried = _steps(replace(need, tried=frozenset()), route, fitting)
    wanted = list(dict.fromkeys(worker for _, group in untried for worker, _ in group))
    why, hopeless = _why_not(need, route, workers, wanted, fitting)
    return Plan(
        row,
        route,
        "queue" if "queue" in route.fallbacks and not hopeless else "ask",
        why=why,
        hopeless=hopeless,
        waits_for=tuple(worker.name for worker in workers if worker in wanted or not worker.models),
    )


def smaller(need: Need, table: Sequence[RouteConfig], workers: Sequence[Worker]) -> tuple[Candidate, ...]:
    """Usable workers outside the route's own classes, which a user may choose instead of waiting."""
    _, route = match(need, table)
    fitting = [
        (worker, model) for worker in workers for model in worker.models if not _unfit(need, route, worker, model)
    ]
    return _ordered(need, [pair for pair in fitting if pair[0].condition in USABLE and pair[0].name not in need.tried])


Pair = tuple[Worker, Served]


def _steps(need: Need, route: RouteConfig, fitting: Sequence[Pair]) -> Iterable[tuple[Fallback | str, list[Pair]]]:
    """The groups of workers to look at, the route's own choice first."""
    if need.worker is not None:
        yield "first", [pair for pair in fitting if pair[0].name == need.worker]
        return
    if need.model is not None:
        yield "least_loaded" if need.tried else "first", list(fitting)
        return
    named = [pair for pair in fitting if pair[0].name == route.worker]
    if named:
        yield "first", named
    sizes = list(route.size)
    if not sizes and route.worker is not None:
        sizes = list(dict.fromkeys(model.size for _, model in named)) or list(_SIZES)
    first = "least_loaded" if need.tried or route.worker is not None else "first"
    if first == "first" or "least_loaded" in route.fallbacks:
        if not sizes:
            yield first, list(fitting)
        for size in sizes:
            yield first, [pair for pair in fitting if pair[1].size is size]
    if "smaller" in route.fallbacks:
        for size in _by_distance(sizes):
            yield "smaller", [pair for pair in fitting if pair[1].size is size]


def _by_distance(sizes: Sequence[SizeClass]) -> list[SizeClass]:
    """The other classes, the nearest first; of two equally near ones the larger, which is slower but no worse."""
    if not sizes:
        return []
    ranks = [_SIZES.index(size) for size in sizes]
    others = [size for size in _SIZES if size not in sizes]
    return sorted(others, key=lambda size: (min(abs(_SIZES.index(size) - rank) for rank in ranks), -_SIZES.index(size)))


def _ordered(need: Need, pairs: Sequence[Pair]) -> tuple[Candidate, ...]:
    """One candidate for each worker, the soonest to finish first; the nearer zone wins a tie."""
    best: dict[str, Candidate] = {}
    for worker, model in pairs:
        if worker.name not in best:  # a worker's models come in the order of preference
            wait = worker.free_in
            if not wait and not worker.free and need.priority is not Priority.IMMEDIATE:
                wait = KEPT_SLOT_S
            seconds = wait + model.rates.seconds(need.prompt_tokens, expected_reply(need.max_tokens))
            best[worker.name] = Candidate(worker, model, seconds)
    return tuple(sorted(best.values(), key=lambda each: (each.seconds, _ZONES.index(each.model.zone))))


def _unfit(need: Need, route: RouteConfig, worker: Worker, model: Served) -> str:
    """Why a model at a worker cannot take it whatever its health is; empty where it can."""
    if need.worker is not None and worker.name != need.worker:
        return "the task is for another worker"
    if need.model is not None and model.name != need.model:
        return f"{need.model} is asked for"
    if need.capability not in model.capabilities:
        return f"{model.name} does not do {need.capability}"
    if model.zone not in route.zones or model.zone not in need.zones:
        return f"its zone is {model.zone}"
    if _too_small(need, model):
        return f"the context of {model.name} is {model.context} tokens, {_context_wanted(need)} are needed"
    return ""


def _why_not(
    need: Need, route: RouteConfig, workers: Sequence[Worker], wanted: Sequence[Worker], fitting: Sequence[Pair]
) -> tuple[str, bool]:
    """One line for the user, and whether waiting is in vain. `wanted` would do if they were well."""
    unknown = [worker for worker in workers if not worker.models and need.worker in (None, worker.name)]
    if wanted or unknown:
        waited = [*wanted, *(worker for worker in unknown if worker not in wanted)]
        said = "; ".join(dict.fromkeys(_state_of(need, worker) for worker in waited))
        return f"waits for {_join([worker.name for worker in waited])}: {said}", False
    if fitting:
        others = _join(dict.fromkeys(worker.name for worker, _ in fitting))
        return f"no worker has a model of size {' or '.join(route.size)}; add one, or let {others} do it", False
    if need.worker is not None and need.worker not in [worker.name for worker in workers]:
        return f"waits for {need.worker}, which is not in the fleet; add it to {config_file()}", False
    if need.model is not None and need.model not in [model.name for worker in workers for model in worker.models]:
        return f"no worker serves {need.model}; choose another model", True
    able = [model for worker in workers for model in worker.models if _allowed(need, route, model)]
    contexts = [model.context for model in able if _too_small(need, model)]
    if contexts:
        return (
            f"{_context_wanted(need)} tokens do not fit: the largest context of the fleet is {max(contexts)}; "
            "select less code"
        ), True
    return missing(need.capability, route, workers, zones=need.zones), False


def _state_of(need: Need, worker: Worker) -> str:
    if worker.why and worker.condition not in USABLE:
        return worker.why
    return f"it failed at {worker.name}" if worker.name in need.tried else f"{worker.name} serves no model"


def _context_wanted(need: Need) -> int:
    return max(need.prompt_tokens + need.max_tokens, need.above_context + 1)


def _allowed(need: Need, route: RouteConfig, model: Served) -> bool:
    """Whether a model does such work in an allowed zone, were it large enough."""
    return need.capability in model.capabilities and model.zone in route.zones and model.zone in need.zones


def _too_small(need: Need, model: Served) -> bool:
    return 0 < model.context < _context_wanted(need)


def missing(
    capability: Capability, route: RouteConfig, workers: Sequence[Worker], *, zones: Sequence[Zone] = _ZONES
) -> str:
    """One line for the case that no worker of the fleet can do it: what is missing, and how to get it."""
    allowed = [zone for zone in route.zones if zone in zones]
    able = [model for worker in workers for model in worker.models if capability in model.capabilities]
    barred = [model for model in able if model.zone not in allowed]
    if able and len(barred) == len(able):
        return (
            f"{_join(sorted({model.name for model in barred}))} could do it, but its zone is "
            f"{_join(sorted({model.zone for model in barred}))} and only {_join(allowed) or 'none'} is allowed here"
        )
    silent = [worker for worker in workers if worker.condition not in USABLE]
    if any(model in able for worker in workers if worker not in silent for model in worker.models):
        return f"{_join(sorted({model.name for model in able}))} has too short a context for this; select less code"
    if silent:
        return f"no worker answers: {'; '.join(worker.why for worker in silent)}"
    if capability is Capability.TOOLS:
        return (
            "no model of the fleet can call tools: load one that can (vLLM needs --enable-auto-tool-choice, an older "
            f"llama.cpp server --jinja), or set tools = true at its endpoint in {config_file()}"
        )
    what = "that can chat" if capability is Capability.CHAT else "that can complete code"
    return (
        f"there is no model {what}: start Ollama or a llama.cpp server, pull one (`lanyard models list`), "
        f"or add [[endpoints]] to {config_file()}"
    )


def explain(need: Need, table: Sequence[RouteConfig], workers: Sequence[Worker]) -> tuple[str, ...]:
    """Lines for "show why": the route, every worker with its reason, and the choice."""
    placed = plan(need, table, workers)
    route = placed.route
    which = f"route {placed.row + 1} of {len(table)}"
    if len(table) >= len(DEFAULT_ROUTES) and placed.row >= len(table) - len(DEFAULT_ROUTES):
        which += " (built in)"
    target = f"worker {route.worker}" if route.worker else f"size {', then '.join(route.size) or 'any'}"
    lines = [
        f"{need.kind}, {need.complexity}, {need.priority}: {which} wants {target}, zones {_join(route.zones)}, "
        f"fallbacks {', '.join(route.fallbacks) or 'none'}"
    ]
    chosen = {candidate.worker.name: candidate for candidate in placed.candidates}
    for worker in workers:
        candidate = chosen.get(worker.name)
        if candidate is not None:
            load = f"{worker.busy} of {worker.slots} slots busy"
            lines.append(f"{candidate}: {load}, would finish in about {candidate.seconds:.0f} s")
            continue
        reasons = [_unfit(need, route, worker, model) for model in worker.models]
        if worker.condition not in USABLE:
            lines.append(f"{worker.name}: not now, {worker.why or worker.condition}")
        elif worker.name in need.tried:
            lines.append(f"{worker.name}: it failed there already")
        elif all(reasons):
            lines.append(f"{worker.name}: no, {reasons[0] if reasons else 'it serves no model'}")
        else:
            lines.append(f"{worker.name}: not needed, its size is {_join(sorted({m.size for m in worker.models}))}")
    if placed.candidates:
        step = "" if placed.step == "first" else f" (fallback {placed.step})"
        lines.append(f"chosen: {placed.candidates[0]}{step}")
    else:
        lines.append(placed.why)
    return tuple(lines)


def _join(words: Iterable[str]) -> str:
    listed = [str(word) for word in words]
    return " and ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]]))
