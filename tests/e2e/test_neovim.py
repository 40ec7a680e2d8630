"""The main job in a real Neovim, without any plugin. The model is scripted: its replies must be known."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from lanyard_routing.testing.script import Rule, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint
from support.shop import SAMPLE

pytestmark = pytest.mark.needs("nvim")

REVIEW = json.dumps(
    {
        "findings": [
            {"quote": '    f = open(path, "a")', "severity": "warning", "message": "The file is never closed."},
        ]
    }
)
REFACTORED = """```python
def shipping(total: Money, country: str) -> Money:
    \"\"\"What it costs to ship: free within the country from 50.00, else 4.90; 19.90 abroad.\"\"\"
    if country != "DE":
        return Money(1990)
    return Money(0 if total.cents >= 5000 else 490)
```"""


async def drive(scenario: str, script: Script, folder: Path) -> dict:
    """Run one scenario of drive.lua in a fresh Neovim on a copy of the sample project."""
    root, home, out = folder / "shop", folder / "home", folder / "out.json"
    shutil.copytree(SAMPLE, root)
    config = home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    async with ScriptedEndpoint(script) as endpoint:
        worker = f'[[endpoints]]\nname = "gpu-1"\nurl = "{endpoint.url}"\nsize = "large"\n'
        config.write_text(f"{worker}[completion]\ntimeout_s = 60\n[engine]\nenabled = false\n")
        environment = {
            **os.environ,
            "LANYARD_HOME": str(home),
            "LANYARD_E2E_OUT": str(out),
            "LANYARD_E2E_PYTHON": sys.executable,
            "LANYARD_E2E_SCENARIO": scenario,
            "LANYARD_E2E_ROOT": str(root),
            "XDG_CONFIG_HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "XDG_STATE_HOME": str(folder),
        }
        lua = Path(__file__).parent / "nvim" / "drive.lua"
        process = await asyncio.create_subprocess_exec(
            "nvim", "--headless", "-n", "-u", "NONE", "-i", "NONE", "-c", f"luafile {lua}", "-c", "cquit 9",
            env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            printed, _ = await asyncio.wait_for(process.communicate(), 280)
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()
    assert out.exists(), printed.decode("utf-8", "replace")
    seen = json.loads(out.read_text())
    assert seen["ok"], seen
    return seen


async def test_findings_are_diagnostics_that_move_with_the_code(tmp_path):
    script = Script(rules=(Rule(match="Review", say=Say(text=REVIEW)),))
    seen = await drive("review", script, tmp_path)
    [[line, message, source]] = seen["diagnostics"]
    lines = (SAMPLE / "shop" / "orders.py").read_text().splitlines()
    assert lines[line] == '    f = open(path, "a")'
    assert (message, source) == ("The file is never closed.", "lanyard")
    assert any(m.startswith("Review save_order: 1 finding") for m in seen["messages"])


async def test_a_refactoring_is_applied_only_when_the_user_says_so(tmp_path):
    script = Script(rules=(Rule(match="Refactor", say=Say(text=REFACTORED)),))
    seen = await drive("refactor", script, tmp_path)
    original = (SAMPLE / "shop" / "orders.py").read_text().splitlines()
    assert seen["before"] == original
    assert seen["titles"][:3] == [
        "Apply: Refactor shipping",
        "Show diff: Refactor shipping",
        "Dismiss: Refactor shipping",
    ]
    assert "    return Money(0 if total.cents >= 5000 else 490)" in seen["after"]
    assert seen["undone"] == original


async def test_completion_comes_through_the_completion_list(tmp_path):
    script = Script(rules=(Rule(form="fill", say=Say(text='ping(Money(9900), "DE")')),))
    seen = await drive("completion", script, tmp_path)
    texts = [item.get("textEdit", {}).get("newText") or item.get("insertText") for item in seen["items"]]
    assert any('ping(Money(9900), "DE")' in text for text in texts), seen["items"]


async def test_a_neovim_that_is_too_old_for_the_plugin_is_told_so(tmp_path):
    plugin = Path(__file__).parents[2] / "extension" / "nvim"
    process = await asyncio.create_subprocess_exec(
        "nvim", "--headless", "-n", "-u", "NONE", "-i", "NONE", "--cmd", f"set runtimepath^={plugin}",
        "-c", "if has('nvim-0.10') | cquit 7 | endif", "-c", "runtime plugin/lanyard.lua", "-c", "Lanyard review",
        "-c", "lua require('lanyard').setup()", "-c", "checkhealth lanyard", "-c", "%print", "-c", "quitall!",
        env={**os.environ, "XDG_DATA_HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    printed, _ = await asyncio.wait_for(process.communicate(), 60)
    if process.returncode == 7:
        pytest.skip("this Neovim is new enough for the plugin")
    text = printed.decode("utf-8", "replace")
    assert text.count("this plugin needs Neovim 0.10; see docs/editors.md for older ones") == 2
    assert "Neovim 0.10 or newer is needed for this plugin" in text
    assert "traceback" not in text
    assert "Error" not in text
