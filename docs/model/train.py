"""Train the decoder on prepared rows; stops at a budget, resumes from its last checkpoint.

    python train.py BUILD --minutes 60          # learning rate falls with the clock: always ends annealed
    python train.py BUILD --steps 2000          # falls with the step: the same weights every time on one machine

Owns the loop, schedule and checkpoints. Reads BUILD/rows-*.bin (see samples.py); writes BUILD/checkpoint.pt and .log.
An accelerator is used where PyTorch finds one; else one CPU thread (``--threads``).
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from network import Decoder, Shape
from optimiser import Muon
from torch import Tensor

LONG_FROM = 0.9  # share of the budget after which the longest rows are used
WARM_UP = 0.015


def schedule(progress: float) -> float:
    """Factor on the learning rates: short warm-up, then straight down to nothing."""
    return min(1.0, progress / WARM_UP + 0.05) * max(0.0, 1.0 - progress)


class Rows:
    """Prepared rows in file order; remembers its place."""

    def __init__(self, path: Path, length: int) -> None:
        flat = np.fromfile(path, dtype=np.uint16)
        self.rows, self.length, self.at = flat.reshape(-1, length + 1), length, 0

    def take(self, count: int, device: str) -> Tensor:
        if self.at + count > len(self.rows):
            self.at = 0
        block = self.rows[self.at : self.at + count].astype(np.int64)
        self.at += count
        return torch.from_numpy(block).to(device)


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("build", type=Path)
    ask.add_argument("--minutes", type=float, default=0)
    ask.add_argument("--steps", type=int, default=0)
    ask.add_argument("--layers", type=int, default=5)
    ask.add_argument("--width", type=int, default=256)
    ask.add_argument("--hidden", type=int, default=704)
    ask.add_argument("--head", type=int, default=64)
    ask.add_argument("--lengths", type=int, nargs=2, default=(1024, 2048))
    ask.add_argument("--batch", type=int, default=8192, help="tokens per step")
    ask.add_argument("--micro", type=int, default=4096, help="tokens per backward pass")
    ask.add_argument("--matrix-rate", type=float, default=0.02)
    ask.add_argument("--other-rate", type=float, default=0.004)
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--threads", type=int, default=1)
    ask.add_argument("--name", default="checkpoint")
    a = ask.parse_args()
    torch.manual_seed(a.seed)
    torch.set_num_threads(a.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    vocab = len(json.loads((a.build / "tokenizer.json").read_text("utf-8"))["model"]["vocab"])
    shape = Shape(vocab, a.width, a.layers, a.width // a.head, a.head, a.hidden, a.lengths[1])
    model = Decoder(shape).to(device)
    matrices = [(n, p) for n, p in model.named_parameters() if p.ndim == 2 and "embd" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embd" in n]
    muon = Muon(matrices, a.matrix_rate)
    adam = torch.optim.AdamW(others, lr=a.other_rate, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0)
    rows = [Rows(a.build / f"rows-{n}.bin", n) for n in a.lengths]
    step, tokens, spent = 0, 0, 0.0
    path = a.build / f"{a.name}.pt"
    if path.exists():
        saved = torch.load(path, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"])
        muon.load_state_dict(saved["muon"])
        adam.load_state_dict(saved["adam"])
        step, tokens, spent = saved["step"], saved["tokens"], saved["seconds"]
        rows[0].at, rows[1].at = saved["at"]

    def save() -> None:
        state = {
            "shape": asdict(shape),
            "model": model.state_dict(),
            "muon": muon.state_dict(),
            "adam": adam.state_dict(),
        }
        state |= {
            "step": step,
            "tokens": tokens,
            "seconds": spent,
            "at": [r.at for r in rows],
            "arguments": str(vars(a)),
        }
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    @torch.compile(dynamic=False)
    def loss_of(block: Tensor) -> Tensor:
        with torch.autocast(device, dtype=torch.bfloat16):
            logits = model(block[:, :-1])
        return F.cross_entropy(logits.float().flatten(0, 1), block[:, 1:].flatten())

    log = (a.build / f"{a.name}.log").open("a", buffering=1)
    print(f"{model.parameter_count()} weights, {device}, {vars(a)}", file=log)
    last, shown, saved_at, total, since = time.monotonic(), 0.0, time.monotonic(), 0.0, 0
    while True:
        progress = step / a.steps if a.steps else spent / (60 * a.minutes)
        if progress >= 1:
            break
        source = rows[progress > LONG_FROM]
        for group in (*muon.param_groups, *adam.param_groups):
            group["lr"] = schedule(progress) * (a.matrix_rate if group in muon.param_groups else a.other_rate)
        passes = max(1, a.batch // a.micro)
        for _ in range(passes):
            loss = loss_of(source.take(a.micro // source.length, device)) / passes
            loss.backward()
            total += loss.item()
        for optimiser in (muon, adam):
            optimiser.step()
            optimiser.zero_grad()
        step, since, tokens = step + 1, since + 1, tokens + passes * a.micro
        now = time.monotonic()
        spent, last = spent + now - last, now
        if now - shown > 20:
            print(f"step {step} tokens {tokens} minutes {spent / 60:.2f} loss {total / since:.4f}", file=log)
            shown, total, since = now, 0.0, 0
        if now - saved_at > 180:
            save()
            saved_at = time.monotonic()
    save()
    print(f"done step {step} tokens {tokens} minutes {spent / 60:.2f}", file=log)


if __name__ == "__main__":
    main()
