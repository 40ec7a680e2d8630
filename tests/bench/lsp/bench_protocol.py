"""What the protocol costs: a round trip, the start, a keystroke in a large file. Run: python bench_protocol.py

Every figure stands beside a floor and a rival of the same run, in interleaved rounds, because absolute times on a busy
machine mean little. `LSPBENCH` may name lspbench.py: then `initialize` is measured with it as well.
"""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[2])]

from support.lsp_client import LspClient  # noqa: E402 - a script, the tests' folder is not on its path before

PEERS = Path(__file__).with_name("peers.py")
INITIALIZE = {"processId": None, "rootUri": None, "capabilities": {"textDocument": {"inlineCompletion": {}}}}
URI = "file:///bench/a.py"


def percentile(values: list[float], share: float) -> float:
    """The value below which a share of the values lies."""
    return statistics.quantiles(values, n=100)[round(100 * share) - 1]


def line(name: str, values: list[float], unit: str = "ms", base: float | None = None) -> None:
    """One row: p50, p95, and the ratio to the floor of the same run."""
    p50 = statistics.median(values)
    ratio = f"  {p50 / base:5.2f} x floor" if base else ""
    print(f"  {name:24} n={len(values):5}  p50 {p50:8.3f}  p95 {percentile(values, 0.95):8.3f} {unit}{ratio}")


async def round_trips(peer: str, count: int) -> list[float]:
    """Milliseconds from a request written to its answer parsed, one at a time."""
    async with LspClient.start(command=(sys.executable, str(PEERS), peer)) as client:
        await client.request("initialize", INITIALIZE)
        client.notify("initialized", {})
        at = {"line": 3, "character": 4}
        params = {"textDocument": {"uri": URI}, "position": at, "context": {"triggerKind": 2}}
        times: list[float] = []
        for number in range(count + 50):
            begun = time.perf_counter()
            await client.request("textDocument/inlineCompletion", params)
            if number >= 50:
                times.append(1000 * (time.perf_counter() - begun))
        return times


async def bench_round_trips(rounds: int = 4, count: int = 500) -> None:
    """The protocol's own cost beside pygls' and that of a bare loop."""
    print("round trip of an inline completion without any model, client included")
    times: dict[str, list[float]] = {"floor": [], "ours": [], "pygls": []}
    for number in range(rounds):
        for peer in sorted(times, reverse=bool(number % 2)):
            times[peer] += await round_trips(peer, count)
    floor = statistics.median(times["floor"])
    for peer, values in times.items():
        line(peer, values, base=floor)
        if peer != "floor":
            print(f"  {'':24} above the floor: {statistics.median(values) - floor:.3f} ms p50")


async def started(command: tuple[str, ...]) -> float:
    """Milliseconds from the start of a process to its answer to initialize."""
    with tempfile.TemporaryDirectory() as home:
        begun = time.perf_counter()
        async with LspClient.start(command=command, env={"LANYARD_HOME": home}) as client:
            await client.request("initialize", INITIALIZE)
            return 1000 * (time.perf_counter() - begun)


async def bench_initialize(rounds: int = 8) -> None:
    """`initialize` of a fresh process: the whole of Lanyard beside a pygls server with one feature."""
    print("initialize of a fresh process")
    commands = {
        "floor": (sys.executable, str(PEERS), "floor"),
        "lanyard serve": (sys.executable, "-m", "lanyard_server", "serve"),
        "pygls, one feature": (sys.executable, str(PEERS), "pygls"),
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            times[name].append(await started(command))
    for name, values in times.items():
        print(f"  {name:24} n={len(values):5}  p50 {statistics.median(values):8.1f}  max {max(values):8.1f} ms")
    if os.environ.get("LSPBENCH"):
        subprocess.run([sys.executable, os.environ["LSPBENCH"], "init", "--", *commands["lanyard serve"]], check=False)


def bench_changes(lines: int = 10_000, count: int = 400) -> None:
    """A keystroke in a large file: the text, the tree kept up, and a fresh parse for comparison."""
    from lanyard_analyzers.text import Text
    from lanyard_server.app import GRAMMARS
    from lanyard_server.documents import DocumentStore
    from lanyard_server.features import sync
    from lanyard_server.positions import Encoding

    print(f"didChange in a Python file of {lines} lines: one typed character")
    block = (
        "def function_{n}(first, second):\n    if first > second:\n        return [first, 'é{n}']\n    return first\n\n"
    )
    rows = "".join(block.format(n=n) for n in range(lines // 5)).split("\n")
    source = "\n".join(rows)
    decode = next(f.decode for f in sync.FEATURES if f.method == "textDocument/didChange")
    text_only, whole, fresh = [], [], []
    for what, times in (("text", text_only), ("text and tree", whole)):
        store = DocumentStore(GRAMMARS, Encoding.UTF16)
        store.open(URI, "python", 0, source)
        store.get(URI)
        rng = random.Random(7)
        row, column = 0, 0
        for version in range(1, count):
            if version % 20 == 1:  # a word of 20 letters, then elsewhere: half of them at the end of a line
                row = rng.randrange(lines)
                column = len(rows[row]) if rng.random() < 0.5 else rng.randrange(len(rows[row]) + 1)
            place = {"line": row, "character": column}
            column += 1
            raw = {
                "textDocument": {"uri": URI, "version": version},
                "contentChanges": [{"range": {"start": place, "end": place}, "text": "x"}],
            }
            begun = time.perf_counter()
            made = decode(raw)
            store.change(URI, made.text_document.version, made.content_changes)
            if what != "text":
                store.get(URI)
            times.append(1000 * (time.perf_counter() - begun))
    for _ in range(5):
        begun = time.perf_counter()
        GRAMMARS.parse(Text.of(source), "python")
        fresh.append(1000 * (time.perf_counter() - begun))
    line("text", text_only)
    line("text and tree", whole)
    # tree-sitter-python re-parses what follows where the last line of a block changes at its end.
    print(f"  {'':24} over 3 ms: {sum(t > 3 for t in whole)} of {len(whole)}")
    print(f"  {'a fresh parse':24} n={len(fresh):5}  p50 {statistics.median(fresh):8.3f} ms")


def bench_version(count: int = 10) -> None:
    """CPU time of `lanyard --version`, beside an empty interpreter."""
    print("lanyard --version, CPU")
    for name, arguments in (("python -c ''", ["-c", ""]), ("lanyard --version", ["-m", "lanyard_server", "--version"])):
        times: list[float] = []
        for _ in range(count):
            before = os.times()
            subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
            after = os.times()
            used = after.children_user + after.children_system - before.children_user - before.children_system
            times.append(1000 * used)
        print(f"  {name:24} n={len(times):5}  p50 {statistics.median(times):8.1f}  max {max(times):8.1f} ms")


async def main() -> None:
    """All of it."""
    print("load", os.getloadavg())
    bench_version()
    bench_changes()
    await bench_round_trips()
    await bench_initialize()
    print("load", os.getloadavg())


if __name__ == "__main__":
    asyncio.run(main())
