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


async def watch_parent(process_id: int, gone: Callable[[], None], poll_s: float = POLL_S) -> None:
    """Call `gone` once when the process has ended.

    A process that cannot be seen from here (another container, another host) is not watched: the end of its
    pipe tells of it as well.
    """
    try:
        parent = psutil.Process(process_id)
        parent.create_time()
    except (psutil.Error, ValueError, OverflowError):
        log.info("the editor's process %d cannot be seen from here and is not watched", process_id)
        return
    while _alive(parent):  # noqa: ASYNC110 - another process's end is no event of ours
        await asyncio.sleep(poll_s)
    log.warning("the editor's process %d has ended", process_id)
    gone()


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
