"""Measure the model through the real engine, on projects it was not trained on; one command, one table.

    python tests/bench/model/run.py BUILD [--model GGUF] [--quick] [--processes 2]

BUILD holds evaluate.jsonl and evaluate-other.jsonl (docs/model/data.py), evaluate-newer.jsonl (newer.py) and the n-gram
model (ngram_build.py); what is missing is left out and said. Writes BUILD/results.json, results.md and records.json,
from which `--again` makes the first two anew. Owns the order and the amounts; asserts nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cases
import entropy
import latency
import lines
import names
import shown
from cases import Case, Held
from desk import Desk
from engine import SHIPPED, Engine
from ngram import Ngram
from report import figures, table
from shown import WAY

from lanyard_routing.adapters.healing import Filling


@dataclass(frozen=True, slots=True)
class Amounts:
    """How much is measured; characters for the entropies, the rest are cases."""

    lines: int = 1000
    slow_lines: int = 500  # of those, asked in the slower ways as well
    other: int = 200
    names: tuple[int, int] = (1000, 150)
    shown: int = 660
    held: int = 150_000
    newer: int = 60_000
    timed: int = 30
    shipped: int = 60  # through the adapter with the threshold that was chosen

    def less(self) -> Amounts:
        few = [max(1, each // 8) for each in (self.lines, self.slow_lines, self.other, self.shown)]
        names = self.names[0] // 8, self.names[1] // 8
        return Amounts(few[0], few[1], few[2], names, few[3], self.held // 8, self.newer // 8, timed=5, shipped=10)


@dataclass(frozen=True, slots=True)
class Part:
    """What one process does in one go."""

    kind: str
    cases: tuple[Case, ...] = ()
    files: tuple[Held, ...] = ()
    ways: frozenset[str] = frozenset()
    counts: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Desktop:
    """What a process keeps from part to part."""

    engine: Engine | None = None
    ngram: Ngram | None = None
    given: dict[str, Any] = field(default_factory=dict[str, Any])


HERE = Desktop()


def begin(model: Path, build: Path) -> None:
    """Start the process's own engine; it ends with the process."""
    HERE.engine = Engine(model).__enter__()
    ngram = Ngram(build) if (build / "ngram.json").is_file() else None
    told = HERE.engine.post("/tokenize", {"content": "return self.value(name)[0]\n", "with_pieces": True})["tokens"]
    # The rival knows the tokens of BUILD/tokenizer.json; with a model of other tokens it is left out.
    same = ngram is not None and [ngram.tokens[each["id"]].decode() for each in told] == [
        each["piece"] for each in told
    ]
    HERE.ngram = ngram if same else None


def measured(part: Part) -> tuple[str, list[dict[str, Any]], float]:
    """The records of a part, and how many seconds of processor time they took, the engine's with them."""
    engine = HERE.engine
    assert engine is not None
    began = time.process_time() + engine.busy()
    if part.kind.startswith("lines"):
        found = [lines.record(engine, case, HERE.ngram, part.ways) for case in part.cases]
    elif part.kind in {"held", "newer"}:
        found = [record for file in part.files for record in entropy.records(engine, file, HERE.ngram)]
    else:
        found = asyncio.run(_project(engine, part))
    return part.kind, found, time.process_time() + engine.busy() - began


async def _project(engine: Engine, part: Part) -> list[dict[str, Any]]:
    desk = Desk(part.files, engine.options.context)
    adapter = engine.adapter(Filling(WAY))
    try:
        await adapter.probe()
        if part.kind == "names":
            rng = random.Random(f"names {part.files[0].project}")
            chosen = names.choose(desk, list(part.files), part.counts, rng)
            return [each for case, facts in chosen for each in await names.records(adapter, desk, case, facts)]
        return [record for case in part.cases for record in await shown.records(adapter, desk, case)]
    finally:
        await adapter.close()
        desk.end()


def family(file: Held) -> str:
    """The language under which a file is counted."""
    return "typescript" if file.language == "tsx" else file.language


def parts(build: Path, amounts: Amounts) -> list[Part]:
    """All parts but the timing, those that take longest first."""
    files = cases.held_out(build / "evaluate.jsonl")
    projects: dict[str, list[Held]] = defaultdict(list)
    for file in files:
        projects[file.project].append(file)
    found: list[Part] = []
    each, seen = len(projects), defaultdict[str, list[Case]](list)
    for case in cases.choose(files, amounts.shown, seed=11):
        seen[case.file.project].append(case)
    for number, (name, group) in enumerate(sorted(projects.items())):
        counts = _share(amounts.names[0], number, each), _share(amounts.names[1], number, each)
        found.append(Part("names", files=tuple(group), counts=counts))
        found.append(Part("shown", tuple(seen[name]), tuple(group)))
    every, quick = frozenset(lines.WAYS), frozenset(lines.WAYS) - {"infill", "healed", "prefix"}
    chosen = cases.choose(files, amounts.lines, seed=7)
    random.Random(1).shuffle(chosen)
    for start in range(0, len(chosen), 50):
        ways = every if start < amounts.slow_lines else quick
        found.append(Part("lines", tuple(chosen[start : start + 50]), ways=ways))
    other = build / "evaluate-other.jsonl"
    if other.is_file():
        rows = cases.held_out(other)
        count = amounts.other * len({family(file) for file in rows})
        chosen = cases.choose(rows, count, seed=7, by=family)
        ways = frozenset({WAY, "match", "file", "line"})
        found += [Part("lines-other", tuple(chosen[at : at + 50]), ways=ways) for at in range(0, len(chosen), 50)]
    for kind, source, size in (("held", files, amounts.held), ("newer", _newer(build), amounts.newer)):
        some = entropy.choose(source, size, seed=11)
        found += [Part(kind, files=tuple(some[at::4])) for at in range(4) if some[at::4]]
    return found


def _newer(build: Path) -> list[Held]:
    path = build / "evaluate-newer.jsonl"
    return cases.held_out(path) if path.is_file() else []


def _share(count: int, number: int, of: int) -> int:
    return round(count * (number + 1) / of) - round(count * number / of)


async def _shipped(model: Path, build: Path, amounts: Amounts, way: str) -> list[dict[str, Any]]:
    """Some of the cases that were asked for what is shown, through the adapter as the card will set it up; alone."""
    files = cases.held_out(build / "evaluate.jsonl")
    every = cases.choose(files, amounts.shown, seed=11)
    found: list[dict[str, Any]] = []
    with Engine(model, threads=0) as engine:
        for project in sorted({case.file.project for case in every}):
            desk = Desk([file for file in files if file.project == project], engine.options.context)
            mine = [case for case in every if case.file.project == project]
            found += await shown.shipped(engine, desk, mine[: -(-amounts.shipped // 10)], way)
            desk.end()
    return found


def collect(
    model: Path, build: Path, amounts: Amounts, processes: int, least_right: float, *, only: str = ""
) -> dict[str, Any]:
    """All records, by kind, or those of one. The timing comes first and alone, what is shipped last."""
    began = time.perf_counter()
    timed = cases.choose(cases.held_out(build / "evaluate.jsonl"), 400, seed=7)
    random.Random(2).shuffle(timed)
    found: dict[str, Any] = {}
    if not only:
        found["latency"] = [latency.measure(model, timed, threads, amounts.timed) for threads in (1, 2)]
    spent: dict[str, float] = {}
    work = [part for part in parts(build, amounts) if only in {"", part.kind}]
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes, begin, (model, build)) as pool:
        for number, (kind, records, seconds) in enumerate(pool.imap_unordered(measured, work), 1):
            found.setdefault(kind, []).extend(records)
            spent[kind] = spent.get(kind, 0.0) + seconds
            print(f"\r{number} of {len(work)} parts, {time.perf_counter() - began:.0f} s", end="", flush=True)
    print()
    found["processor_s"] = {name: round(seconds, 1) for name, seconds in spent.items()}
    chosen = shown.summary(found["shown"], least_right)["way"] if found.get("shown") else None
    if chosen is not None:
        found["shipped"] = asyncio.run(_shipped(model, build, amounts, chosen))
    found["wall_s"] = round(time.perf_counter() - began, 1)
    found["load"] = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return found


def _merged(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What was measured before with one kind of it measured again; the times add up."""
    spent = before["processor_s"] | after["processor_s"]
    return before | after | {"processor_s": spent, "wall_s": round(before["wall_s"] + after["wall_s"], 1)}


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("build", type=Path)
    ask.add_argument("--model", type=Path, default=SHIPPED)
    ask.add_argument("--quick", action="store_true", help="an eighth of the cases")
    ask.add_argument("--processes", type=int, default=2)
    ask.add_argument(
        "--only", default="", help="records of this kind (shown, names, ...); the others of records.json stay"
    )
    ask.add_argument("--again", action="store_true", help="from BUILD/records.json")
    ask.add_argument(
        "--least-right", type=float, default=0.75, help="share of what is shown inside a line that is right"
    )
    ask.add_argument("--out", type=Path, help="folder for what is written; BUILD by default")
    given = ask.parse_args()
    out = given.out or given.build
    if not given.again:
        amounts = Amounts().less() if given.quick else Amounts()
        found = collect(given.model, given.build, amounts, given.processes, given.least_right, only=given.only)
        if given.only:
            found = _merged(json.loads((out / "records.json").read_text("utf-8")), found)
        (out / "records.json").write_text(json.dumps(found), "utf-8")
    results = figures(json.loads((out / "records.json").read_text("utf-8")), given.least_right)
    exact = given.build / "perplexity.json"
    if exact.is_file():
        results["perplexity"] = json.loads(exact.read_text("utf-8"))
    (out / "results.json").write_text(json.dumps(results, indent=2) + "\n", "utf-8")
    (out / "results.md").write_text(table(results), "utf-8")
    print(table(results))


if __name__ == "__main__":
    main()
