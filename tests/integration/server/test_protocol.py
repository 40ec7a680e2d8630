"""The protocol over a real process: every request answered exactly once, whatever comes."""

from __future__ import annotations

import asyncio
import json

import pytest

from support.lsp_client import LspClient, LspError

URI = "file:///tmp/x.py"


@pytest.fixture
async def client(tmp_path):
    async with LspClient.start(env={"LANYARD_HOME": str(tmp_path / "home")}) as started:
        yield started


async def error_of(asked) -> int:
    with pytest.raises(LspError) as caught:
        await asked
    assert "\n" not in caught.value.message
    assert caught.value.data is None
    return caught.value.code


async def test_requests_before_initialize_are_refused(client):
    assert await error_of(client.ask("textDocument/hover", {})) == -32002
    await client.initialize()


async def test_a_second_initialize_is_refused(client):
    await client.initialize()
    assert await error_of(client.ask("initialize", {"capabilities": {}, "processId": None, "rootUri": None})) == -32600


async def test_unknown_methods_are_answered(client):
    await client.initialize()
    assert await error_of(client.ask("textDocument/nothing", {"jsonrpc": "2.0"})) == -32601
    assert await error_of(client.ask("$/nothing")) == -32601


async def test_unknown_notifications_are_ignored(client):
    await client.initialize()
    client.notify("textDocument/nothing", {})
    client.notify("$/nothing")
    assert await error_of(client.ask("after")) == -32601


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe{}", b"nope", b'{"jsonrpc": "2.0", "id": 1,'])
async def test_bytes_that_are_no_json_are_answered_with_a_parse_error(client, body):
    await client.initialize()
    client.send(body)
    await client.until(lambda: client.responses[-1].get("error", {}).get("code") == -32700)
    assert client.responses[-1]["id"] is None


@pytest.mark.parametrize("body", [b"[]", b"1", b"{}", b'{"jsonrpc": "2.0", "id": [1], "method": "shutdown"}'])
async def test_json_that_is_no_message_is_an_invalid_request(client, body):
    await client.initialize()
    client.send(body)
    await client.until(lambda: client.responses[-1].get("error", {}).get("code") == -32600)


async def test_a_bad_header_costs_one_message_and_no_more(client):
    await client.initialize()
    client.send_bytes(b"Content-Length: nonsense\r\n\r\n")
    await client.until(lambda: client.responses[-1].get("error", {}).get("code") == -32700)
    client.send_bytes(b"garbage")
    assert await error_of(client.ask("after")) == -32601


async def test_a_message_in_single_bytes(client):
    await client.initialize()
    body = json.dumps({"jsonrpc": "2.0", "id": "slow", "method": "slow"}).encode()
    for byte in b"Content-Length: %d\r\nContent-Type: x\r\n\r\n" % len(body) + body:
        client.send_bytes(bytes([byte]))
        await client.writer.drain()
    await client.until(lambda: client.responses[-1]["id"] == "slow")


async def test_params_that_do_not_validate_are_answered(client):
    await client.initialize()
    assert await error_of(client.ask("workspace/executeCommand", {"arguments": []})) == -32602
    assert await error_of(client.ask("workspace/executeCommand", None)) == -32602
    assert await error_of(client.ask("workspace/executeCommand", {"command": "no such"})) == -32602
    assert client.messages("window/showMessage") == []


async def test_notifications_that_do_not_validate_are_logged_and_never_shown(client):
    await client.initialize()
    for params in (None, [], {}, {"textDocument": {"uri": 1, "version": "x"}, "contentChanges": 3}):
        client.notify("textDocument/didChange", params)
    client.notify("workspace/didChangeWorkspaceFolders", {"event": 1})
    assert await error_of(client.ask("after")) == -32601
    assert client.messages("window/showMessage") == []
    assert "didChange ignored" in client.stderr_text()


async def test_a_jsonrpc_key_inside_params_means_nothing(client):
    await client.initialize()
    nested = {"jsonrpc": "2.0", "id": 7, "method": "exit"}
    asked = client.ask("workspace/executeCommand", {"command": "no such", "arguments": [nested]})
    assert await error_of(asked) == -32602


async def test_cancel_of_nothing_is_ignored(client):
    await client.initialize()
    for params in ({"id": 99}, {"id": None}, {"id": [1]}, {}, None, 3):
        client.notify("$/cancelRequest", params)
    assert await error_of(client.ask("after")) == -32601


async def test_responses_nobody_waits_for_are_dropped(client):
    await client.initialize()
    client.send({"jsonrpc": "2.0", "id": "lanyard-99", "result": 1})
    client.send({"jsonrpc": "2.0", "id": None, "error": {"code": 1}})
    assert await error_of(client.ask("after")) == -32601


async def test_shutdown_then_exit_is_clean(client):
    await client.initialize()
    assert await client.shutdown() == 0


async def test_requests_after_shutdown_are_refused(client):
    await client.initialize()
    await client.request("shutdown")
    assert await error_of(client.ask("textDocument/hover", {})) == -32600
    client.notify("exit")
    assert await client.exit_code() == 0


async def test_exit_without_shutdown_is_no_success(client):
    await client.initialize()
    client.notify("exit")
    assert await client.exit_code() == 1


async def test_exit_before_initialize(client):
    client.notify("exit")
    assert await client.exit_code() == 1


async def test_the_end_of_input_ends_the_server(client):
    await client.initialize()
    client.writer.close()
    assert await client.exit_code() == 1


async def test_the_end_of_input_after_shutdown_is_clean(client):
    await client.initialize()
    await client.request("shutdown")
    client.writer.close()
    assert await client.exit_code() == 0


async def test_a_dead_editor_leaves_no_live_server(tmp_path):
    editor = await asyncio.create_subprocess_exec("sleep", "600")
    async with LspClient.start(env={"LANYARD_HOME": str(tmp_path)}) as client:
        await client.initialize(process_id=editor.pid)
        editor.kill()
        await editor.wait()
        assert await client.exit_code() == 1


async def test_an_editor_that_cannot_be_seen_is_not_taken_for_dead(client):
    await client.initialize(process_id=2**31 - 2)
    assert await error_of(client.ask("after")) == -32601


async def test_nothing_but_the_protocol_on_stdout(tmp_path):
    script = (
        "import os, sys\n"
        "from lanyard_server import listen\n"
        "made = listen.connect\n"
        "def connect(*a, **k):\n"
        "    print('stray'); os.write(1, b'stray'); return made(*a, **k)\n"
        "listen.connect = connect\n"
        "sys.exit(listen.run_stdio())\n"
    )
    import sys

    command = (sys.executable, "-c", script)
    async with LspClient.start(command=command, env={"LANYARD_HOME": str(tmp_path)}) as client:
        await client.initialize()
        assert "stray" in client.stderr_text()
        assert await client.shutdown() == 0
