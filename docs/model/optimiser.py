"""Muon for the matrices inside the layers (Jordan et al. 2024, kellerjordan.github.io/posts/muon); AdamW has the rest.

Owns one optimiser step. Fused matrices are orthogonalised part by part, as if they were separate.
"""

from __future__ import annotations

import torch
from torch import Tensor

FUSED = {"attn_qkv": 3, "ffn_gate_up": 2}


def orthogonal(g: Tensor, steps: int = 5) -> Tensor:
    """Nearest semi-orthogonal matrix by Newton-Schulz iteration, batched ``[n, rows, columns]``."""
    x = g.bfloat16()
    tall = x.shape[-2] > x.shape[-1]
    x = x.mT if tall else x
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return (x.mT if tall else x).float()


class Muon(torch.optim.Optimizer):
    """Momentum, then the orthogonal matrix nearest to it."""

    def __init__(self, named: list[tuple[str, Tensor]], lr: float, momentum: float = 0.95) -> None:
        parts = {id(p): next((n for key, n in FUSED.items() if key in name), 1) for name, p in named}
        super().__init__([p for _, p in named], {"lr": lr, "momentum": momentum})
        self._parts = parts

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                velocity = state.setdefault("velocity", torch.zeros_like(p))
                velocity.lerp_(p.grad, 1 - group["momentum"])
                update = p.grad.lerp(velocity, group["momentum"])
                pieces = update.view(self._parts[id(p)], -1, p.shape[1])
                scale = max(1.0, pieces.shape[1] / pieces.shape[2]) ** 0.5
                p.add_(orthogonal(pieces).view_as(p), alpha=-group["lr"] * scale)
