"""What the background lane costs while nobody waits for a model. Run: python bench_background.py

Measures, over LSP at a real server process: the listing of code actions in a 10,000-line file at various places and
right after an edit, without and with entries on the board; and the server's resident memory with a workspace of 2,000
files and some open documents. The floor of a listing is the same request for a document that is not open. A keystroke
alone is `../lsp/bench_protocol.py`'s.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import sysconfig
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[2])]

import psutil  # noqa: E402 - a script, the tests' folder is not on its path before

from integration.background.harness import Editor, Say, a_yard  # noqa: E402
from support.lsp_client import FULL_CAPABILITIES  # noqa: E402

MIB = 1024 * 1024


def source(lines: int) -> str:
    """Python's standard library, in the order of file names, so many lines of it."""
    whole: list[str] = []
    for path in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        whole += path.read_text("utf-8", "replace").replace("\f", "").split("\n")
        if len(whole) > lines:
            break
    return "\n".join(whole[:lines]) + "\n"


def row(name: str, times: list[float], floor: float | None = None) -> None:
    """One line: p50 and p95 in milliseconds, and the ratio to the floor of this run."""
    p50, p95 = statistics.median(times), statistics.quantiles(times, n=100)[94]
    ratio = "" if floor is None else f"  {p50 / floor:6.1f} x floor"
    print(f"  {name:58} n={len(times):4}  p50 {p50:7.2f}  p95 {p95:7.2f} ms{ratio}")


async def listing(editor: Editor, uri: str, line: int, end: int | None = None) -> float:
    """Milliseconds of one listing, the client's own part included."""
    place, last = {"line": line, "character": 6}, {"line": line if end is None else end, "character": 6}
    params: dict[str, Any] = {
        "textDocument": {"uri": uri},
        "range": {"start": place, "end": last},
        "context": {"diagnostics": [], "triggerKind": 2},
    }
    begun = time.perf_counter()
    await editor.client.request("textDocument/codeAction", params)
    return 1000 * (time.perf_counter() - begun)


def typed(editor: Editor, uri: str, line: int, character: int, text: str) -> None:
    place = {"line": line, "character": character}
    editor.client.change(uri, {"range": {"start": place, "end": place}, "text": text})


async def bench_listing(editor: Editor, lines: int = 10_000, count: int = 300) -> None:
    """The listing in one large file."""
    dice, text = random.Random(7), source(lines)
    uri = editor.open("large.py", text)
    await listing(editor, uri, 0)
    print(f"codeAction in {lines} lines ({len(text) // 1000} kB); bar: p95 10 ms")
    floor = [await listing(editor, "file:///not/open.py", 5) for _ in range(count)]
    row("a document that is not open (floor)", floor)
    base = statistics.median(floor)
    row("cursor anywhere", [await listing(editor, uri, dice.randrange(lines)) for _ in range(count)], base)
    starts = [dice.randrange(lines - 400) for _ in range(count)]
    row("selection of up to 400 lines", [await listing(editor, uri, s, s + dice.randrange(400)) for s in starts], base)
    await after_edits(editor, uri, count, name="after", floor=base)
    await with_entries(editor, uri, lines, count, base)


EDITS = {
    "a letter in a name": ("self.", 5, "x"),
    "a new line": ("self.", 0, "\n"),
    "an open quote": ("self.", 0, '"'),
    "a letter at column 0, which ends the block": ("", 0, "x"),
}


async def after_edits(editor: Editor, uri: str, count: int, *, name: str, floor: float) -> None:
    """The listing right after a keystroke; the keystroke is taken back, and that is not measured."""
    dice, lines = random.Random(8), (editor.root / "large.py").read_text().splitlines()
    for what, (at, plus, insert) in EDITS.items():
        times: list[float] = []
        places = [n for n, each in enumerate(lines) if at in each]
        for _ in range(count // 3):
            line = dice.choice(places)
            character = lines[line].index(at) + plus
            typed(editor, uri, line, character, insert)
            times.append(await listing(editor, uri, line))
            ends = {"line": line + 1, "character": 0} if "\n" in insert else {"line": line, "character": character + 1}
            begins = {"line": line, "character": character}
            editor.client.change(uri, {"range": {"start": begins, "end": ends}, "text": ""})
            await listing(editor, uri, line)
        row(f"{name}: {what}", times, floor)


async def with_entries(editor: Editor, uri: str, lines: int, count: int, floor: float) -> None:
    """The same with a review of the whole file on the board."""
    text = (editor.root / "large.py").read_text().splitlines()
    picked = [line for line in text[4000:] if text.count(line) == 1 and "self." in line][:20]
    found = [{"quote": q, "severity": "hint", "message": f"m{n}", "suggestion": ""} for n, q in enumerate(picked)]
    STATE["endpoint"].says(Say(text=json.dumps({"findings": found})))
    await editor.command(
        "lanyard.run",
        {
            "kind": "review",
            "uri": uri,
            "shape": "file",
            "name": "",
            "range": {"start": {"line": 0, "character": 0}, "end": {"line": lines, "character": 0}},
        },
    )
    await editor.line("^Review large.py")
    shown = len(await editor.diagnostics("large.py"))
    await after_edits(editor, uri, count, name=f"{shown} findings", floor=floor)


async def bench_memory(editor: Editor, files: int = 2_000, opened: int = 30) -> None:
    """Resident memory: a workspace of many files, some of them open and looked at, a task made."""
    assert editor.client.process is not None
    process = psutil.Process(editor.client.process.pid)
    print(f"resident memory of the server, {files} files of 200 lines, {opened} open; bar: 150 MB")
    print(f"  {'at the start':58} {process.memory_info().rss / MIB:7.1f} MiB")
    library = source(20_000).split("\n")
    for number in range(files):
        first = 97 * number % (len(library) - 200)
        editor.write(f"package_{number % 40}/module_{number}.py", "\n".join(library[first : first + 200]))
    for number in range(opened):
        uri = editor.open(f"package_{number % 40}/module_{number}.py")
        await listing(editor, uri, 50)
    print(f"  {'documents open and listed':58} {process.memory_info().rss / MIB:7.1f} MiB")
    STATE["endpoint"].says(Say(text="It works."))
    for number in range(20):
        path = f"package_{number % 40}/module_{number}.py"
        found = await editor.actions(path, 100)
        kinds = [a for a in found if a["title"].startswith(("Explain", "Write tests"))]
        for action in kinds[:2]:
            await editor.command("lanyard.run", *action["command"]["arguments"])
    await editor.client.until(lambda: len(editor.client.messages("window/showDocument")) >= 20)
    print(f"  {'after 40 tasks':58} {process.memory_info().rss / MIB:7.1f} MiB")
    uri = editor.open("large.py", source(10_000))
    for line in range(300):
        typed(editor, uri, line * 30, 0, "\n")
        await listing(editor, uri, line * 30)
    print(f"  {'after 300 edits in a 10,000-line file':58} {process.memory_info().rss / MIB:7.1f} MiB")


STATE: dict[str, Any] = {}


async def main() -> None:
    """Both benches, each with a server of its own."""
    for bench in (bench_listing, bench_memory):
        with tempfile.TemporaryDirectory() as folder:
            async with AsyncExitStack() as stack:
                yard = await stack.enter_async_context(a_yard(Path(folder)))
                STATE["endpoint"] = yard.endpoint
                editor = await stack.enter_async_context(yard.editor(declared=FULL_CAPABILITIES))
                await bench(editor)


if __name__ == "__main__":
    asyncio.run(main())
