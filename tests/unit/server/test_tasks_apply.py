"""`lanyard.apply`: when an edit counts as applied, and what is said meanwhile."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from lanyard_analyzers.text import Edit, Span, Text
from lanyard_routing.task import Kind
from lanyard_server.feature import RequestFailed
from lanyard_server.features.task_commands import apply
from lanyard_server.session import Session
from lanyard_server.tasks.coordinator import coordinator_of
from lanyard_server.tasks.results import Evidence, FileChange, Proposal
from support.immediate import Out, make_session

SOURCE, TESTS = "file:///w/cart.py", "file:///w/test_cart.py"
CODE = "def total():\n    return 0\n"
EVIDENCE = Evidence(("parsed",), 1, 0, "gpu-1", "m", 10, 1.0)


class _Router:
    async def confirm_result(self, _: str) -> None:
        """Nothing to do."""


class _Runtime:
    router = _Router()


def desk(uri: str) -> tuple[Session, str]:
    """A session with a proposal to change a line of `uri`, shown at the source; the text of `uri` with that change."""
    session = make_session(None)
    session.runtime = _Runtime()  # pyright: ignore[reportAttributeAccessIssue]
    for opened in (SOURCE, TESTS):
        session.documents.open(opened, "python", 1, CODE)  # pyright: ignore[reportAttributeAccessIssue]
    base, line = Text.of(CODE, 1), Span(len("def total():\n"), len(CODE))
    change = FileChange(uri, base, (Edit(line, "    return 1\n"),))
    made = Proposal("p1", Kind.TEST, "Write tests", SOURCE, base, Span(0, 12), change, EVIDENCE)
    coordinator_of(session).board.add(made)
    return session, change.after()


def replace(session: Session, uri: str, text: str, version: int = 2) -> None:
    change: Any = type("Change", (), {"range": None, "text": text})()
    session.documents.change(uri, version, [change])  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("uri", [SOURCE, TESTS])
async def test_an_edit_that_the_client_never_answers_counts_in_whichever_document_it_is(uri: str) -> None:
    session, after = desk(uri)
    asked = asyncio.Event()

    async def never(method: str, params: Any) -> None:
        asked.set()
        await asyncio.Event().wait()

    session.out.request = never
    applying = asyncio.create_task(apply(session, ["p1"]))
    await asked.wait()
    replace(session, uri, after)
    async with asyncio.timeout(50):
        assert await applying == {"applied": True}


async def test_while_it_is_applied_nothing_says_that_it_is_dropped() -> None:
    session, after = desk(SOURCE)
    assert isinstance(session.out, Out)

    def edited(_: Any) -> dict[str, bool]:
        replace(session, SOURCE, after)
        document = session.documents.glance(SOURCE)
        assert document is not None
        coordinator_of(session).followed(document)  # as a request for diagnostics or lenses does
        return {"applied": True}

    session.out.answers["workspace/applyEdit"] = edited
    session.out.answers["workspace/diagnostic/refresh"] = lambda _: None
    assert await apply(session, ["p1"]) == {"applied": True}
    assert session.out.shown == []


async def test_hunks_are_not_applied_to_a_text_that_was_edited_while_they_were_checked() -> None:
    session, _ = desk(SOURCE)
    board = coordinator_of(session).board
    base = Text.of("def total():\n    return 0\n\n\ndef other():\n    return 0\n", 1)
    replace(session, SOURCE, base.content)
    places = (base.content.find("return 0"), base.content.rfind("return 0"))
    edits = tuple(Edit(Span(at, at + len("return 0")), "return 1") for at in places)
    made = Proposal("p2", Kind.TEST, "Two", SOURCE, base, Span(0, 12), FileChange(SOURCE, base, edits), EVIDENCE)
    board.add(made)
    applying = asyncio.create_task(apply(session, ["p2", [1]]))
    await asyncio.sleep(0)  # the hunks are parsed in a thread now
    replace(session, SOURCE, "import os\n" + base.content, 3)
    with pytest.raises(RequestFailed, match="edited at this moment"):
        await applying
    assert isinstance(session.out, Out)
    assert session.out.sent == []
