"""The chat of VS Code with a real engine: llama.cpp, and the model that comes with Lanyard."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from e2e.test_vscode_failures import drive
from lanyard_server.chat.params import Turn
from lanyard_server.chat.prompt import build_chat_prompt
from support.chat_engine import chat_engine
from support.shop import SAMPLE
from support.vscode import code_server

pytestmark = [pytest.mark.needs("code-server"), pytest.mark.timeout(900)]


async def test_a_real_engine_answers_is_stopped_and_killed_in_the_chat(tmp_path):
    root, home = tmp_path / "shop", tmp_path / "home"
    shutil.copytree(SAMPLE, root)
    config = home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    async with chat_engine() as engine:
        config.write_text(engine.config)
        left: list[bool] = []

        async def stop_waiting() -> None:
            await engine.go_on()
            left.append(await engine.left())

        acts = {
            "hold": engine.hold_next,
            "held": engine.held,
            "go on": engine.go_on,
            "left": stop_waiting,
            "kill": engine.kill,
            "start": engine.start,
        }
        async with code_server(tmp_path, root, {"LANYARD_HOME": str(home)}) as code:
            seen = await drive(code, "talking", acts, {})
        said = await engine.says(build_chat_prompt((Turn(role="user", content="the first?"),), ()).messages)
    assert not seen["early"]
    assert seen["begun"] < seen["ended"]
    assert "at gpu-1" in seen["note"]
    assert left == [True]
    assert "gpu-1" in seen["failed"]
    assert seen["kept"][0] == "the third?"
    assert seen["kept"][1] >= seen["before"] > 0
    assert not any("\n" in seen[line] for line in ("failed", "row"))
    assert seen["listed"] == ["the third?", "the second?", "the first?"]
    third, second, first = chats(tmp_path)
    assert first == ["the first?", said]
    assert [bool(turn.strip()) for turn in second] == [True, True]
    assert said
    assert third[2] == "and now?"
    assert len(third) == 4


def chats(folder: Path) -> list[list[str]]:
    """What was said in the chats that are kept, the newest first."""
    files = folder.glob("data/User/workspaceStorage/*/*/chats/*.json")
    kept = sorted((json.loads(file.read_text()) for file in files), key=lambda chat: chat["at"], reverse=True)
    return [[turn["content"] for turn in chat["turns"]] for chat in kept]
