"""Frames, messages and buffers of an index process: what does not fit is refused, never believed."""

from __future__ import annotations

import asyncio
import io

import msgspec
import pytest

from lanyard_analyzers.redact import Redactions
from lanyard_analyzers.slices import Origin, Piece, Problem, Slice, Tier
from lanyard_server.index import frames
from lanyard_server.index.buffers import Buffers
from lanyard_server.index.client import IndexClient
from lanyard_server.index.messages import (
    AskStatus,
    Cancel,
    Change,
    Changed,
    FromHost,
    Lost,
    Opened,
    Sliced,
    Start,
    Status,
    ToHost,
)

FROM = msgspec.msgpack.Decoder(FromHost)
SLICED = Sliced(
    7,
    Slice(
        text="a\nb\n",
        tokens=3,
        whole_tokens=9,
        pieces=(Piece("a.py", 1, 2, Tier.SIGNATURE, "why", 3),),
        origins=(Origin("a.py", 1), None),
        redactions=Redactions({"LANYARD_SECRET_1": "s"}),
    ),
    (Problem("p"),),
    wall_ms=1.5,
)


def test_a_slice_comes_through_whole():
    assert frames.read(io.BytesIO(frames.packed(SLICED)), FROM) == SLICED


@pytest.mark.parametrize("size", [0, 3, 4, 9])
def test_an_end_in_the_middle_is_an_end(size):
    assert frames.read(io.BytesIO(frames.packed(SLICED)[:size]), FROM) is None


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xff\xff\xff",
        b"\0\0\0\3abc",
        frames.packed({"type": "Sliced", "id": "seven"}),
        frames.packed({"type": "Surprise"}),
        frames.packed([1, 2]),
    ],
    ids=["long", "noise", "field", "type", "list"],
)
async def test_nonsense_is_refused(data):
    with pytest.raises(frames.Broken):
        frames.read(io.BytesIO(data), FROM)
    stream = asyncio.StreamReader()
    stream.feed_data(data)
    stream.feed_eof()
    with pytest.raises(frames.Broken):
        await frames.receive(stream, FROM)


async def test_messages_that_come_in_pieces_are_put_together():
    stream, data = asyncio.StreamReader(), frames.packed(SLICED) + frames.packed(Lost("a.py"))
    asking = asyncio.create_task(frames.receive(stream, FROM))
    for at in range(0, len(data), 7):
        stream.feed_data(data[at : at + 7])
        await asyncio.sleep(0)
    stream.feed_eof()
    assert await asking == SLICED
    assert await frames.receive(stream, FROM) == Lost("a.py")
    assert await frames.receive(stream, FROM) is None


def test_every_message_has_a_form():
    for union in (ToHost, FromHost):
        msgspec.msgpack.Decoder(union)
    assert msgspec.convert(msgspec.to_builtins(Status(1, "ready", 2, 3, 4, 5.0, 6.0)), FromHost).id == 1


def opened(text="def f():\n    return 1\n"):
    buffers = Buffers()
    buffers.open(Opened("a.py", "python", 1, text))
    return buffers


def test_edits_are_applied_in_their_order():
    buffers = opened()
    assert buffers.syntax("a.py") is not None
    assert buffers.change(Changed("a.py", 1, 3, 24, (Change(4, 5, "ga"), Change(21, 22, "22"))))
    syntax = buffers.syntax("a.py")
    assert syntax is not None
    assert syntax.text.content == "def ga():\n    return 22\n"
    assert syntax.text.version == 3
    assert not syntax.root.has_error


def test_a_thousand_edits_without_a_look_are_as_good():
    buffers = opened("")
    buffers.syntax("a.py")
    for number in range(1000):
        assert buffers.change(Changed("a.py", number + 1, number + 2, number + 1, (Change(number, number, "x"),)))
    syntax = buffers.syntax("a.py")
    assert syntax is not None
    assert syntax.text.content == "x" * 1000


@pytest.mark.parametrize(
    "changed",
    [
        Changed("a.py", 2, 3, 22, (Change(0, 0, ""),)),
        Changed("a.py", 1, 2, 99, (Change(0, 0, ""),)),
        Changed("a.py", 1, 2, 22, (Change(-1, 0, ""),)),
        Changed("a.py", 1, 2, 22, (Change(5, 4, ""),)),
        Changed("a.py", 1, 2, 22, (Change(0, 500, ""),)),
        Changed("b.py", 1, 2, 0, ()),
    ],
)
def test_edits_that_do_not_fit_change_nothing(changed):
    buffers = opened()
    assert not buffers.change(changed)
    assert buffers.version("a.py") == 1


@pytest.mark.parametrize("message", [Opened("a.py", "cobol", 2, "x"), Opened("a.py", "python", 2, "x" * 5_000_000)])
def test_what_can_have_no_tree_is_not_kept(message):
    buffers = opened()
    buffers.open(message)
    assert buffers.syntax("a.py") is None
    assert buffers.paths() == ()


def test_what_changed_is_told_once():
    buffers = opened()
    assert buffers.changed() == ["a.py"]
    assert buffers.changed() == []
    buffers.close("a.py")
    assert buffers.changed() == ["a.py"]


async def test_a_question_that_nobody_waits_for_any_more_is_taken_back(tmp_path):
    told = []
    client = IndexClient(
        Start(root=str(tmp_path), ignore=(), store="", helpers=1),
        opened=lambda: (),
        lost=lambda path: None,
        told=lambda line: None,
        log_file=tmp_path / "index.log",
    )
    client.tell = lambda message: told.append(message) or True
    asking = asyncio.create_task(client.status())
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert told == [AskStatus(1), Cancel(1)]
