"""Choosing among candidates under a budget: most worth for each token first.

Owns the greedy choice; its costs are estimates, `build.py` checks the real count.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from lanyard_analyzers.slices.gather import Candidate, Option
from lanyard_analyzers.slices.outline import Outline

_HEADING = 9.0
_MARKER = 4.0


@dataclass(frozen=True, slots=True)
class Pick:
    """One option taken; a later pick of the same candidate contains the earlier one's lines."""

    candidate: Candidate
    option: Option
    tokens: float


def choose(candidates: Iterable[Candidate], budget: float, scale: float, taken: dict[str, set[int]]) -> list[Pick]:
    """Picks in the order taken, at most `budget` tokens in all.

    `scale` turns estimated tokens into the caller's. `taken` are lines that are in the slice anyway, by path. Lazy
    greedy: what overlaps with lines already taken gets cheaper, so a density is computed again before it is believed.
    """
    shown = {path: set(lines) for path, lines in taken.items()}
    heap: list[tuple[float, int, int]] = []
    pool = list(candidates)
    worths = [0.0] * len(pool)

    def cost(outline: Outline, option: Option) -> float:
        known = shown.get(outline.path)
        new = [line for line in option.lines if known is None or line not in known]
        if not new:
            return 0.0
        tokens = float(sum(outline.line_tokens[line] for line in new))
        fresh = set(new)
        runs = sum(1 for line in new if line - 1 not in fresh)
        return (tokens + runs * _MARKER + (_HEADING if known is None else 0.0)) * scale

    def push(index: int, level: int) -> None:
        candidate = pool[index]
        if level < len(candidate.options):
            option = candidate.options[level]
            density = (option.worth - worths[index]) / max(cost(candidate.outline, option), 1.0)
            heapq.heappush(heap, (-density, index, level))

    for index in range(len(pool)):
        push(index, 0)
    picks: list[Pick] = []
    while heap:
        believed, index, level = heapq.heappop(heap)
        candidate = pool[index]
        option = candidate.options[level]
        tokens = cost(candidate.outline, option)
        density = (option.worth - worths[index]) / max(tokens, 1.0)
        if heap and -density > heap[0][0] and -density > believed:
            heapq.heappush(heap, (-density, index, level))
            continue
        if tokens > budget:
            continue
        budget -= tokens
        shown.setdefault(candidate.outline.path, set()).update(option.lines)
        worths[index] = option.worth
        picks.append(Pick(candidate, option, tokens))
        push(index, level + 1)
    return picks
