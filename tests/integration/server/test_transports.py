"""TCP, WebSocket, and clients that do not read."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from lanyard_server.framing import frame
from support.lsp_client import LspClient

INITIALIZE = {"processId": None, "rootUri": None, "capabilities": {}}


@asynccontextmanager
async def listening(tmp_path, option):
    """`lanyard serve --tcp|--ws` on a free port; (process, port)."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lanyard_server", "serve", option, "127.0.0.1:0"),
        stderr=asyncio.subprocess.PIPE,
        env={"LANYARD_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    try:
        async with asyncio.timeout(60):
            line = (await process.stderr.readline()).decode()
        yield process, int(re.search(r"127\.0\.0\.1:(\d+)$", line.strip()).group(1))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_each_tcp_connection_is_a_session_of_its_own(tmp_path):
    async with listening(tmp_path, "--tcp") as (process, port):
        async with (
            LspClient.over(*await asyncio.open_connection("127.0.0.1", port)) as one,
            LspClient.over(*await asyncio.open_connection("127.0.0.1", port)) as two,
        ):
            await one.initialize()
            await two.initialize(capabilities={"general": {"positionEncodings": ["utf-32"]}})
            assert one.server_capabilities["positionEncoding"] == "utf-16"
            assert two.server_capabilities["positionEncoding"] == "utf-32"
            await one.request("shutdown")
            one.notify("exit")
            await asyncio.wait_for(one.closed.wait(), 60)
            await two.request("shutdown")
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_an_open_connection_does_not_hold_up_the_end(tmp_path):
    async with listening(tmp_path, "--tcp") as (process, port):
        async with LspClient.over(*await asyncio.open_connection("127.0.0.1", port)) as client:
            await client.initialize()
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(client.closed.wait(), 60)
        assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_websocket(tmp_path):
    async with listening(tmp_path, "--ws") as (_, port), connect(f"ws://127.0.0.1:{port}") as socket:
        await socket.send(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}))
        answer = json.loads(await asyncio.wait_for(socket.recv(), 60))
        assert answer["result"]["serverInfo"]["name"] == "lanyard"
        await socket.send("nonsense")
        answer = json.loads(await asyncio.wait_for(socket.recv(), 60))
        assert answer["error"]["code"] == -32700
        await socket.send(json.dumps({"jsonrpc": "2.0", "id": 2, "method": "shutdown"}))
        answer = json.loads(await asyncio.wait_for(socket.recv(), 60))
        assert answer == {"jsonrpc": "2.0", "id": 2, "result": None}
        await socket.send(json.dumps({"jsonrpc": "2.0", "method": "exit"}))
        await asyncio.wait_for(socket.wait_closed(), 60)


async def test_a_page_in_a_browser_is_refused(tmp_path):
    async with listening(tmp_path, "--ws") as (_, port):
        with pytest.raises(InvalidStatus) as caught:
            await connect(f"ws://127.0.0.1:{port}", origin="http://evil.example").__aenter__()
        assert caught.value.response.status_code == 403


async def test_a_client_that_does_not_read_blocks_nothing(tmp_path):
    """The server goes on reading; what it owes is delivered when the client reads again."""
    async with LspClient.start(env={"LANYARD_HOME": str(tmp_path)}) as client:
        await client.initialize()
        client.reading.clear()
        client.send({"jsonrpc": "2.0", "id": "wakes the reader up before it pauses", "method": "x"})
        big = "x" * 2000
        asked = [client.ask(f"no/such/{big}/{number}") for number in range(2000)]
        # More than the pipes of both directions hold: a server that waited for its output would not take this in.
        async with asyncio.timeout(60):
            await client.writer.drain()
        client.reading.set()
        for one in asked:
            with pytest.raises(Exception, match="-32601"):
                await one
        assert await client.shutdown() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="pipes there always wait")
async def test_pipes_that_do_not_wait_are_read_and_written_all_the_same(tmp_path):
    """Whoever starts the server may share an end with it and have set that to non-blocking."""
    stdin, to_server = os.pipe()
    from_server, stdout = os.pipe()
    for end in (stdin, stdout):
        os.set_blocking(end, False)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "lanyard_server", "serve"),
        stdin=stdin,
        stdout=stdout,
        stderr=asyncio.subprocess.DEVNULL,
        env={"LANYARD_HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    os.close(stdin)
    os.close(stdout)
    try:
        with open(to_server, "wb", buffering=0) as write, open(from_server, "rb") as read:
            for number in range(2):  # the second finds the pipe empty, and the server waiting for it
                asked = {"jsonrpc": "2.0", "id": number, "method": "initialize", "params": {"capabilities": {}}}
                write.write(frame(json.dumps(asked).encode()))
                head = await asyncio.to_thread(read.readline)
                assert head.startswith(b"Content-Length")
                answer = await asyncio.to_thread(read.read, 2 + int(head.split()[1]))
                assert json.loads(answer)["id"] == number
    finally:
        process.kill()
        await process.wait()


async def test_a_signal_ends_the_server(tmp_path):
    async with LspClient.start(env={"LANYARD_HOME": str(tmp_path)}) as client:
        await client.initialize()
        client.process.send_signal(signal.SIGTERM)
        assert await client.exit_code() == 1


async def test_the_end_comes_although_the_client_does_not_read(tmp_path):
    async with LspClient.start(env={"LANYARD_HOME": str(tmp_path)}) as client:
        await client.initialize()
        client.reading.clear()
        for number in range(500):
            client.ask(f"no/such/{'x' * 2000}/{number}")
        client.notify("exit")
        await client.writer.drain()
        process_ended = asyncio.create_task(_gone(client.process.pid))
        await asyncio.wait_for(process_ended, 60)


async def _gone(pid):
    # Process.wait() also waits for the pipes, which nobody empties here.
    import psutil

    process = psutil.Process(pid)
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
        await asyncio.sleep(0.05)
