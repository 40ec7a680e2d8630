"""Writes into an open document while its user may be typing in it.

Owns the place at which the next piece goes. It only ever inserts, with the version it computed the place for; what
was typed meanwhile moves the place and is never touched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from lanyard_analyzers.text import Edit, Span, Text
from lanyard_server.applying import apply_edit
from lanyard_server.feature import RequestFailed
from lanyard_server.positions import lsp_range
from lanyard_server.session import Session

TRIES = 12
ECHO_S = 1.0
"""Seconds that the client's word of an applied edit is waited for; Neovim gathers changes for 0.15."""
_LOOK_EVERY_S = 0.01
_MARKER = 120


class PlaceLost(Exception):
    """The place to write at cannot be told any more; one line says why."""


class Writer:
    """Inserts pieces one after the other, beginning at an offset of a document's text.

    `_text` is what the client has by all we know; `_version` is the last version that it told of.
    """

    def __init__(self, session: Session, uri: str, *, text: Text, offset: int) -> None:
        self._session = session
        self._uri = uri
        self._text = text
        self._version: int = text.version
        self._at = offset
        self._writing: asyncio.Task[None] | None = None
        self._line_end = "\r\n" if "\r\n" in text.content else "\n"

    async def write(self, piece: str) -> None:
        """Insert the next piece. Raises PlaceLost.

        Who is cancelled while a piece is under way may go on with the next: it comes after that piece.
        """
        if self._writing is not None:
            await asyncio.wait({self._writing})
            if not self._writing.cancelled():
                self._writing.exception()  # who waited for it has heard of it, or has gone
        self._writing = asyncio.create_task(self._write(piece), name="a piece of a chat answer")
        await asyncio.shield(self._writing)

    async def _write(self, piece: str) -> None:
        piece = piece.replace("\n", self._line_end)
        for _ in range(TRIES):
            self._catch_up()
            if await self._applied(piece):
                self._text = self._text.replace(Edit(Span(self._at, self._at), piece))
                self._at += len(piece)
                await self._until(self._seen)
                return
            await self._until(lambda now: now.version != self._version)
        raise PlaceLost("the editor does not take the answer's text")

    def _now(self) -> Text:
        document = self._session.documents.glance(self._uri)
        if document is None:
            raise PlaceLost("the chat document was closed")
        return document.text

    def _catch_up(self) -> None:
        """Move the place along with what was typed since."""
        now = self._now()
        if now.version == self._version:
            return
        at = moved(self._text.content, now.content, self._at)
        if at is None:
            raise PlaceLost("the answer's place in the chat document was edited")
        self._text, self._at, self._version = now, at, now.version

    def _seen(self, now: Text) -> bool:
        """Whether the client has told of our last edit: what stands before the place is there."""
        if now.version == self._version:
            return False
        at = moved(self._text.content, now.content, self._at)
        if at is None:
            return False
        length = min(_MARKER, self._at)
        return now.content[max(0, at - length) : at] == self._text.content[self._at - length : self._at]

    async def _applied(self, piece: str) -> bool:
        place = lsp_range(self._text, Span(self._at, self._at), self._session.encoding)
        edits = [{"range": place, "newText": piece}]
        edit: dict[str, Any]
        if _takes_versions(self._session):
            # Where the client has not told of our last edit yet, its version is not known.
            version = self._version if self._now().content == self._text.content else None
            edit = {"documentChanges": [{"textDocument": {"uri": self._uri, "version": version}, "edits": edits}]}
        else:
            edit = {"changes": {self._uri: edits}}
        try:
            expected = self._text.replace(Edit(Span(self._at, self._at), piece)).content
            params = {"label": "Lanyard", "edit": edit}
            answer = await apply_edit(self._session, params, self._uri, expected=expected)
        except RequestFailed as error:
            raise PlaceLost(str(error)) from None
        return bool(isinstance(answer, dict) and answer.get("applied"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]

    async def _until(self, condition: Callable[[Text], bool]) -> None:
        """Wait for what the client tells of the document, but not for ever."""
        deadline = asyncio.get_running_loop().time() + ECHO_S
        while not condition(self._now()) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110  no hook
            await asyncio.sleep(_LOOK_EVERY_S)


def moved(before: str, now: str, at: int) -> int | None:
    """Where the offset `at` of `before` is in `now`; None where the change lies across it and the text there is gone.

    Text that was inserted right at the offset counts as after it.
    """
    head = _common(before, now)
    if at <= head:
        return at
    tail = min(_common(before[::-1], now[::-1]), min(len(before), len(now)) - head)
    if at >= len(before) - tail:
        return at + len(now) - len(before)
    marker = before[max(0, at - _MARKER) : at]
    return now.find(marker) + len(marker) if marker.strip() and now.count(marker) == 1 else None


def _common(one: str, other: str) -> int:
    """The length of the common start."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _takes_versions(session: Session) -> bool:
    workspace = getattr(session.capabilities, "workspace", None)
    declared = getattr(workspace, "workspace_edit", None)
    return bool(getattr(declared, "document_changes", None))
