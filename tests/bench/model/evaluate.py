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
import re
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from cases import Case, choose, held_out, longest_match, similar_line
from engine import Engine

MODEL = Path(__file__).parents[3] / "routing/lanyard_routing/data/lanyard-fim.gguf"
GREEDY = {"temperature": 0, "cache_prompt": False, "seed": 1}
PREFIX, SUFFIX, MIDDLE = 1, 2, 3  # token numbers, as docs/model/tokens.py writes them


def first_word(text: str) -> str:
    """The first word, or the first other character, blanks before it aside."""
    found = re.match(r"\w+|\W", text)
    return found.group() if found else ""


def logprob(reply: dict[str, Any]) -> float:
    """Mean over the suggestion's tokens; very low where there are none."""
    values = [p["logprob"] for p in reply.get("completion_probabilities", ())] or [-99.0]
    return statistics.fmean(values)


def healed(prefix: str) -> tuple[str, str]:
    """The prefix up to where the tokeniser would begin a word at the cursor, and what was typed since."""
    found = re.search(r"[^\r\n\w]?\w*$", prefix)
    typed = found.group() if found else ""
    return prefix[: len(prefix) - len(typed)], typed


def answers(engine: Engine, case: Case) -> dict[str, tuple[str, float]]:
    """What the model and each rival put at the cursor, by name, and how sure each is.

    Healed: the prompt ends where a word begins, and a grammar makes the model start with what was typed of it.
    """
    line = {**GREEDY, "n_predict": 32, "stop": ["\n"], "n_probs": 1}
    plain = engine.post("/infill", {"input_prefix": case.prefix, "input_suffix": case.suffix, **line})
    found = {"model": (plain["content"], logprob(plain))}
    prefix, typed = healed(case.prefix)
    if typed:  # line ends are allowed: a token may hold one after other text
        line["grammar"] = f"root ::= {json.dumps(typed)} [^\\n]* [\\n]*"
    prompts = {
        "model, healed": ("/infill", {"input_prefix": prefix, "input_suffix": case.suffix}),
        "model, healed, without suffix": ("/infill", {"input_prefix": prefix, "input_suffix": ""}),
        "model, healed, suffix first": ("/completion", {"prompt": [SUFFIX, case.suffix, PREFIX, prefix, MIDDLE]}),
        "model, healed, prefix only": ("/completion", {"prompt": prefix}),
    }
    for name, (path, body) in prompts.items():
        reply = engine.post(path, {**body, **line})
        found[name] = (reply["content"].removeprefix(typed), logprob(reply))
    found["longest match"] = (longest_match(case.prefix, case.suffix), 0.0)
    found["longest match, whole file"] = (longest_match(case.before, case.after), 0.0)
    found["similar line, whole file"] = (similar_line(case), 0.0)
    return {name: (text.split("\n")[0].strip(), sure) for name, (text, sure) in found.items()}


def rest_of_line(engine: Engine, cases: list[Case]) -> dict[str, Any]:
    """Shares of cases where the rest of the line, and where its first word, is what its author wrote."""
    lines: dict[str, list[bool]] = defaultdict(list)
    words: dict[str, list[bool]] = defaultdict(list)
    sure: dict[str, list[float]] = defaultdict(list)
    for case in cases:
        truth = case.rest.strip()
        for name, (said, mean) in answers(engine, case).items():
            lines[name].append(said == truth)
            words[name].append(first_word(said) == first_word(truth))
            sure[name].append(mean)
    places = [case.place for case in cases]
    out: dict[str, Any] = {"cases": len(cases), "exact_match": {}, "exact_match_by_place": {}, "first_word": {}}
    for name, hits in lines.items():
        share = statistics.fmean(hits)
        out["exact_match"][name] = round(share, 4)
        out["first_word"][name] = round(statistics.fmean(words[name]), 4)
        out["exact_match_by_place"][name] = {
            place: round(statistics.fmean(hit for hit, at in zip(hits, places, strict=True) if at == place), 4)
            for place in sorted(set(places))
        }
    out["mean_logprob_all"] = {n: round(statistics.fmean(sure[n]), 3) for n in sure if n.startswith("model")}
    out["by_threshold"] = {n: thresholds(sure[n], lines[n], words[n]) for n in sure if n.startswith("model")}
    return out


def thresholds(sure: list[float], lines: list[bool], words: list[bool]) -> list[dict[str, float]]:
    """How often the surest suggestions are right, for some shares of all."""
    order = sorted(range(len(sure)), key=lambda i: -sure[i])
    rows: list[dict[str, float]] = []
    for share in (0.05, 0.1, 0.2, 0.3, 0.5, 1.0):
        kept = order[: max(1, round(share * len(order)))]
        rows.append({"shown": share, "mean_logprob_at_least": round(sure[kept[-1]], 3)})
        rows[-1]["line_right"] = round(statistics.fmean(lines[i] for i in kept), 3)
        rows[-1]["first_word_right"] = round(statistics.fmean(words[i] for i in kept), 3)
    return rows


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
    long = [c for c in cases if len(c.before) > 1400 and len(c.after) > 500][:20]
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
    ask.add_argument("--windows", type=int, default=20)
    ask.add_argument("--places", type=int, default=40)
    ask.add_argument("--out", type=Path)
    a = ask.parse_args()
    cases = choose(a.texts, a.cases)
    results: dict[str, Any] = {"held_out_projects": sorted({c.project for c in cases})}
    results["latency"] = [latency(a.model, cases, n) for n in (1,)]
    with Engine(a.model) as engine:
        results["rest_of_line"] = rest_of_line(engine, cases)
        results["engine_sample"] = bits_per_byte(engine, a.texts, a.windows, a.places, 4096)
    text = json.dumps(results, indent=2)
    print(text)
    if a.out:
        a.out.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
