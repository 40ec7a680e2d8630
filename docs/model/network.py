"""The decoder: a llama-architecture network in PyTorch, named as llama.cpp names its parts.

Owns the arithmetic and nothing else: no data, no optimiser, no files. Rotary embedding is the interleaved
form (pairs 2i, 2i+1) that llama.cpp uses for ``general.architecture = llama``, so weights need no permutation.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of one decoder. ``heads * head`` is the attention width; ``context`` is in tokens."""

    vocab: int
    width: int
    layers: int
    heads: int
    head: int
    hidden: int
    context: int = 2048
    rope_base: float = 100_000.0
    norm_eps: float = 1e-5


def rotary_table(shape: Shape, length: int) -> Tensor:
    """Cosines and sines, float32 ``[length, head / 2, 2]`` (Su et al. 2021, arXiv:2104.09864)."""
    frequency = shape.rope_base ** (-torch.arange(0, shape.head, 2).float() / shape.head)
    angle = torch.outer(torch.arange(length).float(), frequency)
    return torch.stack((angle.cos(), angle.sin()), dim=-1)


def rotate(x: Tensor, table: Tensor) -> Tensor:
    """Turn ``x`` ``[batch, heads, length, head]`` by its positions; returns the same shape and type."""
    even, odd = x.float().unflatten(-1, (-1, 2)).unbind(-1)
    cos, sin = table.unbind(-1)
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2).type_as(x)


CHUNK = 256  # queries at a time on a processor; half of the products with what comes later are then left out


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention ``[batch, heads, length, head]``.

    PyTorch's fused form for processors takes about twice as long, forward and backward, as these plain products.
    """
    if q.device.type != "cpu":
        return F.scaled_dot_product_attention(q, k, v, is_causal=True)
    length, parts = q.shape[2], []
    for start in range(0, length, CHUNK):
        end = min(length, start + CHUNK)
        scores = (q[:, :, start:end] @ k[:, :, :end].transpose(-1, -2)).float() * q.shape[-1] ** -0.5
        seen = torch.ones(end - start, end, dtype=torch.bool, device=q.device).tril(start)
        weights = torch.softmax(torch.where(seen, scores, float("-inf")), dim=-1).type_as(q)
        parts.append(weights @ v[:, :, :end])
    return torch.cat(parts, dim=2)


class Norm(nn.Module):
    """Root-mean-square norm with a learnt gain (Zhang and Sennrich 2019, arXiv:1910.07467)."""

    def __init__(self, width: int, eps: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.eps)


class Block(nn.Module):
    """One layer: causal attention, then a SwiGLU feed-forward part, each with a norm before it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        inner = shape.heads * shape.head
        self.shape = shape
        self.attn_norm = Norm(shape.width, shape.norm_eps)
        self.attn_qkv = nn.Linear(shape.width, 3 * inner, bias=False)
        self.attn_output = nn.Linear(inner, shape.width, bias=False)
        self.ffn_norm = Norm(shape.width, shape.norm_eps)
        self.ffn_gate_up = nn.Linear(shape.width, 2 * shape.hidden, bias=False)
        self.ffn_down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor, table: Tensor) -> Tensor:
        batch, length, _ = x.shape
        qkv = self.attn_qkv(self.attn_norm(x)).view(batch, length, 3, self.shape.heads, self.shape.head)
        q, k, v = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        y = attend(rotate(q, table), rotate(k, table), v)
        x = x + self.attn_output(y.transpose(1, 2).reshape(batch, length, -1))
        gate, up = self.ffn_gate_up(self.ffn_norm(x)).chunk(2, dim=-1)
        return x + self.ffn_down(F.silu(gate) * up)


class Decoder(nn.Module):
    """Token ids ``[batch, length]`` to logits; the output matrix is the embedding (tied)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.token_embd = nn.Embedding(shape.vocab, shape.width)
        self.blk = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.output_norm = Norm(shape.width, shape.norm_eps)
        self.register_buffer("table", rotary_table(shape, shape.context), persistent=False)
        nn.init.normal_(self.token_embd.weight, std=0.02)
        for name, weight in self.named_parameters():
            if weight.ndim == 2 and "embd" not in name:
                nn.init.normal_(weight, std=0.5 * weight.shape[1] ** -0.5)
            if name.endswith(("attn_output.weight", "ffn_down.weight")):
                nn.init.zeros_(weight)

    def features(self, ids: Tensor) -> Tensor:
        """Last hidden state after the output norm, ``[batch, length, width]``."""
        x = self.token_embd(ids)
        table: Tensor = self.table[: ids.shape[1]]  # type: ignore[index]
        for block in self.blk:
            x = block(x, table)
        return self.output_norm(x)

    def forward(self, ids: Tensor) -> Tensor:
        return F.linear(self.features(ids), self.token_embd.weight)

    def parameter_count(self) -> int:
        """Number of weights, the tied matrix counted once."""
        return sum(p.numel() for p in self.parameters())
