"""Ghost text: the flow from the request to the item, with a scripted lane."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp

from lanyard_routing.adapters.base import EndpointUnavailable
from lanyard_routing.router import NoWorker
from lanyard_server.completion.turns import Turns
from lanyard_server.features.inline_completion import inline_completion
from lanyard_server.session import Session
from support.immediate import HANG, Out, ScriptedLane, change, make_session, open_at_cursor

URI = "file:///w/a.py"
Kind = lsp.InlineCompletionTriggerKind


def params(position: lsp.Position, kind: Kind = Kind.Automatic, selected: Any = None) -> lsp.InlineCompletionParams:
    context = lsp.InlineCompletionContext(trigger_kind=kind, selected_completion_info=selected)
    return lsp.InlineCompletionParams(context, lsp.TextDocumentIdentifier(URI), position)


def ask(session: Session, position: lsp.Position, kind: Kind = Kind.Automatic) -> asyncio.Task[Any]:
    return asyncio.ensure_future(inline_completion(session, params(position, kind)))


async def complete(session: Session, position: lsp.Position, kind: Kind = Kind.Automatic) -> list[Any]:
    answer = await inline_completion(session, params(position, kind))
    assert answer is not None
    return [(item.insert_text, item.range) for item in answer.items]


def at(position: lsp.Position) -> lsp.Range:
    return lsp.Range(position, position)


async def test_a_suggestion_comes_with_its_range() -> None:
    lane = ScriptedLane([["tot", "al)"]])
    session = make_session(lane)
    position = open_at_cursor(session, "print($0)\n")
    assert await complete(session, position) == [("total", at(position))]
    assert (lane.requests[0].prefix, lane.requests[0].suffix) == ("print(", ")\n")


async def test_the_stream_is_closed_once_enough_has_come() -> None:
    lane = ScriptedLane([["1\n", HANG]])
    session = make_session(lane)
    position = open_at_cursor(session, "x = $0")
    assert await complete(session, position) == [("1", at(position))]
    assert lane.closed == 1


async def test_a_superseded_request_is_answered_with_null_and_its_stream_closed() -> None:
    lane = ScriptedLane([["1", HANG], ["2"]])
    session = make_session(lane)
    position = open_at_cursor(session, "x = $0")
    first = ask(session, position)
    await lane.asked(1)
    second = ask(session, position)
    assert await first is None
    assert lane.closed == 1
    answer = await second
    assert [item.insert_text for item in answer.items] == ["2"]


async def test_documents_do_not_supersede_each_other() -> None:
    lane = ScriptedLane([["1", HANG], ["2\n"]])
    session = make_session(lane)
    position = open_at_cursor(session, "x = $0")
    first = ask(session, position)
    await lane.asked(1)
    open_at_cursor(session, "y = $0", "file:///w/b.py")
    other = params(position)
    other.text_document.uri = "file:///w/b.py"
    assert await inline_completion(session, other) is not None
    assert not first.done()
    first.cancel()


async def test_a_cancelled_request_closes_its_stream_and_stays_cancelled() -> None:
    lane = ScriptedLane([["1", HANG]])
    session = make_session(lane)
    asked = ask(session, open_at_cursor(session, "x = $0"))
    await lane.asked(1)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert lane.closed == 1


async def test_cancelled_and_superseded_at_once_is_cancelled() -> None:
    lane = ScriptedLane([["1", HANG], ["2\n"]])
    session = make_session(lane)
    position = open_at_cursor(session, "x = $0")
    first = ask(session, position)
    await lane.asked(1)
    second = ask(session, position)
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert first.cancelled() or first.result() is None


async def test_of_a_burst_only_the_first_and_the_last_key_reach_a_worker() -> None:
    lane = ScriptedLane([["1", HANG], ["2\n"]])
    session = make_session(lane, completion={"debounce_ms": 1000})
    position = open_at_cursor(session, "x = $0")
    burst = [ask(session, position) for _ in range(8)]
    answers = await asyncio.gather(*burst)
    assert answers[:-1] == [None] * 7
    assert answers[-1].items[0].insert_text == "2"
    assert len(lane.requests) == 2


async def test_a_key_pressed_by_hand_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    async def for_ever(self: Turns, uri: str, window_s: float) -> None:
        await asyncio.Event().wait()

    lane = ScriptedLane([["1\n"]])
    session = make_session(lane)
    position = open_at_cursor(session, "x = $0")
    await complete(session, position)
    change(session, "y = ")
    monkeypatch.setattr(Turns, "pause", for_ever)
    assert await asyncio.wait_for(complete(session, position, Kind.Invoked), 50) == [("1", at(position))]


async def test_typing_along_a_suggestion_asks_no_model() -> None:
    lane = ScriptedLane([["total(a, b)\n"]])
    session = make_session(lane)
    position = open_at_cursor(session, "x = $0\n")
    await complete(session, position)
    for typed in range(1, 11):
        change(session, f"x = {'total(a, b)'[:typed]}\n")
        now = lsp.Position(0, 4 + typed)
        assert await complete(session, now) == [("total(a, b)"[typed:], at(now))]
    assert len(lane.requests) == 1
    change(session, "x = tab\n")
    await complete(session, lsp.Position(0, 7))
    assert len(lane.requests) == 2


async def test_brackets_that_the_editor_closes_do_not_end_a_suggestion() -> None:
    lane = ScriptedLane([["total(a, b)\n"]])
    session = make_session(lane)
    await complete(session, open_at_cursor(session, "x = $0\n"))
    change(session, "x = total()\n")
    now = lsp.Position(0, 10)
    assert await complete(session, now) == [("a, b", at(now))]
    assert len(lane.requests) == 1


async def test_going_back_finds_the_suggestion_of_before() -> None:
    lane = ScriptedLane([["one\n"], ["two\n"]])
    session = make_session(lane)
    position = open_at_cursor(session, "x = $0")
    await complete(session, position)
    change(session, "x = 2")
    await complete(session, lsp.Position(0, 5))
    change(session, "x = ")
    assert await complete(session, position) == [("one", at(position))]
    assert len(lane.requests) == 2


async def test_nothing_to_suggest_is_remembered_until_asked_by_hand() -> None:
    lane = ScriptedLane([["\n"], ["1\n"]])
    session = make_session(lane)
    position = open_at_cursor(session, "x = $0")
    assert await complete(session, position) == []
    assert await complete(session, position) == []
    assert len(lane.requests) == 1
    assert await complete(session, position, Kind.Invoked) == [("1", at(position))]


async def test_what_was_typed_meanwhile_is_trimmed() -> None:
    lane = ScriptedLane([["total", "<gate>", "(a)\n"]])
    lane.gates["<gate>"] = asyncio.Event()
    session = make_session(lane)
    asked = ask(session, open_at_cursor(session, "x = $0\n"))
    await lane.asked(1)
    change(session, "x = tot\n")
    lane.gates["<gate>"].set()
    answer = await asked
    assert [(i.insert_text, i.range) for i in answer.items] == [("al(a)", at(lsp.Position(0, 7)))]


@pytest.mark.parametrize("now", ["x = other\n", "x =\n", "# new\nx = \n"])
async def test_a_suggestion_that_no_longer_fits_is_dropped(now: str) -> None:
    lane = ScriptedLane([["total", "<gate>", "(a)\n"]])
    lane.gates["<gate>"] = asyncio.Event()
    session = make_session(lane)
    asked = ask(session, open_at_cursor(session, "x = $0\n"))
    await lane.asked(1)
    change(session, now)
    lane.gates["<gate>"].set()
    assert (await asked).items == []


async def test_the_entry_selected_in_the_list_is_completed() -> None:
    lane = ScriptedLane([["(path)\n"]])
    session = make_session(lane)
    position = open_at_cursor(session, "x = op$0\n")
    chosen = lsp.SelectedCompletionInfo(lsp.Range(lsp.Position(0, 4), position), "open_file")
    answer = await inline_completion(session, params(position, selected=chosen))
    assert answer is not None
    assert [(i.insert_text, i.range) for i in answer.items] == [("open_file(path)", chosen.range)]
    assert lane.requests[0].prefix == "x = open_file"


async def test_line_ends_of_an_item_are_unix_in_a_crlf_document() -> None:
    lane = ScriptedLane([["a = 1\n    return a\n\nx"]])
    session = make_session(lane)
    position = open_at_cursor(session, "def f():\r\n    $0\r\n")
    assert await complete(session, position) == [("a = 1\n    return a", at(position))]
    assert lane.requests[0].prefix == "def f():\n    "


async def test_a_missing_model_is_logged_once_and_shown_once_when_it_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = ScriptedLane([NoWorker("no worker completes: start Ollama"), EndpointUnavailable("desk does not answer")])
    session = make_session(lane)
    position = open_at_cursor(session, "x = $0")
    assert isinstance(session.out, Out)
    for _ in range(5):
        assert await complete(session, position) == []
    assert session.out.shown == [], "a model that is just starting is no news"
    monkeypatch.setattr("lanyard_server.completion.trouble.LASTING_S", 0)
    for _ in range(5):
        assert await complete(session, position) == []
    assert session.out.shown == ["No completions for now: desk does not answer"]
    assert session.out.logged == [
        "completion: no worker completes: start Ollama",
        "completion: desk does not answer",
    ]


async def test_a_worker_that_takes_too_long_is_left() -> None:
    lane = ScriptedLane([[HANG], ["1", HANG]])
    session = make_session(lane, completion={"timeout_s": 1.0})
    position = open_at_cursor(session, "x = $0")
    assert await complete(session, position) == []
    assert await complete(session, position) == [("1", at(position))], "what has come by then is shown"
    assert lane.closed == 2


async def test_nothing_is_asked_before_the_runtime_is_there() -> None:
    session = make_session(None)
    assert await complete(session, open_at_cursor(session, "x = $0")) == []


async def test_switched_off_and_unknown_documents_answer_nothing() -> None:
    lane = ScriptedLane()
    session = make_session(lane, completion={"enabled": False})
    assert await complete(session, open_at_cursor(session, "x = $0")) == []
    other = params(lsp.Position(0, 0))
    other.text_document.uri = "file:///w/not-open.py"
    answer = await inline_completion(session, other)
    assert answer is not None
    assert answer.items == []
    assert lane.requests == []


SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


async def test_secrets_do_not_leave_and_come_back_in_the_suggestion() -> None:
    lane = ScriptedLane([["login(LANYARD_SECRET_1)\n"]])
    session = make_session(lane)
    position = open_at_cursor(session, f'token = "{SECRET}"\nuser = $0\nother = "{SECRET}"\n')
    assert await complete(session, position) == [(f"login({SECRET})", at(position))]
    assert SECRET not in str(lane.requests)
    assert "LANYARD_SECRET_1" in lane.requests[0].prefix
    assert "LANYARD_SECRET_1" in lane.requests[0].suffix


async def test_secrets_beside_the_cursor() -> None:
    lane = ScriptedLane([["1\n"]])
    session = make_session(lane)
    position = open_at_cursor(session, f'call("{SECRET}", $0, "{SECRET[:-4]}wxyz")\n')
    await complete(session, position)
    assert lane.requests[0].prefix == 'call("LANYARD_SECRET_1", '
    assert lane.requests[0].suffix == ', "LANYARD_SECRET_2")\n'


@pytest.mark.parametrize(
    "document",
    [
        f'token = "{SECRET[:20]}$0{SECRET[20:]}"\n',
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq98f7sd9f87sd9\n$0\n",
    ],
)
async def test_inside_a_secret_nothing_is_asked(document: str) -> None:
    lane = ScriptedLane()
    session = make_session(lane)
    assert await complete(session, open_at_cursor(session, document)) == []
    assert lane.requests == []


async def test_ignored_files_are_neither_completed_nor_drawn_on(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    (root / ".gitignore").write_text("private/\n")
    (root / ".lanyardignore").write_text("hidden.py\n")
    lane = ScriptedLane([["1\n"]])
    session = make_session(lane, root=root, privacy={"ignore": ["own/"]})
    for path in ["private/a.py", "hidden.py", "own/deep/b.py", ".env"]:
        uri = (root / path).as_uri()
        position = open_at_cursor(session, "class Cart:\n    secret_plan = 1\n$0", uri)
        asked = params(position)
        asked.text_document.uri = uri
        answer = await inline_completion(session, asked)
        assert answer is not None
        assert answer.items == []
    assert lane.requests == []
    open_at_cursor(session, "class Cart:\n    public_part = 1\n$0", (root / "shop.py").as_uri())
    uri = (root / "main.py").as_uri()
    asked = params(open_at_cursor(session, "cart = Cart()\nx = $0", uri))
    asked.text_document.uri = uri
    await inline_completion(session, asked)
    assert [chunk.path for chunk in lane.requests[0].chunks] == ["shop.py"]
    assert "secret_plan" not in str(lane.requests)
    assert isinstance(session.out, Out)
    assert session.out.logged[0] == "a.py is excluded by .gitignore (private/): it is not completed"
    assert session.out.shown == []


async def test_other_documents_give_what_the_code_names_with_their_secrets_removed() -> None:
    lane = ScriptedLane([["1\n"]])
    session = make_session(lane)
    open_at_cursor(session, f'class Cart:\n    key = "{SECRET}"\n$0', "file:///w/shop.py")
    open_at_cursor(session, "class Other: ...$0", "file:///w/other.py")
    open_at_cursor(session, "class Cart {}$0", "file:///w/shop.js", "javascript")
    await complete(session, open_at_cursor(session, "from shop import Cart\nx = $0"))
    (chunk,) = lane.requests[0].chunks
    assert chunk.text == 'class Cart:\n    key = "LANYARD_SECRET_1"'


async def test_a_small_context_gets_a_small_prompt() -> None:
    lane = ScriptedLane([["1\n"]], tokens=512)
    session = make_session(lane)
    position = open_at_cursor(session, "value = compute(1, 2)\n" * 900 + "x = $0")
    assert await complete(session, position) == [("1", at(position))]
    assert 300 < len(lane.requests[0].prefix) < 1_200


async def test_others_come_when_the_user_asks_by_key_where_one_is_shown() -> None:
    lane = ScriptedLane([["total"], ["tot", "als"], ["total"]])
    session = make_session(lane)
    position = open_at_cursor(session, "print($0)\n")
    assert await complete(session, position) == [("total", at(position))]
    both = [("total", at(position)), ("totals", at(position))]
    assert await complete(session, position, Kind.Invoked) == both
    assert [request.sampling.seed for request in lane.requests] == [None, 1, 2]
    assert lane.requests[0].sampling.temperature == 0
    assert await complete(session, position, Kind.Invoked) == both
    assert await complete(session, position) == both[:1]
    assert len(lane.requests) == 3


async def test_nobody_waits_for_others_at_the_first_suggestion() -> None:
    lane = ScriptedLane([["total"], ["totals", HANG]])
    session = make_session(lane)
    position = open_at_cursor(session, "print($0)\n")
    assert await complete(session, position, Kind.Invoked) == [("total", at(position))]
    assert len(lane.requests) == 1


async def test_who_types_on_waits_for_no_others() -> None:
    lane = ScriptedLane([["total"], [HANG], [HANG], ["s"]])
    session = make_session(lane)
    position = open_at_cursor(session, "print($0)\n")
    await complete(session, position)
    others = ask(session, position, Kind.Invoked)
    await lane.asked(3)
    change(session, "print(x)\n")
    assert await complete(session, lsp.Position(0, 7)) == [("s", at(lsp.Position(0, 7)))]
    assert await others is None
    assert lane.closed == 2
