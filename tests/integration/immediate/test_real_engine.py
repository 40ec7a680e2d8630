"""Ghost text from the engine and the model that come with Lanyard, with nothing configured."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from integration.engine.conftest import engines_of
from lanyard_routing.engine.starter import stop_all
from support.lsp_client import LspClient

WAIT_S = 200.0
SOURCE = """\
class Cart:
    def __init__(self, items):
        self.items = items

    def add(self, item):
        self.it"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    stop_all()
    for process in engines_of(tmp_path):
        process.kill()


async def test_typing_with_nothing_configured(home: Path, tmp_path: Path) -> None:
    root = (tmp_path / "work").resolve()
    root.mkdir()
    uri = (root / "cart.py").as_uri()
    async with LspClient.start(cwd=root) as client:
        await client.initialize(root)
        client.open(uri, SOURCE)
        column = len(SOURCE.rpartition("\n")[2])
        params: dict[str, Any] = {
            "textDocument": {"uri": uri},
            "position": {"line": SOURCE.count("\n"), "character": column},
            "context": {"triggerKind": 1},
        }
        items = await _until_there(client, params)
        text = items[0]["insertText"]
        assert text.strip()
        assert "\n" not in text, "inside a line one line is suggested"
        # Along the ghost text the engine is not asked: the rest is there in an instant, whatever it does.
        place = params["position"]
        client.change(uri, {"range": {"start": place, "end": place}, "text": text[0]})
        params["position"] = {**place, "character": column + 1}
        again = await client.request("textDocument/inlineCompletion", {**params, "context": {"triggerKind": 2}})
        assert [item["insertText"] for item in again["items"]] == ([text[1:]] if text[1:].strip() else [])
        client.change(uri, {"text": ""})
        params["position"] = {"line": 0, "character": 0}
        nothing = await client.request("textDocument/inlineCompletion", params)
        assert nothing["items"] == [], "where the model is not sure nothing is shown"
        assert await client.shutdown() == 0
    assert len(engines_of(home)) == 1, "the engine stays for the next editor, until it has been idle"


async def _until_there(client: LspClient, params: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask until the engine has started; each request waits for it as long as a completion may take."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        answer = await client.request("textDocument/inlineCompletion", params)
        if answer["items"]:
            return answer["items"]
        await asyncio.sleep(0.1)
    raise AssertionError(f"no completion within {WAIT_S:.0f} s; stderr: {client.stderr_text()}")
