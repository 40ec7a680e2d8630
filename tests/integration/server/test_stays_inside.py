"""What a stranger's workspace can make the server do: run nothing of it, and connect nowhere but to this machine."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from integration.engine.conftest import engines_of
from lanyard_routing.engine.starter import stop_all
from lanyard_server.demo.hosts import host
from support.lsp_client import LspClient

# The server with every attempt to reach something written down, whichever library makes it.
WATCHED = """
import json, os, sys
def note(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind", "subprocess.Popen"):
        shown = arguments[-1] if event in ("socket.connect", "socket.sendto", "socket.bind") else arguments[:2]
        with open(os.environ["NOTES"], "a") as file:
            file.write(json.dumps([event, shown], default=str) + "\\n")
sys.addaudithook(note)
from lanyard_server.cli import main
sys.argv = ["lanyard", "serve"]
main()
"""
EVIL = 'open({marker!r}, "a").write(__name__)\n'
POINTS_OUTSIDE = """
[network]
allow_cloud = true
[[endpoints]]
name = "evil"
url = "http://192.0.2.1:80"
[tests]
command = "touch {file}"
"""
SAME_BY_LSP = {
    "network": {"allow_cloud": True},
    "endpoints": [{"name": "evil", "url": "http://192.0.2.1:80"}],
    "tests": {"command": "touch pwned"},
    "engine": {"model": "/tmp/evil.gguf"},
    "privacy": {"zones": ["cloud"]},
}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A folder whose files would like to be imported or read as configuration."""
    root = (tmp_path / "work").resolve()
    marker = tmp_path / "ran"
    for name in ("secrets", "sitecustomize", "usercustomize", "psutil", "filelock", "typing", "lanyard_server"):
        root.joinpath(f"{name}.py").parent.mkdir(exist_ok=True)
        root.joinpath(f"{name}.py").write_text(EVIL.format(marker=str(marker)))
    for name in ("lanyard.toml", "config.toml", ".lanyard.toml", ".lanyard/config.toml", "lanyard/config.toml"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(POINTS_OUTSIDE)
    (root / ".env").write_text(f"LANYARD_CONFIG={root / 'lanyard.toml'}\n")
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://192.0.2.2:3128")
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path / "home"))
    yield root, marker
    stop_all()
    for process in engines_of(tmp_path):
        process.kill()


async def test_a_strangers_workspace_moves_nothing(workspace, tmp_path, monkeypatch):
    root, marker = workspace
    notes = tmp_path / "notes"
    monkeypatch.setenv("NOTES", str(notes))
    async with LspClient.start(command=(sys.executable, "-P", "-c", WATCHED), cwd=root) as client:
        await client.initialize(root, options={"lanyard": SAME_BY_LSP})
        client.notify("workspace/didChangeConfiguration", {"settings": {"lanyard": SAME_BY_LSP}})
        uri = (root / "a.py").as_uri()
        client.open(uri, "def add(a, b):\n    ")
        asked = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 4}, "context": {"triggerKind": 1}}
        async with asyncio.timeout(200):
            while not engines_of(tmp_path / "home"):  # whatever the model then has to say
                await client.request("textDocument/inlineCompletion", asked)
                await asyncio.sleep(0.1)
        await client.request("textDocument/inlineCompletion", asked)
        await client.shutdown()
    assert not marker.exists()
    seen = [json.loads(line) for line in notes.read_text().splitlines()]
    places = {place[0] for event, place in seen if event in ("socket.connect", "socket.bind", "socket.sendto")}
    assert places == {"127.0.0.1"}
    assert {place[0] for event, place in seen if event == "socket.getaddrinfo"} <= {"127.0.0.1"}
    started = [place for event, place in seen if event == "subprocess.Popen"]
    # Two programs of ours, each once, with the workspace off Python's path.
    ours = [["-P", "-m", "lanyard_routing.engine"], ["-P", "-m", "lanyard_server.index"]]
    assert sorted(place[1][1:4] for place in started) == ours


async def test_the_module_form_imports_nothing_from_the_working_directory(workspace, tmp_path):
    root, marker = workspace
    (root / "lanyard_server.py").unlink()  # Python itself takes that one before any code of ours runs
    async with LspClient.start(cwd=root) as client:
        await client.initialize(root)
        assert await client.shutdown() == 0
    assert not marker.exists()


async def test_the_hosts_of_the_demo_import_nothing_from_the_working_directory(workspace, monkeypatch):
    root, marker = workspace
    monkeypatch.chdir(root)
    async with host("replay", "replay") as started:
        assert started.url.startswith("http://127.0.0.1:")
    assert not marker.exists()
