"""What the client tells of documents, folders and files reaches the index processes.

Owns the messages: `initialized`, the documents', `workspace/didChangeWorkspaceFolders`, and `workspace/
didChangeWatchedFiles` with its registration. Everything else is `index/service.py`'s.
"""

from __future__ import annotations

import asyncio
import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lanyard_analyzers.languages import LANGUAGES
from lanyard_server.feature import Feature, RequestFailed
from lanyard_server.index.use import SERVICE, service_of
from lanyard_server.uris import path_of

if TYPE_CHECKING:
    from pathlib import Path

    from lanyard_server.session import Session

log = logging.getLogger(__name__)

_MANIFESTS = (".gitignore", ".lanyardignore", "*.toml", "*config*.json", "package.json", "composer.json", "go.mod")


async def _initialized(session: Session, _: Any) -> None:
    if not session.settings.index.enabled:
        return
    # Its imports must not keep the editor's first messages waiting.
    service = await asyncio.to_thread(import_module, SERVICE)
    service.start_service(session)
    await _watch(session)


async def _watch(session: Session) -> None:
    """Have the client tell of files that change by other hands than its own, where it can."""
    watching = getattr(getattr(session.capabilities, "workspace", None), "did_change_watched_files", None)
    if not getattr(watching, "dynamic_registration", None):
        return
    suffixes = sorted({suffix.lstrip(".") for language in LANGUAGES.values() for suffix in language.suffixes})
    globs = [f"**/*.{{{','.join(suffixes)}}}", f"**/{{{','.join(_MANIFESTS)}}}"]
    registration = {
        "id": "lanyard-watched-files",
        "method": "workspace/didChangeWatchedFiles",
        "registerOptions": {"watchers": [{"globPattern": glob} for glob in globs]},
    }
    try:
        await session.out.request("client/registerCapability", {"registrations": [registration]})
    except RequestFailed as error:
        log.info("the client does not watch files: %s", error)


def _opened(session: Session, params: Any) -> None:
    if (service := service_of(session)) is not None:
        service.feed.opened(params.text_document.uri)


def _closed(session: Session, params: Any) -> None:
    if (service := service_of(session)) is not None:
        service.feed.closed(params.text_document.uri)


def _saved(session: Session, params: Any) -> None:
    path = path_of(params.text_document.uri)
    if path is not None and (service := service_of(session)) is not None:
        service.touched([path])


def _folders(session: Session, _: Any) -> None:
    if (service := service_of(session)) is not None:
        service.folders_changed()


def _watched_paths(raw: Any) -> list[Path]:
    paths = [path_of(change["uri"]) for change in raw["changes"]]
    return [path for path in paths if path is not None]


def _watched(session: Session, changed: list[Path]) -> None:
    if (service := service_of(session)) is not None:
        service.touched(changed)


FEATURES = (
    Feature("initialized", "snapshot", _initialized),
    Feature("textDocument/didOpen", "session", _opened),
    Feature("textDocument/didClose", "session", _closed),
    Feature("textDocument/didSave", "session", _saved),
    Feature("workspace/didChangeWorkspaceFolders", "session", _folders),
    Feature("workspace/didChangeWatchedFiles", "session", _watched, decode=_watched_paths),
)
