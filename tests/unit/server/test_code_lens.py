"""`textDocument/codeLens`: when a client is told to ask again, and of which text its lenses are."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from lsprotocol import types as lsp

from lanyard_analyzers.text import Edit, Span, Text
from lanyard_routing.task import Kind
from lanyard_server.features import code_lens
from lanyard_server.session import Session
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.tasks.results import Evidence, FileChange, Proposal
from support.immediate import Out, change, make_session
from support.loopback import Loopback

URI = "file:///w/cart.py"
BEFORE, AFTER = "x = 1\n", "def total():\n    return 0\n"
REFRESH = "workspace/codeLens/refresh"
TOLD = lsp.ClientCapabilities(
    workspace=lsp.WorkspaceClientCapabilities(code_lens=lsp.CodeLensWorkspaceClientCapabilities(refresh_support=True))
)


class Router:
    """A queue without tasks; `gate` holds up each look at it."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()

    def listen(self, _: Callable[[], None]) -> Callable[[], None]:
        return lambda: None

    async def list(self, _: int) -> tuple[()]:
        await self.gate.wait()
        return ()


def desk(content: str) -> tuple[Session, Router]:
    session, router = make_session(None, capabilities=TOLD, lens={"enabled": True}), Router()
    session.runtime = type("Runtime", (), {"router": router})()  # pyright: ignore[reportAttributeAccessIssue]
    session.documents.open(URI, "python", 1, content)  # pyright: ignore[reportAttributeAccessIssue]
    return session, router


def proposal(text: Text) -> Proposal:
    line = Span(text.content.index("    return 0\n"), len(text))
    edit = FileChange(URI, text, (Edit(line, "    return 1\n"),))
    seen = Evidence(("parsed",), 1, 0, "gpu-1", "m", 10, 1.0)
    return Proposal("p1", Kind.REFACTOR, "Refactor total", URI, text, Span(0, 12), edit, seen)


async def lenses(session: Session) -> list[str]:
    found = await code_lens.code_lens(session, lsp.CodeLensParams(lsp.TextDocumentIdentifier(URI)))
    return [one.command.title for one in found if one.command is not None]


async def test_a_proposal_that_lands_long_after_its_task_ended_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lanyard_server.watching.MERGED_S", 0.0)
    session, _ = desk(AFTER)
    out, told = session.out, asyncio.Event()
    assert isinstance(out, Out)
    out.answers |= {REFRESH: lambda _: told.set(), "workspace/diagnostic/refresh": lambda _: None}
    assert await lenses(session) == ["Review", "Write tests"]
    document = session.documents.get(URI)
    assert document is not None
    coordinator_of(session).board.add(proposal(document.text))
    coordinator_of(session).refresh({URI})
    async with asyncio.timeout(50):
        await told.wait()
    assert await lenses(session) == ["proposal waits", "Review", "Write tests"]
    await asyncio.gather(*session.spawned)


async def test_a_client_that_asks_before_the_queue_is_open_is_told_of_tasks_all_the_same() -> None:
    session, _ = desk(AFTER)
    runtime, session.runtime = session.runtime, None
    out, told = session.out, asyncio.Event()
    assert isinstance(out, Out)
    out.answers[REFRESH] = lambda _: told.set()
    assert await lenses(session) == await lenses(session) == ["Review", "Write tests"]
    session.runtime = runtime
    session.opened.set()
    async with asyncio.timeout(50):
        await told.wait()
    await asyncio.gather(*session.spawned)
    assert out.sent == [(REFRESH, None)]
    assert len(session.closers) == 1, "changes are listened for"


async def test_lenses_that_were_asked_for_before_an_edit_take_no_proposal_down() -> None:
    session, router = desk(BEFORE)
    router.gate.clear()
    asking = asyncio.create_task(lenses(session))
    await asyncio.sleep(0)  # the queue is looked at
    coordinator_of(session).board.add(proposal(change(session, AFTER, URI).text))
    router.gate.set()
    assert await asking == ["proposal waits", "Review", "Write tests"]
    assert isinstance(session.out, Out)
    assert session.out.shown == []


async def test_a_client_is_told_of_other_settings_once_they_are_known() -> None:
    loopback = Loopback(code_lens.FEATURES)
    await loopback.initialize({"workspace": {"configuration": True, "codeLens": {"refreshSupport": True}}})
    loopback.reply(await loopback.until_method("workspace/configuration"), [{}])
    loopback.notify("workspace/didChangeConfiguration", {"settings": None})
    asked = await loopback.until(lambda m: len(_asked(loopback)) == 2 and m is _asked(loopback)[1])
    await loopback.settle()
    await loopback.settle()
    assert REFRESH not in [m.get("method") for m in loopback.sink.sent]
    loopback.reply(asked, [{"lens": {"enabled": True}}])
    await loopback.until_method(REFRESH)
    assert loopback.session.settings.lens.enabled


def _asked(loopback: Loopback) -> list[dict[str, Any]]:
    return [m for m in loopback.sink.sent if m.get("method") == "workspace/configuration"]
