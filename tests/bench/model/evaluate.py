"""Measure the shipped model through the real engine, on projects it was not trained on.

    python tests/bench/model/evaluate.py BUILD/evaluate.jsonl [--cases 400] [--model GGUF] [--out RESULTS.json]

BUILD/evaluate.jsonl comes from docs/model/data.py. Figures: rest-of-line exact match against two rivals, what a
threshold on the mean log-probability does, bits per byte on a sample, latency, memory. Asserts nothing.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import statistics
import time
from pathlib import Path
from typing import Any

from cases import Case, choose, held_out, longest_match, similar_line
from engine import Engine

MODEL = Path(__file__).parents[3] / "routing/lanyard_routing/data/lanyard-fim.gguf"
GREEDY = {"temperature": 0, "cache_prompt": False, "seed": 1}


def infill(engine: Engine, case: Case, **more: Any) -> dict[str, Any]:
    return engine.post("/infill", {"input_prefix": case.prefix, "input_suffix": case.suffix, **GREEDY, **more})


def rest_of_line(engine: Engine, cases: list[Case]) -> dict[str, Any]:
    """Share of cases whose rest of the line is reproduced exactly (outer blanks aside), model and rivals."""
    names = ("model", "model, without suffix", "longest match", "longest match, whole file", "similar line, whole file")
    hits = dict.fromkeys(names, 0)
    scored: list[tuple[float, bool]] = []
    for case in cases:
        reply = infill(engine, case, n_predict=32, stop=["\n"], n_probs=1)
        truth = case.rest.strip()
        said = reply["content"].split("\n")[0].strip()
        values = [p["logprob"] for p in reply.get("completion_probabilities", ())] or [-99.0]
        scored.append((statistics.fmean(values), said == truth))
        hits["model"] += said == truth
        hits["longest match"] += longest_match(case.prefix, case.suffix).strip() == truth
        hits["longest match, whole file"] += longest_match(case.before, case.after).strip() == truth
        hits["similar line, whole file"] += similar_line(case).strip() == truth
        bare = engine.post("/infill", {"input_prefix": case.prefix, "input_suffix": "", **GREEDY, "n_predict": 32})
        hits["model, without suffix"] += bare["content"].split("\n")[0].strip() == truth
    out: dict[str, Any] = {"cases": len(cases)}
    out["exact_match"] = {name: round(n / len(cases), 4) for name, n in hits.items()}
    out["standard_error"] = round(math.sqrt(hits["model"] * (len(cases) - hits["model"]) / len(cases) ** 3), 4)
    out["mean_logprob_all"] = round(statistics.fmean(s for s, _ in scored), 3)
    out["by_threshold"] = [
        {
            "mean_logprob_at_least": t,
            "shown": round(len(kept) / len(scored), 3),
            "right": round(sum(kept) / len(kept), 3),
        }
        for t in (-2.0, -1.0, -0.7, -0.5, -0.3, -0.2)
        if (kept := [right for score, right in scored if score >= t])
    ]
    return out


def bits_per_byte(engine: Engine, texts: Path, windows: int, tokens: int, vocabulary: int) -> dict[str, Any]:
    """Plain next-token loss on a sample: the engine is asked for all log-probabilities at each of ``tokens`` places."""
    rng, nats, size, seen = random.Random(11), 0.0, 0, 0
    files = [t for _, _, t in held_out(texts) if len(t) > 4000]
    for text in rng.sample(files, min(windows, len(files))):
        start = text.find("\n", rng.randrange(len(text) - 3000)) + 1
        reply = engine.post("/tokenize", {"content": text[start : start + 2500], "with_pieces": True})["tokens"]
        first = min(256, len(reply) // 2)
        for place in range(first, min(first + tokens, len(reply))):
            prompt = [t["id"] for t in reply[:place]]
            body = {"prompt": prompt, "n_predict": 1, "n_probs": vocabulary, "temperature": 1, "cache_prompt": True}
            answer = engine.post("/completion", {**body, "samplers": []})["completion_probabilities"][0]
            true = reply[place]
            nats -= next((p["logprob"] for p in answer["top_logprobs"] if p["id"] == true["id"]), -30.0)
            piece = true["piece"]
            size += len(piece.encode()) if isinstance(piece, str) else len(piece)
            seen += 1
    return {"bits_per_byte": round(nats / math.log(2) / size, 4), "tokens": seen, "bytes": size}


def latency(model: Path, cases: list[Case], threads: int) -> dict[str, Any]:
    """Milliseconds for 24 tokens after about 500: cold, and warm after one more character; floor: /health."""
    long = [c for c in cases if len(c.before) > 1400 and len(c.after) > 500][:30]
    cold, warm, floor, sizes = [], [], [], []
    with Engine(model, threads) as engine:
        for case in long:
            body = {"input_prefix": case.prefix, "input_suffix": case.suffix, "n_predict": 24, "temperature": 0}
            body |= {"ignore_eos": True}
            began = time.perf_counter()
            reply = engine.post("/infill", {**body, "cache_prompt": False})
            cold.append(time.perf_counter() - began)
            sizes.append(reply["tokens_evaluated"])
            engine.post("/infill", {**body, "n_predict": 1, "cache_prompt": True})
            body["input_prefix"] = case.prefix + case.rest[:1]
            began = time.perf_counter()
            engine.post("/infill", {**body, "cache_prompt": True})
            warm.append(time.perf_counter() - began)
            began = time.perf_counter()
            engine.health()
            floor.append(time.perf_counter() - began)
        resident = engine.resident()

    def figures(values: list[float]) -> dict[str, float]:
        ordered = sorted(values)
        return {
            "p50": round(1e3 * statistics.median(ordered), 1),
            "p95": round(1e3 * ordered[int(0.95 * len(ordered))], 1),
        }

    return {
        "threads": threads, "runs": len(long), "prompt_tokens_p50": statistics.median(sizes),
        "cold_ms": figures(cold), "warm_ms": figures(warm), "health_ms": figures(floor),
        "start_ms": round(1e3 * engine.start_seconds), "resident_mb": round(resident, 1),
    }  # fmt: skip


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("texts", type=Path)
    ask.add_argument("--model", type=Path, default=MODEL)
    ask.add_argument("--cases", type=int, default=400)
    ask.add_argument("--windows", type=int, default=40)
    ask.add_argument("--places", type=int, default=50)
    ask.add_argument("--out", type=Path)
    a = ask.parse_args()
    cases = choose(a.texts, a.cases)
    results: dict[str, Any] = {"held_out_projects": sorted({c.project for c in cases})}
    results["latency"] = [latency(a.model, cases, n) for n in (1, 2)]
    with Engine(a.model) as engine:
        results["rest_of_line"] = rest_of_line(engine, cases)
        results["engine_sample"] = bits_per_byte(engine, a.texts, a.windows, a.places, 4096)
    text = json.dumps(results, indent=2)
    print(text)
    if a.out:
        a.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
