"""Sets the demo up, tells its story and clears up after it.

Owns the temporary folder, the configuration and the exit code. Nothing of the user's own configuration, queue or
models is read or written: `LANYARD_HOME` points into the temporary folder.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from lanyard_server.demo.client import LspClient, LspError
from lanyard_server.demo.hosts import Host, host
from lanyard_server.demo.say import Teller, milliseconds
from lanyard_server.demo.story import Broken, Story

_SAMPLE = Path(__file__).parent / "sample"


async def run_demo(endpoint: str | None) -> int:
    """Run it; the exit code. With `endpoint` the background tasks go to a real model server."""
    tell = Teller()
    tell.plain("Lanyard demo: the real server, driven as an editor drives it, on a sample project.")
    async with AsyncExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="lanyard-demo-", ignore_cleanup_errors=True))
        )
        root = folder / "shop"
        shutil.copytree(_SAMPLE, root)
        try:
            await _tell(tell, stack, folder, root, endpoint)
        except (Broken, LspError, RuntimeError, AssertionError, TimeoutError) as error:
            tell.plain(f"\nThe demo stopped: {error}")
            return 1
    tell.plain(f"\nDone in {tell.seconds:.0f} s. Next: lanyard doctor, then the README's section for your editor.")
    return 0


async def _tell(tell: Teller, stack: AsyncExitStack, folder: Path, root: Path, endpoint: str | None) -> None:
    tell.step("The fleet")
    hosts = await _fleet(tell, stack, endpoint)
    environment = _environment(folder, hosts, endpoint)
    tell.step("The server: lanyard serve, a child process")
    began = tell.seconds
    client = await stack.enter_async_context(LspClient.start(env=environment, cwd=root))
    await client.initialize(root, process_id=os.getpid())
    tell.line(f"initialize answered after {milliseconds(tell.seconds - began)}, Python's start included")
    story = Story(client, root, tell, {h.name: h for h in hosts})
    await story.completion()
    await story.chat()
    await story.review()
    await story.tests()
    await story.refactor()
    await story.worker_dies()
    tell.step("The end")
    tell.line(f"shutdown and exit: exit code {await client.shutdown()}")


async def _fleet(tell: Teller, stack: AsyncExitStack, endpoint: str | None) -> list[Host]:
    if endpoint is None:
        hosts = [await stack.enter_async_context(host(name, "replay")) for name in ("gpu-1", "gpu-2")]
        tell.line("This machine has no large model, so two REPLAY endpoints play gpu-1 and gpu-2: they replay stored")
        tell.line("replies (recording.json). All else is real: server, engine, slices, queue, routing, checks.")
        return hosts
    hosts = [await stack.enter_async_context(host("gpu-1", "relay", endpoint))]
    tell.line(f"gpu-2 is {endpoint}; gpu-1 is a relay to it, a process of its own that can be killed.")
    return hosts


def _environment(folder: Path, hosts: list[Host], endpoint: str | None) -> dict[str, str]:
    home = folder / "home"
    config = home / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    tables = [_endpoint(h.name, h.url, endpoint) for h in hosts]
    if endpoint is not None:
        tables.append(_endpoint("gpu-2", endpoint, endpoint))
    tables.append('[tests]\ncommand = "{python} -m pytest -q -p no:cacheprovider {file}"\n')
    config.write_text("\n".join(tables), encoding="utf-8")
    beside_python = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    return {"LANYARD_HOME": str(home), "LANYARD_CONFIG": str(config), "PATH": beside_python}


def _endpoint(name: str, url: str, real: str | None) -> str:
    """A table of the configuration. A replay endpoint has no completions; a real one is asked what it can do."""
    can = "" if real else 'capabilities = ["chat"]\n'
    return f'[[endpoints]]\nname = "{name}"\nurl = "{url}"\nsize = "large"\n{can}'
