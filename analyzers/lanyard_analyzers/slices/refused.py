"""Why nothing of a file may be sent: the first question of each slice and each context.

Owns the words of the refusal; which files may be read is the workspace's.
"""

from __future__ import annotations

from lanyard_analyzers.slices.model import Problem
from lanyard_analyzers.workspace import SaysWhy, Workspace


def refusal(workspace: Workspace, path: str) -> Problem | None:
    """Why nothing of a file may be sent, with the next step; None where it may."""
    if isinstance(workspace, SaysWhy):
        why = workspace.excluded(path)
        if why is None:
            return None
    elif workspace.read(path) is not None:
        return None
    else:
        why = "not readable in the workspace"
    hint = "" if "never read" in why or "link" in why else "; to allow it, add a line with ! to .lanyardignore"
    if "workspace" in why:
        hint = "; open the folder that holds it"
    return Problem(f"{path} is {why}, so nothing of it is sent{hint}")
