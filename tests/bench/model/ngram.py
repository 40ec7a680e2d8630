"""Rival: an n-gram model of the same training text in the same tokens, alone or with a cache of the open file.

Owns asking the files that `ngram_build.py` wrote; needs nothing but Python. Both are proper distributions over tokens.
The cache (after Kuhn and De Mori 1990) counts n-grams of the open file and gives what it takes off to the model below.
"""

from __future__ import annotations

import json
import math
import mmap
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

CANDIDATES = 10  # of each order, when the most probable token is looked for
CACHE_OFF = 0.6  # what the cache takes off each count
_MASK = (1 << 64) - 1


def mixed(before: int, token: int, length: int, bits: int) -> int:
    """One token more in a context's 50 bits; the same as `ngram_build.mixed`."""
    if length <= 3:
        return (before << bits) | token
    return ((before + token + 1) * 0x9E3779B97F4A7C15 & _MASK) >> bits


class Ngram:
    """The model in BUILD/ngram-*.bin."""

    def __init__(self, build: Path) -> None:
        about = json.loads((build / "ngram.json").read_text("utf-8"))
        self.order, self.bits = about["order"], about["token_bits"]
        self.tokens = [bytes.fromhex(each) for each in about["tokens"]]
        self._files = {
            (order, name): _array(build / f"ngram-{order}-{name}.bin", kind)
            for order in range(1, self.order + 1)
            for name, kind in (("keys", "Q"), ("own", "f"), ("contexts", "Q"), ("below", "f"))
        }

    def probability(self, context: Sequence[int], token: int) -> float:
        """Of a token after a context of any length."""
        below, found = 1.0 / len(self.tokens), 0.0
        for order in range(1, min(self.order, len(context) + 1) + 1):
            place = self._context(context, order)
            contexts = self._files[order, "contexts"]
            at = bisect_left(contexts, place)
            if at == len(contexts) or contexts[at] != place:
                break
            keys, key = self._files[order, "keys"], place << self.bits | token
            own = bisect_left(keys, key)
            mine = self._files[order, "own"][own] if own < len(keys) and keys[own] == key else 0.0
            below = found = mine + self._files[order, "below"][at] * below
        return found or below

    def candidates(self, context: Sequence[int]) -> set[int]:
        """Tokens among which the most probable one is, as good as always: the best of the three longest contexts."""
        found: set[int] = set()
        used = 0
        for order in range(min(self.order, len(context) + 1), 0, -1):
            keys, start = self._files[order, "keys"], self._context(context, order) << self.bits
            low = bisect_left(keys, start)
            high = bisect_left(keys, start + (1 << self.bits), low)
            if low == high:
                continue
            own = self._files[order, "own"]
            best = sorted(range(low, high), key=lambda i: -own[i])[:CANDIDATES]
            found.update(keys[i] & ((1 << self.bits) - 1) for i in best)
            used += 1
            if used == 3:
                break
        return found

    def learn(self, token: int) -> None:
        """Nothing: see Cached."""

    def _context(self, context: Sequence[int], order: int) -> int:
        place = 0
        for token in context[len(context) - order + 1 :]:
            place = mixed(place, token, order - 1, self.bits)
        return place


class Cached(Ngram):
    """The same with what the open file says before it; `follow` sets the file, `learn` adds a token to it."""

    def __init__(self, below: Ngram) -> None:
        self.__dict__.update(below.__dict__)
        self._below = below
        self.follow([])

    def follow(self, *parts: Iterable[int]) -> None:
        """Forget what was learnt and learn these parts of a file, one not being read on into the next."""
        self._seen: dict[tuple[int, ...], dict[int, int]] = {}
        for part in parts:
            self._last: tuple[int, ...] = ()
            for token in part:
                self.learn(token)

    def learn(self, token: int) -> None:
        for start in range(len(self._last) + 1):
            after = self._seen.setdefault(self._last[start:], {})
            after[token] = after.get(token, 0) + 1
        self._last = (*self._last, token)[-self.order + 1 :]

    def probability(self, context: Sequence[int], token: int) -> float:
        found = self._below.probability(context, token)
        for length in range(min(self.order - 1, len(context)) + 1):
            after = self._seen.get(tuple(context[len(context) - length :]))
            if after is None:
                break
            total = sum(after.values())
            found = (max(after.get(token, 0) - CACHE_OFF, 0.0) + CACHE_OFF * len(after) * found) / total
        return found

    def candidates(self, context: Sequence[int]) -> set[int]:
        found = self._below.candidates(context)
        for length in range(min(self.order - 1, len(context)), 0, -1):
            after = self._seen.get(tuple(context[len(context) - length :]))
            if after is not None:
                found.update(sorted(after, key=lambda token: -after[token])[:CANDIDATES])
        return found


def bits(model: Ngram, tokens: Sequence[int], start: int = 0) -> float:
    """Bits for tokens[start:], each after those before it; a cache learns each when it has been told."""
    found = 0.0
    for at, token in enumerate(tokens):
        if at >= start:
            found -= math.log2(model.probability(tokens[max(0, at - model.order + 1) : at], token))
        model.learn(token)
    return found


def rest_of_line(model: Ngram, context: Sequence[int], cut: str, *, most: int = 32) -> str:
    """The most probable way to go on to the line's end; `cut` is the beginning of a word that stands there already."""
    said, left, ids = b"", cut.encode(), list(context[-model.order :])
    for _ in range(most):
        choice = model.candidates(ids)
        if left:
            choice = {t for t in choice if _fits(model.tokens[t], left)} or {
                t for t, text in enumerate(model.tokens) if _fits(text, left)
            }
        token = max(choice, key=lambda t: (model.probability(ids, t), -t), default=0)
        piece = model.tokens[token]
        if not piece:
            break
        ids.append(token)
        said += piece[len(left) :]
        left = left[len(piece) :]
        if b"\n" in said:
            break
    return said.decode("utf-8", "replace").split("\n")[0]


def _fits(token: bytes, cut: bytes) -> bool:
    return bool(token) and (token.startswith(cut) or cut.startswith(token))


def _array(path: Path, kind: str) -> Any:
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)).cast(kind)
