"""What a user would see of the shipped model: prompt, adapter, engine and post-processing as the server runs them.

    python tests/bench/model/shown.py BUILD/evaluate.jsonl [--cases 600] [--out RESULTS.json]

BUILD/evaluate.jsonl comes from docs/model/data.py. The threshold is chosen on every second of the held-out projects
and reported on the others. Right is a suggestion with which the author's own text goes on. Asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cases import Case, choose, longest_match

from lanyard_analyzers.complete import Situation, StreamStop, budget_for, build_prompt, postprocess, situate
from lanyard_analyzers.text import Text
from lanyard_routing.adapters.base import Adapter, FillRequest, Timeouts
from lanyard_routing.adapters.prefix import Filling
from lanyard_routing.engine.adapter import EngineAdapter
from lanyard_routing.engine.client import Engine
from lanyard_routing.engine.starter import stop_all
from lanyard_routing.local import options_of
from lanyard_routing.models import LocalModel, shipped

THRESHOLDS = (-0.15, -0.25, -0.35, -0.45, -0.6, -0.8, -1.0, -1.5, -2.5, None)
WANTED = 0.8
REPLY = 64


@dataclass(frozen=True, slots=True)
class Cursor:
    """A case as the server sees it."""

    project: str
    place: str
    truth: str
    request: FillRequest
    situation: Situation
    copied: str


def cursors(case: Case, context: int) -> list[Cursor]:
    """The case's own cursor, and the one at the start of its line's code, where nothing is typed yet."""
    head = case.before.rpartition("\n")[2]
    code = len(head) - len(head.lstrip())
    found: list[Cursor] = []
    for place, back in ((case.place, 0), ("empty line", len(head) - code)):
        before = case.before[: len(case.before) - back]
        rest = case.before[len(before) :] + case.rest
        text = Text(before + case.after)  # the author is still typing: the rest of the line is not there
        prompt = build_prompt(text, len(before), budget=budget_for(context, reply=REPLY))
        request = FillRequest(prompt.prefix, prompt.suffix, max_tokens=REPLY)
        copied = longest_match(prompt.prefix, prompt.suffix)
        found.append(Cursor(case.project, place, rest, request, situate(text, len(before), "python"), copied))
    return found


async def ask(adapter: Adapter, cursor: Cursor) -> tuple[str, float]:
    """What would be shown, and after how many seconds."""
    stop, finish = StreamStop(cursor.situation), "stop"
    began = time.perf_counter()
    stream = adapter.fill(cursor.request, Timeouts())
    async for delta in stream:
        if delta.text and stop.feed(delta.text):
            break
        if delta.finish is not None:
            finish = delta.finish
            break
    took = time.perf_counter() - began
    async for _ in stream:
        pass
    return postprocess(stop.text, cursor.situation, finish=finish), took


def first_word(text: str) -> str:
    found = re.match(r"\s*(\w+|\W)", text)
    return found.group(1) if found else ""


def figures(asked: list[Cursor], said: list[str]) -> dict[str, float]:
    """Shares: shown of all; of those shown, wholly right, first word right, whole line right; mean length shown."""
    shown = [(cursor.truth, text) for cursor, text in zip(asked, said, strict=True) if text.strip()]
    count = max(1, len(shown))
    right = [text for truth, text in shown if truth.startswith(text)]
    return {
        "cases": len(asked),
        "shown": round(len(shown) / max(1, len(asked)), 3),
        "right": round(len(right) / count, 3),
        "first_word_right": round(sum(first_word(text) == first_word(truth) for truth, text in shown) / count, 3),
        "line_right": round(sum(text.rstrip() == truth.rstrip() for truth, text in shown) / count, 3),
        "characters": round(sum(len(text) for _, text in shown) / count, 1),
        "right_characters_per_case": round(sum(map(len, right)) / max(1, len(asked)), 2),
    }


def summary(asked: list[Cursor], said: list[str]) -> dict[str, Any]:
    """By half of the projects, then by where the cursor stands."""
    projects = sorted({cursor.project for cursor in asked})
    choice = set(projects[::2])
    groups: dict[str, Any] = {}
    for half, mine in (("chosen_on", True), ("reported_on", False)):
        for place in ("line", "inside a word", "between words", "empty line"):
            kept = [
                (cursor, text)
                for cursor, text in zip(asked, said, strict=True)
                if (cursor.project in choice) is mine
                and (cursor.place == place or (place == "line" and cursor.place != "empty line"))
            ]
            groups.setdefault(half, {})[place] = figures([c for c, _ in kept], [t for _, t in kept])
    return groups


def pick(by_threshold: dict[str, Any]) -> float | None:
    """The lowest threshold at which enough of what is shown inside a line is right, on the half to choose on."""
    good = [t for t in THRESHOLDS if t is not None]
    good = [t for t in good if by_threshold[str(t)]["chosen_on"]["line"]["right"] >= WANTED]
    return min(good) if good else None


async def measure(texts: Path, count: int, model: LocalModel) -> dict[str, Any]:
    asked = [cursor for case in choose(texts, count, seed=11) for cursor in cursors(case, model.context)]
    engine = Engine(options_of(model))
    adapters: dict[str, EngineAdapter] = {
        str(least): EngineAdapter(engine, model.as_model(), filling=Filling("prefix", least)) for least in THRESHOLDS
    }
    adapters["infill"] = EngineAdapter(engine, model.as_model())
    said: dict[str, list[str]] = {name: [] for name in adapters}
    took: dict[str, list[float]] = {"cold": [], "warm": []}
    await ask(adapters["None"], asked[0])
    for cursor in asked:
        for name, adapter in adapters.items():
            text, seconds = await ask(adapter, cursor)
            said[name].append(text)
            if name == str(THRESHOLDS[0]) and cursor.place != "empty line":
                took["cold"].append(seconds)
        if cursor.place != "empty line":  # one more key
            typed = replace(cursor.request, prefix=cursor.request.prefix + cursor.truth[:1])
            _, seconds = await ask(adapters["-0.45"], replace(cursor, request=typed))
            took["warm"].append(seconds)
    memory = engine.status().memory
    for adapter in adapters.values():
        await adapter.close()
    by_threshold = {name: summary(asked, each) for name, each in said.items()}
    return {
        "least_logprob": pick(by_threshold),
        "by_least_logprob": by_threshold,
        "copied": summary(asked, [cursor.copied for cursor in asked]),
        "latency": {name: _latency(values) for name, values in took.items()},
        "resident_mb": round(memory / 1e6, 1),
        "slots": engine.options.slots,
    }


def _latency(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50_ms": round(1e3 * statistics.median(ordered), 1),
        "p95_ms": round(1e3 * ordered[int(0.95 * len(ordered))], 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("texts", type=Path)
    parser.add_argument("--cases", type=int, default=600)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    model = shipped()
    assert model is not None, "this installation has no model"
    with tempfile.TemporaryDirectory() as home:
        os.environ["LANYARD_HOME"] = home
        try:
            results = asyncio.run(measure(given.texts, given.cases, model))
        finally:
            stop_all()
    text = json.dumps(results, indent=2) + "\n"
    print(text)
    if given.out:
        given.out.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
