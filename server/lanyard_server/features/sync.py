"""`textDocument/didOpen`, `didChange`, `didClose`, `didSave`: the client's text reaches the document store.

Takes positions as they come (any number will do), because a change that is refused leaves our text wrong for good.
The values have lsprotocol's attribute names, for the other features that listen to the same notifications.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from lanyard_server.documents import DocumentStore
from lanyard_server.feature import Feature
from lanyard_server.session import Session


@dataclass(slots=True)
class RawPosition:
    """An LSP position as it came."""

    line: int
    character: int


@dataclass(slots=True)
class RawRange:
    """An LSP range as it came."""

    start: RawPosition
    end: RawPosition


@dataclass(slots=True)
class RawChange:
    """A content change as it came; without a range it replaces the whole text."""

    range: RawRange | None
    text: str


@dataclass(slots=True)
class NamedDocument:
    """A document's URI and version; the version is None where the client sent none."""

    uri: str
    version: int | None = None


@dataclass(slots=True)
class NewDocument:
    """A document that is opened."""

    uri: str
    language_id: str
    version: int
    text: str


@dataclass(slots=True)
class Opened:
    """What `didOpen` says."""

    text_document: NewDocument


@dataclass(slots=True)
class Changed:
    """What `didChange` says."""

    text_document: NamedDocument
    content_changes: tuple[RawChange, ...]


@dataclass(slots=True)
class Named:
    """What `didClose` and `didSave` say."""

    text_document: NamedDocument


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _named_document(raw: Any) -> NamedDocument:
    document = raw["textDocument"]
    version = document.get("version")
    if not isinstance(version, int | None):
        raise TypeError
    return NamedDocument(_string(document["uri"]), version)


def _position(raw: Any) -> RawPosition:
    return RawPosition(raw["line"], raw["character"])


def _change(raw: Any) -> RawChange:
    covered = raw.get("range")
    return RawChange(
        None if covered is None else RawRange(_position(covered["start"]), _position(covered["end"])),
        _string(raw["text"]),
    )


def _opened(raw: Any) -> Opened:
    document, named = raw["textDocument"], _named_document(raw)
    language_id = _string(document.get("languageId") or "")
    return Opened(NewDocument(named.uri, language_id, named.version or 0, _string(document["text"])))


def _changed(raw: Any) -> Changed:
    return Changed(_named_document(raw), tuple(_change(change) for change in raw["contentChanges"]))


def _named(raw: Any) -> Named:
    return Named(_named_document(raw))


def _store(session: Session) -> DocumentStore:
    return cast("DocumentStore", session.documents)


def _open(session: Session, params: Opened) -> None:
    document = params.text_document
    _store(session).open(document.uri, document.language_id, document.version, document.text)


def _apply(session: Session, params: Changed) -> None:
    document = params.text_document
    _store(session).change(document.uri, document.version, params.content_changes)


def _close(session: Session, params: Named) -> None:
    _store(session).close(params.text_document.uri)


def _save(session: Session, params: Named) -> None:
    """Nothing: the store has the text already. Declared so that clients tell the features that listen."""


FEATURES = (
    Feature("textDocument/didOpen", "session", _open, decode=_opened),
    Feature("textDocument/didChange", "session", _apply, decode=_changed),
    Feature("textDocument/didClose", "session", _close, decode=_named),
    Feature("textDocument/didSave", "session", _save, decode=_named),
)
