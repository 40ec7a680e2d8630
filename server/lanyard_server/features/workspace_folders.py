"""`workspace/didChangeWorkspaceFolders`: the roots of a session follow the editor's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from lsprotocol import types

from lanyard_server.feature import Feature
from lanyard_server.session import Root, Session
from lanyard_server.uris import canonical, path_of


class Folder(Protocol):
    """A workspace folder as the client names it."""

    uri: str
    name: str


def roots_from(folders: Iterable[Folder]) -> tuple[Root, ...]:
    """The roots of the folders that lie on this machine, each once, in the client's order."""
    roots: dict[str, Root] = {}
    for folder in folders:
        path = path_of(folder.uri)
        if path is not None:
            roots.setdefault(canonical(folder.uri), Root(folder.uri, path, folder.name or path.name))
    return tuple(roots.values())


def _changed(session: Session, params: types.DidChangeWorkspaceFoldersParams) -> None:
    removed = {canonical(folder.uri) for folder in params.event.removed}
    kept = tuple(root for root in session.roots if canonical(root.uri) not in removed)
    known = {canonical(root.uri) for root in kept}
    added = roots_from(params.event.added)
    session.roots = kept + tuple(root for root in added if canonical(root.uri) not in known)


FEATURES = (Feature("workspace/didChangeWorkspaceFolders", "session", _changed),)
