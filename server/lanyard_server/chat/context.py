"""Files and selections that go with a question.

Owns their reading within the ignore rules, their form in the prompt and their share of it. What cannot be sent gives
one line that says why.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lanyard_analyzers.languages import LANGUAGES, language_of
from lanyard_analyzers.text import Span, Text
from lanyard_analyzers.tokens import estimate
from lanyard_analyzers.workspace import DiskWorkspace
from lanyard_server.chat.params import ContextItem
from lanyard_server.completion.state import state_of
from lanyard_server.positions import span
from lanyard_server.session import Document, Session
from lanyard_server.uris import path_of

TOKENS = 6_000
"""Tokens of all context of a question together; a small model's window is 8,192, and the answer needs room."""
_FENCE = re.compile(r"^\s*(`{3,})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file, ready to be shown to a model. Lines count from 1."""

    path: str
    first_line: int
    last_line: int
    text: str
    fence: str

    def rendered(self) -> str:
        """The piece as Markdown."""
        longest = max((len(ticks) for ticks in _FENCE.findall(self.text)), default=2)
        ticks = "`" * (longest + 1)
        return f"`{self.path}`, lines {self.first_line} to {self.last_line}:\n{ticks}{self.fence}\n{self.text}\n{ticks}"


async def gather(session: Session, items: Sequence[ContextItem]) -> tuple[tuple[Piece, ...], tuple[str, ...]]:
    """The pieces that may be sent, and a line for each item that is left out or cut."""
    pieces: list[Piece] = []
    problems: list[str] = []
    left = TOKENS
    for item in items:
        document, problem = await _document(session, item.uri)
        if document is None:
            problems.append(problem)
            continue
        piece = _piece(session, document, item)
        cost = estimate(piece.text)
        if cost > left:
            piece = _cut(piece, left)
            problems.append(f"{piece.path} is cut to lines {piece.first_line} to {piece.last_line}: it is too long")
        left -= min(cost, left)
        if piece.text.strip():
            pieces.append(piece)
    return tuple(pieces), tuple(problems)


async def _document(session: Session, uri: str) -> tuple[Document | None, str]:
    opened = session.documents.glance(uri)
    path = path_of(uri) if opened is None else opened.path
    name = path.name if path else uri.rpartition("/")[2]
    if opened is not None:
        why = state_of(session).privacy.excluded(session, opened)
        return (opened, "") if why is None else (None, f"{name} is not sent: {why}")
    root = session.root_of(path)
    if path is None:
        return None, f"{name} is not sent: it is not open, and no file on a disk"
    if root is None:
        return None, f"{name} is not sent: it is neither open nor in the workspace"
    relative = path.relative_to(root.path).as_posix()
    content, refusal = await asyncio.to_thread(_read, root.path, relative)
    if content is None:
        return None, f"{name} is not sent: {refusal}"
    found = Document(uri, "", language_of("", relative, content=content), Text.of(content), None, path)
    why = state_of(session).privacy.excluded(session, found)
    return (found, "") if why is None else (None, f"{name} is not sent: {why}")


def _read(root: Path, relative: str) -> tuple[str | None, str]:
    workspace = DiskWorkspace(root)
    content = workspace.read(relative)
    return content, "" if content is not None else workspace.refusal(relative) or "it cannot be read"


def _piece(session: Session, document: Document, item: ContextItem) -> Piece:
    text = document.text
    covered = Span(0, len(text)) if item.range is None else span(text, item.range, session.encoding)
    first, last = text.line_of(covered.start), text.line_of(max(covered.start, covered.end - 1))
    whole_lines = Span(text.starts[first], text.line_span(last).end)
    known = LANGUAGES.get(document.language or "")
    fence = known.fences[0] if known else document.language_id
    content = text.slice(whole_lines).replace("\r\n", "\n")
    return Piece(_shown(session, document.path, document.uri), first + 1, last + 1, content, fence)


def _cut(piece: Piece, tokens: int) -> Piece:
    """The first lines of a piece that fit."""
    kept: list[str] = []
    for line in piece.text.split("\n"):
        tokens -= estimate(line + "\n")
        if tokens < 0:
            break
        kept.append(line)
    last = piece.first_line + max(len(kept) - 1, 0)
    return Piece(piece.path, piece.first_line, last, "\n".join(kept), piece.fence)


def _shown(session: Session, path: Path | None, uri: str) -> str:
    if path is None:
        return uri.rpartition("/")[2]
    root = session.root_of(path)
    return path.relative_to(root.path).as_posix() if root else path.name
