"""Running tests that a model wrote, inside a sandbox or not at all.

Owns the sandbox: a copy of the workspace's own files, no network, no home folder, nothing writable but the copy, a
time limit and a memory limit. Built on bubblewrap (Linux); elsewhere, and where it is missing, nothing is run and
the evidence says so. Ignored files are not copied.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lanyard_analyzers.workspace import Workspace

_MEMORY_KIB = 4 * 1024 * 1024
_MOST_FILES, _MOST_BYTES = 5_000, 100 * 1024 * 1024
_MOST_OUTPUT = 256 * 1024


@dataclass(frozen=True, slots=True)
class TestRun:
    """What came of a run. `clause` is short and fit for evidence; `ran` is False where nothing was executed."""

    __test__ = False

    ran: bool
    clause: str
    output: str = ""


def sandbox_missing() -> str | None:
    """None where tests can be run in a sandbox on this machine, else a clause that says what is missing."""
    if not sys.platform.startswith("linux"):
        return "not run: no sandbox on this platform"
    if shutil.which("bwrap") is None:
        return "not run: bubblewrap is missing (apt-get install bubblewrap)"
    return None


async def run_tests(
    root: Path, workspace: Workspace, command: str, *, test_path: str, content: str, timeout_s: float = 120.0
) -> TestRun:
    """Run one test file with `content` against a copy of the workspace's files.

    `command` is the user's setting `tests.command`, with `{file}` and, where wanted, `{python}` in it; its program is
    looked for in the workspace's virtual environment, then on PATH.
    """
    if not command:
        return TestRun(ran=False, clause="not run: tests.command is not set")
    missing = sandbox_missing()
    if missing:
        return TestRun(ran=False, clause=missing)
    try:
        parts = shlex.split(command)
    except ValueError as error:
        return TestRun(ran=False, clause=f"not run: tests.command is no command ({error})")
    if not parts:
        return TestRun(ran=False, clause="not run: tests.command is empty")
    python = _program(root, "python3")
    words = [word.replace("{python}", python or "python3").replace("{file}", test_path) for word in parts]
    program = words[0] if Path(words[0]).is_absolute() else _program(root, words[0])
    if program is None:
        return TestRun(ran=False, clause=f"not run: {words[0]} is not installed")
    try:
        with tempfile.TemporaryDirectory(prefix="lanyard-sandbox-") as folder:
            copy = Path(folder) / "work"
            if not await asyncio.to_thread(_copy, workspace, copy, test_path, content):
                return TestRun(ran=False, clause="not run: the workspace is too large to copy")
            code, output = await _run(_wrapped([program, *words[1:]], root, copy, Path(program)), timeout_s)
    except (OSError, UnicodeError) as error:
        return TestRun(ran=False, clause=f"not run: the sandbox cannot be set up ({type(error).__name__})")
    if code is None:
        return TestRun(ran=True, clause=f"tests did not end within {timeout_s:.0f} s", output=output)
    return TestRun(ran=True, clause=_verdict(code, output), output=output)


def _copy(workspace: Workspace, folder: Path, test_path: str, content: str) -> bool:
    files = size = 0
    for path in workspace.files():
        text = workspace.read(path)
        if text is None:
            continue
        files, size = files + 1, size + len(text)
        if files > _MOST_FILES or size > _MOST_BYTES:
            return False
        _write(folder / path, text)
    _write(folder / test_path, content)
    return True


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")


def _program(root: Path, name: str) -> str | None:
    for venv in (".venv", "venv"):
        found = root / venv / "bin" / name
        if found.exists():
            return str(found)
    return shutil.which(name)


def _wrapped(command: list[str], root: Path, copy: Path, program: Path) -> list[str]:
    """The command inside bubblewrap: the system read-only, homes and other people's files hidden."""
    wrap = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"]
    wrap += ["--setenv", "PATH", "/usr/bin:/bin", "--setenv", "HOME", "/tmp", "--setenv", "LANG", "C.UTF-8"]  # noqa: S108 -- inside the sandbox
    wrap += ["--setenv", "PYTHONDONTWRITEBYTECODE", "1", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]  # noqa: S108
    for folder in ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/lib32"):
        if Path(folder).exists():
            wrap += ["--ro-bind", folder, folder]
    for name in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"):
        wrap += ["--ro-bind-try", name, name]
    wrap += ["--bind", str(copy), str(root)]
    for prefix in _prefixes(program):
        wrap += ["--ro-bind", str(prefix), str(prefix)]
    limits = f'ulimit -v {_MEMORY_KIB}; ulimit -c 0; exec "$@"'
    return [*wrap, "--chdir", str(root), "--", "/bin/sh", "-c", limits, "sh", *command]


def _prefixes(program: Path) -> list[Path]:
    """The folders that a program needs: where it is installed and, for a virtual environment, its base."""
    folders: list[Path] = []
    todo = [program]
    while todo and len(folders) < 8:
        seen = todo.pop()
        folders.append(seen.parent.parent)
        if seen.is_symlink():
            todo.append(seen.parent / seen.readlink())
        config = seen.parent.parent / "pyvenv.cfg"
        if config.is_file():
            for line in config.read_text("utf-8", "replace").splitlines():
                key, _, value = line.partition("=")
                if key.strip() == "home":
                    todo.append(Path(value.strip()) / "python3")
    system = (Path("/"), Path("/usr"))
    return [f for f in dict.fromkeys(folders) if f not in system and f.is_dir()]


async def _run(command: list[str], timeout_s: float) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    assert process.stdout is not None
    output = b""
    try:
        async with asyncio.timeout(timeout_s):
            while chunk := await process.stdout.read(65536):
                output = (output + chunk)[-_MOST_OUTPUT:]
            await process.wait()
    except TimeoutError:
        return None, output.decode("utf-8", "replace")
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    return process.returncode, output.decode("utf-8", "replace")


def _verdict(code: int, output: str) -> str:
    """A clause from pytest's exit code and its closing line (https://docs.pytest.org/en/stable/reference/exit-codes.html)."""
    counts = {name: int(n) for n, name in re.findall(r"\b(\d+) (passed|failed|error|errors|skipped)\b", output)}
    passed, failed = counts.get("passed", 0), counts.get("failed", 0)
    if code == 0 and passed:
        return f"{passed} passed in a sandbox"
    if code == 1 and failed:
        first = re.search(r"^FAILED \S+::(\S+)", output, re.MULTILINE)
        name = f": {first[1]}" if first else ""
        return f"{failed} of {passed + failed} failed in a sandbox{name}"
    if "No module named pytest" in output:
        return "not run: the project's Python has no pytest"
    last = next((line.strip() for line in reversed(output.splitlines()) if line.strip()), "")
    return f"could not be run in a sandbox (exit code {code}: {last[:100]})"
