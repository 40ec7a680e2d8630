"""The code actions from a terminal: the real command, a scripted model whose replies must be known."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

import lanyard_server
from lanyard_routing.testing.script import Rule, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint

SAMPLE = Path(lanyard_server.__file__).parent / "demo" / "sample"
REVIEW = {"findings": [{"quote": '    f = open(path, "a")', "severity": "warning", "message": "Never closed."}]}
SHORTER = '```python\ndef shipping(total: Money, country: str) -> Money:\n    """Short."""\n    return Money(0)\n```'
TESTS = (
    "```python\nfrom shop.money import Money\nfrom shop.orders import shipping\n\n\n"
    'def test_free():\n    assert shipping(Money(5000), "DE") == Money(0)\n```'
)
SCRIPT = Script(
    rules=(
        Rule(match="Review", say=Say(text=json.dumps(REVIEW))),
        Rule(match="Refactor", say=Say(text=SHORTER)),
        Rule(match="tests for", say=Say(text=TESTS)),
    )
)


class Terminal:
    """A shell in a copy of the sample project, with a home of its own."""

    def __init__(self, folder: Path) -> None:
        self.root, self.home = folder / "shop", folder / "home"
        shutil.copytree(SAMPLE, self.root)
        (self.home / "config").mkdir(parents=True)

    def knows(self, url: str) -> None:
        (self.home / "config" / "config.toml").write_text(f'[[endpoints]]\nname = "gpu-1"\nurl = "{url}"\n')

    async def run(self, *arguments: str) -> tuple[int | None, str, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "lanyard_server", *arguments,
            cwd=self.root, env={**os.environ, "LANYARD_HOME": str(self.home)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await asyncio.wait_for(process.communicate(), 200)
        return process.returncode, out.decode(), err.decode()

    def read(self, path: str) -> str:
        return (self.root / path).read_text("utf-8")


@pytest.fixture
async def terminal(tmp_path):
    async with ScriptedEndpoint(SCRIPT) as endpoint:
        shell = Terminal(tmp_path)
        shell.knows(endpoint.url)
        yield shell


async def test_review_prints_findings_as_lines(terminal):
    code, out, err = await terminal.run("review", "shop/orders.py:22")
    line = terminal.read("shop/orders.py").splitlines().index('    f = open(path, "a")') + 1
    assert (code, out) == (0, f"shop/orders.py:{line}:5: warning: Never closed.\n"), err
    assert "Review save_order: slice of " in err


async def test_refactor_prints_a_diff_and_writes_only_when_told(terminal):
    before = terminal.read("shop/orders.py")
    code, out, err = await terminal.run("refactor", "shop/orders.py:13")
    assert code == 0, err
    assert out.startswith("--- a/shop/orders.py\n+++ b/shop/orders.py\n")
    assert "+    return Money(0)\n" in out
    assert terminal.read("shop/orders.py") == before
    code, _, err = await terminal.run("refactor", "shop/orders.py:13", "--apply")
    assert code == 0, err
    assert '"""Short."""' in terminal.read("shop/orders.py")
    assert [path.name for path in (terminal.root / "shop").iterdir() if path.name.startswith(".")] == []


async def test_tests_become_a_new_file(terminal):
    code, out, err = await terminal.run("tests", "shop/orders.py:13", "--apply")
    assert code == 0, err
    assert out.startswith("--- /dev/null\n+++ b/tests/test_orders.py\n")
    assert "def test_free():" in terminal.read("tests/test_orders.py")


async def test_without_a_model_nothing_is_submitted(tmp_path):
    shell = Terminal(tmp_path)
    code, out, err = await shell.run("review", "shop/orders.py:22")
    assert (code, out) == (2, "")
    assert "was not submitted: there is no model that can chat" in err
    assert await shell.run("tasks", "list", "--all") == (0, "No task waits or runs.\n", "")


async def test_tasks_are_listed_and_shown(terminal):
    await terminal.run("review", "shop/orders.py:22")
    _, listed, _ = await terminal.run("tasks", "list", "--all", "--json")
    task = json.loads(listed)
    assert (task["title"], task["state"], task["worker"]) == ("Review save_order", "done", "gpu-1")
    code, shown, _ = await terminal.run("tasks", "show", task["id"][:6])
    assert code == 0
    assert "Review save_order" in shown
    assert "f = open" not in shown
    assert (await terminal.run("tasks", "cancel", task["id"][:6]))[1] == "It had already ended.\n"


async def test_slice_prints_what_would_be_sent_and_sends_nothing(terminal):
    code, out, err = await terminal.run("slice", "shop/cart.py:40", "--kind", "refactor", "--explain")
    assert code == 0, err
    assert "def total(self, voucher" in out
    assert "refactor of Cart.total: " in err
    assert "correct-horse" not in out


async def test_an_ignored_file_is_refused_by_name(terminal):
    code, out, err = await terminal.run("slice", "secrets.py:2")
    assert (code, out) == (1, "")
    assert ".gitignore" in err
