"""How the rest of the server uses the index: light to import, and an answer whether or not there is one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lanyard_server.index.service import IndexService
    from lanyard_server.session import Session
    from lanyard_server.tasks.make import Slicer

SERVICE = "lanyard_server.index.service"


def service_of(session: Session) -> IndexService | None:
    """The session's index service; None before it has started, and where the user wants none."""
    return session.state.get(SERVICE)


def slicer_of(session: Session, root: Path) -> Slicer:
    """What cuts slices of a folder, for a thread: its index process, else `build_slice`. Call it on the event loop."""
    from lanyard_analyzers.slices import build_slice  # noqa: PLC0415 - completion needs none of it

    service = service_of(session)
    return build_slice if service is None else service.slicer(root)
