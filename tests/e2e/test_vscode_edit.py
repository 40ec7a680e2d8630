"""The inline edit in a real VS Code: in the open editor, and in the file only after Accept. The model is scripted."""

from __future__ import annotations

import asyncio

import pytest

from e2e.test_vscode import desk, line_of, servers_of
from lanyard_routing.testing.script import Fault, Rule, Say, Script
from support.shop import NEW_SHIPPING, ORDERS

pytestmark = [pytest.mark.needs("code-server"), pytest.mark.timeout(900)]

TEXT = f"```python\n{NEW_SHIPPING}```"


async def driven(code, scenario, root, ready=None):
    """Drive a scenario; `ready` is called once it says that it stands at its turning point."""
    env = {"LINE": line_of("def shipping"), "FILE": str(root / "shop" / "orders.py")}
    driving = asyncio.create_task(code.drive(scenario, env))
    mark = code.folder / "seen" / scenario / "ready"
    while ready is not None and not mark.exists() and not driving.done():
        await asyncio.sleep(0.1)
    if ready is not None:
        ready()
    return await driving


async def test_the_new_lines_come_in_the_editor_and_are_one_step_of_its_undo(tmp_path):
    script = Script(rules=(Rule(match="shorter", say=Say(text=TEXT, gate="late", gate_after=30)),))
    async with desk(tmp_path, script) as (code, endpoint, root):
        seen = await driven(code, "inPlace", root, lambda: endpoint.open_gate("late"))
    assert seen["clean"]  # nothing of a half answer is in the buffer
    assert seen["saved"]  # nor in the file, saved with an answer waiting and another edit made
    assert "Lines: +1 −3" in seen["said"]
    assert seen["undone"]
    assert seen["marked"] >= 3
    assert not seen["panel"]


async def test_discard_leaves_the_bytes_and_an_edit_inside_the_lines_is_respected(tmp_path):
    script = Script(rules=(Rule(match="shorter", say=Say(text=TEXT)),))
    async with desk(tmp_path, script) as (code, _, root):
        seen = await driven(code, "refused", root)
        assert seen["kept"]  # Escape was somebody else's
        assert seen["discarded"]
        assert seen["refused"]
        assert seen["accepted"]
        assert (root / "shop" / "orders.py").read_text().splitlines() == ORDERS


async def test_a_server_that_is_killed_in_the_middle_leaves_the_text_alone(tmp_path):
    script = Script(
        rules=(
            Rule(match="shorter", say=Say(text=TEXT, fault=Fault.HANG_MIDDLE), times=1),
            Rule(match="shorter", say=Say(text=TEXT)),
        )
    )

    def kill():
        for process in servers_of(tmp_path / "home"):
            process.kill()

    async with desk(tmp_path, script) as (code, _, root):
        seen = await driven(code, "lost", root, kill)
    assert "def shipping" in seen["kept"]
    assert seen["untouched"]
    assert seen["applied"]
