"""The watch on the editor's process: a dead editor leaves no live server.

Owns the polling alone. A process is its id and its start time, so that a recycled id is not taken for the editor.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import psutil

log = logging.getLogger(__name__)

POLL_S = 2.0


def find_process(process_id: int) -> psutil.Process | None:
    """The editor's process; None where it cannot be seen from here (another container, another host).

    Such a one is not watched: the end of its pipe tells of its end as well.
    """
    try:
        process = psutil.Process(process_id)
        process.create_time()
    except (psutil.Error, ValueError, OverflowError):
        log.info("the editor's process %d cannot be seen from here and is not watched", process_id)
        return None
    return process


async def watch(process: psutil.Process, gone: Callable[[], None], poll_s: float = POLL_S) -> None:
    """Call `gone` once when the process has ended."""
    while _alive(process):  # noqa: ASYNC110 - another process's end is no event of ours
        await asyncio.sleep(poll_s)
    log.warning("the editor's process %d has ended", process.pid)
    gone()


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
