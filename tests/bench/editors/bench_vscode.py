"""What VS Code feels of Lanyard: activation, key to letter and processor time with and without it, key to ghost text.

A real code-server in headless Chromium, the real server, a scripted model that answers at once. Needs the tools of the
end-to-end tests; without them it says so and ends well. STARTS: windows opened for the activation, 5 unless set. LINES:
lines of 49 letters typed in each editor, 8 unless set. GHOSTS: keys that wait for their ghost text, 40 unless set.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

sys.path.insert(0, str(Path(__file__).parents[2]))

import lanyard_server
from lanyard_routing.testing.script import Rule, Say, Script
from lanyard_routing.testing.scripted import ScriptedEndpoint
from lanyard_server.settings import CompletionSettings
from support import vscode
from support.vscode import EXTENSION, VSCode, code_server, tools

SAMPLE = Path(lanyard_server.__file__).parent / "demo" / "sample"
STARTS = int(os.environ.get("STARTS", "5"))
LINES = os.environ.get("LINES", "8")
GHOSTS = os.environ.get("GHOSTS", "40")
LONGEST_S = 900.0
BUNDLE = "extension/dist/extension.js"
DEBOUNCE_MS = CompletionSettings().debounce_ms
CLOCK = """
const { appendFileSync } = require("node:fs");
const clock = () => ({ wall: performance.now(), processor: process.cpuUsage() });
const since = (before) => {
  const { user, system } = process.cpuUsage(before.processor);
  return { wall: performance.now() - before.wall, processor: (user + system) / 1000 };
};
const before = clock();
const own = require("./own.js");
const load = since(before);
exports.activate = (context) => {
  const before = clock();
  const made = own.activate(context);
  appendFileSync(process.env.LANYARD_CLOCK, JSON.stringify({ load, activate: since(before) }) + "\\n");
  return made;
};
"""
GHOST = "ping(Money(9900), country)"
BARE = """
const { InlineCompletionItem, languages, Range } = require("vscode");
const itemsAt = (at) => [new InlineCompletionItem(GHOST, new Range(at, at))]; // else it takes the place of the word
const items = (_, at) => new Promise((done) => setTimeout(() => done(itemsAt(at)), 10));
const provider = { provideInlineCompletionItems: items };
exports.activate = () => languages.registerInlineCompletionItemProvider({ pattern: "**" }, provider);
"""


@asynccontextmanager
async def desk(folder: Path, url: str, **more: Any) -> AsyncGenerator[VSCode]:
    """A code-server on a copy of the sample, with one endpoint."""
    shutil.copytree(SAMPLE, folder / "shop")
    config = folder / "home" / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[[endpoints]]\nname = "gpu-1"\nurl = "{url}"\nsize = "large"\n')
    env = {"LANYARD_HOME": str(folder / "home"), "LANYARD_CLOCK": str(folder / "clock")}
    async with code_server(folder, folder / "shop", env, **more) as code:
        yield code


def clocked(folder: Path) -> Path:
    """The extension with a clock around its bundle, which writes to the file that LANYARD_CLOCK names."""
    made = folder / "clocked.vsix"
    with ZipFile(EXTENSION / "dist" / "lanyard.vsix") as own, ZipFile(made, "w", ZIP_DEFLATED) as out:
        for name in own.namelist():
            out.writestr("extension/dist/own.js" if name == BUNDLE else name, own.read(name))
        out.writestr(BUNDLE, CLOCK)
    return made


def bare(folder: Path) -> Path:
    """The least that shows ghost text at each key: an extension without a server that answers the same after 10 ms."""
    made = folder / "bare.vsix"
    manifest = {
        "name": "bare",
        "publisher": "lanyard-tests",
        "version": "0.0.1",
        "engines": {"vscode": "^1.100.0"},
        "main": "./extension.js",
        "activationEvents": ["onStartupFinished"],
    }
    with ZipFile(made, "w", ZIP_DEFLATED) as out:
        out.writestr("extension/package.json", json.dumps(manifest))
        out.writestr("extension/extension.js", f"const GHOST = {json.dumps(GHOST)};{BARE}")
    return made


async def activation(code: VSCode) -> None:
    """The extension's own time, by a clock around its bundle, and what the editor says; each start in a new process."""
    said = " ".join([(await code.drive("activation"))["said"] for _ in range(STARTS)])
    found = [json.loads(one) for one in (code.folder / "clock").read_text().splitlines()]
    for kind in ("wall", "processor"):
        took = [one["load"][kind] + one["activate"][kind] for one in found]
        loads = [one["load"][kind] for one in found]
        print(
            f"{f'activation, its own ({kind})':34} median {statistics.median(took):6.1f} ms   most {max(took):6.1f} ms"
            f"   to load {statistics.median(loads):.1f} ms",
            _bar(statistics.median(took) <= 100, "100 ms"),
        )
    theirs = [float(number) for number in re.findall(r"(\d+(?:\.\d+)?) ?ms", said)]
    print(f"{'activation, as VS Code says':34} median {statistics.median(theirs):6.1f} ms   most {max(theirs):6.1f} ms")


async def typing(on: VSCode, off: Sequence[VSCode], least: VSCode) -> None:
    """Key to letter: the editors take turns line by line; the two without Lanyard say how far to trust the rest."""
    urls = {"with Lanyard": on.url, "without": off[0].url, "without, again": off[1].url, "least": least.url}
    limit = str(int(LONGEST_S * 1000))
    seen = await on.drive("keys", {"EDITORS": json.dumps(urls), "LINES": LINES, "LIMIT_MS": limit})
    found = seen["times"]
    for name, lines in found.items():
        print(line(f"key to letter, {name}", [time for times in lines for time in times]))
    ratio, again, least_ratio = (
        _paired(found[name], found["without"]) for name in ("with Lanyard", "without, again", "least")
    )
    print(f"{'with / without':34} {ratio:.2f}   without, again / without {again:.2f}", _bar(ratio <= 1.1, "1.1"))
    over = _paired(found["with Lanyard"], found["least"])
    print(f"{'the least ghost text / without':34} {least_ratio:.2f}   with Lanyard / the least ghost text {over:.2f}")
    for name, took in seen["processor"].items():
        each = "   ".join(f"{kind} {took[kind]:.1f}" for kind in sorted(took))
        print(f"{f'processor ms a key, {name}':34} {each}")
    ghosts = seen["ghosts"]["with Lanyard"]
    print(f"{'last key of a line to ghost text':34} p50 {statistics.median(ghosts):6.1f} ms   of {len(ghosts)} lines")


def _paired(some: list[list[float]], others: list[list[float]]) -> float:
    """The median over lines of the ratio of two lines' medians that were typed one after the other."""
    pairs = zip(some, others, strict=True)
    return statistics.median(statistics.median(one) / statistics.median(other) for one, other in pairs)


def line(name: str, found: list[float]) -> str:
    """Median and the slowest in twenty."""
    return f"{name:34} p50 {statistics.median(found):6.1f} ms   p95 {statistics.quantiles(found, n=20)[-1]:6.1f} ms"


async def measure(folder: Path) -> None:
    """All of it."""
    script = Script(rules=(Rule(form="fill", say=Say(text=GHOST)),))
    async with ScriptedEndpoint(script) as endpoint:
        for name in ("on", "off", "off2", "least"):
            (folder / name).mkdir()
        async with desk(folder / "on", endpoint.url, vsix=clocked(folder)) as on:
            await activation(on)
            off, again = (desk(folder / name, endpoint.url, vsix=None) for name in ("off", "off2"))
            least = desk(folder / "least", endpoint.url, vsix=bare(folder))
            async with off as one, again as other, least as third:
                await typing(on, (one, other), third)
            ghost = (await on.drive("ghost", {"ROUNDS": GHOSTS}))["times"]
            print(
                line(f"key to ghost text (debounce {DEBOUNCE_MS})", ghost),
                _bar(statistics.median(ghost) <= 150, "150 ms"),
            )


def _bar(is_met: object, bar: str) -> str:
    return f"  bar {bar}: {'met' if is_met else 'missed'}"


def main() -> int:
    """Measure and print; 0 also where the tools are missing."""
    if tools() is None:
        print("code-server is not installed: bash .ci/get-code-server .tools/code-server && make extension")
        return 0
    vscode.WAIT_S = LONGEST_S
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        asyncio.run(measure(Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
