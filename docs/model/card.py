"""Write lanyard-fim.json, the card beside the GGUF that programs read: size, checksum, shape, licences, figures.

    python card.py BUILD CHECKPOINT OUT.gguf [--machine WORDS]

BUILD/results.json comes from tests/bench/model/run.py and holds the threshold; docs/model/data.py says in
BUILD/train.jsonl which languages there were. Owns the card's keys; measures nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import torch

HERE = Path(__file__).parent
MACHINE = "two threads of an AMD EPYC (Zen 5) processor, bfloat16, no accelerator, machine shared with other work"
PREFIX_FIRST = {"endpoint": "/infill", "order": "prefix, suffix, middle"}
SUFFIX_FIRST = {"endpoint": "/completion", "order": "suffix, prefix, middle"}
LEAST_SHARE = 0.01  # of the training text, for a language to stand on the card


def licences() -> list[str]:
    """Every licence that training data was taken under, by SPDX name."""
    table = tomllib.loads((HERE / "sources.toml").read_text("utf-8"))
    used = [table["interpreter"], *(p for p in table["package"] if p["use"] == "train")]
    names = {name for p in used for name in re.split(r" AND | OR ", p["licence"])}
    return sorted(names & set(table["allowed"]))


def languages(build: Path) -> dict[str, float]:
    """Shares of the training text, the largest first."""
    size = Counter[str]()
    with (build / "train.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            size[row.get("language", "python")] += len(row["text"])
    whole = size.total()
    return {name: round(count / whole, 3) for name, count in size.most_common() if count >= LEAST_SHARE * whole}


def filling(way: str | None) -> dict[str, Any]:
    """How the model is asked, and up to where it is shown, as `models.py` reads it; see tests/bench/model/shown.py."""
    if way is None:
        return {"fill": "infill", "least_logprob": None, "least_logprob_of": "mean"}
    how, measure, least = way.split(" ")
    return {"fill": how, "least_logprob": float(least), "least_logprob_of": measure}


def shorter(results: dict[str, Any]) -> dict[str, Any]:
    """The figures without those of the thresholds that were not chosen; docs/model/measured.md has them."""
    shown = results.get("shown")
    if not shown or not shown.get("way"):
        return results
    how = shown["way"].split(" ")[0]
    told = shown["way"], f"{shown['way']} alone", f"{how} all", "copied"
    ways = {way: shown["ways"][way] for way in told if way in shown["ways"]}
    kept = {name: each for name, each in shown.items() if name not in {"curves", "chosen"}}
    return {**results, "shown": {**kept, "ways": ways}}


def card(build: Path, model: Path, checkpoint: Path, machine: str) -> dict[str, Any]:
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    shape, runs = saved["shape"], [*saved.get("earlier", ()), saved]
    tokens, steps, seconds = (sum(run[name] for run in runs) for name in ("tokens", "step", "seconds"))
    count = sum(v.numel() for k, v in saved["model"].items() if k != "table")
    data = model.read_bytes()
    results = json.loads((build / "results.json").read_text("utf-8"))
    results.get("shown", {}).pop("curves", None)  # every threshold that was tried: in results.json alone
    shares, asked = languages(build), filling(results.get("shown", {}).get("way"))
    return {
        "name": "lanyard-fim",
        "file": model.name,
        "size": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "architecture": "llama",
        "parameters": count,
        "quantisation": "Q8_0",
        "context_length": shape["context"],
        "shape": shape,
        "languages": list(shares),
        "capabilities": ["completion"],
        "fim": {"kind": "tokens", **(SUFFIX_FIRST if asked["fill"] == "suffix_first" else PREFIX_FIRST)},
        **asked,
        "licence": "MIT",
        "data_licences": licences(),
        "training": {
            "tokens": tokens,
            "steps": steps,
            "minutes": round(seconds / 60, 1),
            "machine": machine,
            "floating_point_operations": float(f"{6 * count * tokens:.2g}"),
            "languages": shares,
        },
        "measured": shorter(results),
    }


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("build", type=Path)
    ask.add_argument("checkpoint", type=Path)
    ask.add_argument("model", type=Path)
    ask.add_argument("--machine", default=MACHINE)
    given = ask.parse_args()
    content = card(given.build, given.model, given.checkpoint, given.machine)
    given.model.with_suffix(".json").write_text(json.dumps(content, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
