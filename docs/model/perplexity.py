"""Bits per byte on the held-out projects: the checkpoint as trained, and as the GGUF holds it (Q8_0).

    python perplexity.py BUILD CHECKPOINT [MILLION_BYTES]

Owns the exact figure over many files; tests/bench/model/run.py measures it again through the real engine.
"""

from __future__ import annotations

import json
import math
import sys
from itertools import pairwise
from pathlib import Path

import gguf
import numpy as np
import torch
import torch.nn.functional as F
from network import Decoder, Shape
from tokenizers import Tokenizer

BUCKETS = (0, 64, 256, 512, 1024, 2048)  # positions


def quantised(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same weights after a round trip through Q8_0, as export.py writes them."""
    kind = gguf.GGMLQuantizationType.Q8_0
    out = {}
    for name, value in state.items():
        if value.ndim == 2 and value.shape[1] % 32 == 0:
            packed = gguf.quants.quantize(np.ascontiguousarray(value.float().numpy()), kind)
            out[name] = torch.from_numpy(gguf.quants.dequantize(packed, kind).copy())
        else:
            out[name] = value
    return out


@torch.no_grad()
def measure(model: Decoder, documents: list[tuple[str, list[int], int]]) -> dict[str, object]:
    """Bits per byte over all, per project, and nats per token by position."""
    length = model.shape.context
    nats: dict[str, float] = {}
    size: dict[str, int] = {}
    by_place = np.zeros((len(BUCKETS) - 1, 2))
    for project, ids, count in documents:
        for start in range(0, len(ids) - 1, length):
            block = torch.tensor([ids[start : start + length + 1]])
            logits = model(block[:, :-1])
            losses = F.cross_entropy(logits[0].float(), block[0, 1:], reduction="none").double().numpy()
            nats[project] = nats.get(project, 0.0) + float(losses.sum())
            for i, (low, high) in enumerate(pairwise(BUCKETS)):
                by_place[i] += losses[low:high].sum(), len(losses[low:high])
        size[project] = size.get(project, 0) + count
    return {
        "bits_per_byte": round(sum(nats.values()) / math.log(2) / sum(size.values()), 5),
        "by_project": {p: round(nats[p] / math.log(2) / size[p], 3) for p in sorted(nats)},
        "nats_per_token_by_position": {
            f"{low}-{high}": round(float(a / max(1, n)), 3)
            for (low, high), (a, n) in zip(pairwise(BUCKETS), by_place, strict=True)
        },
    }


def main(build: Path, checkpoint: Path, million_bytes: float) -> None:
    torch.set_num_threads(1)
    saved = torch.load(checkpoint, map_location="cpu", weights_only=True)
    tokenizer = Tokenizer.from_file(str(build / "tokenizer.json"))
    documents, left = [], {}
    for line in (build / "evaluate.jsonl").open():
        entry = json.loads(line)
        project, text = entry["project"], entry["text"]
        if left.setdefault(project, million_bytes * 1e5) > 0:
            left[project] -= len(text)
            ids = [0, *tokenizer.encode(text, add_special_tokens=False).ids]
            documents.append((project, ids, len(text.encode())))
    model = Decoder(Shape(**saved["shape"]))
    report: dict[str, object] = {"bytes": sum(d[2] for d in documents), "files": len(documents)}
    for name, state in (("float32", saved["model"]), ("q8_0", quantised(saved["model"]))):
        model.load_state_dict(state)
        report[name] = measure(model, documents)
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]) if len(sys.argv) > 3 else 1.0)
