"""What dies under the views of VS Code: the server, the worker, the engine. One line says so, nothing is lost."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from e2e.test_vscode import FILLS, desk, line_of, script_at, servers_of
from integration.engine.conftest import engines_of
from lanyard_routing.testing.script import Fault, Rule, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint
from support.shop import NEW_SHIPPING
from support.vscode import VSCode

pytestmark = [pytest.mark.needs("code-server"), pytest.mark.timeout(900)]

NEW_LOADING = """\
def load_orders(path: Path) -> list[dict]:
    \"\"\"All orders of a file, the oldest first.\"\"\"
    return [json.loads(line) for line in path.read_text().split("\\n") if line]
"""


async def drive(
    code: VSCode, scenario: str, acts: Mapping[str, Callable[[], Awaitable[None]]], env: Mapping[str, str]
) -> dict[str, Any]:
    """Run a scenario, and do what it asks for: a file named after an act, answered by one that ends in `.done`."""
    driving = asyncio.create_task(code.drive(scenario, env))
    folder = code.folder / "seen" / scenario
    while not driving.done():
        for name, act in acts.items():
            if (folder / name).exists():
                await act()
                (folder / name).unlink()
                (folder / f"{name}.done").touch()
        await asyncio.wait({driving}, timeout=0.1)
    return await driving


async def test_a_server_that_dies_loses_no_proposal_and_every_view_goes_on(tmp_path):
    script = Script(
        rules=(
            Rule(match="hang, please", say=Say(text=f"```python\n{NEW_SHIPPING}```", fault=Fault.HANG_MIDDLE)),
            Rule(match="Refactor", say=Say(text=f"```python\n{NEW_SHIPPING}```")),
            *FILLS,
        )
    )

    async def kill() -> None:
        for process in servers_of(tmp_path / "home"):
            process.kill()

    async with desk(tmp_path, script) as (code, _, _root):
        seen = await drive(code, "server", {"kill": kill}, {"LINE": line_of("def shipping")})
        assert "\n" not in seen["said"]
        assert seen["diff"]
        assert seen["applied"]
        assert "ask once more" in seen["edit"]
        assert seen["ghost"] == seen["again"] == "ping(Money(9900), country)"


async def test_a_server_that_dies_loses_no_chat_and_a_question_waits_for_the_next(tmp_path):
    script = Script(
        rules=(
            Rule(match="why two", say=Say(text="the first half of it", fault=Fault.HANG_MIDDLE)),
            Rule(match="and now", say=Say(text="here again")),
        )
    )
    own, hold = Path(sys.executable).parent / "lanyard", tmp_path / "hold"
    slow = f'[ "$1" = serve ] && while [ -e {hold} ]; do sleep 0.1; done; exec {own} "$@"'
    settings = {"lanyard.path": str(script_at(tmp_path / "slow", slow))}

    async def kill() -> None:
        hold.touch()
        for process in servers_of(tmp_path / "home"):
            process.kill()

    async def go_on() -> None:
        hold.unlink()

    async with desk(tmp_path, script, settings) as (code, _, _root):
        seen = await drive(code, "killed", {"kill": kill, "go on": go_on}, {})
        assert "ask once more" in seen["failed"]
        assert seen["kept"] == "why two?"
        assert not any("\n" in line for line in seen["said"])


async def test_a_worker_that_goes_away_keeps_all_that_is_open_until_it_is_back(tmp_path):
    tidier = f"```python\n{NEW_LOADING}```"
    script = Script(
        rules=(
            Rule(match="why two", say=Say(text="the first half of it", fault=Fault.HANG_MIDDLE)),
            Rule(match="and now", say=Say(text="here again")),
            Rule(match="tidier", say=Say(text=tidier, fault=Fault.HANG_MIDDLE), times=1),
            Rule(match="tidier", say=Say(text=tidier)),
            Rule(match="Explain", say=Say(text="It asks where the parcel goes.")),
            Rule(match="Refactor", say=Say(text=f"```python\n{NEW_SHIPPING}```")),
            *FILLS,
        )
    )
    async with desk(tmp_path, script) as (code, endpoint, _root):
        acts = {"leave": endpoint.refuse, "come back": endpoint.accept}
        lines = {"LINE": line_of("def shipping"), "OTHER": line_of("def load_orders")}
        seen = await drive(code, "worker", acts, lines)
        assert seen["kept"] == ["why two?", "the first"]
        assert seen["choices"] == ["Keep waiting", "Try again now", "Cancel the task"]
        assert "def load_orders" in seen["coming"]
        assert "refuses connections" in seen["edit"]
        assert not any("\n" in seen[line] for line in ("chat", "broken", "row", "task", "edit"))
        assert seen["ghost"] == "ping(Money(9900), country)"


async def test_one_of_two_workers_down_is_said_with_the_next_step_and_a_third_is_added(tmp_path):
    async with ScriptedEndpoint(Script()) as second, ScriptedEndpoint(Script()) as third:
        await second.refuse()
        fleet = f'[[endpoints]]\nname = "gpu-2"\nurl = "{second.url}"\n[engine]\nenabled = false\n'
        async with desk(tmp_path, Script(), options=fleet) as (code, _, _root):
            seen = await drive(code, "workers", {"come back": second.accept}, {"URL": third.url})
    refuses = f'endpoint "gpu-2" refuses connections at {second.url}; start the model server there'
    assert refuses in seen["message"]
    assert "ready, 1 of 2 workers down" in seen["fewer"]
    assert seen["inside"]  # the link behind the words is not cut off
    assert "workers down" not in seen["whole"]
    assert third.url.rpartition(":")[2] in (tmp_path / "home" / "config" / "config.toml").read_text()
    assert not any("\n" in seen[line] for line in ("message", "added"))


async def test_an_engine_that_is_killed_is_started_again_and_completes(tmp_path):
    home = tmp_path / "home"
    killed: list[int] = []
    script = Script(
        rules=(
            Rule(match="tidier", say=Say(text=f"```python\n{NEW_LOADING}```")),
            Rule(match="Refactor", say=Say(text=f"```python\n{NEW_SHIPPING}```")),
        )
    )

    async def kill() -> None:
        for process in engines_of(home):
            process.kill()
            killed.append(process.pid)

    async with desk(tmp_path, script, options='capabilities = ["chat"]\n') as (code, _, _root):
        lines = {"LINE": line_of("def shipping"), "OTHER": line_of("def load_orders")}
        seen = await drive(code, "engine", {"kill": kill}, lines)
        assert killed
        now = {process.pid for process in engines_of(home)}
        assert now
        assert now.isdisjoint(killed)
        assert not any("\n" in line for line in [seen["stopped"], *seen["heard"]])
        assert seen["before"].strip()
        assert seen["applied"]
        assert seen["after"].strip()
