"""The server's log: one line an event on standard error, which editors show.

Owns the levels. Libraries that would log messages or payloads are capped at WARNING, whatever level is asked for.
"""

from __future__ import annotations

import logging
import sys

_CAPPED = ("pygls", "websockets", "asyncio", "httpx", "httpcore", "aiohttp")


_asked_for: list[str] = []  # the level of the command line, which the settings do not override


def log_to_stderr(level: str | None) -> None:
    """Start logging. Without a level only warnings are logged until the settings say more."""
    logging.basicConfig(
        stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING
    )
    if level is not None:
        _asked_for.append(level)
        _set_level(level)
    for name in _CAPPED:
        logging.getLogger(name).setLevel(logging.WARNING)


def follow_settings(level: str) -> None:
    """Log from the level of the settings on, unless the command line said another."""
    if not _asked_for:
        _set_level(level)


def _set_level(level: str) -> None:
    for package in ("lanyard_server", "lanyard_routing", "lanyard_analyzers"):
        logging.getLogger(package).setLevel(level.upper())
