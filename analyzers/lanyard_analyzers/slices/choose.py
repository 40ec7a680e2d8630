"""Choosing among candidates under a budget: most worth for each token first.

Owns the greedy choice; its costs are estimates, `fit.py` checks the real count.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.slices.forms import Sheet
from lanyard_analyzers.slices.scene import Candidate, Lines, Option

_LEAST = 0.005
_NEEDED = 0.4
"""Worth from which something is shown wherever it fits, like the constructor of a class that the target makes."""
_AMPLE = 512
"""Tokens of room from which on less worth is asked for each token: who gives more room wants to see more."""


def least_of(room: int) -> float:
    """Worth for each token below which nothing is shown in so much room, though it would fit.

    Fitted on ctxbench: with 0.005, 310 tokens hold what 510 hold without; with 0.01, needed constructors are lost.
    """
    return _LEAST * min(1.0, _AMPLE / max(room, 1))


@dataclass(frozen=True, slots=True)
class Pick:
    """One option taken; a later pick of the same candidate contains the earlier one's lines."""

    candidate: Candidate
    option: Option
    tokens: float


class Sheets:
    """What is shown of each file; `taken` are the lines that are in the slice anyway."""

    def __init__(self, taken: Sequence[tuple[SourceFile, Lines]]) -> None:
        self._sheets = {file.path: Sheet(file, lines) for file, lines in taken}

    def of(self, file: SourceFile) -> Sheet:
        """The sheet of a file."""
        sheet = self._sheets.get(file.path)
        if sheet is None:
            sheet = self._sheets[file.path] = Sheet(file)
        return sheet


def choose(
    candidates: Iterable[Candidate],
    budget: float,
    scale: float,
    taken: Sequence[tuple[SourceFile, Lines]] = (),
    least: float = 0.0,
) -> list[Pick]:
    """Picks in the order taken, at most `budget` tokens in all.

    `scale` turns estimated tokens into the caller's; `least` is the worth for each token that a pick must have. Lazy
    greedy: what overlaps with lines already taken gets cheaper, so a density is computed again before it is believed.
    """
    sheets = Sheets(taken)
    pool = list(candidates)
    worths = [0.0] * len(pool)
    heap: list[tuple[float, int, int, float]] = []

    def push(index: int, level: int) -> None:
        options = pool[index].options
        while level < len(options):
            option = options[level]
            tokens = sheets.of(pool[index].file).cost(option.lines) * scale
            gain = option.worth - worths[index]
            density = gain / max(tokens, 1.0)
            if density >= least or gain >= _NEEDED:
                heapq.heappush(heap, (-density, index, level, tokens))
                return
            level += 1

    for index in range(len(pool)):
        push(index, 0)
    picks: list[Pick] = []
    while heap:
        believed, index, level, known = heapq.heappop(heap)
        candidate = pool[index]
        option = candidate.options[level]
        sheet = sheets.of(candidate.file)
        tokens = sheet.cost(option.lines) * scale
        if tokens != known:
            density = (option.worth - worths[index]) / max(tokens, 1.0)
            if heap and -density > heap[0][0] and -density != believed:
                heapq.heappush(heap, (-density, index, level, tokens))
                continue
        if tokens > budget:
            continue
        budget -= tokens
        sheet.add(option.lines)
        worths[index] = option.worth
        picks.append(Pick(candidate, option, tokens))
        push(index, level + 1)
    return picks
