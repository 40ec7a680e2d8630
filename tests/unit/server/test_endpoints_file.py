"""Endpoints that are added to the user's configuration file."""

from __future__ import annotations

import threading
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lanyard_routing.config import parse
from lanyard_server import endpoints_file
from lanyard_server.endpoints_file import add_endpoint

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
