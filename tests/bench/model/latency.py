"""How long a suggestion of 24 tokens takes after a prompt of about 500, and what memory the engine holds.

Owns the timing, with Lanyard's own engine options. Figures mean something on a quiet machine alone; `/health` in the
same run is the floor.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from cases import Case
from engine import Engine
from lines import suffix_first

from lanyard_routing.adapters.healing import heal, healed_fields

TOKENS = 24
LONGEST_S = 60.0  # on a machine so busy that the figures mean nothing anyway


def measure(model: Path, cases: list[Case], threads: int, runs: int) -> dict[str, Any]:
    """Milliseconds cold (nothing of the prompt read before) and warm (one character typed since)."""
    long = [case for case in cases if case.at > 1400 and len(case.after) > 500][:runs]
    cold, warm, floor, sizes = list[float](), list[float](), list[float](), list[int]()
    with Engine(model, threads) as engine:
        until = time.perf_counter() + LONGEST_S
        for case in long:
            if time.perf_counter() > until:
                break
            cold.append(_timed(engine, case.prefix, case.suffix, sizes))
            warm.append(_timed(engine, case.prefix + case.rest[:1], case.suffix, []))
            began = time.perf_counter()
            engine.health()
            floor.append(time.perf_counter() - began)
        for case in cases[: 2 * len(cold)]:  # both slots are used, and the cache of prompts fills
            engine.post(
                "/infill", {"input_prefix": case.before[-6000:], "input_suffix": case.after[:2000], "n_predict": 2}
            )
        return {
            "threads": threads,
            "runs": len(cold),
            "prompt_tokens_p50": statistics.median(sizes),
            "cold_ms": percentiles(cold),
            "warm_ms": percentiles(warm),
            "health_ms": percentiles(floor),
            "start_ms": round(1e3 * engine.start_seconds),
            "resident_mb": round(engine.resident(), 1),
            "slots": engine.options.slots,
            "context": engine.options.context,
        }


def _timed(engine: Engine, prefix: str, suffix: str, sizes: list[int]) -> float:
    """Seconds for one suggestion, asked as the adapter asks the shipped model; notes how many tokens the prompt had."""
    prompt, cut = heal(prefix)
    body = {"prompt": suffix_first(prompt, suffix), "n_predict": TOKENS, "temperature": 0, **healed_fields(cut)}
    began = time.perf_counter()
    reply = engine.post("/completion", {**body, "ignore_eos": True})
    took = time.perf_counter() - began
    sizes.append(reply["tokens_evaluated"])
    return took


def percentiles(seconds: list[float]) -> dict[str, float]:
    """p50 and p95 in milliseconds."""
    ordered = sorted(seconds) or [0.0]
    return {
        "p50": round(1e3 * statistics.median(ordered), 1),
        "p95": round(1e3 * ordered[int(0.95 * len(ordered))], 1),
    }
