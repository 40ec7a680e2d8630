"""VS Code by the keyboard alone: hunks of a proposal, and tasks with cancel and why. The model is scripted."""

from __future__ import annotations

import pytest

from e2e.test_vscode import REVIEW, SHIPPING, desk, line_of
from lanyard_routing.testing.script import Fault, Rule, Say, Script
from support.shop import ORDERS

pytestmark = [pytest.mark.needs("code-server"), pytest.mark.timeout(900), pytest.mark.xdist_group("vscode")]


async def test_hunks_are_chosen_and_applied_without_code_lenses(tmp_path):
    changed = "\n".join(ORDERS[SHIPPING]).replace("Money(1990)", "Money(2000)").replace("Money(490)", "Money(500)")
    script = Script(rules=(Rule(match="Refactor", say=Say(text=f"```python\n{changed}\n```")),))
    async with desk(tmp_path, script) as (code, _, _root):
        seen = await code.drive("hunkKeys", {"LINE": line_of("def shipping")})
    assert seen["lenses"] == 0  # VS Code's own default
    assert len(seen["listed"]) == 2
    assert "Money(2000)" in seen["listed"][0]
    assert seen["applied"]


async def test_tasks_are_listed_explained_and_cancelled_by_keys_and_named_for_screen_readers(tmp_path):
    script = Script(rules=(Rule(match="Review", say=Say(text=REVIEW, fault=Fault.HANG_BEFORE)),))
    async with desk(tmp_path, script) as (code, _, _root):
        seen = await code.drive("taskKeys", {"LINE": line_of("def shipping")})
    assert any("gpu-1" in line for line in seen["why"])
    assert seen["cancelled"]
    assert seen["deleted"]
