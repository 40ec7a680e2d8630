"""What is said when completions fail: one line for each cause, and silence after it.

Owns which cause has been told. A completion is asked for with every key, so nothing here may pop up twice.
"""

from __future__ import annotations

import logging

from lanyard_server.session import Session

log = logging.getLogger(__name__)

_CAUSES = 64


class Trouble:
    """The causes that a session's user has been told of."""

    def __init__(self) -> None:
        self._told: set[str] = set()
        self._mentioned: set[str] = set()
        self._shown = False

    def tell(self, session: Session, error: Exception) -> None:
        """Log the failure's line the first time it comes; show the very first one."""
        line = " ".join(str(error).split()) or type(error).__name__
        log.debug("completion: %s", line)
        if line in self._told or len(self._told) >= _CAUSES:
            return
        self._told.add(line)
        session.out.log(f"completion: {line}")
        if not self._shown:
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
