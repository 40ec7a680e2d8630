"""An in-process session with a scripted immediate lane, for tests of completion and chat."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from lanyard_analyzers.languages import language_of
from lanyard_analyzers.syntax import parse, reparse
from lanyard_routing.adapters.base import ChatRequest, Delta, FillRequest
from lanyard_routing.task import Capability, Usage
from lanyard_server.documents import DocumentStore
from lanyard_server.positions import Encoding
from lanyard_server.session import Document, Root, Runtime, Session
from lanyard_server.settings import Settings

HANG = "<hang>"
"""A piece of a scripted reply at which the stream waits until it is closed."""

Reply = Sequence[str] | Exception


@dataclass
class ScriptedLane:
    """An immediate lane that answers each request with the next of `replies`, the last one again and again."""

    replies: list[Reply] = field(default_factory=lambda: [["reply"]])
    requests: list[Any] = field(default_factory=list)
    closed: int = 0
    absent: str | None = None
    tokens: int = 0
    gates: dict[str, asyncio.Event] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._changed = asyncio.Condition()

    def fill(self, request: FillRequest) -> AsyncGenerator[Delta]:
        return self._stream(request)

    def chat(self, request: ChatRequest) -> AsyncGenerator[Delta]:
        return self._stream(request)

    def missing(self, capability: Capability) -> str | None:
        return self.absent

    def context(self, capability: Capability) -> int:
        return self.tokens

    async def _stream(self, request: Any) -> AsyncGenerator[Delta]:
        self.requests.append(request)
        await self._tell()
        reply = self.replies[min(len(self.requests), len(self.replies)) - 1]
        if isinstance(reply, Exception):
            raise reply
        try:
            for piece in reply:
                if piece == HANG:
                    await asyncio.Event().wait()
                if piece in self.gates:
                    await self.gates[piece].wait()
                    continue
                yield Delta(piece, model="scripted")
            yield Delta("", finish="stop", usage=Usage(prompt_tokens=7, completion_tokens=len(reply)), model="scripted")
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def asked(self, times: int) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(50), self._changed:
            await self._changed.wait_for(lambda: len(self.requests) >= times)


@dataclass
class Out:
    """What a client would get."""

    sent: list[tuple[str, Any]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)
    answers: dict[str, Callable[[Any], Any]] = field(default_factory=dict)

    def notify(self, method: str, params: Any) -> None:
        self.sent.append((method, params))

    async def request(self, method: str, params: Any) -> Any:
        self.sent.append((method, params))
        await asyncio.sleep(0)
        return self.answers[method](params)

    def show(self, message: str) -> None:
        self.shown.append(message)

    def warn(self, message: str) -> None:
        self.shown.append(message)

    def log(self, message: str) -> None:
        self.logged.append(message)


def make_session(
    lane: ScriptedLane | None, *, root: Path | None = None, capabilities: Any = None, **settings: Any
) -> Session:
    """A session whose documents are real and whose client is `Out`; without debounce unless `settings` say so."""
    completion = {"debounce_ms": 0, **settings.pop("completion", {})}
    runtime: Any = None if lane is None else Runtime(immediate=lane, router=None)  # pyright: ignore[reportArgumentType]

    class Grammars:
        language_of = staticmethod(language_of)
        parse = staticmethod(parse)
        reparse = staticmethod(reparse)

    return Session(
        out=Out(),
        documents=DocumentStore(Grammars(), Encoding.UTF16),
        settings=Settings.model_validate({"completion": completion, **settings}),
        encoding=Encoding.UTF16,
        capabilities=capabilities or lsp.ClientCapabilities(),
        roots=(Root(root.as_uri(), root, root.name),) if root else (),
        runtime=runtime,
        client_name="test",
        trusted=True,
        state={},
        initialization_options={},
    )


def open_at_cursor(
    session: Session, marked: str, uri: str = "file:///w/a.py", language: str = "python"
) -> lsp.Position:
    """Open a document given with its `$0` cursor; the cursor's position (documents of these tests are ASCII)."""
    before, after = marked.split("$0")
    session.documents.open(uri, language, 1, before + after)  # pyright: ignore[reportAttributeAccessIssue]
    lines = before.replace("\r\n", "\n").split("\n")
    return lsp.Position(len(lines) - 1, len(lines[-1]))


def change(session: Session, content: str, uri: str = "file:///w/a.py") -> Document:
    """Replace the document's text."""
    document = session.documents.get(uri)
    assert document is not None
    whole = lsp.TextDocumentContentChangeWholeDocument(text=content)

    @dataclass
    class Change:
        text: str
        range: None = None

    session.documents.change(uri, document.version + 1, [Change(whole.text)])  # pyright: ignore[reportAttributeAccessIssue]
    changed = session.documents.get(uri)
    assert changed is not None
    return changed
