"""Runs ctxbench over our slices and the rivals, and writes the tables of `results.md`.

    CTXBENCH=FOLDER python tests/bench/context/run.py                     # lanyard, estimate, bm25; rewrites results.md
    CTXBENCH=FOLDER python tests/bench/context/run.py --rows lanyard --no-write --limit 20
    CTXBENCH=FOLDER FURTHER=FOLDER AIDER=VENV/bin/python python tests/bench/context/run.py --rows lanyard,bm25,aider

CTXBENCH is a writable copy of ctxbench with its corpus unpacked; FURTHER a folder made by `cases.py`, whose held-out
half is run too. Owns running and writing down; what is right is decided by ctxbench's own scorer.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SYSTEMS = {
    "lanyard": "{here}/adapter.py:System",
    "estimate": "{here}/adapter.py:Estimated",
    "bm25": "{bench}/adapters/peers.py:BM25Lines",
    "aider": "{bench}/adapters/aider_map.py:System",
}
NAMES = {
    "lanyard": "Lanyard",
    "estimate": "Lanyard, own token estimate",
    "bm25": "BM25 over chunks of ten lines",
    "aider": "aider 0.86.2, repo map",
}
BARS = {
    ("python", "line"): {256: 0.68, 512: 0.80, 1024: 0.90, 2048: 0.96},
    ("python", "body"): {512: 0.80, 1024: 0.88, 2048: 0.93},
    ("python", "slice"): {256: 0.90, 512: 0.96, 1024: 0.98},
    ("typescript", "line"): {512: 0.72, 1024: 0.83, 2048: 0.90},
}
TITLES = {
    ("python", "line"): "Python, next statement",
    ("python", "body"): "Python, function body",
    ("python", "slice"): "Python, function at the cursor",
    ("typescript", "line"): "TypeScript, next statement",
    ("typescript", "slice"): "TypeScript, function at the cursor",
}
BUDGETS = (256, 512, 1024, 2048, 4096)
Row = dict[str, Any]


def run(bench: Path, name: str, options: list[str]) -> None:
    """One system over the cases, in a process of its own; its scores are left in the folder of ctxbench."""
    system = SYSTEMS[name].format(here=HERE, bench=bench)
    python = os.environ.get("AIDER", sys.executable) if name == "aider" else sys.executable
    command = [sys.executable, "ctxbench.py", "run", "--name", name, "--system", system, "--python", python, *options]
    times = bench / "results" / f"{name}.cpu"
    times.unlink(missing_ok=True)
    where = {**os.environ, "CONTEXT_TIMES": str(times)}
    subprocess.run(command, cwd=bench, check=True, stdout=subprocess.DEVNULL, env=where)


def processor(bench: Path | None, name: str) -> list[float]:
    """Milliseconds of processor time of each query but the first of a repository, in order of size."""
    path = bench / "results" / f"{name}.cpu" if bench is not None else None
    return sorted(1e3 * float(line) for line in path.read_text().split()) if path is not None and path.exists() else []


def rows_of(bench: Path, name: str) -> list[Row]:
    """The scored rows of a system that was run, or none."""
    path = bench / "results" / f"{name}.scored.json"
    return json.loads(path.read_text("utf-8"))["rows"] if path.exists() else []


def mean(rows: list[Row], track: tuple[str, str], budget: int, measure: str = "use") -> float | None:
    """The macro recall of a track at a budget: each case counts once."""
    of = "call_n" if measure == "call" else "n"
    found = [
        row[measure] / row[of]
        for row in rows
        if (row["lang"], row["track"]) == track and row["budget"] == budget and row.get(of)
    ]
    return statistics.mean(found) if found else None


def compression(rows: list[Row], track: tuple[str, str], budget: int) -> float | None:
    """Tokens of the whole files that a function and its definitions stand in, over those of function and slice."""
    found = [row for row in rows if (row["lang"], row["track"]) == track and row["budget"] == budget]
    if not found:
        return None
    return sum(row["whole"] for row in found) / max(1, sum(row["tokens"] + row["func"] for row in found))


def percentile(values: list[float], part: float) -> float:
    """The value below which that part of the values lies."""
    ordered = sorted(values)
    return ordered[round(part * (len(ordered) - 1))] if ordered else float("nan")


def tables(rows: dict[str, list[Row]]) -> list[str]:
    """A table a track: `use` recall and tokens used at each budget, with what else ctxbench measures."""
    lines: list[str] = []
    for track, title in TITLES.items():
        count = len({row["id"] for found in rows.values() for row in found if (row["lang"], row["track"]) == track})
        if not count:
            continue
        lines += ["", f"### {title}: {count} cases", ""]
        extra = track[1] == "slice"
        lines += ["| `use` recall (tokens used) | " + " | ".join(f"@{budget}" for budget in BUDGETS) + " |"]
        lines += ["|---|" + "---|" * len(BUDGETS)]
        for name, found in rows.items():
            lines += [f"| {NAMES[name]} | " + " | ".join(_cell(found, track, budget) for budget in BUDGETS) + " |"]
        if track in BARS:
            bars = (BARS[track].get(budget) for budget in BUDGETS)
            lines += ["| bar | " + " | ".join("" if bar is None else f"{bar:.2f}" for bar in bars) + " |"]
        for label, measure in (("callers", callers_at), ("compression", compression)) if extra else ():
            for name, found in rows.items():
                values = (measure(found, track, budget) for budget in BUDGETS)
                shown = ("" if value is None else f"{value:.{1 if label == 'compression' else 2}f}" for value in values)
                lines += [f"| {label}: {NAMES[name]} | " + " | ".join(shown) + " |"]
    return lines


def callers_at(rows: list[Row], track: tuple[str, str], budget: int) -> float | None:
    """The share of callers outside tests that are shown."""
    return mean(rows, track, budget, "call")


def _cell(rows: list[Row], track: tuple[str, str], budget: int) -> str:
    value = mean(rows, track, budget)
    if value is None:
        return ""
    used = statistics.mean(
        row["tokens"] for row in rows if (row["lang"], row["track"]) == track and row["budget"] == budget
    )
    return f"{value:.3f} ({used:.0f})"


def bars(rows: list[Row], further: list[Row], spent: tuple[list[float], list[float]] = ([], [])) -> list[str]:
    """Every bar that ctxbench decides: the figure, whether it is reached, and that of the held-out packages."""
    lines = ["| measure | bar | corpus | short by | further packages |", "|---|---|---|---|---|"]
    for track, wanted in BARS.items():
        for budget, bar in wanted.items():
            value, other = mean(rows, track, budget), mean(further, track, budget)
            lines.append(_bar(f"{TITLES[track]} @{budget}", bar, value, other))
    slices = ("python", "slice")
    best = _compression_at(rows, slices), _compression_at(further, slices)
    lines.append(_bar("Python, compression where `use` ≥ .95", 25, *best))
    for budget in (1024,):
        values = callers_at(rows, slices, budget), callers_at(further, slices, budget)
        lines.append(_bar(f"Python, callers shown @{budget}", 0.75, *values))
        both = callers_at(rows, ("typescript", "slice"), budget)
        lines.append(_bar(f"TypeScript, callers shown @{budget}", 0.75, both, None))
    warm = [1e3 * row["secs"] for row in rows if not row["first"]]
    other = [1e3 * row["secs"] for row in further if not row["first"]]
    for label, part, bar in (("p50", 0.5, 5.0), ("p95", 0.95, 30.0)):
        value = percentile(warm, part) if warm else None
        there = percentile(other, part) if other else None
        lines.append(_bar(f"warm query, {label}, ms", bar, value, there, least=False))
        used, beyond = (percentile(one, part) if one else None for one in spent)
        lines.append(_bar(f"warm query, {label}, ms of processor time", bar, used, beyond, least=False))
    return lines


def _compression_at(rows: list[Row], track: tuple[str, str]) -> float | None:
    found = (budget for budget in BUDGETS if (mean(rows, track, budget) or 0) >= 0.95)
    return next((compression(rows, track, budget) for budget in found), None)


def _bar(label: str, bar: float, value: float | None, other: float | None, *, least: bool = True) -> str:
    digits = 3 if bar < 1 else 1
    shown = ["–" if one is None else f"{one:.{digits}f}" for one in (value, other)]
    if value is None:
        short = "not reached"
    else:
        gap = bar - value if least else value - bar
        short = "reached" if gap <= 0 else f"{gap:.{digits}f}"
    return f"| {label} | {'≥' if least else '≤'} {bar:.{digits}f} | {shown[0]} | {short} | {shown[1]} |"


def held_out(rows: list[Row]) -> list[str]:
    """Which packages the model behind a completion's context has never seen."""
    found = {lang: sorted({row["repo"] for row in rows if row["lang"] == lang}) for lang in ("python", "typescript")}
    return [f"- {lang}: {', '.join(names)}" for lang, names in found.items() if names]


def main() -> int:
    """Run what is asked for and write it down; 0 where there is no benchmark to run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", default="lanyard,estimate,bm25")
    parser.add_argument("--no-run", action="store_true", help="write from the results that are there")
    parser.add_argument("--no-write", action="store_true")
    parser.add_argument("--limit", default="0", help="cases a track; 0 for all")
    parser.add_argument("--tracks", default="line,body,slice")
    parser.add_argument("--langs", default="python,typescript")
    parser.add_argument("--budgets", default=",".join(map(str, BUDGETS)))
    parser.add_argument("--jobs", default="1")
    parser.add_argument("--machine", default="", help="the machine in words")
    parser.add_argument("--remark", default="", help="what else there is to say of the further packages")
    asked = parser.parse_args()
    if "CTXBENCH" not in os.environ:
        print("CTXBENCH names no folder: see README.md beside this file")
        return 0
    bench = Path(os.environ["CTXBENCH"]).resolve()
    further = Path(os.environ["FURTHER"]).resolve() if "FURTHER" in os.environ else None
    options: list[str] = []
    for name in ("limit", "tracks", "langs", "budgets", "jobs"):
        options += [f"--{name}", getattr(asked, name)]
    wanted = [row for row in asked.rows.split(",") if row]
    if not asked.no_run:
        for name in wanted:
            run(bench, name, options)
        if further is not None:
            run(further, "lanyard", [*options, "--split", "test"])
    rows = {name: found for name in SYSTEMS if (found := rows_of(bench, name))}
    others = [row for row in rows_of(further, "lanyard") if row["split"] == "test"] if further is not None else []
    spent = processor(bench, "lanyard"), processor(further, "lanyard")
    report = ["## Bars", "", *bars(rows.get("lanyard", []), others, spent), "", "## The corpus", *tables(rows)]
    if others:
        report += ["", "## Further packages, held out", "", *held_out(others), *tables({"lanyard": others})]
        report += ["", asked.remark] if asked.remark else []
    times = bench / "results" / "times.md"
    if times.exists():
        report += ["", times.read_text("utf-8").strip()]
    text = "\n".join(report) + "\n"
    print(text)
    if not asked.no_write:
        machine = f" Machine: {asked.machine}." if asked.machine else ""
        when = f"Run on {time.strftime('%Y-%m-%d')}, version {_version()}.{machine}"
        remarks = _REMARKS if "aider" in rows else _REMARKS + _AIDER
        (HERE / "results.md").write_text(f"# Results of the context benchmark\n\n{when}\n{remarks}\n{text}", "utf-8")
    return 0


_REMARKS = """Written by `run.py` from a real run; `README.md` says how. Tokens are tiktoken's `o200k_base`, which
stands for the model's own tokenizer; one row counts with our own estimate instead. Differences below 0.03 between two
systems on the same cases are noise. The model behind a completion's context was fitted on the corpus and on other
packages; the further packages were held out of that, so that theirs are the figures to expect elsewhere for Python.
"""


_AIDER = """
aider's repo map was not run here (it takes 12 to 20 minutes of a quiet machine). Its figures as they came with
ctxbench, `use` recall: next statement of Python @256 / 512 / 1,024 / 2,048 .12 / .20 / .27 / .36; function body
@512 / 1,024 / 2,048 .26 / .34 / .41; function at the cursor @256 / 512 / 1,024 .10 / .13 / .16; next statement of
TypeScript @512 / 1,024 / 2,048 .05 / .12 / .12; callers @1,024 .02; warm query 171–231 ms (p50), 1,100–1,750 ms (p95).
"""


def _version() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main())
