"""`lanyard refactor FILE:LINE`."""

from __future__ import annotations

from lanyard_server.cli.task_run import Apply, Root, Where, run_action


def command(where: Where, root: Root = None, apply: Apply = False) -> None:
    """Refactor the code at FILE:LINE; the diff on stdout."""
    run_action("refactor", where, root, apply=apply)
