"""The composition root: which features there are, and how a connection is put together.

Only wires. A feature is added by one entry in FEATURES.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from lsprotocol import types

from lanyard_analyzers import languages, syntax
from lanyard_server import progress, runtime
from lanyard_server.capabilities import build_capabilities
from lanyard_server.documents import DocumentStore, Grammars
from lanyard_server.feature import Command, Feature
from lanyard_server.features import (
    chat,
    chat_document,
    code_action,
    code_lens,
    completion,
    configuration,
    context_size,
    diagnostics,
    fleet_view,
    inline_completion,
    inline_edit,
    proposals,
    sync,
    task_commands,
    workspace_folders,
    workspace_index,
)
from lanyard_server.features.workspace_folders import roots_from
from lanyard_server.lifecycle import Lifecycle
from lanyard_server.positions import choose_encoding
from lanyard_server.protocol import LanyardProtocol
from lanyard_server.session import Root, Session
from lanyard_server.settings_sources import editor_section, load
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.transport import Sink
from lanyard_server.uris import uri_of


async def resume(session: Session) -> None:
    """What earlier sessions left for this one's folders."""
    await coordinator_of(session).resume()


# In this order they hear of a notification: the documents first.
FEATURES: Final[tuple[Feature | Command, ...]] = (
    *sync.FEATURES,
    *workspace_folders.FEATURES,
    *workspace_index.FEATURES,
    *configuration.FEATURES,
    *progress.FEATURES,
    inline_completion.FEATURE,
    completion.FEATURE,
    chat.FEATURE,
    context_size.FEATURE,
    *chat_document.FEATURES,
    inline_edit.FEATURE,
    code_action.FEATURE,
    *code_lens.FEATURES,
    *diagnostics.FEATURES,
    *task_commands.COMMANDS,
    proposals.FEATURE,
    *fleet_view.FEATURES,
    runtime.feature(resume),
)


class _Analyzers:
    """`lanyard_analyzers` as the document store wants it."""

    language_of = staticmethod(languages.language_of)
    parse = staticmethod(syntax.parse)
    reparse = staticmethod(syntax.reparse)


GRAMMARS: Final[Grammars] = _Analyzers()


def connect(sink: Sink, *, watch_parent: bool = False) -> LanyardProtocol:
    """The protocol for one connection. `watch_parent`: the client runs on this machine and is waited for."""
    lifecycle = Lifecycle(make_session, lambda session: build_capabilities(session, FEATURES), watch=watch_parent)
    return LanyardProtocol(FEATURES, sink, lifecycle)


def make_session(protocol: LanyardProtocol, params: types.InitializeParams) -> Session:
    """The session of a client that has introduced itself."""
    general = params.capabilities.general
    encoding = choose_encoding(general.position_encodings if general else None)
    given: Any = params.initialization_options
    options: Mapping[str, Any] = cast("Mapping[str, Any]", given) if isinstance(given, Mapping) else {}
    loaded = load(editor_section(options))
    session = Session(
        out=protocol.out,
        documents=DocumentStore(GRAMMARS, encoding),
        settings=loaded.settings,
        encoding=encoding,
        capabilities=params.capabilities,
        roots=_roots(params),
        runtime=None,
        client_name=params.client_info.name if params.client_info else "",
        trusted=options.get("trusted") is True,
        state={},
        initialization_options=options,
    )
    configuration.remember(session, loaded)
    return session


def _roots(params: types.InitializeParams) -> tuple[Root, ...]:
    if params.workspace_folders:
        return roots_from(params.workspace_folders)
    uri = params.root_uri
    if uri is None and params.root_path:
        try:
            uri = uri_of(params.root_path)
        except ValueError:
            return ()
    return roots_from([types.WorkspaceFolder(uri, "")]) if uri else ()
