"""The watch on the editor's process: a dead editor leaves no live server.

Owns the polling alone. A process is its id and its start time, so that a recycled id is not taken for the editor.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

log = logging.getLogger(__name__)

POLL_S = 2.0


def is_visible(process_id: int) -> bool:
    """Whether there is such a process, seen from here; an editor in another container or on another host is not.

    Such a one is not watched: the end of its pipe tells of its end as well.
    """
    if os.name == "nt":  # there, os.kill with signal 0 would end it
        import psutil  # noqa: PLC0415 - 30 ms that the answer to initialize need not wait for elsewhere

        return psutil.pid_exists(process_id)
    try:
        os.kill(process_id, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError, ValueError):
        return False
    return process_id > 0


async def watch(process_id: int, gone: Callable[[], None], poll_s: float = POLL_S) -> None:
    """Call `gone` once when the process, which was visible a moment ago, has ended."""
    import psutil  # noqa: PLC0415 - as above

    try:
        process = psutil.Process(process_id)
        while _alive(process):  # noqa: ASYNC110 - another process's end is no event of ours
            await asyncio.sleep(poll_s)
    except psutil.NoSuchProcess:
        pass
    log.warning("the editor's process %d has ended", process_id)
    gone()


def _alive(process: psutil.Process) -> bool:
    # is_running compares the start time; a zombie has ended, only its own parent has not noticed yet.
    return process.is_running() and process.status() != "zombie"
