"""Slices that fit by the tokenizer of the model that will read them.

Owns how many real tokens our estimate stands for, model by model, and the cutting again of a slice that is too long by
the model's own count. An endpoint without a tokenizer leaves the estimate as it is.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from lanyard_analyzers.tokens import estimate

if TYPE_CHECKING:
    from lanyard_routing.dispatch import Counted
    from lanyard_routing.task import Task
    from lanyard_server.tasks.make import Draft

_SAFE = (1.02, 1.1)
"""A slice is cut again twice at most, by this much more than the count asks for: another cut has other tokens. After
that the last one stands."""
_REMEMBERED = 8  # counts of a model in a language; the highest of them is what the next slice is cut by
_PAIRS = 64

Drafted = tuple["Draft | None", tuple[str, ...]]
Make = Callable[[int], Awaitable[Drafted]]
"""Makes the draft with a slice of at most so many estimated tokens."""


class Counting(Protocol):
    """Who knows the tokenizers (`dispatch.Dispatcher`)."""

    async def count_tokens(self, task: Task, text: str) -> Counted | None: ...


class Calibration:
    """Real tokens for each estimated one, by model and language."""

    def __init__(self) -> None:
        self._ratios: OrderedDict[tuple[str, str], deque[float]] = OrderedDict()
        self._last: dict[str, str] = {}

    def ratio(self, kind: str, language: str) -> float:
        """What to cut by for a kind of task, which goes where the last of its kind went; 1 where nothing is known."""
        found = self._ratios.get((self._last.get(kind, ""), language))
        return max(found) if found else 1.0

    def learn(self, kind: str, language: str, model: str, ratio: float) -> None:
        """A slice was counted."""
        self._last[kind] = model
        self._ratios.setdefault((model, language), deque(maxlen=_REMEMBERED)).append(ratio)
        self._ratios.move_to_end((model, language))
        if len(self._ratios) > _PAIRS:
            self._ratios.popitem(last=False)


async def counted(
    make: Make, budget: int, *, language: str, kind: str, counting: Counting, known: Calibration
) -> Drafted:
    """The draft whose slice has at most `budget` tokens as the model that will read it counts, where that says."""
    made = await make(_within(budget, known.ratio(kind, language)))
    for safe in (*_SAFE, None):
        draft = made[0]
        if draft is None:
            return made
        count = await counting.count_tokens(draft.task, draft.slice.text)
        if count is None:
            return made
        ratio = count.tokens / max(1, estimate(draft.slice.text))
        known.learn(kind, language, count.model, ratio)
        made = draft.counted(ratio), made[1]
        if count.tokens <= budget or safe is None:
            break
        smaller = await make(_within(budget, safe * known.ratio(kind, language)))
        if smaller[0] is None:  # with less room nothing is left: a slice that is a little too long says more
            break
        made = smaller
    return made


def _within(budget: int, ratio: float) -> int:
    return max(1, int(budget / ratio))
