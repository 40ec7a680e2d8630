"""The HTTP client against real sockets: what is sent, what is kept, what is closed."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest

from lanyard_routing.adapters import http as http_module
from lanyard_routing.adapters.base import ChatRequest, EndpointTimeout, EndpointUnavailable, Timeouts
from lanyard_routing.adapters.http import Http, encode
from lanyard_routing.adapters.make import Dialect, make_adapter
from lanyard_routing.adapters.origin import parse_origin
from lanyard_routing.netpolicy import Policy
from lanyard_routing.task import Message
from lanyard_routing.testing.script import Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint

CHAT = ChatRequest((Message(role="user", content="hi"),), max_tokens=4, model="m")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"


async def test_one_connection_serves_calls_one_after_another() -> None:
    async with ScriptedEndpoint() as endpoint:
        adapter = make_adapter(endpoint.url, Dialect.OPENAI, name="gpu")
        for _ in range(5):
            assert [delta.text async for delta in adapter.chat(CHAT, Timeouts())] == ["ok", ""]
        assert endpoint.connections == 1
        await adapter.close()


async def test_a_kept_connection_that_the_server_closed_is_no_failure() -> None:
    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Keeps the connection by its headers, and closes it when the second request has come."""
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with server(closing) as url:
        http = Http(parse_origin(url), Policy())
        assert (await http.ask("/x", timeout_s=50)).status == 200
        assert (await http.ask("/x", timeout_s=50)).status == 200
        assert (await http.ask("/x", timeout_s=50)).body == b"{}"
        await http.close()


async def test_a_new_connection_that_the_server_closes_is_a_failure_at_once() -> None:
    connections = 0

    async def closing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with server(closing) as url:
        http = Http(parse_origin(url, name="gpu"), Policy())
        with pytest.raises(EndpointUnavailable, match="closed the connection"):
            await http.ask("/x", {}, timeout_s=50)
        assert connections == 1
        await http.close()


async def test_pings_move_no_deadline() -> None:
    async def pinging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"\r\n")
        while not writer.is_closing():
            writer.write(b": ping\n\n")
            await asyncio.sleep(0.01)

    async with server(pinging) as url, asyncio.timeout(50):
        adapter = make_adapter(url, Dialect.OPENAI, name="gpu")
        with pytest.raises(EndpointTimeout, match="no token within"):
            await anext(adapter.chat(CHAT, Timeouts(first_token=0.2, silence=50.0)))
        await adapter.close()


async def test_thinking_is_progress_but_no_text() -> None:
    """Silence is measured between signs of life; a model that thinks for long is not silent."""
    async with ScriptedEndpoint(Script(default=Say(text="answer", thinking="hm hm"))) as endpoint:
        for dialect in Dialect:
            adapter = make_adapter(endpoint.url, dialect, name="gpu")
            request = ChatRequest(CHAT.messages, 4)
            assert [delta.text async for delta in adapter.chat(request, Timeouts())] == ["answer", ""]
            await adapter.close()

    thought = b'data: {"choices":[{"delta":{"reasoning_content":"hm"}}]}\n\n'

    async def thinking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(HEAD + b"\r\n" + thought)
        await reader.read()

    async with server(thinking) as url, asyncio.timeout(50):
        adapter = make_adapter(url, Dialect.OPENAI, name="gpu")
        with pytest.raises(EndpointTimeout, match=r"silent for 0\.1 s"):
            await anext(adapter.chat(CHAT, Timeouts(first_token=30.0, silence=0.1)))
        await adapter.close()


async def test_a_slow_reader_is_not_taken_for_a_silent_endpoint() -> None:
    async with ScriptedEndpoint(Script(default=Say(text="a b c", gate="rest", gate_after=1))) as endpoint:
        adapter = make_adapter(endpoint.url, Dialect.OPENAI, name="gpu")
        stream = adapter.chat(CHAT, Timeouts(silence=1.0))
        texts = [(await anext(stream)).text]
        late = asyncio.get_running_loop().time() + 1.1
        while asyncio.get_running_loop().time() < late:
            await asyncio.sleep(0.01)  # the reader's own slowness is the subject here
        endpoint.open_gate("rest")
        texts += [delta.text async for delta in stream]
        assert "".join(texts) == "a b c"
        await adapter.close()


async def test_a_cancelled_prefill_closes_the_connection() -> None:
    """The server sees the end of the connection while it has not answered a byte."""
    gone = asyncio.Event()
    reading = asyncio.Event()

    async def watching(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        reading.set()
        while await reader.read(1024):
            pass
        gone.set()
        writer.close()

    async with server(watching) as url, asyncio.timeout(50):
        adapter = make_adapter(url, Dialect.OPENAI, name="gpu")
        waiting = asyncio.ensure_future(anext(adapter.chat(CHAT, Timeouts())))
        await reading.wait()
        waiting.cancel()
        await gone.wait()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await adapter.close()


async def test_a_large_answer_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_module, "MAX_ANSWER", 100_000)

    async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"x" * 65536)
            await writer.drain()

    async with server(endless) as url:
        adapter = make_adapter(url, Dialect.OPENAI, name="gpu")
        assert "answers with more than" in (await adapter.probe()).why
        await adapter.close()


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}", "closed the connection"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "closed the connection|no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", "no HTTP server"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 100_000 + b"\r\n\r\n", "no HTTP server"),
        (b"\x16\x03\x01\x02\x00", "no HTTP server"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>", "is no list of models"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n" + b'{"data": null', "is no list of models"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n" + b'{"data": null}', "no model loaded"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "is no list of models"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20000\r\n\r\n" + b"[" * 20000, "is no list of models"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", r"failed \(204\)"),
        (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>", r"failed \(502\); check its log"),
    ],
)
async def test_odd_answers_end_in_one_line(head: bytes, why: str) -> None:
    import re

    async def odd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        writer.close()

    async with server(odd) as url:
        adapter = make_adapter(url, Dialect.OPENAI, name="gpu")
        probe = await adapter.probe()
        assert not probe.ready
        assert re.search(why, probe.why)
        assert "\n" not in probe.why
        await adapter.close()


async def test_a_server_that_hangs_in_the_middle_of_an_error_does_not_hold_us() -> None:
    async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 500 Oh\r\nContent-Length: 100\r\n\r\n{")
        await reader.read()

    async with server(hanging) as url, asyncio.timeout(50):
        adapter = make_adapter(url, Dialect.OPENAI, name="gpu")
        with pytest.raises(EndpointTimeout):
            await anext(adapter.chat(CHAT, Timeouts(first_token=0.2)))
        await adapter.close()


async def test_the_key_goes_to_its_endpoint_and_nowhere_else(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    script = Script(api_key="hush-hush")
    async with ScriptedEndpoint(script) as locked, ScriptedEndpoint() as other:
        with_key = make_adapter(locked.url, Dialect.OPENAI, name="locked", api_key="hush-hush")
        wrong = make_adapter(locked.url, Dialect.OPENAI, name="locked", api_key="hush-wrong")
        without = make_adapter(other.url, Dialect.OPENAI, name="other")
        assert (await with_key.probe()).ready
        assert (await without.probe()).ready
        refused = (await wrong.probe()).why
        assert "api_key" in refused
        assert all("authorization" not in asked.headers for asked in other.asked)
        for adapter in (with_key, wrong, without):
            assert "hush" not in repr(vars(adapter)) + adapter.url
            await adapter.close()
        assert "hush" not in caplog.text + refused


def test_credentials_in_the_url_are_not_shown() -> None:
    origin = parse_origin("http://me:hush@gpu.home:8000/v1/", name="gpu")
    assert origin.url == "http://gpu.home:8000"
    assert origin.authorization == "Basic bWU6aHVzaA=="
    assert "hush" not in repr(origin)
    with pytest.raises(ValueError, match="printable ASCII"):
        parse_origin("http://gpu", api_key="a\r\nX: y")


@pytest.mark.parametrize(
    ("url", "clean", "host", "port"),
    [
        ("http://gpu:8080", "http://gpu:8080", "gpu", 8080),
        ("gpu:8080", "http://gpu:8080", "gpu", 8080),
        ("http://GPU", "http://gpu", "gpu", 80),
        ("https://gpu", "https://gpu", "gpu", 443),
        ("http://gpu:8000/v1", "http://gpu:8000", "gpu", 8000),
        ("http://gpu/llm/v1/", "http://gpu/llm", "gpu", 80),
        ("http://[::1]:8080", "http://[::1]:8080", "::1", 8080),
        ("http://[fe80::1%25eth0]:8080", "http://[fe80::1%25eth0]:8080", "fe80::1%eth0", 8080),
        ("http://[fe80::1%eth0]:8080", "http://[fe80::1%25eth0]:8080", "fe80::1%eth0", 8080),
        ("http://bücher.home", "http://xn--bcher-kva.home", "xn--bcher-kva.home", 80),
    ],
)
def test_the_url_of_an_endpoint(url: str, clean: str, host: str, port: int) -> None:
    origin = parse_origin(url)
    assert (origin.url, origin.host, origin.port) == (clean, host, port)


async def test_an_address_with_a_scope_id_is_reached_and_the_scope_stays_home() -> None:
    import socket

    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    index = socket.if_nametoindex("lo") if hasattr(socket, "if_nametoindex") else 1
    heard = asyncio.Queue[bytes]()

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        writer.close()

    try:
        listening = await asyncio.start_server(echo, "::1", 0)
    except OSError:
        pytest.skip("this machine has no IPv6")
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        http = Http(parse_origin(f"http://[::1%{index}]:{port}"), Policy())
        assert (await http.ask("/health", timeout_s=50)).status == 200
        assert f"Host: [::1]:{port}\r\n".encode() in await heard.get()
        await http.close()


async def test_tls_to_a_server_without_tls_is_said_so() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with server(plain) as url:
        adapter = make_adapter(url.replace("http:", "https:"), Dialect.OPENAI, name="gpu")
        probe = await adapter.probe()
        await adapter.close()
    assert not probe.ready
    assert "a server without TLS has an http URL" in probe.why


async def test_compressed_replies_are_refused() -> None:
    async def zipping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert b"Accept-Encoding: identity" in await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}")

    async with server(zipping) as url:
        adapter = make_adapter(url, Dialect.OPENAI, name="gpu")
        assert "it compresses its replies" in (await adapter.probe()).why
        await adapter.close()


def test_text_that_is_no_unicode_is_sent_all_the_same() -> None:
    assert encode({"a": "\ud800 𝄞"}) == '{"a":"? 𝄞"}'.encode()


async def test_a_prompt_of_megabytes_is_sent_whole() -> None:
    async with ScriptedEndpoint() as endpoint:
        adapter = make_adapter(endpoint.url, Dialect.OPENAI, name="gpu")
        request = ChatRequest((Message(role="user", content="é" * 1_500_000),), max_tokens=4, model="m")
        assert [delta.text async for delta in adapter.chat(request, Timeouts())] == ["ok", ""]
        assert endpoint.streams[0].body["messages"][0]["content"] == "é" * 1_500_000
        await adapter.close()


async def test_calls_after_close_fail_in_one_line() -> None:
    adapter = make_adapter("http://127.0.0.1:9", Dialect.OPENAI, name="gpu")
    await adapter.close()
    await adapter.close()
    assert "closed" in (await adapter.probe()).why


def test_adapters_are_light_to_import() -> None:
    """The server answers `initialize` before anything heavy comes in."""
    code = "import lanyard_routing.adapters.make, sys; print([m for m in sys.modules if m in ('aiohttp', 'httpx')])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.strip() == "[]"


@asynccontextmanager
async def server(
    handler: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncGenerator[str]:
    """A TCP server that does as it is told, for what a scripted endpoint cannot do."""
    writers: list[asyncio.StreamWriter] = []

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(OSError, EOFError, asyncio.CancelledError):
            await handler(reader, writer)

    listening = await asyncio.start_server(run, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()
        for writer in writers:
            writer.transport.abort()
        await asyncio.sleep(0)
