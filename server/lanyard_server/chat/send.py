"""Answers the question at the end of a chat document, in the document.

Owns the steps in which the answer is written, and that only one answer is written into a document at a time.
"""

from __future__ import annotations

import asyncio

from lanyard_server.chat.ask import Answer, ask
from lanyard_server.chat.context import gather
from lanyard_server.chat.guard import Guard
from lanyard_server.chat.markdown import (
    LANYARD,
    STOPPED,
    YOU,
    Mention,
    conversation,
    is_chat_document,
    mentions,
    open_fence,
    question,
    sections,
)
from lanyard_server.chat.params import ContextItem, Position, Range
from lanyard_server.chat.writer import PlaceLost, Writer
from lanyard_server.feature import RequestFailed
from lanyard_server.progress import work_done
from lanyard_server.session import Session
from lanyard_server.uris import uri_of

STEP_S = 0.4
"""Seconds between two edits of the buffer; each is a step of the editor's undo."""
_NAME = "lanyard_server.chat.send"
_NEXT = f"\n\n{YOU}\n\n"
_BLANK = " \t\n"  # taken away at an answer's end; without any other character its line could be a heading


async def send(session: Session, uri: str) -> None:
    """Answer the question at the end of the chat document `uri`. Raises RequestFailed with one line for the user."""
    document = session.documents.glance(uri)
    if document is None or not is_chat_document(uri, document.language_id):
        raise RequestFailed("open a chat document first (a file that ends in .lanyard.md)")
    found = sections(document.text)
    asked = question(found)
    if asked is None:
        raise RequestFailed(f"write a question under “{YOU}” first")
    busy: set[str] = session.state.setdefault(_NAME, set())
    if document.uri in busy:
        raise RequestFailed("an answer is being written already; cancel it or wait")
    busy.add(document.uri)
    fence = open_fence(document.text, asked.end)
    writer = _Steps(
        Writer(session, document.uri, text=document.text, offset=asked.end), before=f"\n{fence}" if fence else ""
    )
    try:
        pieces, problems = await gather(session, _named(session, mentions(asked.text)))
        for problem in problems:
            session.out.show(problem)
        async with work_done(session, "Lanyard answers") as report:
            answer = await ask(session, conversation(found), pieces=pieces, take=writer.take)
            report(_summary(answer))
            await writer.finish(_NEXT)
    except asyncio.CancelledError:
        session.spawn(_stopped(writer), "the end of a chat answer")
        raise
    except PlaceLost as error:
        raise RequestFailed(f"the answer stops here: {error}") from None
    except RequestFailed:
        if writer.begun:
            session.spawn(_stopped(writer), "the end of a chat answer")
        raise
    finally:
        busy.discard(document.uri)


class _Steps:
    """Gathers the answer's pieces into edits of a fair size. `before` ends what the question left open."""

    def __init__(self, writer: Writer, *, before: str) -> None:
        self._writer = writer
        self._guard = Guard()
        self._waiting = before
        self._written_at = 0.0
        self.begun = False

    async def take(self, text: str) -> None:
        """The next piece of the answer."""
        if not self.begun:
            self._waiting += f"\n\n{LANYARD}\n\n"
            text = text.lstrip()
            self.begun = True
        self._waiting += self._guard.feed(text)
        if asyncio.get_running_loop().time() - self._written_at >= STEP_S:
            await self._write()

    async def finish(self, end: str) -> None:
        """Write what waits, and the end of the answer."""
        self._waiting += self._guard.rest()
        self._waiting = f"{self._waiting.rstrip(_BLANK)}{self._guard.closing}{end}"
        self._guard = Guard()  # who is cancelled meanwhile ends the answer once more, but no fence
        await self._write()

    async def _write(self) -> None:
        text, self._waiting = self._waiting, ""
        await self._writer.write(text)
        self._written_at = asyncio.get_running_loop().time()


async def _stopped(writer: _Steps) -> None:
    try:
        if writer.begun:
            await writer.finish(f"\n\n{STOPPED}{_NEXT}")
    except PlaceLost:
        pass  # the document is closed, or its user has gone on without us


def _summary(answer: Answer) -> str:
    speed = f", {answer.usage.tokens_per_s:.0f} tokens/s" if answer.usage.tokens_per_s else ""
    return f"{answer.worker or answer.model}: {answer.usage.completion_tokens} tokens{speed}"


def _named(session: Session, found: tuple[Mention, ...]) -> list[ContextItem]:
    """The mentions that are files of the workspace; any other `@word` is just text."""
    items: list[ContextItem] = []
    for mention in found:
        for root in session.roots:
            path = root.path / mention.path
            if ".." in path.parts or not path.is_file():
                continue
            lines = None
            if mention.first:
                lines = Range(start=Position(line=mention.first - 1), end=Position(line=mention.last))
            items.append(ContextItem(uri=uri_of(path), range=lines))
            break
    return items
