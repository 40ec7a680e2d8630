"""The editor's settings: asked for after `initialized`, and again when they or the workspace folders change.

Owns when settings are read anew, and telling the user once what is wrong with them.
"""

from __future__ import annotations

import logging
from typing import Any, cast

from lsprotocol import types

from lanyard_server.feature import Feature, RequestFailed
from lanyard_server.logs import follow_settings
from lanyard_server.session import Session
from lanyard_server.settings_sources import Loaded, editor_section, load

log = logging.getLogger(__name__)

_MOST_LINES = 5  # at once; a broken file is understood after that many


def remember(session: Session, loaded: Loaded) -> None:
    """Keep what is wrong with the settings until the client may be told."""
    session.state[__name__] = _State(loaded.problems)
    follow_settings(loaded.settings.log.level)


class _State:
    def __init__(self, problems: tuple[str, ...]) -> None:
        self.untold = problems
        self.told: set[str] = set()
        self.pushed: Any = None  # what the client sent last of its own accord
        self.begun = self.known = 0  # readings begun, and the latest of them whose outcome counts


async def _initialized(session: Session, _: Any) -> None:
    workspace = getattr(session.capabilities, "workspace", None)
    changes = getattr(workspace, "did_change_configuration", None)
    if getattr(changes, "dynamic_registration", None):
        registration = {
            "id": "lanyard-configuration",
            "method": "workspace/didChangeConfiguration",
            "registerOptions": {"section": "lanyard"},
        }
        try:
            await session.out.request("client/registerCapability", {"registrations": [registration]})
        except RequestFailed as error:
            log.info("the client does not register didChangeConfiguration: %s", error)
    await _refresh(session, None)


async def _changed(session: Session, params: types.DidChangeConfigurationParams) -> None:
    await _refresh(session, params.settings)


async def _folders_changed(session: Session, _: types.DidChangeWorkspaceFoldersParams) -> None:
    await _refresh(session, None)


async def _refresh(session: Session, pushed: Any) -> None:
    """Read the settings anew: the client is asked where it can be, else what it sent counts.

    It is asked for each workspace folder too, whose own settings add to what is left alone. Of two readings at once the
    one that began later counts, whichever is answered first.
    """
    state = cast("_State", session.state[__name__])
    state.begun += 1
    mine = state.begun
    state.pushed = pushed if pushed is not None else state.pushed
    given = state.pushed if state.pushed is not None else session.initialization_options
    folders: list[Any] = []
    if getattr(getattr(session.capabilities, "workspace", None), "configuration", None):
        items = [{"section": "lanyard"}, *({"scopeUri": root.uri, "section": "lanyard"} for root in session.roots)]
        try:
            answer = await session.out.request("workspace/configuration", {"items": items})
        except RequestFailed as error:
            log.info("the client gives no configuration: %s", error)
        else:
            asked, *folders = cast("list[Any]", answer) if isinstance(answer, list) and answer else [None]
            given = asked if asked is not None else session.initialization_options
    if mine < state.known:
        return
    state.known = mine
    loaded = load(editor_section(given), folders=map(editor_section, folders))
    session.settings = loaded.settings
    follow_settings(loaded.settings.log.level)
    state.untold = loaded.problems
    for reread in session.reread:
        reread()
    _tell(session, state)


def _tell(session: Session, state: _State) -> None:
    new = [line for line in state.untold if line not in state.told]
    for line in new[:_MOST_LINES]:
        session.out.warn(line)
    if len(new) > _MOST_LINES:
        session.out.warn(f"{len(new) - _MOST_LINES} more in your configuration; `lanyard config validate` lists them")
    state.told.update(new)
    state.untold = ()


FEATURES = (
    Feature("initialized", "snapshot", _initialized),
    Feature("workspace/didChangeConfiguration", "snapshot", _changed),
    Feature("workspace/didChangeWorkspaceFolders", "snapshot", _folders_changed),
)
