"""The open documents: opened, changed and closed by the client, handed out as snapshots.

Owns which text and which tree an open URI has now. A tree is made when somebody first looks at a document and is kept
up incrementally from then on: changes only collect their edits, the next look re-parses once. Used from the event
loop's thread alone.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lanyard_analyzers.text import Edit, Text
from lanyard_server.positions import Encoding, span
from lanyard_server.session import Document
from lanyard_server.uris import canonical, path_of

if TYPE_CHECKING:
    from lanyard_analyzers.syntax import Syntax

log = logging.getLogger(__name__)

SYNTAX_LIMIT = 5_000_000
"""Code points from which on a document has no tree: parsing it would hold up the keystrokes of all others."""

BEFORE_LIMIT = 400_000
"""Code points up to which the text that a document was opened with is kept, for telling what changed since."""

_EDITS_LIMIT = 500  # so many edits without a look, and a fresh parse is cheaper than an incremental one


class Grammars(Protocol):
    """What the analyzers know of languages (`lanyard_analyzers.languages` and `.syntax`)."""

    def language_of(self, language_id: str, path: str, *, content: str = "") -> str | None:
        """Our language id; None without a grammar."""
        ...

    def parse(self, text: Text, language: str) -> Syntax:
        """A tree from nothing."""
        ...

    def reparse(self, syntax: Syntax, text: Text, edits: Sequence[Edit]) -> Syntax:
        """A tree from the one before; leaves that one as it is."""
        ...


class Position(Protocol):
    """An LSP position as it came."""

    line: int
    character: int


class Range(Protocol):
    """An LSP range as it came."""

    @property
    def start(self) -> Position: ...
    @property
    def end(self) -> Position: ...


class Change(Protocol):
    """One content change: `range` None replaces the whole text."""

    @property
    def range(self) -> Range | None: ...
    @property
    def text(self) -> str: ...


@dataclass(slots=True)
class _Open:
    uri: str
    language_id: str
    language: str | None
    path: Path | None
    text: Text
    opened: Text | None = None
    syntax: Syntax | None = None
    edits: list[Edit] = field(default_factory=list[Edit])
    snapshot: Document | None = None


class DocumentStore:
    """The open documents of one session; implements `session.Documents`."""

    def __init__(self, grammars: Grammars, encoding: Encoding) -> None:
        self._edited: Callable[[str, Edit | None], None] | None = None
        self._grammars = grammars
        self._encoding = encoding
        self._open: dict[str, _Open] = {}  # the one that changed last is last

    def get(self, uri: str) -> Document | None:
        """The document as it is now; None where it is not open."""
        found = self._find(uri)
        return None if found is None else self._look(found)

    def glance(self, uri: str) -> Document | None:
        """As `get`, for what cannot wait for a parse: without a tree where one would have to be made or kept up."""
        entry = self._find(uri)
        if entry is None:
            return None
        return entry.snapshot or Document(entry.uri, entry.language_id, entry.language, entry.text, None, entry.path)

    def before(self, uri: str) -> Text | None:
        """The text that the document was opened with; None where it is the same still, not open, or was too large."""
        entry = self._find(uri)
        if entry is None or entry.opened is None or entry.opened.content == entry.text.content:
            return None
        return entry.opened

    def uris(self) -> tuple[str, ...]:
        """The open documents' URIs, the one that changed last first."""
        return tuple(entry.uri for entry in reversed(self._open.values()))

    def all(self) -> tuple[Document, ...]:
        """All open documents, the one that changed last first."""
        return tuple(self._look(entry) for entry in reversed(self._open.values()))

    def follow(self, edited: Callable[[str, Edit | None], None]) -> None:
        """Call `edited` with the URI of each edit, on the path of a key; None stands for a whole new text."""
        self._edited = edited

    def open(self, uri: str, language_id: str, version: int, text: str) -> None:
        """The client opened a document; from now on it owns the content."""
        key = canonical(uri)
        if self._open.pop(key, None) is not None:
            log.warning("opened again without having been closed: %s", uri)
        path = path_of(uri)
        language = self._grammars.language_of(language_id, str(path) if path else uri, content=text)
        opened = Text.of(text, version)
        self._open[key] = _Open(uri, language_id, language, path, opened, opened if len(text) <= BEFORE_LIMIT else None)

    def change(self, uri: str, version: int | None, changes: Sequence[Change]) -> None:
        """The client changed a document; `version` None (which some clients send) counts one up.

        A change to a document that is not open and one that is not newer than what we have are logged and ignored.
        """
        entry = self._find(uri)
        if entry is None:
            log.warning("changed without having been opened: %s", uri)
            return
        version = entry.text.version + 1 if version is None else version
        if version <= entry.text.version:
            log.warning("a change to version %d ignored, have %d: %s", version, entry.text.version, uri)
            return
        for change in changes:
            edit = self._apply(entry, change)
            if self._edited is not None:
                self._edited(uri, edit)
        entry.text = Text(entry.text.content, version, entry.text.starts)
        entry.snapshot = None
        key = canonical(uri)
        self._open[key] = self._open.pop(key)

    def close(self, uri: str) -> None:
        """The client closed a document; the disk owns the content again."""
        if self._open.pop(canonical(uri), None) is None:
            log.warning("closed without having been opened: %s", uri)

    def _find(self, uri: str) -> _Open | None:
        return self._open.get(canonical(uri))

    def _apply(self, entry: _Open, change: Change) -> Edit | None:
        if change.range is None:
            entry.text = Text.of(change.text, entry.text.version)
            entry.syntax = None
            entry.edits = []
            return None
        edit = Edit(span(entry.text, change.range, self._encoding), change.text)
        entry.text = entry.text.replace(edit)
        if entry.syntax is not None:
            entry.edits.append(edit)
            if len(entry.edits) > _EDITS_LIMIT:
                entry.syntax = None
                entry.edits = []
        return edit

    def _look(self, entry: _Open) -> Document:
        if entry.snapshot is None:
            entry.syntax = self._syntax(entry)
            entry.edits = []
            entry.snapshot = Document(
                entry.uri, entry.language_id, entry.language, entry.text, entry.syntax, entry.path
            )
        return entry.snapshot

    def _syntax(self, entry: _Open) -> Syntax | None:
        if entry.language is None or len(entry.text) >= SYNTAX_LIMIT:
            return None
        if entry.syntax is not None:
            return self._grammars.reparse(entry.syntax, entry.text, entry.edits)
        return self._grammars.parse(entry.text, entry.language)
