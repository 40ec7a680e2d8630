"""The open documents on their way to the index processes.

Owns what each process was told of each document, and when it is told more: some time after the last key, or at once
when something is asked. A key costs a note in a list. Used from the event loop's thread alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lanyard_analyzers.text import Edit
from lanyard_server.index.client import IndexClient
from lanyard_server.index.messages import Change, Changed, Closed, Opened
from lanyard_server.session import Document, Session
from lanyard_server.uris import canonical

QUIET_S = 0.4
"""Seconds after the last key before edits are sent."""
LARGEST = 5_000_000
"""Code points; longer documents have no tree and are not sent."""
_EDITS_LIMIT = 200  # more edits than this between two looks, and the whole text is sent
_RECENT = 12

Find = Callable[[Path], tuple[IndexClient, str] | None]
"""The client for a file, and the file's path in its workspace."""


@dataclass(slots=True)
class _Sent:
    """What a process has of a document: its text of `version`, to which the `edits` are still to be told."""

    client: IndexClient
    process_id: int | None
    path: str
    version: int
    edits: list[Edit] = field(default_factory=list[Edit])
    void: bool = False  # it is to be sent whole; until then the process has an old text, or knows that it has none


class Feed:
    """See the module. `settled` is called with a document's URI and the offset of its last edit once it is quiet."""

    def __init__(self, session: Session, find: Find, settled: Callable[[str, int], None]) -> None:
        self._session, self._find, self._settled = session, find, settled
        self._sent: dict[str, _Sent] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._last: dict[str, int] = {}
        self._recent: deque[tuple[str, int]] = deque(maxlen=_RECENT)

    def edited(self, uri: str, edit: Edit | None) -> None:
        """A document has taken an edit; None: it has another text. On the path of a key."""
        key = canonical(uri)
        sent = self._sent.get(key)
        if sent is not None and edit is not None and len(sent.edits) < _EDITS_LIMIT:
            sent.edits.append(edit)
        elif sent is not None:
            sent.void = True
        if edit is not None:
            self._last[key] = edit.span.start + len(edit.new)
        self._schedule(key)

    def opened(self, uri: str) -> None:
        """A document was opened."""
        key = canonical(uri)
        if (sent := self._sent.get(key)) is not None:
            sent.void = True
        self._schedule(key)

    def closed(self, uri: str) -> None:
        """A document was closed."""
        key = canonical(uri)
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()
        self._last.pop(key, None)
        sent = self._sent.pop(key, None)
        if sent is not None:
            sent.client.tell(Closed(sent.path))

    def lost(self, client: IndexClient, path: str) -> None:
        """A process does not have the document as it should."""
        for key, sent in self._sent.items():
            if sent.client is client and sent.path == path:
                sent.void = True
                self._schedule(key)

    def flush(self, uri: str) -> tuple[IndexClient, str, int] | None:
        """Bring the process up to a document as it is now: its client, path and version. None where it has none."""
        key = canonical(uri)
        document = self._session.documents.glance(uri)
        place = None if document is None else self._place(document)
        if document is None or place is None:
            return None
        client, path = place
        if client.process_id is None:
            return None
        sent, text = self._sent.get(key), document.text
        target = client, client.process_id, path
        if sent is None or sent.void or (sent.client, sent.process_id, sent.path) != target:
            client.tell(_opened(document, path))
        elif sent.version != text.version or sent.edits:
            changes = tuple(Change(edit.span.start, edit.span.end, edit.new) for edit in sent.edits)
            client.tell(Changed(path, sent.version, text.version, len(text), changes))
        else:
            return client, path, text.version
        self._sent[key] = _Sent(client, client.process_id, path, text.version)
        return client, path, text.version

    def flush_all(self) -> None:
        """As `flush`, for every document that was changed or opened since."""
        for key in list(self._timers):
            self._timers.pop(key).cancel()
            self.flush(key)

    def buffers_of(self, client: IndexClient) -> Iterator[Opened]:
        """All documents that a new process of a client is to know, as sent now."""
        for uri in self._session.documents.uris():
            document = self._session.documents.glance(uri)
            place = None if document is None else self._place(document)
            if document is not None and place is not None and place[0] is client:
                self._sent[canonical(uri)] = _Sent(client, client.process_id, place[1], document.version)
                yield _opened(document, place[1])

    def recent(self, client: IndexClient) -> tuple[tuple[str, int], ...]:
        """Places of a client's workspace that were edited last, newest first."""
        found: list[tuple[str, int]] = []
        for key, line in self._recent:
            document = self._session.documents.glance(key)
            place = None if document is None else self._place(document)
            if place is not None and place[0] is client:
                found.append((place[1], line))
        return tuple(found)

    def close(self) -> None:
        """Send nothing more."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()

    def _schedule(self, key: str) -> None:
        timer = self._timers.get(key)
        if timer is not None:
            timer.cancel()
        self._timers[key] = asyncio.get_running_loop().call_later(QUIET_S, self._quiet, key)

    def _quiet(self, key: str) -> None:
        self._timers.pop(key, None)
        self.flush(key)
        at, document = self._last.pop(key, None), self._session.documents.glance(key)
        if at is not None and document is not None:
            self._remember(key, document.text.line_of(at))
            self._settled(key, at)

    def _remember(self, key: str, line: int) -> None:
        if self._recent and self._recent[0][0] == key and abs(self._recent[0][1] - line) < 10:
            self._recent.popleft()
        self._recent.appendleft((key, line))

    def _place(self, document: Document) -> tuple[IndexClient, str] | None:
        if document.path is None or document.language is None or len(document.text) >= LARGEST:
            return None
        return self._find(document.path)


def _opened(document: Document, path: str) -> Opened:
    content = document.text.content
    if not content.isascii():  # half a character would keep the whole text from being sent
        content = content.encode("utf-8", "replace").decode("utf-8")
    return Opened(path, document.language or "", document.version, content)
