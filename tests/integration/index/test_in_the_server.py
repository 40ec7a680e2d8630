"""What the server makes of its index processes: tasks, completions, and what it does without them."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import psutil
import pytest

from integration.index.harness import SHOP, WAIT_S, gone, write
from lanyard_analyzers.slices import SliceRequest, build_slice
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import targets_at
from lanyard_analyzers.text import Span
from lanyard_server.completion.asked import Asked
from lanyard_server.completion.flow import suggest
from lanyard_server.index.service import start_service
from lanyard_server.index.use import service_of, slicer_of
from lanyard_server.session import Root
from lanyard_server.tasks.ignored import open_workspace
from support.immediate import ScriptedLane, change, make_session
from support.lsp_client import LspClient

SHOWN = "def add(self, price: int, count: int = 1)"


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path / "home"))
    write(tmp_path / "w", SHOP)
    return tmp_path / "w"


@pytest.fixture
def lane():
    return ScriptedLane()


@pytest.fixture
async def session(root, lane):
    made = make_session(lane, root=root)
    start_service(made)
    yield made
    for closer in made.closers:
        await closer()
    for task in list(made.spawned):
        if not task.cancelling():  # a second time would cut short the wait for a process that ends
            task.cancel()
    await asyncio.gather(*made.spawned, return_exceptions=True)


async def ready(session):
    service = service_of(session)
    async with asyncio.timeout(WAIT_S):
        while True:
            found = [status for _, status in await service.status()]
            if found and all(status is not None and status.state == "ready" for status in found):
                return service
            await asyncio.sleep(0.01)


def open_file(session, root, name="app.py"):
    uri = (root / name).as_uri()
    session.documents.open(uri, "python", 1, (root / name).read_text())
    service_of(session).feed.opened(uri)
    return uri


def request(session, root, content, **more):
    syntax = parse(session.documents.get((root / "app.py").as_uri()).text, "python") if content is None else content
    at = syntax.text.content.index("def main")
    fields = {"kind": "review", "budget": 2048, **more}
    return SliceRequest(
        syntax=syntax,
        path="app.py",
        target=targets_at(syntax, Span(at, at))[0],
        workspace=open_workspace(root, {}, session.settings.privacy.ignore),
        **fields,
    )


async def test_a_task_is_cut_by_the_index_process(session, root, monkeypatch):
    await ready(session)
    open_file(session, root)
    monkeypatch.setattr("lanyard_server.index.service.build_slice", None)
    slicer = slicer_of(session, root)
    made, problems = await asyncio.to_thread(slicer, request(session, root, None))
    assert SHOWN in made.text
    assert not problems


async def test_a_task_is_cut_without_the_process_where_it_has_died(session, root):
    service = await ready(session)
    open_file(session, root)
    asked = request(session, root, None)
    slicer = slicer_of(session, root)
    for process in service.processes():
        psutil.Process(process).kill()
    made, _ = await asyncio.to_thread(slicer, asked)
    assert made.text == build_slice(asked)[0].text


async def test_a_slice_that_shows_what_it_must_not_is_made_again(session, root):
    """The process is told of the rules too; the server does not rely on that."""
    service = await ready(session)
    open_file(session, root)
    slicer = slicer_of(session, root)
    service._clients[root].follow(())
    asked = request(session, root, None)
    guarded = SliceRequest(
        **{name: getattr(asked, name) for name in asked.__slots__ if name != "workspace"},
        workspace=open_workspace(root, {}, ("cart.py",)),
    )
    made, _ = await asyncio.to_thread(slicer, guarded)
    assert "class Cart" not in made.text
    assert "def in_euros" in made.text


async def test_a_folder_without_a_process_is_done_without(session, root, tmp_path):
    assert slicer_of(session, tmp_path) is build_slice


async def complete(session, uri, offset, lane):
    before = len(lane.requests)
    document = session.documents.get(uri)
    await suggest(session, Asked(document, offset, "invoked"))
    assert len(lane.requests) == before + 1
    return lane.requests[-1]


async def context_known(session, uri):
    async with asyncio.timeout(WAIT_S):
        while uri not in service_of(session)._contexts:
            await asyncio.sleep(0.01)


async def test_a_completion_sees_files_that_are_not_open(session, root, lane):
    await ready(session)
    uri = open_file(session, root)
    offset = SHOP["app.py"].index("cart.add") + 5
    await complete(session, uri, offset, lane)
    await context_known(session, uri)
    asked = await complete(session, uri, offset + 1, lane)
    assert {chunk.path for chunk in asked.chunks} == {"shop/cart.py", "shop/money.py"}
    assert any(SHOWN in chunk.text for chunk in asked.chunks)


async def test_a_completion_never_waits_for_a_process_that_does_not_answer(session, root, lane):
    service = await ready(session)
    uri = open_file(session, root)
    for process in service.processes():
        psutil.Process(process).suspend()
    async with asyncio.timeout(10):  # less than the process gets before it is ended
        asked = await complete(session, uri, 200, lane)
    assert asked.chunks == ()
    for process in service.processes():
        psutil.Process(process).resume()


async def test_a_secret_of_another_file_reaches_no_prompt(session, root, lane):
    secret = "ghp_" + "k3J9x2Lq8Zr5Vt1Wb7Yc4Nd6Mf0Pg2Hs5RaB"
    (root / "shop/cart.py").write_text(SHOP["shop/cart.py"].replace("count: int = 1", f'count: str = "{secret}"'))
    await ready(session)
    uri = open_file(session, root)
    offset = SHOP["app.py"].index("cart.add") + 5
    await complete(session, uri, offset, lane)
    await context_known(session, uri)
    asked = await complete(session, uri, offset + 1, lane)
    assert any("count: str" in chunk.text for chunk in asked.chunks)
    assert secret not in str(asked)


async def test_typed_text_reaches_the_index(session, root):
    service = await ready(session)
    open_file(session, root)
    money = open_file(session, root, "shop/money.py")
    service.feed.flush(money)
    change(session, SHOP["shop/money.py"].replace("cents", "centimes"), money)
    made, _ = await asyncio.to_thread(slicer_of(session, root), request(session, root, None))
    assert "in_euros(centimes: int)" in made.text


async def test_a_folder_that_is_taken_out_ends_its_process(session, root):
    service = await ready(session)
    processes = [psutil.Process(process) for process in service.processes()]
    session.roots = ()
    service.folders_changed()
    await gone(*processes)


async def test_a_folder_that_comes_gets_its_process_with_its_first_document(session, root, tmp_path):
    service = await ready(session)
    other = tmp_path / "other"
    write(other, SHOP)
    session.roots = (*session.roots, Root(other.as_uri(), other, "other"))
    service.folders_changed()
    open_file(session, other)
    service.feed.flush_all()
    async with asyncio.timeout(WAIT_S):
        while len(service.processes()) < 2:
            await asyncio.sleep(0.01)


async def test_no_index_where_the_user_wants_none(root, lane):
    made = make_session(lane, root=root, index={"enabled": False})
    service = start_service(made)
    assert service.processes() == ()
    assert slicer_of(made, root) is build_slice
    await service.close()


def index_processes(server):
    found = []
    for one in server.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it may have ended since it was listed
            if "lanyard_server.index" in one.cmdline():
                found.append(one)
    return found


async def test_the_process_of_a_server_ends_with_it(root, tmp_path):
    async with LspClient.start(env={"LANYARD_HOME": str(tmp_path / "home")}) as client:
        await client.initialize(root)
        assert client.process is not None
        server = psutil.Process(client.process.pid)
        async with asyncio.timeout(WAIT_S):
            while not (family := index_processes(server)):
                await asyncio.sleep(0.01)
        server.kill()
        await gone(*family)


async def test_watched_files_are_asked_for_and_reach_the_process(root, tmp_path):
    workspace = {"didChangeWatchedFiles": {"dynamicRegistration": True}}
    async with LspClient.start(env={"LANYARD_HOME": str(tmp_path / "home")}) as client:
        await client.initialize(root, capabilities={"workspace": workspace})
        asked = await client.wait_for("client/registerCapability")
        registered = asked["registrations"][0]
        assert registered["method"] == "workspace/didChangeWatchedFiles"
        assert any("py" in watcher["globPattern"] for watcher in registered["registerOptions"]["watchers"])
        uri = (root / "new.py").as_uri()
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": uri, "type": 1}]})
        client.notify("workspace/didChangeWatchedFiles", {"changes": "nonsense"})
        assert await client.shutdown() == 0
