"""The sandbox: tests run on a copy, without network, home or writable files. Real bubblewrap, real pytest."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from lanyard_analyzers.workspace import DiskWorkspace
from lanyard_server.tasks.sandbox import run_tests

COMMAND = "pytest -q -p no:cacheprovider {file}"

pytestmark = pytest.mark.needs("bwrap")


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A project whose Python is this one, in a folder that is not /tmp itself."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    (tmp_path / "shop.py").write_text("def double(n):\n    return 2 * n\n")
    return tmp_path


async def run(root: Path, body: str, command: str = COMMAND, timeout_s: float = 60.0):
    content = f"from shop import double\n{body}"
    where = DiskWorkspace(root)
    return await run_tests(root, where, command, test_path="test_shop.py", content=content, timeout_s=timeout_s)


async def test_passing_tests_are_counted(root):
    run_ = await run(root, "def test_a(): assert double(2) == 4\ndef test_b(): assert double(0) == 0\n")
    assert run_.clause == "2 passed in a sandbox", run_.output


async def test_a_failing_test_is_named(root):
    run_ = await run(root, "def test_a(): assert double(2) == 4\ndef test_wrong(): assert double(2) == 5\n")
    assert run_.clause == "1 of 2 failed in a sandbox: test_wrong", run_.output


async def test_there_is_no_network(root):
    body = (
        "import pathlib\n"
        "def test_net():\n"
        "    lines = pathlib.Path('/proc/net/dev').read_text().splitlines()[2:]\n"
        "    assert [line.split(':')[0].strip() for line in lines] == ['lo']\n"
    )
    assert (await run(root, body)).clause == "1 passed in a sandbox"


async def test_the_home_folder_and_other_files_are_not_there(root):
    other = root.parent / "other.txt"
    other.write_text("private")
    body = (
        "import pathlib\n"
        f"def test_home(): assert not pathlib.Path({str(Path.home() / '.gitconfig')!r}).exists()\n"
        f"def test_other(): assert not pathlib.Path({str(other)!r}).exists()\n"
        "def test_etc(): assert not pathlib.Path('/etc/passwd').exists()\n"
    )
    assert (await run(root, body)).clause == "3 passed in a sandbox"


async def test_what_a_test_writes_never_reaches_the_workspace(root):
    body = "def test_write(): open('shop.py', 'w').write('gone'); open('new.txt', 'w').write('x')\n"
    run_ = await run(root, body)
    assert run_.clause == "1 passed in a sandbox", run_.output
    assert sorted(p.name for p in root.iterdir()) == ["shop.py"]
    assert "return 2 * n" in (root / "shop.py").read_text()


async def test_ignored_files_are_not_copied(root):
    (root / ".gitignore").write_text("keys.py\n")
    (root / "keys.py").write_text("KEY = 1\n")
    run_ = await run(root, "def test_keys():\n    import pytest\n    with pytest.raises(ImportError): import keys\n")
    assert run_.clause == "1 passed in a sandbox", run_.output


async def test_a_machine_without_bubblewrap_runs_nothing(root, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert shutil.which("bwrap") is None
    run_ = await run(root, "def test_a(): pass\n")
    assert (run_.ran, run_.clause) == (False, "not run: bubblewrap is missing (apt-get install bubblewrap)")


async def test_without_a_command_nothing_is_run(root):
    run_ = await run(root, "", command="")
    assert (run_.ran, run_.clause) == (False, "not run: tests.command is not set")


async def test_a_run_that_never_ends_is_stopped(root):
    body = "def test_loop():\n    while True: pass\n"
    run_ = await run(root, body, timeout_s=2.0)
    assert run_.clause == "tests did not end within 2 s"
