"""A workspace of VS Code that is on no disk: what package.json says of it holds, and what the status says meanwhile.

The model is scripted.
"""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from e2e.test_vscode import desk
from e2e.test_vscode_failures import drive
from e2e.test_vscode_models import MANIFEST as PROBE
from e2e.test_vscode_models import VSIX
from lanyard_routing.testing.script import Rule, Say, Script
from support.vscode import install

pytestmark = [pytest.mark.needs("code-server"), pytest.mark.timeout(900)]

MEMORY = Path(__file__).parent / "vscode" / "memory.cjs"
MANIFEST = {
    **PROBE,
    "name": "memory",
    "main": "./memory.cjs",
    "activationEvents": ["onFileSystem:memfs"],
    "contributes": {},
}


async def install_memory(folder: Path) -> None:
    """The file system beside Lanyard's extension."""
    package = folder / "memory.vsix"
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("extension.vsixmanifest", VSIX.replace("probe", "memory").replace("Probe", "Memory"))
        archive.writestr("extension/package.json", json.dumps(MANIFEST))
        archive.writestr("extension/memory.cjs", MEMORY.read_text())
    await install(package, folder / "extensions")


async def test_a_workspace_on_no_disk_has_completion_and_chat_and_says_why_no_tasks(tmp_path):
    script = Script(
        rules=(
            Rule(match="why two", say=Say(text="Because of this.")),
            Rule(form="fill", match="slow = ", say=Say(text="Money(1)", gate="answer")),
            Rule(form="fill", say=Say(text="ping(Money(9900), country)")),
        )
    )
    await install_memory(tmp_path)
    async with desk(tmp_path, script) as (code, endpoint, _root):
        address = code.url.partition("?")[0]

        async def answer() -> None:
            endpoint.open_gate("answer")

        seen = await drive(replace(code, url=f"{address}?folder=memfs:/shop"), "virtual", {"answer": answer}, {})
        asked = endpoint.streams[-1].text
        written = [path.read_text("utf-8", "replace") for path in code.folder.glob("data/logs/**/*Lanyard.log")]
    assert "Fleet" in seen["status"]
    assert seen["ghost"].endswith("Money(9900), country)")  # a letter of it may be typed already
    assert seen["taken"]
    assert "thinking of a completion" in seen["thinking"]
    assert "ready" not in seen["thinking"]
    assert "thinking" not in seen["ready"]
    assert seen["said"] == "This needs a file on a disk; here completion and chat work."
    assert not seen["asked"]  # it says so before it asks what to change
    assert not re.search(r"Refactor|Review|Write tests|Explain", seen["bulb"])
    assert re.fullmatch(r"orders\.py · \d+ tokens", seen["chip"])
    assert "def shipping" in asked
    assert "money.py is not sent: it is not open, and no file on a disk" in seen["note"]
    assert written
    assert not [line for text in written for line in text.splitlines() if "[error]" in line or "[warning]" in line]
