"""Fits the table of `slices/chances.py`: how likely a definition is needed at a cursor, by what speaks for it.

    CTXBENCH=FOLDER FURTHER=FOLDER PYTHONPATH=analyzers python tests/bench/context/fit.py

Logistic regression by Newton's method, with a ridge, on the candidates of the line and body cases of ctxbench and of
the `dev` half of the further packages; the held-out half tells how good it is: the share of needed definitions among
the first 10, 20, 40 and 80 candidates. Needs numpy. Prints the table; `--write` puts it into the module.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from misses import cases_of, masked

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.slices import SliceRequest, chances
from lanyard_analyzers.slices.nearby import Nearby
from lanyard_analyzers.slices.prospects import Prospect, Prospects
from lanyard_analyzers.slices.scenes import scene_of
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import file_target
from lanyard_analyzers.text import Text
from lanyard_analyzers.workspace import DiskWorkspace

_USES = ("times", "before", "after", "just", "inside", "unused", "alike", "kin", "own")
FEATURES = [f"{p}_{x}" for p in "nra" for x in _USES]
FEATURES += ["imports", "siblings", "size", "words", "named", "missing", "is_class", "is_value", "is_function"]
FEATURES += ["is_method", "exception", "said", "beside_it", "property", "unasked", "undotted", "outside", "private"]
FEATURES += ["dunder"]
"""Features that count once more for each group of routes."""
Rows = list[tuple[dict[str, float], int]]
Case = dict[str, Any]


def expanded(features: dict[str, float]) -> dict[str, float]:
    """Features as the table has them: for themselves, and for the group of their route."""
    found = {"bias": 1.0, **features}
    for group, routes in chances.GROUPS:
        if not routes.isdisjoint(features):
            found |= {f"{group}:{name}": features[name] for name in FEATURES if name in features}
    return found


def rows_of(folder: Path, split: str) -> Iterator[tuple[Case, Rows]]:
    """The candidates of each case with whether they are needed."""
    root, index = Path(), None
    for case in sorted(cases_of(folder, "python", split), key=lambda one: (one["repo"], one["file"], one["id"])):
        if case["track"] == "slice":
            continue
        place = folder / "corpus" / "py" / case["repo"]
        if place != root or index is None:
            root, index = place, Index(DiskWorkspace(place))
        source = (root / case["file"]).read_bytes().decode()
        syntax = parse(Text.of(masked(source, case["mask"])), "python")
        offset = syntax.text.starts[min(case["line"], syntax.text.line_count - 1)] + case["col"]
        workspace, target = DiskWorkspace(root), file_target(syntax)
        request = SliceRequest(
            "complete", syntax, case["file"], target, workspace, 2048, index=index, cursor=min(offset, len(syntax.text))
        )
        scene = scene_of(request)
        found = Prospects(scene, Nearby(scene.file, request.cursor or 0)).gather()
        yield case, [(one.features, int(any(_is(one, target) for target in case["targets"]))) for one in found]
        index.drop(case["file"])


def _is(found: Prospect, target: Case) -> bool:
    place = found.place
    return any(
        one["file"] == place.path
        and one["name"] == place.symbol.name
        and (not one.get("owner") or place.symbol.owner.rpartition(".")[2] == one["owner"])
        for one in target["alts"]
    )


def fitted(cases: list[tuple[Case, Rows]], ridge: float) -> dict[str, float]:
    """The coefficients of greatest likelihood."""
    rows = [(expanded(features), needed) for _, found in cases for features, needed in found]
    names = {name: at for at, name in enumerate(sorted({name for features, _ in rows for name in features}))}
    x, y = np.zeros((len(rows), len(names))), np.array([float(needed) for _, needed in rows])
    for at, (features, _) in enumerate(rows):
        for name, value in features.items():
            x[at, names[name]] = value
    weight = np.zeros(len(names))
    weight[names["bias"]] = -4.0
    least = np.full(len(names), ridge)
    least[names["bias"]] = 0.01

    def loss(weight: Any) -> float:
        z = x @ weight
        return float(np.sum(np.logaddexp(0, z) - y * z) + 0.5 * np.sum(least * weight * weight))

    best = loss(weight)
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(x @ weight, -30, 30)))
        slope = x.T @ (p - y) + least * weight
        bend = (x * (p * (1 - p))[:, None]).T @ x + np.diag(least)
        step = np.linalg.solve(bend, slope)
        while loss(weight - step) >= best and float(np.abs(step).max()) > 1e-9:
            step /= 2
        found = loss(weight - step)
        if best - found < 1e-4:
            break
        weight, best = weight - step, found
    return {name: round(float(weight[at]), 2) for name, at in names.items() if abs(weight[at]) >= 0.03}


def report(table: dict[str, float], cases: list[tuple[Case, Rows]]) -> None:
    """The share of needed definitions among the first candidates."""
    shares: dict[tuple[str, int], list[float]] = defaultdict(list)
    for case, rows in cases:
        order = sorted(
            ((sum(table.get(k, 0.0) * v for k, v in expanded(f).items()), needed) for f, needed in rows), reverse=True
        )
        for most in (10, 20, 40, 80):
            shares[case["track"], most].append(min(1.0, sum(n for _, n in order[:most]) / len(case["targets"])))
    for (track, most), found in sorted(shares.items()):
        print(f"{track:5} first {most:3}: {sum(found) / len(found):.3f} of {len(found)} cases")


def main() -> int:
    """Fit, tell, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ridge", type=float, default=4.0)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    bench, further = Path(os.environ["CTXBENCH"]), Path(os.environ["FURTHER"])
    sys.path.insert(0, str(further))  # its module says which packages are held out
    table = fitted([*rows_of(bench, "all"), *rows_of(further, "dev")], asked.ridge)
    report(table, list(rows_of(further, "test")))
    if not asked.write:
        print(json.dumps(table, indent=1, sort_keys=True))
        return 0
    path = Path(chances.__file__)
    rows = "".join(f'        "{name}": {value:.2f},\n' for name, value in sorted(table.items()))
    source = path.read_text("utf-8")
    path.write_text(
        re.sub(r"(MappingProxyType\(\n    \{\n).*?(    \}\n\))", rf"\1{rows}\2", source, flags=re.DOTALL), "utf-8"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
