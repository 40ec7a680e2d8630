"""A held-out project as the server has it: laid out as a workspace, indexed, and the request for a cursor in it.

Owns the way from a case to the request that Lanyard would send, and to what of a reply it would show. What other files
give is the index process's own answer.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from cases import Case, Held

from lanyard_analyzers.complete import Situation, StreamStop, budget_for, build_prompt, postprocess, situate
from lanyard_analyzers.complete.excerpts import Excerpt
from lanyard_analyzers.syntax import Syntax
from lanyard_analyzers.text import Text
from lanyard_analyzers.workspace import DiskWorkspace
from lanyard_routing.adapters.base import Adapter, Chunk, FillRequest, Timeouts
from lanyard_routing.adapters.sure import Surety
from lanyard_server.index.answers import Answers
from lanyard_server.index.buffers import Buffers
from lanyard_server.index.extraction import extracted
from lanyard_server.index.live import LiveWorkspace
from lanyard_server.index.messages import AskContext, Context, Opened
from lanyard_server.index.shelf import Shelf
from lanyard_server.index.store import Store
from lanyard_server.settings import CompletionSettings

REPLY = CompletionSettings().max_tokens
_WRITTEN = 1_000_000_000  # a fixed time stamp: what was written this moment is read again for each question
Trace = list[tuple[str, float | None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A cursor as the server sees it; `slim` is the same request without what other files give."""

    case: Case
    request: FillRequest
    slim: FillRequest
    situation: Situation


class Desk:
    """One project; `context` is the model's, in tokens. One file is open at a time."""

    def __init__(self, files: Iterable[Held], context: int) -> None:
        self._budget = budget_for(context, reply=REPLY)
        self._folder = tempfile.TemporaryDirectory(prefix="desk-")
        root = Path(self._folder.name, "project")
        for file in files:
            path = root / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.text.encode("utf-8"))
            os.utime(path, (_WRITTEN, _WRITTEN))
        live, disk = LiveWorkspace(root, ()), DiskWorkspace(root)
        self._shelf, self._buffers, self._version = Shelf(live, Store(None)), Buffers(), 0
        live.listing = {one.path: one for one in live.walk()}
        for one in live.listing.values():
            self._shelf.take(extracted(disk, one))
        self._shelf.complete = True
        self.index = self._shelf.index
        self.definers = Counter(name for path in live.listing for name in self.defined(path))

    def open(self, path: str, text: str, language: str) -> Syntax | None:
        """The tree of a text that is open under a path until the next one is."""
        self._version += 1
        self._buffers.open(Opened(path, language, self._version, text))
        return self._buffers.syntax(path)

    def defined(self, path: str) -> set[str]:
        """The names that a file defines for others."""
        return {symbol.name for symbol in self.index.symbols(path) if "local" not in symbol.marks}

    def close(self, path: str) -> None:
        self._buffers.close(path)

    def asked(self, case: Case) -> Asked:
        """The case's cursor, the rest of its line not yet written."""
        file, text = case.file, Text.of(case.before + case.after)
        self.open(file.path, text.content, file.language)
        question = AskContext(0, file.path, self._version, case.at, self._budget.excerpts)
        # A new one for each cursor: it holds on to what the one before was given.
        answer = Answers(self._shelf, self._buffers).context(question)
        self.close(file.path)
        pieces = answer.pieces if isinstance(answer, Context) else ()
        found = [Excerpt(piece.path, piece.text) for piece in pieces]
        prompt = build_prompt(text, case.at, budget=self._budget, excerpts=found)
        slim = FillRequest(prompt.prefix, prompt.suffix, path=file.path.rpartition("/")[2], max_tokens=REPLY)
        full = replace(slim, chunks=tuple(Chunk(one.path, one.text) for one in prompt.excerpts))
        return Asked(case, full, slim, situate(text, case.at, file.language))

    def end(self) -> None:
        self._folder.cleanup()


async def trace(adapter: Adapter, request: FillRequest, situation: Situation) -> tuple[Trace, bool]:
    """The tokens of a reply up to where the server closes the stream, and whether it ended because none were left."""
    stop, told = StreamStop(situation), list[tuple[str, float | None]]()
    stream, limited = adapter.fill(request, Timeouts()), False
    async for delta in stream:
        if delta.finish is not None:
            limited = delta.finish == "length"
        elif delta.text:
            told.append((delta.text, delta.logprob))
            if stop.feed(delta.text):
                break
    async for _ in stream:
        pass
    return told, limited


def shown(told: Trace, situation: Situation, surety: Surety | None, *, limited: bool) -> str:
    """What a user would see of a reply, of which `surety` lets through what is sure."""
    stop, enough = StreamStop(situation), False
    for piece, logprob in told:
        said = piece if surety is None else surety.take(piece, logprob)
        enough = bool(said) and stop.feed(said)
        if enough or (surety is not None and surety.over):
            break
    if surety is not None and not enough and (rest := surety.end(limited=limited)):
        stop.feed(rest)
    return postprocess(stop.text, situation, finish="length" if limited and surety is None else "stop")
