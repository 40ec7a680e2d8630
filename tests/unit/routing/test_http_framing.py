"""Bytes of a stream → events: every way to cut them up gives the same events."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanyard_routing.adapters import framing
from lanyard_routing.adapters.framing import Framing, FramingError, Ndjson, Sse


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: one\n\n", ["one"]),
        (b"data:one\n\n", ["one"]),
        (b"data:  one\n\n", [" one"]),
        (b"data: one\r\n\r\ndata: two\r\n\r\n", ["one", "two"]),
        (b": a comment\n\ndata: one\n: another\n\n", ["one"]),
        (b"event: message\nid: 7\nretry: 10\ndata: one\n\n", ["one"]),
        (b"data: first\ndata: second\n\n", ["first\nsecond"]),
        (b"data:\n\n", [""]),
        (b"\n\n\n", []),
        (b"data: the end lacks its blank line\n", ["the end lacks its blank line"]),
        (b"data: the end lacks its newline", ["the end lacks its newline"]),
        (b'error: {"code": 500}\n\n', ['{"code": 500}']),
        (b"database: no field\n\n", []),
        ("data: \N{GREEK SMALL LETTER ALPHA} 𝄞 \u2028 \x0c\n\n".encode(), ["α 𝄞 \u2028 \x0c"]),
    ],
)
def test_server_sent_events(stream: bytes, events: list[str]) -> None:
    for size in range(1, len(stream) + 1):
        assert run(Sse(), stream, size) == events


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b'{"a":1}\n{"b":2}\n', ['{"a":1}', '{"b":2}']),
        (b'{"a":1}\r\n\r\n{"b":2}', ['{"a":1}', '{"b":2}']),
        ('{"a":"𝄞\u2028"}\n'.encode(), ['{"a":"𝄞\u2028"}']),
        (b"", []),
        (b" \n", []),
    ],
)
def test_lines_of_json(stream: bytes, events: list[str]) -> None:
    for size in range(1, len(stream) + 2):
        assert run(Ndjson(), stream, size) == events


@given(st.lists(st.text(min_size=1), max_size=5), st.integers(1, 40))
def test_whatever_the_text_and_the_cuts_it_comes_through(texts: list[str], size: int) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts]
    lines = [json.dumps({"text": text}, ensure_ascii=False) for text in texts]
    sse = "".join(f"data: {line}\n\n" for line in lines).encode()
    assert run(Sse(), sse, size) == lines
    assert run(Ndjson(), "".join(f"{line}\n" for line in lines).encode(), size) == lines


@given(st.binary(max_size=200), st.integers(1, 20))
def test_any_bytes_give_events_or_a_framing_error(data: bytes, size: int) -> None:
    for parser in (Sse(), Ndjson()):
        with suppress(FramingError):
            run(parser, data, size)


@pytest.mark.parametrize("parser", [Sse, Ndjson])
def test_what_is_not_utf8_is_an_error(parser: type[Sse] | type[Ndjson]) -> None:
    with pytest.raises(FramingError, match="not UTF-8"):
        parser().feed(b'data: {"a": "\xc3("}\n')
    half = parser()
    half.feed(b'data: {"a": "\xc3')
    with pytest.raises(FramingError, match="half a UTF-8 character"):
        half.end()


@pytest.mark.parametrize("parser", [Sse, Ndjson])
def test_a_line_without_end_is_cut_off(parser: type[Sse] | type[Ndjson], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_LINE", 1000)
    endless = parser()
    with pytest.raises(FramingError, match="a line of more than"):
        run(endless, b"x" * 6400, 64)


def test_an_event_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_LINE", 1000)
    endless = Sse()
    with pytest.raises(FramingError, match="an event of more than"):
        run(endless, (b"data: " + b"x" * 64 + b"\n") * 100, 64)


@pytest.mark.parametrize("parser", [Sse, Ndjson])
def test_a_reply_without_end_is_cut_off(parser: type[Sse] | type[Ndjson], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing, "MAX_REPLY", 1000)
    endless = parser()
    with pytest.raises(FramingError, match="longer than"):
        run(endless, b"data: x\n\n\n\n" * 200, 64)


def run(parser: Framing, stream: bytes, size: int) -> list[str]:
    events: list[str] = []
    for at in range(0, len(stream), size):
        events += parser.feed(stream[at : at + size])
    return events + parser.end()
