"""Write lanyard-fim.json, the card beside the GGUF that programs read: size, checksum, shape, licences, figures.

    python card.py OUT.gguf CHECKPOINT [RESULTS.json [SHOWN.json]]

RESULTS.json comes from tests/bench/model/evaluate.py; SHOWN.json, with the threshold, from shown.py beside
it. Owns the card's keys; measures nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import torch

HERE = Path(__file__).parent
MACHINE = "one thread of an AMD EPYC (Zen 5) processor, bfloat16, no accelerator, machine shared with other work"


def licences() -> list[str]:
    """Every licence that training data was taken under, by SPDX name."""
    table = tomllib.loads((HERE / "sources.toml").read_text("utf-8"))
    used = [table["interpreter"], *(p for p in table["package"] if p["use"] == "train")]
    names = {name for p in used for name in re.split(r" AND | OR ", p["licence"])}
    return sorted(names & set(table["allowed"]))


def card(model: Path, checkpoint: Path, results: dict[str, Any]) -> dict[str, Any]:
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    shape, tokens = saved["shape"], saved["tokens"]
    count = sum(v.numel() for k, v in saved["model"].items() if k != "table")
    data = model.read_bytes()
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
        "languages": ["python"],
        "capabilities": ["completion"],
        "fim": {"kind": "tokens", "endpoint": "/infill", "order": "prefix, suffix, middle"},
        "fill": "prefix",
        "least_logprob": results.get("shown", {}).get("least_logprob"),
        "licence": "MIT",
        "data_licences": licences(),
        "training": {
            "tokens": tokens,
            "steps": saved["step"],
            "minutes": round(saved["seconds"] / 60, 1),
            "machine": MACHINE,
            "floating_point_operations": float(f"{6 * count * tokens:.2g}"),
        },
        "measured": results,
    }


if __name__ == "__main__":
    gguf, files = Path(sys.argv[1]), [Path(name).read_text("utf-8") for name in sys.argv[3:5]]
    measured = json.loads(files[0]) if files else {}
    if len(files) > 1:
        seen = json.loads(files[1])
        wanted = {str(seen["least_logprob"]), "None", "infill"}
        seen["by_least_logprob"] = {name: each for name, each in seen["by_least_logprob"].items() if name in wanted}
        measured["shown"] = seen
    content = card(gguf, Path(sys.argv[2]), measured)
    gguf.with_suffix(".json").write_text(json.dumps(content, indent=2) + "\n", "utf-8")
