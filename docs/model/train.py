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
from tokens import CUT, END, MIDDLE
from torch import Tensor

STAGES = ("main:1024:0.5", "fim:1024:1.0")
MIDDLE_WEIGHT = 6.0  # loss on what is to be filled in, against 1 elsewhere, in rows-fim
WARM_UP = 0.015


def schedule(progress: float) -> float:
    """Factor on the learning rates: short warm-up, then straight down to nothing."""
    return min(1.0, progress / WARM_UP + 0.05) * max(0.0, 1.0 - progress)


class Rows:
    """Prepared rows in file order; remembers its place."""

    def __init__(self, build: Path, stage: str) -> None:
        self.name, length, until = stage.split(":")
        self.length, self.until, self.at = int(length), float(until), 0
        self.rows = np.fromfile(build / f"rows-{self.name}.bin", dtype=np.uint16).reshape(-1, self.length + 1)
        self._weight = 1.0 if self.name == "main" else MIDDLE_WEIGHT

    def take(self, count: int, device: str) -> tuple[Tensor, Tensor]:
        """Ids ``[count, length + 1]`` and the loss weights of all but the first, which sum to 1."""
        if self.at + count > len(self.rows):
            self.at = 0
        block = self.rows[self.at : self.at + count].astype(np.int64)
        self.at += count
        place = np.arange(block.shape[1])
        opened = np.maximum.accumulate(np.where(block == MIDDLE, place, -1), axis=1)
        closed = np.maximum.accumulate(np.where((block == END) | (block == CUT), place, -1), axis=1)
        filling = (opened > closed)[:, :-1]
        weights = np.where(filling, self._weight, 1.0).astype(np.float32)
        return torch.from_numpy(block).to(device), torch.from_numpy(weights / weights.sum()).to(device)


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("build", type=Path)
    ask.add_argument("--minutes", type=float, default=0)
    ask.add_argument("--steps", type=int, default=0)
    ask.add_argument("--layers", type=int, default=5)
    ask.add_argument("--width", type=int, default=256)
    ask.add_argument("--hidden", type=int, default=704)
    ask.add_argument("--head", type=int, default=64)
    ask.add_argument("--stages", nargs="+", default=STAGES, help="NAME:LENGTH:SHARE of the budget at which it ends")
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
    rows = [Rows(a.build, stage) for stage in a.stages]
    vocab = len(json.loads((a.build / "tokenizer.json").read_text("utf-8"))["model"]["vocab"])
    shape = Shape(vocab, a.width, a.layers, a.width // a.head, a.head, a.hidden, rows[-1].length)
    model = Decoder(shape).to(device)
    matrices = [(n, p) for n, p in model.named_parameters() if p.ndim == 2 and "embd" not in n]
    others = [p for n, p in model.named_parameters() if p.ndim != 2 or "embd" in n]
    muon = Muon(matrices, a.matrix_rate)
    adam = torch.optim.AdamW(others, lr=a.other_rate, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0)
    step, tokens, spent = 0, 0, 0.0
    path = a.build / f"{a.name}.pt"
    if path.exists():
        saved = torch.load(path, map_location=device, weights_only=True)
        model.load_state_dict(saved["model"])
        muon.load_state_dict(saved["muon"])
        adam.load_state_dict(saved["adam"])
        step, tokens, spent = saved["step"], saved["tokens"], saved["seconds"]
        for source in rows:
            source.at = saved["at"].get(source.name, 0)

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
            "at": {r.name: r.at for r in rows},
            "arguments": str(vars(a)),
        }
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    @torch.compile(dynamic=False)
    def loss_of(block: Tensor, weights: Tensor) -> Tensor:
        with torch.autocast(device, dtype=torch.bfloat16):
            logits = model(block[:, :-1])
        losses = F.cross_entropy(logits.float().flatten(0, 1), block[:, 1:].flatten(), reduction="none")
        return (losses * weights.flatten()).sum()

    log = (a.build / f"{a.name}.log").open("a", buffering=1)
    print(f"{model.parameter_count()} weights, {device}, {vars(a)}", file=log)
    last, shown, saved_at, total, since = time.monotonic(), 0.0, time.monotonic(), 0.0, 0
    while True:
        progress = step / a.steps if a.steps else spent / (60 * a.minutes)
        if progress >= 1:
            break
        source = next(r for r in rows if progress < r.until)
        for group in (*muon.param_groups, *adam.param_groups):
            group["lr"] = schedule(progress) * (a.matrix_rate if group in muon.param_groups else a.other_rate)
        passes = max(1, a.batch // a.micro)
        for _ in range(passes):
            loss = loss_of(*source.take(a.micro // source.length, device)) / passes
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
