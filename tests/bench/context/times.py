"""Times of a large project's index: cold, restarted, edited, asked; its memory; and what parsing alone would take.

    python tests/bench/context/times.py DJANGO            # the folder of Django's sources, 2,818 files, 18 MB
    python tests/bench/context/times.py DJANGO --write    # for `run.py`, into CTXBENCH/results/times.md

Asks the index process that the server starts, by the server's own client, over a copy of the project. The rate of
parsing alone is measured in the same run, on one core, as machines are shared. Owns measuring.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.targets import Shape, targets_at
from lanyard_analyzers.text import Span, Text
from lanyard_server.index.client import IndexClient
from lanyard_server.index.messages import AskContext, Closed, Opened, SliceQuestion, Start, Touched

Place = tuple[str, Syntax, Span, Span]
QUERIES = 80
BUDGET = 1024
_BAR = 1.5  # how many times as fast as one core parses an index is to be cold
PATIENCE_S = 60.0
FIRST = (
    "django/http/response.py",
    "django/contrib/admin/options.py",
    "django/db/models/query.py",
    "django/core/handlers/base.py",
    "django/forms/models.py",
)


@dataclass
class Figures:
    """Milliseconds, bytes and counts, as they were measured."""

    parse_s: float = 0.0
    bytes: int = 0
    files: int = 0
    first_ms: list[float] = field(default_factory=list)
    full_s: list[float] = field(default_factory=list)
    cold_s: list[float] = field(default_factory=list)
    restart_s: list[float] = field(default_factory=list)
    restart_asked_ms: list[float] = field(default_factory=list)
    query_ms: dict[str, list[float]] = field(default_factory=dict)
    ready_mb: list[float] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    """Seconds of processor time by the name of a figure, of all processes of the index together."""

    def spent(self, name: str, seconds: float) -> None:
        """Note processor time."""
        self.cpu.setdefault(name, []).append(seconds)


def parse_only(root: Path, figures: Figures) -> None:
    """Read and parse each file once, on one core: the floor of any index by tree-sitter."""
    sources = sorted(root.rglob("*.py"))
    begin, spent = time.perf_counter(), time.process_time()
    for path in sources:
        data = path.read_bytes()
        figures.bytes += len(data)
        _ = parse(Text.of(data.decode("utf-8", "replace")), "python").tree
    took = time.perf_counter() - begin
    figures.parse_s = min(took, figures.parse_s or took)
    figures.spent("parse", time.process_time() - spent)
    figures.files = len(sources)


def places(root: Path, count: int) -> list[Place]:
    """Functions of the project, spread over its files: (path, syntax, empty spans in two functions)."""
    found: list[Place] = []
    sources = [path for path in sorted(root.glob("django/**/*.py")) if path.stat().st_size > 8_000]
    for number, path in enumerate(sources[:: max(1, len(sources) // count)]):
        syntax = parse(Text.of(path.read_text("utf-8")), "python")
        lines = [at for at in range(syntax.text.line_count) if syntax.text.line_text(at).startswith("    def ")]
        if len(lines) > 1:
            first, other = (syntax.text.starts[lines[at % len(lines)]] + 8 for at in (number, number + len(lines) // 2))
            found.append((path.relative_to(root).as_posix(), syntax, Span(first, first), Span(other, other)))
    return found[:count]


def question(path: str, syntax: Syntax, at: Span) -> SliceQuestion:
    """What a review of the function at a place would ask."""
    target = next(one for one in targets_at(syntax, at) if one.shape in {Shape.METHOD, Shape.FUNCTION, Shape.FILE})
    return SliceQuestion("refactor", path, "python", syntax.text.content, target, BUDGET)


class Session:
    """One index process over a folder, from its start to its end."""

    def __init__(self, root: Path, store: Path) -> None:
        start = Start(root=str(root), ignore=(), store=str(store), helpers=1)
        self.client = IndexClient(
            start, opened=lambda: (), lost=lambda path: None, told=print, log_file=store.with_suffix(".log")
        )
        self.begun = time.perf_counter()
        self.running = asyncio.create_task(self.client.run())

    async def up(self) -> None:
        """Wait for the process to be there; its start counts."""
        while self.client.process_id is None:
            await asyncio.sleep(0.001)

    async def full(self) -> float:
        """Seconds from the start until each question has its full answer."""
        await self.up()
        while True:
            status = await self.client.status(PATIENCE_S)
            if status is not None and status.complete_ms:
                return status.complete_ms / 1e3
            await asyncio.sleep(0.02)

    async def ready(self) -> float:
        """Seconds from the start until each file has its record."""
        await self.up()
        while True:
            status = await self.client.status(PATIENCE_S)
            if status is not None and status.state == "ready":
                return max(status.ready_ms / 1e3, 0.0) or time.perf_counter() - self.begun
            await asyncio.sleep(0.05)

    async def known(self, files: int) -> None:
        """Wait until so many files are known."""
        while (status := await self.client.status(PATIENCE_S)) is None or status.known < files:
            await asyncio.sleep(0.01)

    async def asked(self, one: SliceQuestion) -> float:
        """Milliseconds of one slice, with the way there and back."""
        begin = time.perf_counter()
        answer = await self.client.slice(one, PATIENCE_S)
        assert answer is not None
        assert answer.slice.text
        return (time.perf_counter() - begin) * 1e3

    def spent(self) -> float:
        """Seconds of processor time so far, of the process and its helpers, also those that have ended."""
        assert self.client.process_id is not None
        process = psutil.Process(self.client.process_id)
        found = 0.0
        for one in (process, *process.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = one.cpu_times()
                found += times.user + times.system + getattr(times, "children_user", 0.0)
                found += getattr(times, "children_system", 0.0)
        return found

    async def end(self) -> None:
        """End the process."""
        self.running.cancel()
        await asyncio.wait([self.running])


async def measure(root: Path, store: Path, figures: Figures, rounds: int) -> None:
    """All figures of the index process; `rounds` cold starts."""
    asked = places(root, QUERIES)
    # As it is installed: with the compiled modules that the first start of all leaves behind.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    session = Session(root, store)
    await first_context(session, root, FIRST[0])
    await session.asked(question(*asked[0][:3]))
    await session.end()
    for number in range(rounds):
        shutil.rmtree(store.parent, ignore_errors=True)
        store.parent.mkdir(parents=True)
        session = Session(root, store)
        figures.first_ms.append(await first_context(session, root, FIRST[number % len(FIRST)]))
        figures.spent("first", session.spent())
        await session.end()
        shutil.rmtree(store.parent, ignore_errors=True)
        store.parent.mkdir(parents=True)
        session = Session(root, store)
        figures.full_s.append(await session.full())
        figures.spent("full", session.spent())
        figures.cold_s.append(await session.ready())
        figures.spent("cold", session.spent())
        status = await session.client.status(PATIENCE_S)
        figures.ready_mb.append(status.memory / 1e6 if status is not None else 0.0)
        if number == rounds - 1:
            await queries(session, root, asked, figures)
        status = await session.client.status(PATIENCE_S)
        figures.memory_mb.append(status.memory / 1e6 if status is not None else 0.0)
        await session.end()
        session = Session(root, store)
        figures.restart_s.append(await session.ready())
        figures.spent("restart", session.spent())
        figures.restart_asked_ms.append(await session.asked(question(*asked[0][:3])))
        await session.end()


async def first_context(session: Session, root: Path, path: str) -> float:
    """Milliseconds from the start of a process that knows nothing to the context of a completion amid a large file."""
    text = Text.of((root / path).read_text("utf-8"))
    await session.up()
    session.client.tell(Opened(path, "python", 1, text.content))
    offset = text.line_span(text.line_count // 2).end
    found = await session.client.context(AskContext(0, path, 1, offset, BUDGET), PATIENCE_S)
    assert found is not None
    return (time.perf_counter() - session.begun) * 1e3


async def queries(session: Session, root: Path, asked: list[Place], figures: Figures) -> None:
    """Slices in documents that were just opened, of other functions there, again, and after another file was edited."""
    await session.asked(question(*asked[0][:3]))
    for path, syntax, first, other in asked:
        session.client.tell(Opened(path, "python", 1, syntax.text.content))
        for name, at in (("opened", first), ("warm", other), ("again", other)):
            before = session.spent()
            figures.query_ms.setdefault(name, []).append(await session.asked(question(path, syntax, at)))
            figures.spent(name, session.spent() - before)
        end = syntax.text.line_span(syntax.text.line_of(first.start) + 2).end
        begin = time.perf_counter()
        await session.client.context(AskContext(0, path, 1, end, BUDGET), PATIENCE_S)
        figures.query_ms.setdefault("context", []).append((time.perf_counter() - begin) * 1e3)
        if path != asked[0][0]:
            session.client.tell(Closed(path))
    status = await session.client.status(PATIENCE_S)
    files = 0 if status is None else status.known
    unopened = sorted(set(root.glob("django/db/**/*.py")) - {root / path for path, *_ in asked})
    for edited, (path, syntax, at, _) in zip(unopened[::2], asked, strict=False):
        session.client.tell(Opened(path, "python", 1, syntax.text.content))
        await session.asked(question(path, syntax, at))
        with edited.open("a", encoding="utf-8") as file:
            file.write("\n\ndef added():\n    return None\n")
        begin, before = time.perf_counter(), session.spent()
        session.client.tell(Touched((edited.relative_to(root).as_posix(),)))
        await session.asked(question(path, syntax, at))
        figures.query_ms.setdefault("edited", []).append((time.perf_counter() - begin) * 1e3)
        figures.spent("edited", session.spent() - before)
        if path != asked[0][0]:
            session.client.tell(Closed(path))
        await session.known(files)  # the file is read again


def report(figures: Figures) -> str:
    """The figures against their bars."""

    def _rows(label: str, name: str, bar: float | None) -> Iterator[tuple[str, float | None, float, int, float | None]]:
        values, spent = sorted(figures.query_ms[name]), cpu.get(name)
        yield f"{label}, p50, ms", bar, values[len(values) // 2], 1, spent * 1e3 if spent is not None else None
        yield f"{label}, p95, ms", None, values[round(0.95 * (len(values) - 1))], 1, None

    megabytes = figures.bytes / 1e6
    full, cold = min(figures.full_s), min(figures.cold_s)
    cpu = {name: statistics.mean(values) for name, values in figures.cpu.items()}
    rows = [
        ("parse alone, one core, s", None, figures.parse_s, 2, cpu["parse"]),
        ("cold index, two processes: each question has its full answer, s (best)", 4.0, full, 2, cpu["full"]),
        ("cold index, two processes: each file has its record, s (best)", 4.0, cold, 2, cpu["cold"]),
        ("first context in a cold workspace, ms (median)", 300, _median(figures.first_ms), 0, cpu["first"] * 1e3),
        *_rows("query @1024 in a document just opened", "opened", None),
        *_rows("query @1024, another function of it", "warm", 25),
        *_rows("query @1024, asked again", "again", 25),
        *_rows("completion's context @1024", "context", None),
        ("restart of an unchanged workspace, s (median)", 0.5, _median(figures.restart_s), 2, cpu["restart"]),
        *_rows("one file edited, then a query @1024", "edited", 30),
        ("memory of the index process when it is complete, MB (most)", 200, max(figures.ready_mb), 0, None),
        ("memory of the index process after these queries, MB (most)", 200, max(figures.memory_mb), 0, None),
    ]
    lines = [f"## Times: Django, {figures.files:,} Python files, {megabytes:.1f} MB", ""]
    lines += ["Processor time is the mean over all processes of the index; it includes the start of the interpreter."]
    lines += ["", "| measure | bar | figure | processor time | short by |", "|---|---|---|---|---|"]
    for label, bar, value, digits, spent in rows:
        short = "" if bar is None else "reached" if value <= bar else f"{value - bar:.{digits}f}"
        bound, used = "" if bar is None else f"≤ {bar:g}", "" if spent is None else f"{spent:.{digits}f}"
        lines.append(f"| {label} | {bound} | {value:.{digits}f} | {used} | {short} |")
    for label, name, took in (
        ("each question has its full answer", "full", full),
        ("each file has its record", "cold", cold),
    ):
        ratio, of_cpu = figures.parse_s / took, cpu["parse"] / (cpu[name] / 2)
        short = "reached" if ratio >= _BAR else f"{_BAR - ratio:.2f}"
        lines.append(f"| … over parsing alone on one core: {label} | ≥ {_BAR} | {ratio:.2f} | {of_cpu:.2f} | {short} |")
    return "\n".join(lines) + "\n"


def _median(values: list[float]) -> float:
    return statistics.median(values)


def main() -> int:
    """Measure and print; 0 where there is nothing to measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("project", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    if asked.project is None:
        print("no folder of a project is given: see README.md beside this file")
        return 0
    figures = Figures()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "project"
        shutil.copytree(asked.project, root, symlinks=True)
        parse_only(root, figures)
        asyncio.run(measure(root, Path(name) / "store" / "index.sqlite", figures, asked.rounds))
        figures.bytes = 0
        parse_only(root, figures)
    text = report(figures)
    print(text)
    if asked.write and "CTXBENCH" in os.environ:
        folder = Path(os.environ["CTXBENCH"]) / "results"
        folder.mkdir(exist_ok=True)
        (folder / "times.md").write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
