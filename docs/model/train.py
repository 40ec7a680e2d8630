"""Train the decoder on prepared rows; stops at a budget, resumes from its last checkpoint.

    python train.py BUILD --minutes 60          # learning rate falls with the clock: always ends annealed
    python train.py BUILD --steps 2000          # falls with the step

Owns the loop, schedule and checkpoints. Reads BUILD/rows-*.bin (see samples.py); writes BUILD/NAME.pt and NAME.log.
An accelerator is used where PyTorch finds one; else ``--workers`` processor threads, each with whole passes of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: one pass, one thread; a busy core then delays one alone

import numpy as np
import torch
import torch.nn.functional as F
from network import Decoder, Shape
from optimiser import Muon
from tokens import CUT, END, HEAVY, MIDDLE
from torch import Tensor

STAGES = ("short:512:0.4:8192", "main:1024:0.65:12288", "names:1536:0.85:12288", "long:2048:1.0:16384")
MIDDLE_WEIGHT = 6.0  # loss on what is to be filled in, against 1 elsewhere: few of the tokens, and the purpose
HEAVY_WEIGHT = 3.0  # on names that a header before the text defines; see --heavy
WARM_UP = 0.015
SAVE_S, LOG_S = 180, 20


def schedule(progress: float) -> float:
    """Factor on the learning rates: short warm-up, then straight down to nothing."""
    return min(1.0, progress / WARM_UP + 0.05) * max(0.0, 1.0 - progress)


def entropy(logits: Tensor, wanted: Tensor, weights: Tensor) -> Tensor:
    """Cross entropy in nats, weighted."""
    losses = F.cross_entropy(logits.float().flatten(0, 1), wanted.flatten(), reduction="none")
    return (losses * weights.flatten()).sum()


class Rows:
    """The prepared rows of one stage in file order; remembers its place."""

    def __init__(self, build: Path, stage: str, heavy: float) -> None:
        self.name, length, until, batch = stage.split(":")
        self.length, self.until, self.batch, self.at = int(length), float(until), int(batch), 0
        self._path, self._heavy = build / f"rows-{self.name}.bin", heavy

    @cached_property
    def rows(self) -> np.ndarray:
        """``[rows, length + 1]``, read when the stage begins: a later stage's rows may still be in the making."""
        return np.memmap(self._path, dtype=np.uint16, mode="r").reshape(-1, self.length + 1)

    def take(self, count: int) -> tuple[Tensor, Tensor]:
        """Ids ``[count, length + 1]`` and the loss weights of all but the first, which sum to 1."""
        if self.at + count > len(self.rows):
            self.at = 0
        block = self.rows[self.at : self.at + count].astype(np.int64)
        self.at += count
        heavy = (block & HEAVY)[:, 1:] > 0
        block &= ~HEAVY
        place = np.arange(block.shape[1])
        opened = np.maximum.accumulate(np.where(block == MIDDLE, place, -1), axis=1)
        closed = np.maximum.accumulate(np.where((block == END) | (block == CUT), place, -1), axis=1)
        filling = (opened > closed)[:, :-1]
        weights = np.where(filling, MIDDLE_WEIGHT, np.where(heavy, self._heavy, 1.0)).astype(np.float32)
        return torch.from_numpy(block), torch.from_numpy(weights / weights.sum())


class Worker:
    """One thread's view of the model: the same weights, gradients of its own, and its share of the optimiser's work."""

    def __init__(self, model: Decoder, device: str, optimisers: list[torch.optim.Optimizer]) -> None:
        self.model = Decoder(model.shape).to(device)
        for mine, shared in zip(self.model.parameters(), model.parameters(), strict=True):
            mine.data = shared.data
        self.optimisers, self._device = optimisers, device
        for block in self.model.blk:
            block.compile(dynamic=False)  # one by one: a graph of all layers takes minutes to compile
        self._entropy: Callable[[Tensor, Tensor, Tensor], Tensor] = torch.compile(entropy, dynamic=False)

    def loss(self, block: Tensor, weights: Tensor) -> Tensor:
        """Of ids ``[rows, length + 1]``."""
        with torch.autocast(self._device, dtype=torch.bfloat16):
            logits = self.model(block[:, :-1])
            return self._entropy(logits, block[:, 1:], weights)

    def warm_up(self, rows: int, length: int) -> None:
        """Compile for one shape, outside the budget."""
        block = torch.zeros(rows, length + 1, dtype=torch.int64, device=self._device)
        self.loss(block, torch.zeros(rows, length, device=self._device)).backward()
        self.model.zero_grad(set_to_none=True)

    def passes(self, todo: list[tuple[Tensor, Tensor]], share: float) -> float:
        """Take blocks from ``todo`` until none is left; the sum of their losses. Gradients pile up here."""
        total = 0.0
        while True:
            try:
                block, weights = todo.pop()
            except IndexError:
                return total
            loss = self.loss(block.to(self._device), weights.to(self._device))
            (loss * share).backward()
            total += loss.item()

    def step(self) -> None:
        for optimiser in self.optimisers:
            optimiser.step()


@dataclass
class Progress:
    """How far a run is; kept in the checkpoint."""

    step: int = 0
    tokens: int = 0
    seconds: float = 0.0


DONE = ("step", "tokens", "seconds")


class Run:
    """The model, its workers and its checkpoint."""

    def __init__(self, a: argparse.Namespace) -> None:
        self.a = a
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.rows = [Rows(a.build, stage, a.heavy) for stage in a.stages]
        vocab = len(json.loads((a.build / "tokenizer.json").read_text("utf-8"))["model"]["vocab"])
        heads = a.width // a.head
        length = max(row.length for row in self.rows)
        shape = Shape(vocab, a.width, a.layers, heads, a.head, a.hidden, length, a.rope_base)
        self.model = Decoder(shape).to(self.device)
        named = list(self.model.named_parameters())
        matrices = [(n, p) for n, p in named if p.ndim == 2 and "embd" not in n]
        others = [p for n, p in named if p.ndim != 2 or "embd" in n]
        count = a.workers if self.device == "cpu" else 1
        muons = [Muon(matrices[i::count], a.matrix_rate) for i in range(count)]
        adam = torch.optim.AdamW(others, lr=a.other_rate, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0)
        self.optimisers: dict[str, torch.optim.Optimizer] = {f"muon{i}": each for i, each in enumerate(muons)}
        self.optimisers["adam"] = adam
        shares: list[list[torch.optim.Optimizer]] = [[each] for each in muons]
        shares[-1].append(adam)
        self.workers = [Worker(self.model, self.device, share) for share in shares]
        self.pool = ThreadPoolExecutor(count)
        for worker in self.workers:
            for length in sorted({row.length for row in self.rows}):
                worker.warm_up(max(1, a.micro // length), length)
        self.done, self.earlier = Progress(), list[dict[str, Any]]()
        self.path: Path = a.build / f"{a.name}.pt"
        if self.path.exists():
            self._load()
        elif a.start:
            saved = torch.load(a.start, map_location=self.device, weights_only=True)
            self.model.load_state_dict(saved["model"])
            self.earlier = [*saved.get("earlier", ()), asdict(Progress(*(saved[name] for name in DONE)))]

    def _load(self) -> None:
        saved: dict[str, Any] = torch.load(self.path, map_location=self.device, weights_only=True)
        self.model.load_state_dict(saved["model"])
        for name, optimiser in self.optimisers.items():
            optimiser.load_state_dict(saved[name])
        self.done, self.earlier = Progress(*(saved[name] for name in DONE)), saved.get("earlier", [])
        for source in self.rows:
            source.at = saved["at"].get(source.name, 0)

    def save(self) -> None:
        """Write the checkpoint; the one before it stays whole until this one is."""
        state = {"shape": asdict(self.model.shape), "model": self.model.state_dict(), **asdict(self.done)}
        state |= {name: optimiser.state_dict() for name, optimiser in self.optimisers.items()}
        state |= {"at": {r.name: r.at for r in self.rows}, "arguments": str(vars(self.a)), "earlier": self.earlier}
        torch.save(state, self.path.with_suffix(".tmp"))
        self.path.with_suffix(".tmp").replace(self.path)

    @property
    def progress(self) -> float:
        """0 at the start, 1 where the budget is spent."""
        return self.done.step / self.a.steps if self.a.steps else self.done.seconds / (60 * self.a.minutes)

    def one_step(self) -> float:
        """Gradients of one batch and the step; its mean loss."""
        source = next(r for r in self.rows if self.progress < r.until)
        rate = schedule(self.progress)
        for name, optimiser in self.optimisers.items():
            for group in optimiser.param_groups:
                group["lr"] = rate * (self.a.other_rate if name == "adam" else self.a.matrix_rate)
        rows = max(1, self.a.micro // source.length)
        count = max(1, source.batch // (rows * source.length))
        todo = [source.take(rows) for _ in range(count)]
        losses = list(self.pool.map(lambda worker: worker.passes(todo, 1 / count), self.workers))
        parts = zip(*(worker.model.parameters() for worker in self.workers), strict=True)
        for whole, mine in zip(self.model.parameters(), parts, strict=True):
            found = [part.grad for part in mine if part.grad is not None]
            whole.grad = found[0] if len(found) == 1 else torch.stack(found).sum(0)
            for part in mine:
                part.grad = None
        list(self.pool.map(Worker.step, self.workers))
        self.done.step += 1
        self.done.tokens += count * rows * source.length
        return sum(losses) / count


def arguments() -> argparse.Namespace:
    ask = argparse.ArgumentParser()
    ask.add_argument("build", type=Path)
    ask.add_argument("--minutes", type=float, default=0)
    ask.add_argument("--steps", type=int, default=0)
    ask.add_argument("--layers", type=int, default=4)
    ask.add_argument("--width", type=int, default=320)
    ask.add_argument("--hidden", type=int, default=864)
    ask.add_argument("--head", type=int, default=64)
    ask.add_argument("--rope-base", type=float, default=100_000.0, help="10,000 keeps the heads from looking far back")
    ask.add_argument("--stages", nargs="+", default=STAGES, help="NAME:LENGTH:SHARE at which it ends:TOKENS a step")
    ask.add_argument("--micro", type=int, default=4096, help="tokens of one backward pass")
    ask.add_argument("--matrix-rate", type=float, default=0.02)
    ask.add_argument("--other-rate", type=float, default=0.004)
    ask.add_argument("--heavy", type=float, default=HEAVY_WEIGHT, help="above 1 such names are guessed too often")
    ask.add_argument("--seed", type=int, default=1)
    ask.add_argument("--workers", type=int, default=1)
    ask.add_argument("--name", default="main")
    ask.add_argument("--start", type=Path, help="checkpoint of an earlier run: its weights, and nothing else of it")
    return ask.parse_args()


def main() -> None:
    a = arguments()
    torch.manual_seed(a.seed)
    torch.set_num_threads(1)
    run = Run(a)
    log = (a.build / f"{a.name}.log").open("a", buffering=1)
    print(f"{run.model.parameter_count()} weights, {run.device}, {vars(a)}", file=log)
    last = shown = saved = time.monotonic()
    total, since = 0.0, 0
    while run.progress < 1:
        total, since = total + run.one_step(), since + 1
        now = time.monotonic()
        run.done.seconds, last = run.done.seconds + now - last, now
        if now - shown > LOG_S:
            done = f"step {run.done.step} tokens {run.done.tokens} minutes {run.done.seconds / 60:.2f}"
            print(f"{done} loss {total / since:.4f}", file=log)
            shown, total, since = now, 0.0, 0
        if now - saved > SAVE_S:
            run.save()
            saved = time.monotonic()
    run.save()
    print(f"done step {run.done.step} tokens {run.done.tokens} minutes {run.done.seconds / 60:.2f}", file=log)


if __name__ == "__main__":
    main()
