"""Framing, and sinks whose client does not read."""

from __future__ import annotations

import asyncio
import os

import pytest

from lanyard_server import framing, transport
from lanyard_server.framing import Framing, Unframed, frame
from lanyard_server.transport import ThreadSink


def cut(*pieces: bytes):
    reader = Framing()
    return [str(found) if isinstance(found, Unframed) else found for piece in pieces for found in reader.feed(piece)]


def test_frames_in_any_pieces():
    data = frame(b"one") + frame(b"") + frame("zwei ä".encode())
    expected = [b"one", b"", "zwei ä".encode()]
    assert cut(data) == expected
    assert cut(*(bytes([byte]) for byte in data)) == expected


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 2",
        b"content-length:2",
        b"Content-Type: x\r\nContent-Length:  2 ",
        b"X\r\nCONTENT-LENGTH: 2",
    ],
)
def test_headers(header):
    assert cut(header + b"\r\n\r\n{}") == [b"{}"]


@pytest.mark.parametrize("bad", [b"Content-Length: -1", b"Content-Length: x", b"Content-Type: 2", b"", b"\xff\x00"])
def test_a_bad_header_is_reported_and_the_next_message_is_read(bad):
    found = cut(bad + b"\r\n\r\n" + frame(b"ok"))
    assert found == ["a header without a valid Content-Length", b"ok"]


def test_after_a_wrong_length_the_stream_is_found_again():
    assert cut(b"Content-Length: 1\r\n\r\n{}" + frame(b"ok")) == [b"{", b"ok"]


def test_endless_garbage_takes_no_memory():
    reader = Framing()
    reported = [piece for _ in range(100) for piece in reader.feed(b"x" * 4096)]
    assert reported
    assert all(isinstance(piece, Unframed) for piece in reported)
    assert len(reader._buffer) <= framing.HEADER_LIMIT + 4096


def test_a_message_beyond_the_limit_is_skipped(monkeypatch):
    monkeypatch.setattr(framing, "BODY_LIMIT", 10)
    assert cut(frame(b"x" * 11), frame(b"ok")) == ["a message of 11 bytes; the limit is 10", b"ok"]
    assert cut(frame(b"x" * 11)[:-3], b"xxx" + frame(b"ok"))[-1] == b"ok"


async def test_a_client_that_does_not_read_fills_a_queue_and_loses_what_may_be_lost(monkeypatch):
    monkeypatch.setattr(transport, "BACKLOG_LIMIT", 1000)
    reading, writing = os.pipe()
    sink = ThreadSink(writing)
    # Far more than a pipe holds, and the event loop is not made to wait.
    for _ in range(200):
        sink.send(b"k" * 1000, "keep")
        sink.send(b"l" * 1000, "may be lost")
    received = Framing()
    got = []

    def read():
        while got.count(b"k" * 1000) < 200:
            got.extend(received.feed(os.read(reading, 65536)))

    await asyncio.to_thread(read)
    await sink.close()
    os.close(writing)
    os.close(reading)
    assert got.count(b"k" * 1000) == 200
    assert got.count(b"l" * 1000) < 100


async def test_a_client_that_is_gone_is_no_error():
    reading, writing = os.pipe()
    os.close(reading)
    sink = ThreadSink(writing)
    for _ in range(3):
        sink.send(b"x", "keep")
    await sink.close()
    os.close(writing)


async def test_closing_flushes():
    reading, writing = os.pipe()
    sink = ThreadSink(writing)
    sink.send(b"last words", "keep")
    await sink.close()
    os.close(writing)
    assert os.read(reading, 1000) == frame(b"last words")
    os.close(reading)


class Heard:
    """A receiver that notes what it gets."""

    def __init__(self):
        self.bodies = []
        self.gone = False

    def receive(self, body):
        self.bodies.append(body)

    def malformed(self, why):
        self.bodies.append(why)

    def disconnected(self):
        self.gone = True


async def heard(*pieces):
    receiver, reader = Heard(), asyncio.StreamReader()
    reading = asyncio.create_task(transport.read_stream(reader, receiver))
    for piece in pieces:
        reader.feed_data(piece)
        await asyncio.sleep(0)
    reader.feed_eof()
    await reading
    assert receiver.gone
    return receiver.bodies


@pytest.mark.parametrize("method", [b"GET", b"POST", b"OPTIONS"])
async def test_a_web_page_cannot_speak_to_a_tcp_port(method, caplog):
    # What a page can make a browser send: its body, behind a header with the right length.
    request = method + b" / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}" + frame(b"{}")
    assert await heard(request) == []
    assert await heard(*(bytes([byte]) for byte in request)) == []
    assert "HTTP request was refused" in caplog.text


async def test_a_client_whose_first_bytes_come_one_by_one_is_read():
    assert await heard(*(bytes([byte]) for byte in frame(b"{}"))) == [b"{}"]
    assert await heard(b"CONTENT-LENGTH: 2\r\n\r\n{}") == [b"{}"]
