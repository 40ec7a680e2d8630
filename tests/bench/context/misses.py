"""Says for each definition that a context misses at which step it was lost.

    CTXBENCH=FOLDER python tests/bench/context/misses.py --track line --budget 1024 --show 5

Steps: `no symbol` (extraction has no record of it), `not resolved` (the true reference leads nowhere), `not gathered`
(it resolves, but was no candidate), `no room` (a candidate that was not chosen), `badly shown` (chosen, but the scorer
does not see all that a use needs). For a cut buffer it says too whether the buffer names the definition at all. Runs
in one process, so that the sums at the end are those of ctxbench without its times.
"""

from __future__ import annotations

import argparse
import ast
import collections
import json
import os
import re
import statistics
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

Case = dict[str, Any]
Target = dict[str, Any]
EXTENSIONS = {"python": "py", "typescript": "ts"}


@dataclass
class Tally:
    """What was found over the cases of a run."""

    recall: dict[tuple[str, str, int], list[float]] = field(default_factory=lambda: collections.defaultdict(list))
    used: dict[tuple[str, str, int], list[float]] = field(default_factory=lambda: collections.defaultdict(list))
    callers: dict[tuple[str, str, int], list[float]] = field(default_factory=lambda: collections.defaultdict(list))
    repos: dict[tuple[str, str, str], list[float]] = field(default_factory=lambda: collections.defaultdict(list))
    steps: dict[tuple[str, str, int], collections.Counter[str]] = field(
        default_factory=lambda: collections.defaultdict(collections.Counter)
    )
    examples: dict[tuple[str, str, int, str], list[str]] = field(default_factory=lambda: collections.defaultdict(list))
    seconds: list[float] = field(default_factory=list)


def masked(source: str, mask: list[int] | None) -> str:
    """The buffer as the user has it, as ctxbench's worker cuts it."""
    if not mask:
        return source
    lines = source.splitlines(keepends=True)
    first, column, last, end = mask
    tail = lines[last][end:] if last < len(lines) else ""
    kept = tail if tail.strip() else ("\n" if tail.endswith("\n") else tail)
    return "".join(lines[:first]) + lines[first][:column] + kept + "".join(lines[last + 1 :])


def parts(node: ast.expr) -> list[str]:
    """A reference as `Resolver.chain` takes it; empty for what is none."""
    match node:
        case ast.Name():
            return [node.id]
        case ast.Attribute():
            before = parts(node.value)
            return [*before, node.attr] if before else []
        case ast.Call():
            before = parts(node.func)
            return [*before[:-1], before[-1] + "()"] if before else []
        case ast.Await():
            return parts(node.value)
        case _:
            return []


class Chains:
    """The true references of a case: how the whole file names what is asked for."""

    def __init__(self, source: str, case: Case) -> None:
        self.found: dict[str, list[tuple[int, list[str]]]] = collections.defaultdict(list)
        if case["lang"] != "python":
            return
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError):
            return
        first, last = (case["mask"][0] + 1, case["mask"][2] + 1) if case["mask"] else case["func_range"]
        for node in ast.walk(tree):
            if isinstance(node, ast.Name | ast.Attribute) and first <= (node.end_lineno or 0) <= last:
                name = node.attr if isinstance(node, ast.Attribute) else node.id
                self.found[name].append(((node.end_lineno or 1) - 1, parts(node)))


def step_of(system: Any, case: Case, target: Target, text: str, chains: Chains) -> tuple[str, str]:
    """(the step at which a target was lost, what there is to say of it)."""
    import score

    from lanyard_analyzers.resolve import Resolver

    places = [(one["file"], one["line"] - 1) for one in target["alts"]]
    made = system.made
    _, head, signature, _ = score.hit(text, target, case["lang"])
    if signature:
        return "badly shown", "no constructor or fields"
    if head:
        return "badly shown", "no parameters"

    def at(pieces: Any) -> Any:
        for rank, piece in enumerate(pieces):
            if any(piece.path == path and piece.first_line <= line <= piece.last_line for path, line in places):
                return rank, piece
        return None

    chosen = at([one for one in made.pieces if one.why != "target"])
    if chosen is not None:
        return "badly shown", f"in a piece: {chosen[1].why}, {chosen[1].tier}"
    named = bool(re.search(rf"(?<![\w$]){re.escape(target['name'])}(?![\w$])", system.open[2].text.content))
    told = "" if case["track"] == "slice" else (", named in the buffer" if named else ", not named in the buffer")
    dropped = at(made.dropped)
    if dropped is not None:
        return (
            "no room" + told,
            f"rank {dropped[0]} of {len(made.dropped)}: {dropped[1].why}, {dropped[1].tokens} tokens",
        )
    if not any(
        one.head <= line <= max(one.head_end, one.head) for path, line in places for one in system.index.symbols(path)
    ):
        return "no symbol" + told, ""
    resolver = Resolver(system.index)
    tried: list[str] = []
    for line, chain in chains.found[target["name"]]:
        if not chain:
            tried.append("(no chain)")
            continue
        links = resolver.chain(case["file"], line, tuple(chain))
        tried.append(".".join(chain))
        for link in links:
            symbol = link.place.symbol
            if any(link.place.path == path and symbol.head <= row <= symbol.head_end for path, row in places):
                return "not gathered" + told, f"{tried[-1]}: {link.via} {link.certainty:.2f}"
    if case["lang"] != "python":
        return "not gathered" + told, ""
    return "not resolved" + told, ", ".join(sorted(set(tried)))


def look(system: Any, bench: Path, cases: list[Case], budgets: list[int], tally: Tally) -> None:
    """Run the cases of one repository."""
    import score
    import tok

    root = bench / "corpus" / EXTENSIONS[cases[0]["lang"]] / cases[0]["repo"]
    system.prepare(str(root))
    for case in cases:
        path = root / case["file"]
        with path.open(encoding="utf-8", newline="") as file:
            source = file.read()
        buffer, chains = masked(source, case["mask"]), None
        task = "function" if case["track"] == "slice" else "complete"
        for budget in budgets:
            begin = time.process_time()
            text = system.context(str(root), str(path), case["line"], case["col"], budget, task, buffer)
            tally.seconds.append(time.process_time() - begin)
            text = tok.cut(text, budget)
            key = (case["lang"], case["track"], budget)
            hits = [score.hit(text, target, case["lang"])[3] for target in case["targets"]]
            tally.recall[key].append(statistics.mean(hits))
            tally.used[key].append(tok.count(text))
            if budget == budgets[-1]:
                tally.repos[case["lang"], case["track"], case["repo"]].append(statistics.mean(hits))
            shown, asked = score.callers(text, case)
            if asked:
                tally.callers[key].append(shown / asked)
            for target, hit in zip(case["targets"], hits, strict=True):
                if hit:
                    continue
                chains = chains or Chains(source, case)
                step, remark = step_of(system, case, target, text, chains)
                tally.steps[key][step] += 1
                first = target["alts"][0]
                owner = f"{first['owner']}." if first.get("owner") else ""
                what = f"{owner}{first['name']} ({first['kind']}) of {first['file']}:{first['line']}"
                tally.examples[*key, step].append(f"{case['id']}: {what}; {remark}")


def report(tally: Tally, budgets: list[int], show: int) -> None:
    """Print the counts, the examples, and the sums."""
    for key in sorted(tally.steps):
        if key[2] not in budgets:
            continue
        total = sum(tally.steps[key].values())
        print(f"\n## {key[0]} {key[1]} @{key[2]}: {total} definitions missed")
        for step, count in tally.steps[key].most_common():
            print(f"{count:5d}  {step}")
            for example in tally.examples[*key, step][:show]:
                print(f"         {example}")
    print("\n## `use` recall (tokens used), callers")
    for key in sorted(tally.recall):
        callers = tally.callers.get(key)
        more = f", callers {statistics.mean(callers):.2f}" if callers else ""
        value, used = statistics.mean(tally.recall[key]), statistics.mean(tally.used[key])
        print(f"{key[0]:10} {key[1]:5} @{key[2]:<4} n={len(tally.recall[key]):<4} {value:.3f} ({used:.0f}){more}")
    print("\n## by repository, at the largest budget")
    for (lang, track, repo), values in sorted(tally.repos.items()):
        print(f"{lang:10} {track:5} {repo:32} n={len(values):<3} {statistics.mean(values):.3f}")
    ordered = sorted(tally.seconds)
    if ordered:
        middle, late = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)]
        print(f"\nCPU time of a query: p50 {middle * 1e3:.1f} ms, p95 {late * 1e3:.1f} ms")


def cases_of(bench: Path, lang: str, split: str) -> list[Case]:
    """The cases of a folder of ctxbench's form; `split` is dev, test or all."""
    import ctxbench

    path = bench / "cases" / f"{lang}.jsonl"
    found = [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    return [one for one in found if split == "all" or (one["repo"] in ctxbench.DEV) == (split == "dev")]


def main() -> int:
    """Run and report; 0 where there is no benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--track", default="line,body,slice")
    parser.add_argument("--lang", default="python,typescript")
    parser.add_argument("--budget", default="256,512,1024,2048")
    parser.add_argument("--explain", default="", help="budgets whose misses are told; all else")
    parser.add_argument("--split", default="all")
    parser.add_argument("--show", type=int, default=3, help="examples of each step")
    parser.add_argument("--every", type=int, default=1, help="only every so many cases of a track")
    parser.add_argument("--repo", default="")
    asked = parser.parse_args()
    if "CTXBENCH" not in os.environ:
        print("CTXBENCH names no folder: see README.md beside this file")
        return 0
    bench = Path(os.environ["CTXBENCH"]).resolve()
    sys.path.insert(0, str(bench))
    import adapter

    from lanyard_analyzers.slices import model

    model.DROPPED_MOST = 100_000
    budgets = [int(one) for one in asked.budget.split(",")]
    tally = Tally()
    system = adapter.System()
    for lang in asked.lang.split(","):
        kept: dict[str, list[Case]] = collections.defaultdict(list)
        seen: collections.Counter[str] = collections.Counter()
        for case in cases_of(bench, lang, asked.split):
            if case["track"] in asked.track.split(",") and asked.repo in case["repo"]:
                seen[case["track"]] += 1
                if seen[case["track"]] % asked.every == 0:
                    kept[case["repo"]].append(case)
        for repo in sorted(kept):
            look(system, bench, sorted(kept[repo], key=lambda case: (case["file"], case["id"])), budgets, tally)
    report(tally, [int(one) for one in asked.explain.split(",")] if asked.explain else budgets, asked.show)
    return 0


if __name__ == "__main__":
    sys.exit(main())
