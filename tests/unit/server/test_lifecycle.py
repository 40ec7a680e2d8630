"""Initialize, shutdown and exit; what runs at the end; the session that a client gets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from lanyard_server.feature import NOT_OFFERED, Command, Feature, RequestFailed
from lanyard_server.positions import Encoding
from support.loopback import Loopback


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path))


async def nothing(session, params):
    return None


async def test_capabilities_follow_the_features():
    loopback = Loopback(
        [Command("one", nothing), Command("two", nothing), Feature("textDocument/hover", "snapshot", nothing)]
    )
    capabilities = await loopback.initialize()
    assert capabilities["executeCommandProvider"]["commands"] == ["one", "two"]
    assert capabilities["hoverProvider"] is True
    assert capabilities["textDocumentSync"]["change"] == 2
    assert capabilities["textDocumentSync"]["save"] is True
    assert capabilities["workspace"]["workspaceFolders"] == {"supported": True, "changeNotifications": True}
    assert "completionProvider" not in capabilities


async def test_a_feature_may_stay_unadvertised():
    seen = []

    def options(session):
        seen.append(session.encoding)
        return NOT_OFFERED

    loopback = Loopback([Feature("textDocument/hover", "snapshot", nothing, options=options)])
    assert "hoverProvider" not in await loopback.initialize()
    assert seen == [Encoding.UTF16]
    hover = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
    assert await loopback.request("textDocument/hover", hover) is None


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (None, "utf-16"),
        ([], "utf-16"),
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-32"], "utf-32"),
        (["latin-1"], "utf-16"),
        (["x", "utf-32", "utf-8"], "utf-32"),
    ],
)
async def test_the_clients_first_encoding_wins(offered, chosen):
    loopback = Loopback()
    general = {} if offered is None else {"general": {"positionEncodings": offered}}
    assert (await loopback.initialize(general))["positionEncoding"] == chosen
    assert loopback.session.encoding == chosen


async def test_folders_become_roots():
    loopback = Loopback()
    folders = [
        {"uri": "file:///a/b", "name": "b"},
        {"uri": "file:///a", "name": ""},
        {"uri": "ssh://x/y", "name": "far"},
    ]
    await loopback.initialize(workspaceFolders=folders, rootUri="file:///ignored")
    session = loopback.session
    assert [(root.path, root.name) for root in session.roots] == [(Path("/a/b"), "b"), (Path("/a"), "a")]
    assert session.root_of(Path("/a/b/c.py")) == session.roots[0]
    assert session.root_of(Path("/a/c.py")) == session.roots[1]
    assert session.root_of(Path("/z")) is None


@pytest.mark.parametrize("more", [{"rootUri": "file:///old%20one"}, {"rootUri": None, "rootPath": "/old one"}])
async def test_old_clients_have_one_root(more):
    loopback = Loopback()
    await loopback.initialize(**more)
    assert [root.path for root in loopback.session.roots] == [Path("/old one")]


async def test_folders_come_and_go():
    loopback = Loopback()
    await loopback.initialize(workspaceFolders=[{"uri": "file:///a", "name": "a"}])
    event = {
        "added": [{"uri": "file:///b", "name": "b"}, {"uri": "file:///b", "name": "b"}],
        "removed": [{"uri": "file:///%61", "name": "a"}],
    }
    loopback.notify("workspace/didChangeWorkspaceFolders", {"event": event})
    await loopback.settle()
    assert [root.path for root in loopback.session.roots] == [Path("/b")]


@pytest.mark.parametrize(
    ("options", "trusted"), [({"trusted": True}, True), ({"trusted": "yes"}, False), ([1], False), (None, False)]
)
async def test_trust_is_said_in_so_many_words(options, trusted):
    loopback = Loopback()
    await loopback.initialize(initializationOptions=options)
    assert loopback.session.trusted is trusted


async def test_shutdown_cancels_what_runs_and_answers_it():
    started = asyncio.Event()

    async def forever(_, __):
        started.set()
        await asyncio.Event().wait()

    loopback = Loopback([Command("forever", forever)])
    await loopback.initialize()
    running = loopback.ask("workspace/executeCommand", {"command": "forever"})
    await started.wait()
    shutdown = loopback.ask("shutdown")
    assert (await loopback.answer(running))["error"]["code"] == -32800
    assert await loopback.answer(shutdown) == {"jsonrpc": "2.0", "id": shutdown, "result": None}
    loopback.notify("exit")
    assert await loopback.protocol.ended == 0
    assert loopback.sink.closed


async def test_shutdown_runs_the_closers_the_last_first_and_stops_what_was_spawned():
    loopback = Loopback()
    await loopback.initialize()
    order = []

    async def first():
        order.append("first")

    async def broken():
        raise OSError

    async def last():
        order.append("last")

    loopback.session.closers += [first, broken, last]

    async def waits():
        try:
            await asyncio.Event().wait()
        finally:
            order.append("spawned")

    spawned = loopback.session.spawn(waits(), "waits")
    await asyncio.sleep(0)
    await loopback.request("shutdown")
    assert order == ["spawned", "last", "first"]
    assert spawned.cancelled()


async def test_exit_in_the_middle_of_shutdown_waits_for_it():
    closed = asyncio.Event()

    async def slow():
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        closed.set()

    loopback = Loopback()
    await loopback.initialize()
    loopback.session.closers.append(slow)
    shutdown = loopback.ask("shutdown")
    loopback.notify("exit")
    assert await loopback.protocol.ended == 0
    assert closed.is_set()
    await loopback.answer(shutdown)


async def test_a_second_shutdown_is_refused():
    loopback = Loopback()
    await loopback.initialize()
    await loopback.request("shutdown")
    assert (await loopback.answer(loopback.ask("shutdown")))["error"]["code"] == -32600


async def test_the_client_that_goes_away_leaves_nobody_waiting():
    failed = asyncio.Event()

    async def asks(session):
        try:
            await session.out.request("x", {})
        except (RequestFailed, asyncio.CancelledError):
            failed.set()

    loopback = Loopback()
    await loopback.initialize()
    loopback.session.spawn(asks(loopback.session), "asks")
    await loopback.until_method("x")
    loopback.protocol.disconnected()
    assert await loopback.protocol.ended == 1
    assert failed.is_set()
    with pytest.raises(RequestFailed):
        await loopback.session.out.request("y", {})
