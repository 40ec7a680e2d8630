"""`lanyard tests FILE:LINE`."""

from __future__ import annotations

from lanyard_server.cli.task_run import Apply, Root, Where, run_action


def command(where: Where, root: Root = None, apply: Apply = False) -> None:
    """Write tests for the code at FILE:LINE; the diff on stdout."""
    run_action("test", where, root, apply=apply)
