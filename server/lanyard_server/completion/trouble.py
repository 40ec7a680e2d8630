"""What is said when completions fail: one line for each cause, and silence after it.

Owns which cause has been told. A completion is asked for with every key, so nothing here may pop up twice, and
nothing pops up for a model that is only just starting.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from lanyard_server.session import Session

log = logging.getLogger(__name__)

_CAUSES = 64
LASTING_S = 8.0
"""Seconds that completions must fail without one success before a line is shown; the log has it at once."""


class Trouble:
    """The causes that a session's user has been told of."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: float | None = None
        self._told: set[str] = set()
        self._mentioned: set[str] = set()
        self._shown = False

    def tell(self, session: Session, error: Exception) -> None:
        """Log the failure's line the first time it comes; show one, once in a session, when failing lasts."""
        line = " ".join(str(error).split()) or type(error).__name__
        log.debug("completion: %s", line)
        now = self._clock()
        if self._since is None:
            self._since = now
        if line not in self._told and len(self._told) < _CAUSES:
            self._told.add(line)
            session.out.log(f"completion: {line}")
        if not self._shown and now - self._since >= LASTING_S:
            self._shown = True
            session.out.show(f"No completions for now: {line}")

    def mention(self, session: Session, line: str) -> None:
        """Log a line that is no failure, the first time it comes."""
        if line not in self._mentioned and len(self._mentioned) < _CAUSES:
            self._mentioned.add(line)
            session.out.log(line)

    def over(self) -> None:
        """A completion came through: what goes wrong from now on is news in the log, though not shown again."""
        self._told.clear()
        self._since = None
