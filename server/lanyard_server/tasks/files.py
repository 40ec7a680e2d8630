"""Where a document stands in its workspace, and the text of a URI as it is now.

Owns reading the session's documents and files for tasks; refuses what lies outside the workspace folders.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lanyard_analyzers.text import Text
from lanyard_analyzers.workspace import DiskWorkspace, Workspace
from lanyard_server.feature import RequestFailed
from lanyard_server.uris import path_of

if TYPE_CHECKING:
    from lanyard_server.session import Document, Session


@dataclass(frozen=True, slots=True)
class Place:
    """A document's path (posix, relative to `root`) and the workspace around it."""

    root: Path
    path: str
    workspace: Workspace


def place_of(session: Session, document: Document) -> Place:
    """Where a document stands; a file outside all folders has its own folder as root. Raises RequestFailed."""
    if document.path is None:
        raise RequestFailed("Save this document first: tasks need a file.")
    root = session.root_of(document.path)
    folder = root.path if root else document.path.parent
    return Place(folder, document.path.relative_to(folder).as_posix(), workspace_at(session, folder))


def workspace_at(session: Session, folder: Path) -> Workspace:
    """The workspace of a folder, with unsaved buffers in place of their files."""
    overlays = {
        document.path.relative_to(folder).as_posix(): document.text.content
        for document in session.documents.all()
        if document.path is not None and document.path.is_relative_to(folder)
    }
    return DiskWorkspace(folder, overlays)


def current_text(session: Session, uri: str) -> Text | None:
    """The open buffer, else the file on disk within the workspace folders; None where there is none."""
    document = session.documents.get(uri)
    if document is not None:
        return document.text
    path = path_of(uri)
    if path is None:
        return None
    try:
        return Text.of(path.read_bytes().decode("utf-8"))
    except (OSError, UnicodeDecodeError):
        return None
