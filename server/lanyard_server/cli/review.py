"""`lanyard review FILE:LINE`."""

from __future__ import annotations

from lanyard_server.cli.task_run import Root, Where, run_action


def command(where: Where, root: Root = None) -> None:
    """Review the code at FILE:LINE; findings as file:line:column lines."""
    run_action("review", where, root, apply=False)
