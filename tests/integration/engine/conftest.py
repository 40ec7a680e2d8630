"""Engines of the tests live in a home of their own and do not outlive their test, even where it fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from pathlib import Path

import psutil
import pytest

from integration.engine import tinygguf
from lanyard_routing.engine.starter import stop_all


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tinygguf.write(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path))
    yield tmp_path
    stop_all()
    for process in engines_of(tmp_path):
        process.kill()


def engines_of(home: Path) -> list[psutil.Process]:
    """All engine processes of this home, published or not."""
    found: list[psutil.Process] = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
            if "lanyard_routing.engine" in line and str(home) in line and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


async def until(true: Callable[[], bool], what: str, limit_s: float = 120) -> None:
    deadline = time.monotonic() + limit_s
    while not true():
        assert time.monotonic() < deadline, f"not within {limit_s} s: {what}"
        await asyncio.sleep(0.02)
