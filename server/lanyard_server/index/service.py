"""The index processes of one session: one a workspace folder, and what the rest of the server asks of them.

Owns which processes run and what they are asked. Everything here has an answer without them: None, and the caller
does as though there were no index. Used from the event loop's thread alone, but for `Slicer`.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable
from concurrent.futures import CancelledError as Cancelled
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from lanyard_analyzers.complete import Excerpt
from lanyard_analyzers.slices import Problem, Slice, SliceRequest, build_slice
from lanyard_analyzers.workspace import SaysWhy
from lanyard_routing import paths
from lanyard_server.index.client import IndexClient
from lanyard_server.index.feed import Feed
from lanyard_server.index.messages import AskContext, SliceQuestion, Start, Status, Touched
from lanyard_server.index.store import file_for
from lanyard_server.index.use import SERVICE
from lanyard_server.uris import canonical

if TYPE_CHECKING:
    from lanyard_server.session import Document, Session
    from lanyard_server.tasks.make import Slicer

AT_ONCE = 4
"""Folders whose process starts with the session; those of more folders start when a document of theirs is open."""
SLICE_S = 10.0
"""Patience for the slice of a task; nobody waits at the cursor for it."""
CONTEXT_S = 0.005
"""Patience of a completion that has no context yet; what comes later serves the next one."""
_LATE_S = 5.0
_CONTEXTS = 64

Made = tuple[Slice, tuple[Problem, ...]]


@dataclass(frozen=True, slots=True)
class _Known:
    """The context of a document: it holds while the cursor is in these lines of a text with so many."""

    excerpts: tuple[Excerpt, ...]
    first: int
    last: int
    lines: int
    budget: int

    def serves(self, document: Document, offset: int, budget: int) -> bool:
        line, grown = document.text.line_of(offset), document.text.line_count - self.lines
        return self.budget == budget and self.first <= line <= self.last + grown


class IndexService:
    """See the module."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._clients: dict[Path, IndexClient] = {}
        self._running: dict[Path, asyncio.Task[None]] = {}
        self._patterns = session.settings.privacy.ignore
        self._contexts: dict[str, _Known] = {}
        self._asking: dict[str, asyncio.Task[None]] = {}
        self._budget = 0
        self._touches = 0
        self.feed = Feed(session, self._place, self._settled)

    # --- processes ---

    def start(self) -> None:
        """Start what is to run from the beginning, and follow the folders from now on."""
        self.folders_changed()
        for root in self._session.roots[:AT_ONCE]:
            self._client(root.path)
        for uri in self._session.documents.uris():
            self.feed.opened(uri)

    def folders_changed(self) -> None:
        """The processes of folders that are no longer there end."""
        kept = {root.path for root in self._session.roots}
        for path in [path for path in self._clients if path not in kept]:
            self._end(path)

    async def close(self) -> None:
        """End all processes."""
        self.feed.close()
        running = list(self._running.values())
        for path in list(self._clients):
            self._end(path)
        if running:
            await asyncio.wait(running, timeout=2)

    async def status(self) -> tuple[tuple[Path, Status | None], ...]:
        """How far each folder's index is."""
        return tuple([(path, await client.status()) for path, client in self._clients.items()])

    def processes(self) -> tuple[int, ...]:
        """The ids of the running index processes."""
        return tuple(client.process_id for client in self._clients.values() if client.process_id is not None)

    def touched(self, changed: Iterable[Path] = ()) -> None:
        """Files were written, made or removed; none named: anything may have."""
        self._touches += 1
        self._contexts = {uri: replace(known, budget=-1) for uri, known in self._contexts.items()}
        named = list(changed)
        for root, client in self._clients.items():
            below = tuple(path.relative_to(root).as_posix() for path in named if path.is_relative_to(root))
            if below or not named:
                client.tell(Touched(below))

    # --- slices ---

    def slicer(self, root: Path) -> Slicer:
        """What makes slices of a folder: by its process, else in the calling thread."""
        client = self._client(root) if self._is_root(root) else None
        if client is None:
            return build_slice
        self._follow_settings()
        self.feed.flush_all()
        loop, recent = asyncio.get_running_loop(), self.feed.recent(client)

        def cut(request: SliceRequest) -> Made:
            asking = asyncio.run_coroutine_threadsafe(client.slice(_question(request, recent), SLICE_S), loop)
            try:
                answer = asking.result(SLICE_S + 1)
            except (TooLate, Cancelled, RuntimeError):
                asking.cancel()
                answer = None
            if answer is None or not _holds(answer.slice, request):
                return build_slice(request)
            return answer.slice, answer.problems

        return cut

    # --- completion ---

    def foresee(self, document: Document, offset: int, budget: int) -> None:
        """A completion is about to ask for its context: have it made where what is known is for another place."""
        self._budget = budget
        key = canonical(document.uri)
        known = self._contexts.get(key)
        if key not in self._asking and (known is None or not known.serves(document, offset, budget)):
            self._ask_context(key, offset, budget)

    async def context(self, document: Document) -> tuple[Excerpt, ...] | None:
        """What other files give to a completion; None where the index cannot say.

        The last that is known of the document, since nobody at the cursor is kept waiting; only a document of which
        nothing is known yet is worth a few milliseconds.
        """
        key = canonical(document.uri)
        asking = self._asking.get(key)
        if key not in self._contexts and asking is not None:
            await asyncio.wait([asking], timeout=CONTEXT_S)
        known = self._contexts.get(key)
        return None if known is None else known.excerpts

    def _settled(self, uri: str, offset: int) -> None:
        if self._session.settings.completion.enabled and self._budget:
            self._ask_context(uri, offset, self._budget)

    def _ask_context(self, uri: str, offset: int, budget: int) -> asyncio.Task[None] | None:
        self._follow_settings()
        sent = self.feed.flush(uri)
        if sent is None:
            return None
        before = self._asking.get(uri)
        if before is not None:
            before.cancel()
        client, path, version = sent
        asked = AskContext(0, path, version, offset, budget, self.feed.recent(client))
        task = self._asking[uri] = self._session.spawn(self._asked(uri, client, asked), "context")
        task.add_done_callback(lambda done: self._asking.pop(uri) if self._asking.get(uri) is done else None)
        return task

    async def _asked(self, uri: str, client: IndexClient, asked: AskContext) -> None:
        document, touches = self._session.documents.glance(uri), self._touches
        found = await client.context(asked, _LATE_S)
        if found is None or document is None:
            return
        before = self._contexts.pop(uri, None)
        excerpts = tuple(Excerpt(piece.path, piece.text) for piece in found.pieces)
        if before is not None and before.excerpts == excerpts:
            excerpts = before.excerpts
        lines = document.text.line_count
        budget = asked.budget if touches == self._touches else -1  # it serves until the next has come
        self._contexts[uri] = _Known(excerpts, found.first_line, found.last_line, lines, budget)
        if len(self._contexts) > _CONTEXTS:
            del self._contexts[next(iter(self._contexts))]

    # --- the rest ---

    def _is_root(self, path: Path) -> bool:
        return any(root.path == path for root in self._session.roots)

    def _place(self, path: Path) -> tuple[IndexClient, str] | None:
        root = self._session.root_of(path)
        client = None if root is None else self._client(root.path)
        return None if root is None or client is None else (client, path.relative_to(root.path).as_posix())

    def _client(self, root: Path) -> IndexClient | None:
        """The client of a folder, started at first need; None where the user wants no index."""
        if not self._session.settings.index.enabled:
            return None
        found = self._clients.get(root)
        if found is not None:
            return found
        folder = paths.cache_dir() / "index"
        start = Start(
            root=str(root),
            ignore=self._patterns,
            store=str(file_for(folder, root)),
            helpers=max(1, min((os.cpu_count() or 1) - 1, 4)),
        )
        client: IndexClient = IndexClient(
            start,
            opened=lambda: self.feed.buffers_of(client),
            lost=lambda lost: self.feed.lost(client, lost),
            told=self._session.out.warn,
            log_file=paths.log_dir() / "index.log",
        )
        self._clients[root] = client
        self._running[root] = self._session.spawn(client.run(), "the index process")
        return client

    def _end(self, root: Path) -> None:
        self._clients.pop(root, None)
        running = self._running.pop(root, None)
        if running is not None:
            running.cancel()

    def _follow_settings(self) -> None:
        settings = self._session.settings
        if settings.privacy.ignore != self._patterns:
            self._patterns = settings.privacy.ignore
            self._contexts.clear()
            for client in self._clients.values():
                client.follow(self._patterns)
        if not settings.index.enabled:
            for path in list(self._clients):
                self._end(path)


def start_service(session: Session) -> IndexService:
    """Make the session's index service and let it run."""
    service = IndexService(session)
    session.state[SERVICE] = service
    session.closers.append(service.close)
    session.documents.follow(service.feed.edited)
    service.start()
    return service


def _question(request: SliceRequest, recent: tuple[tuple[str, int], ...]) -> SliceQuestion:
    return SliceQuestion(
        kind=request.kind,
        path=request.path,
        language=request.syntax.language,
        text=request.syntax.text.content,
        target=request.target,
        budget=request.budget,
        diagnostic=request.diagnostic,
        instruction=request.instruction,
        cursor=request.cursor,
        before=None if request.before is None else request.before.content,
        recent=request.recent or recent,
        diagnostic_line=request.diagnostic_line,
    )


def _holds(made: Slice, request: SliceRequest) -> bool:
    """Whether a slice keeps the promises that matter: the budget, and that each of its files may be shown."""
    if request.count(made.text) > request.budget:
        return False
    workspace = request.workspace
    shown = {origin.path for origin in made.origins if origin is not None} | {piece.path for piece in made.pieces}
    return not isinstance(workspace, SaysWhy) or all(workspace.excluded(path) is None for path in shown)
