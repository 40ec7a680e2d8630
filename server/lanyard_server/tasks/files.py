"""Where a document stands in its workspace, and the text of a URI as it is now.

Owns reading the session's documents and files for tasks. A URI is the client's or one that Lanyard made itself; no
path of a reply comes here.
"""

from __future__ import annotations

import asyncio
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lanyard_analyzers.text import Text
from lanyard_server.feature import RequestFailed
from lanyard_server.uris import path_of

if TYPE_CHECKING:
    from lanyard_server.session import Document, Session

_MOST_BYTES = 20_000_000  # documents of more have no syntax tree, so nothing is ever proposed for them


@dataclass(frozen=True, slots=True)
class Place:
    """A document's path (posix, relative to `root`)."""

    root: Path
    path: str


def can_have_tasks(document: Document) -> bool:
    """Whether it is a file of this machine, or a draft that may become one."""
    return document.path is not None or document.uri.startswith("untitled:")


def place_of(session: Session, document: Document) -> Place:
    """Where a document stands; a file outside all folders has its own folder as root. Raises RequestFailed."""
    if document.path is None and can_have_tasks(document):
        raise RequestFailed("Save this document first: tasks and inline edits need a file.")
    if document.path is None:
        raise RequestFailed("This needs a file on a disk; here completion and chat work.")
    root = session.root_of(document.path)
    folder = root.path if root else document.path.parent
    return Place(folder, document.path.relative_to(folder).as_posix())


def overlays_in(session: Session, folder: Path) -> dict[str, str]:
    """The open buffers below a folder, by their path in it: they count in place of their files."""
    opened = [session.documents.glance(uri) for uri in session.documents.uris()]
    return {
        document.path.relative_to(folder).as_posix(): document.text.content
        for document in opened
        if document is not None and document.path is not None and document.path.is_relative_to(folder)
    }


async def current_text(session: Session, uri: str) -> Text | None:
    """The open buffer, else the file on disk; None where there is none. The disk is read in a thread."""
    document = session.documents.glance(uri)
    if document is not None:
        return document.text
    path = path_of(uri)
    text = None if path is None else await asyncio.to_thread(text_on_disk, path)
    document = session.documents.glance(uri)  # it may have been opened meanwhile
    return text if document is None else document.text


def text_on_disk(path: Path) -> Text | None:
    """The text of a plain file as an editor would show it: UTF-8, without its byte order mark; else None."""
    try:
        # Not blocking, and checked after opening: a named pipe would hold the reader for ever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size > _MOST_BYTES:
                return None
            return Text.of(file.read().decode("utf-8-sig"))
    except (OSError, ValueError):
        return None
