"""`lanyard/chat`: what is sent, what is streamed, what is said when it fails."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from pygls.protocol import default_converter

from lanyard_analyzers.redact import redact
from lanyard_routing.adapters.base import EndpointUnavailable
from lanyard_routing.router import NoWorker
from lanyard_server.chat.params import decode
from lanyard_server.chat.restore import Restorer
from lanyard_server.feature import RequestFailed
from lanyard_server.features.chat import chat
from lanyard_server.session import Session
from lanyard_server.wire import Codec, InvalidParams
from support.immediate import HANG, Out, ScriptedLane, make_session, open_at_cursor

SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"


def partials(session: Session) -> str:
    assert isinstance(session.out, Out)
    return "".join(params["value"]["text"] for method, params in session.out.sent if method == "$/progress")


async def test_an_answer_is_streamed_and_returned_whole() -> None:
    lane = ScriptedLane([["Use ", "a ", "list", "."]])
    session = make_session(lane)
    answer = await chat(session, decode({"text": "list or tuple?", "partialResultToken": "t1"}))
    assert answer["message"] == {"role": "assistant", "content": "Use a list."}
    assert (answer["model"], answer["finish"], answer["problems"]) == ("scripted", "stop", [])
    assert answer["usage"]["promptTokens"] == 7
    assert partials(session) == "Use a list."
    assert isinstance(session.out, Out)
    assert {params["token"] for _, params in session.out.sent} == {"t1"}
    roles = [message.role for message in lane.requests[0].messages]
    assert roles == ["system", "user"]


async def test_without_a_token_nothing_is_streamed() -> None:
    session = make_session(ScriptedLane([["yes"]]))
    await chat(session, decode({"text": "?"}))
    assert partials(session) == ""


async def test_the_conversation_goes_along() -> None:
    lane = ScriptedLane()
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    await chat(make_session(lane), decode({"messages": turns}))
    assert [(m.role, m.content) for m in lane.requests[0].messages[1:]] == [
        ("user", "a"),
        ("assistant", "b"),
        ("user", "c"),
    ]


async def test_a_selection_goes_along_by_whole_lines() -> None:
    lane = ScriptedLane()
    session = make_session(lane)
    open_at_cursor(session, "def a():\n    return 1\n\ndef b():\n    return 2\n$0")
    selected = {"start": {"line": 3, "character": 4}, "end": {"line": 4, "character": 0}}
    await chat(session, decode({"text": "why?", "context": [{"uri": "file:///w/a.py", "range": selected}]}))
    assert lane.requests[0].messages[-1].content == "`a.py`, lines 4 to 4:\n```python\ndef b():\n```\n\nwhy?"


async def test_files_of_the_workspace_within_the_ignore_rules(tmp_path: Path) -> None:
    root = tmp_path.resolve()
    (root / ".gitignore").write_text("hidden.py\n")
    (root / "hidden.py").write_text("hidden = 1\n")
    (root / "seen.md").write_text("````\n```py\nx\n```\n````\n")
    outside = root.parent / "outside.py"
    lane = ScriptedLane()
    session = make_session(lane, root=root)
    uris = [path.as_uri() for path in (root / "hidden.py", root / "seen.md", root / "gone.py", outside)]
    answer = await chat(session, decode({"text": "?", "context": [{"uri": uri} for uri in uris]}))
    assert answer["problems"] == [
        "hidden.py is not sent: excluded by .gitignore (hidden.py)",
        "gone.py is not sent: not there",
        "outside.py is not sent: it is neither open nor in the workspace",
    ]
    sent = lane.requests[0].messages[-1].content
    assert "hidden = 1" not in sent
    assert sent.startswith("`seen.md`, lines 1 to 5:\n`````")


async def test_a_file_that_is_too_long_is_cut_and_that_is_said() -> None:
    lane = ScriptedLane()
    session = make_session(lane)
    open_at_cursor(session, "value = compute(1, 2, 3)\n" * 5_000 + "$0")
    answer = await chat(session, decode({"text": "?", "context": [{"uri": "file:///w/a.py"}]}))
    (problem,) = answer["problems"]
    assert problem.startswith("a.py is cut to lines 1 to ")
    assert len(lane.requests[0].messages[-1].content) < 30_000


async def test_secrets_do_not_leave_and_come_back_in_the_answer() -> None:
    lane = ScriptedLane([["It is LANY", "ARD_SEC", "RET_1", "."]])
    session = make_session(lane)
    open_at_cursor(session, f'token = "{SECRET}"\n$0')
    asked = {"text": f"is {SECRET} bad?", "context": [{"uri": "file:///w/a.py"}], "partialResultToken": 1}
    answer = await chat(session, decode(asked))
    assert SECRET not in str(lane.requests)
    assert answer["message"]["content"] == f"It is {SECRET}."
    assert partials(session) == f"It is {SECRET}."


@given(st.lists(st.sampled_from(["LANYARD_SECRET_1", "LANYARD_SECRET_2", "LANY", "ARD_SECRET_", "1", "2", "x", " "])))
def test_restoring_a_stream_equals_restoring_the_whole(pieces: list[str]) -> None:
    _, redactions = redact(f'a = "{SECRET}"\nb = "{SECRET[:-4]}wxyz"\n')
    assert len(redactions) == 2
    restorer = Restorer(redactions)
    streamed = "".join(restorer.feed(piece) for piece in pieces) + restorer.rest()
    assert streamed == redactions.restore("".join(pieces))


async def test_a_question_waits_for_the_runtime() -> None:
    session = make_session(None)
    asked: asyncio.Task[Any] = asyncio.ensure_future(chat(session, decode({"text": "?"})))
    await asyncio.sleep(0)
    session.runtime = make_session(ScriptedLane([["yes"]])).runtime
    session.opened.set()
    assert (await asked)["message"]["content"] == "yes"


async def test_a_cancelled_question_closes_its_stream() -> None:
    lane = ScriptedLane([["a", HANG]])
    asked: asyncio.Task[Any] = asyncio.ensure_future(chat(make_session(lane), decode({"text": "?"})))
    await lane.asked(1)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert lane.closed == 1


@pytest.mark.parametrize(
    ("lane", "line"),
    [
        (None, "Lanyard could not start its models; run `lanyard doctor`, or ask again in a moment"),
        (ScriptedLane([EndpointUnavailable("desk cut the stream")]), "desk cut the stream"),
        (
            ScriptedLane([NoWorker("nobody")], absent="no worker chats: run `lanyard models pull`, or start Ollama"),
            "no worker chats: run `lanyard models pull`, or start Ollama",
        ),
    ],
)
async def test_what_fails_is_one_line(lane: ScriptedLane | None, line: str) -> None:
    session = make_session(lane)
    session.opened.set()
    with pytest.raises(RequestFailed) as failure:
        await chat(session, decode({"text": "?"}))
    assert str(failure.value) == line


@pytest.mark.parametrize(
    "raw",
    [
        {},
        None,
        [],
        {"text": "  "},
        {"messages": []},
        {"messages": [{"role": "assistant", "content": "a"}]},
        {"messages": [{"role": "system", "content": "a"}]},
        {"text": 5},
        {"text": "a", "context": [{"uri": "file:///a", "range": {"start": {"line": -1}, "end": {"line": 1}}}]},
        {"text": "a" * 400_001},
    ],
)
def test_params_that_ask_nothing_are_refused(raw: Any) -> None:
    with pytest.raises(ValidationError):
        decode(raw)


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"text": "x" * 400_001}, "params.text: String should have at most 400000 characters"),
        ({"text": "x", "context": [{"uri": "a"}] * 21}, "params.context: Tuple should have at most 20 items"),
        ({"messages": []}, "params: the last message must be the user's and say something, or a tool's"),
    ],
)
def test_what_cannot_be_taken_is_named_and_why(params: dict[str, Any], why: str) -> None:
    codec = Codec(default_converter(), decoders={"lanyard/chat": decode})
    with pytest.raises(InvalidParams) as refused:
        codec.params("lanyard/chat", params)
    assert str(refused.value).startswith(why)
