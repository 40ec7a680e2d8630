"""Endpoints that are added to the user's configuration file."""

from __future__ import annotations

import sys
import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lanyard_routing.config import EndpointConfig, parse
from lanyard_server import endpoints_file
from lanyard_server.endpoints_file import NotAdded, add_endpoint

MANY = 12


def test_endpoints_that_are_added_at_once_are_all_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(endpoints_file, "_LOCK_S", 50.0)  # twelve wait for one disk
    file, together = tmp_path / "config.toml", threading.Barrier(MANY)

    def add(number: int) -> None:
        together.wait()
        add_endpoint(file, f"http://127.0.0.1:{9000 + number}")

    with ThreadPoolExecutor(MANY) as threads:
        list(threads.map(add, range(MANY)))
    endpoints = parse(tomllib.loads(file.read_text()))[0].endpoints
    assert sorted(one.url for one in endpoints) == sorted(f"http://127.0.0.1:{9000 + n}" for n in range(MANY))
    assert [one.name for one in tmp_path.iterdir() if one.is_file()] == ["config.toml"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the variable is Linux's")
def test_editors_of_one_user_wait_for_each_other_whatever_their_sessions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LANYARD_HOME", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(endpoints_file, "_LOCK_S", 0.0)
    (tmp_path / "runtime").mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "runtime"))

    def meanwhile(file: Path, url: str, name: str) -> EndpointConfig:
        monkeypatch.setattr(endpoints_file, "_added", added)
        monkeypatch.delenv("XDG_RUNTIME_DIR")  # as over ssh, or in a container
        with pytest.raises(NotAdded, match="another editor"):
            add_endpoint(file, url, name)
        return added(file, url, name)

    added = endpoints_file._added
    monkeypatch.setattr(endpoints_file, "_added", meanwhile)
    assert add_endpoint(tmp_path / "config.toml", "http://127.0.0.1:9000").name == "127.0.0.1:9000"
