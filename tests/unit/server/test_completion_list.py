"""The completion list for editors without ghost text."""

from __future__ import annotations

import asyncio
from typing import Any

from lsprotocol import types as lsp

from lanyard_server.feature import NOT_OFFERED
from lanyard_server.features.completion import FEATURE, completion
from support.immediate import HANG, ScriptedLane, make_session, open_at_cursor

URI = "file:///w/a.py"


def params(position: lsp.Position) -> lsp.CompletionParams:
    return lsp.CompletionParams(lsp.TextDocumentIdentifier(URI), position)


async def one_item(marked: str, reply: str) -> lsp.CompletionItem:
    session = make_session(ScriptedLane([[reply]]))
    answer = await completion(session, params(open_at_cursor(session, marked)))
    assert answer is not None
    assert answer.is_incomplete
    (item,) = answer.items
    return item


async def test_an_item_replaces_the_word_that_was_begun() -> None:
    item = await one_item("x = a.tot$0\n", "al(b)\n")
    assert item.label == "total(b)"
    assert item.filter_text == "total(b)"
    assert item.text_edit == lsp.TextEdit(lsp.Range(lsp.Position(0, 6), lsp.Position(0, 9)), "total(b)")
    assert item.detail == "Lanyard: scripted"


async def test_several_lines_are_marked_in_the_label_and_keep_the_documents_line_end() -> None:
    item = await one_item("def f():\r\n    $0\r\n", "a = 1\n    return a\n")
    assert item.label == "a = 1 ↵"
    assert isinstance(item.text_edit, lsp.TextEdit)
    assert item.text_edit.new_text == "a = 1\r\n    return a"
    assert item.insert_text_mode == lsp.InsertTextMode.AsIs


async def test_a_suggestion_that_begins_on_the_next_line_still_has_a_label() -> None:
    item = await one_item("def f():$0", "\n    return 1\n")
    assert item.label == "return 1"
    assert item.filter_text == "    return 1"


async def test_nothing_and_superseded() -> None:
    lane = ScriptedLane([["1", HANG], ["\n"]])
    session = make_session(lane)
    position = open_at_cursor(session, "x = $0")
    first: asyncio.Task[Any] = asyncio.ensure_future(completion(session, params(position)))
    await lane.asked(1)
    answer = await completion(session, params(position))
    assert await first is None
    assert answer is not None
    assert answer.items == []


def test_offered_only_to_clients_without_inline_completion() -> None:
    without = make_session(None)
    assert isinstance(FEATURE.options(without), lsp.CompletionOptions)
    knows = lsp.ClientCapabilities(
        text_document=lsp.TextDocumentClientCapabilities(inline_completion=lsp.InlineCompletionClientCapabilities())
    )
    assert FEATURE.options(make_session(None, capabilities=knows)) is NOT_OFFERED
