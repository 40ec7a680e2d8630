"""How an exception that nobody expected is logged.

Owns the rule that its message, which may hold a prompt, code or a secret (pydantic's repeat their input), is seen at
DEBUG alone; its type and place are enough above that. Light to import.
"""

from __future__ import annotations

import logging
import traceback


def log_failure(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log `error` as an error at `what`, a clause without anything of the user's."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("%s failed: %s\n%s", what, type(error).__name__, frames)
    log.debug("%s failed", what, exc_info=error)
