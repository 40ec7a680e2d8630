"""How much a prompt may hold: what the model that would answer has room for.

Owns the question to the lane, asked once in a while and not with every key.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from lanyard_analyzers.complete import Budget, budget_for
from lanyard_routing.task import Capability
from lanyard_server.session import Session

KEPT_S = 1.0


class Room:
    """The budget of a session's completion prompts."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._asked_at: float | None = None
        self._budget = Budget()

    def budget(self, session: Session) -> Budget:
        """The budget for a prompt that is made now."""
        now = self._clock()
        if session.runtime is not None and (self._asked_at is None or now - self._asked_at > KEPT_S):
            self._asked_at = now
            context = session.runtime.immediate.context(Capability.COMPLETION)
            self._budget = budget_for(context, reply=session.settings.completion.max_tokens)
        return self._budget
