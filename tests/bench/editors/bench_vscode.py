"""What VS Code feels of Lanyard: key to ghost text, key to letter with and without it, activation.

A real code-server in headless Chromium, the real server, a scripted model that answers at once. Needs the tools of the
end-to-end tests; without them it says so and ends well. ROUNDS: keys per measurement, 40 unless set.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import lanyard_server
from lanyard_routing.testing.script import Rule, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint
from lanyard_server.settings import CompletionSettings
from support.vscode import VSCode, code_server, tools

SAMPLE = Path(lanyard_server.__file__).parent / "demo" / "sample"
ROUNDS = os.environ.get("ROUNDS", "40")
DEBOUNCE_MS = CompletionSettings().debounce_ms


@asynccontextmanager
async def desk(folder: Path, url: str, **more: Any) -> AsyncGenerator[VSCode]:
    """A code-server on a copy of the sample, with one endpoint."""
    shutil.copytree(SAMPLE, folder / "shop")
    config = folder / "home" / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[[endpoints]]\nname = "gpu-1"\nurl = "{url}"\nsize = "large"\n')
    async with code_server(folder, folder / "shop", {"LANYARD_HOME": str(folder / "home")}, **more) as code:
        yield code


async def times(code: VSCode, scenario: str, env: Mapping[str, str] | None = None) -> list[float]:
    """The times of one scenario in a fresh browser, in milliseconds."""
    return list((await code.drive(scenario, {"ROUNDS": ROUNDS, **(env or {})}))["times"])


def line(name: str, found: list[float]) -> str:
    """Median and the slowest in twenty."""
    return f"{name:34} p50 {statistics.median(found):6.1f} ms   p95 {statistics.quantiles(found, n=20)[-1]:6.1f} ms"


async def measure(folder: Path) -> None:
    """All of it; the two editors of the key's comparison take turns."""
    script = Script(rules=(Rule(form="fill", say=Say(text="ping(Money(9900), country)")),))
    async with ScriptedEndpoint(script) as endpoint:
        for name in ("on", "off"):
            (folder / name).mkdir()
        off = desk(folder / "off", endpoint.url, vsix=None)
        async with desk(folder / "on", endpoint.url) as on, off as without:
            said = [(await on.drive("activation"))["said"] for _ in range(3)]
            took = [float(number) for one in said for number in re.findall(r"(\d+(?:\.\d+)?) ?ms", one)]
            print(f"{'activation, as VS Code says':34} {took} ms   bar 100 ms: {_met(statistics.median(took) <= 100)}")
            typed: dict[str, list[float]] = {"on": [], "off": []}
            for _ in range(3):
                typed["off"] += await times(without, "keys")
                typed["on"] += await times(on, "keys", {"GHOSTS": "1"})
            for name, found in typed.items():
                print(line(f"key to letter, Lanyard {name}", found))
            ratio = statistics.median(typed["on"]) / statistics.median(typed["off"])
            print(f"{'on / off':34} {ratio:.2f}   bar 1.1: {_met(ratio <= 1.1)}")
            ghost = await times(on, "ghost")
            print(line(f"key to ghost text (debounce {DEBOUNCE_MS})", ghost), end="")
            print(f"   bar 150 ms: {_met(statistics.median(ghost) <= 150)}")


def _met(is_so: object) -> str:
    return "met" if is_so else "missed"


def main() -> int:
    """Measure and print; 0 also where the tools are missing."""
    if tools() is None:
        print("code-server is not installed: bash .ci/get-code-server .tools/code-server && make extension")
        return 0
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        asyncio.run(measure(Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
