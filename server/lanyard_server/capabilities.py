"""What the server offers a client: built from the features, by pygls' builder.

Owns the server capabilities. A feature whose `options` callable returns NOT_OFFERED is served but not advertised.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder

from lanyard_server.feature import NOT_OFFERED, Command, Feature
from lanyard_server.session import Session


def build_capabilities(session: Session, registered: Iterable[Feature | Command]) -> types.ServerCapabilities:
    """The capabilities for the client of a session."""
    offered: set[str] = set()
    options: dict[str, Any] = {}
    commands: list[str] = []
    for entry in registered:
        if isinstance(entry, Command):
            commands.append(entry.name)
            continue
        given = entry.options(session) if callable(entry.options) else entry.options
        if given is NOT_OFFERED:
            continue
        offered.add(entry.method)
        if given is not None:
            options[entry.method] = given
    return ServerCapabilitiesBuilder(
        session.capabilities,
        offered,
        options,
        commands,
        types.TextDocumentSyncKind.Incremental,
        None,
        types.PositionEncodingKind(session.encoding.value),
    ).build()
