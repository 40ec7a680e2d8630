"""What an index costs: built cold by processes beside one core that only parses, kept, edited, and started again.

Run by hand: `python tests/bench/index/bench_index.py [FOLDER] [--processes N] [--rounds N] [--language python]`;
without a folder it reads this Python's standard library, without a language all files. Prints
  parse only   the files' bytes, all in memory, through tree-sitter on one core: the rate to compare with;
  sketch       listing, and a sketch of each file in the index, in one process: questions have their full answers;
  cold         listing, reading, extracting in processes, feeding the index: seconds, and how many times the rate;
  work         the same in processor time of all processes, which other load on the machine does not change as much;
               first what extraction takes of it, then with listing and feeding, without the start of the processes;
  restart      listing, comparing stamps, and feeding what a store would give;
  edit         a keystroke in the largest file: the record made anew, the tables brought up to it;
  memory       of a process that has the whole index, and has decoded every record.
Rounds alternate, so that other load on the machine strikes all alike; each figure is the median.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing
import os
import statistics
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import tree_sitter

from lanyard_analyzers.index import Index
from lanyard_analyzers.index.build import Extracted, batches, extract_batch, indexed
from lanyard_analyzers.index.sketch import sketch_file
from lanyard_analyzers.languages import grammar_of, language_of
from lanyard_analyzers.syntax import parse, reparse
from lanyard_analyzers.text import Edit, Span, Text
from lanyard_analyzers.workspace import DiskWorkspace, Listed


def parse_only(files: list[tuple[str, bytes]]) -> None:
    parsers = {language: tree_sitter.Parser(grammar_of(language)) for language, _ in files}
    for language, data in files:
        parsers[language].parse(data)


def take(task: tuple[str, list[Listed]]) -> tuple[list[Extracted], float]:
    gc.disable()
    begun = time.process_time()
    return extract_batch(*task), time.process_time() - begun


def sources(root: str, language: str) -> list[Listed]:
    """The files of a language, "" for all, under a root."""
    listed = indexed(DiskWorkspace(Path(root)).listed())
    return [one for one in listed if language in ("", language_of("", one.path))]


def cold(root: str, processes: int, language: str) -> tuple[Index, list[Extracted], float, float]:
    """The index, what it was fed, and the processor time of extraction and of all that was done."""
    begun = time.process_time()
    index = Index(DiskWorkspace(Path(root)), filled_by="feed")
    tasks = [(root, batch) for batch in batches(sources(root, language))]
    found: list[Extracted] = []
    work = 0.0
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for part, seconds in pool.imap_unordered(take, tasks):
            work += seconds
            for one in part:
                index.feed(one)
            found += part
    return index, found, work, work + time.process_time() - begun


def sketches(root: str, language: str) -> None:
    workspace = DiskWorkspace(Path(root))
    index = Index(workspace, filled_by="feed")
    for one in sources(root, language):
        found = sketch_file(workspace, one)
        if found is not None:
            index.expect(found)


def restart(root: str, found: list[Extracted]) -> Index:
    known = {one.path: one for one in found}
    index = Index(DiskWorkspace(Path(root)), filled_by="feed")
    for one in indexed(DiskWorkspace(Path(root)).listed()):
        kept = known.get(one.path)
        if kept is not None and kept.stamp == one.stamp:
            index.feed(kept)
    return index


def timed(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def edits(index: Index, path: str, keys: int) -> float:
    """Milliseconds of a keystroke, without the parse."""
    syntax = parse(Text.of(index.content(path) or ""), language_of("", path) or "python")
    index.put(path, syntax)
    list(index.defining("x"))
    times: list[float] = []
    for _ in range(keys):
        edit = Edit(Span(0, 0), "\n")
        syntax = reparse(syntax, syntax.text.replace(edit), [edit])
        _ = syntax.root
        begun = time.perf_counter()
        index.put(path, syntax)
        index.record(path)
        list(index.defining("x_is_nowhere"))
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def memory(root: str, found: list[Extracted]) -> tuple[float, float]:
    """MB of a fresh process with the index, and with every record decoded."""
    index = restart(root, found)
    del found
    gc.collect()
    packed = psutil.Process().memory_info().rss / 1e6
    for path in index.paths:
        index.record(path)
    return packed, psutil.Process().memory_info().rss / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", nargs="?", default=sysconfig.get_path("stdlib"))
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--language", default="")
    asked = parser.parse_args()
    root, processes = os.path.realpath(asked.folder), asked.processes
    workspace = DiskWorkspace(Path(root))
    listed = sources(root, asked.language)
    files = [
        (language_of("", one.path) or "", content.encode()) for one in listed if (content := workspace.read(one.path))
    ]
    size = sum(len(data) for _, data in files)
    print(f"{root}: {len(files):,} files, {size / 1e6:.1f} MB")
    rate, wall, read, work, again = list[float](), list[float](), list[float](), list[float](), list[float]()
    sketched = list[float]()
    index, found = Index(workspace), list[Extracted]()
    for _ in range(asked.rounds):
        begun = time.process_time()
        parse_only(files)
        rate.append(time.process_time() - begun)
        begun = time.process_time()
        sketches(root, asked.language)
        sketched.append(time.process_time() - begun)
        begun = time.perf_counter()
        index, found, extraction, seconds = cold(root, processes, asked.language)
        wall.append(time.perf_counter() - begun)
        read.append(extraction)
        work.append(seconds)
        again.append(timed(lambda found=found: restart(root, found)))
    base, median = statistics.median(rate), statistics.median
    print(f"parse only   {base:6.2f} s of one core")
    sketching = median(sketched)
    print(f"sketch       {sketching:6.2f} s of processor time, {base / sketching:.2f} times the rate")
    print(f"cold         {median(wall):6.2f} s with {processes} processes, {base / median(wall):.2f} times the rate")
    best = processes * base / median(work)
    print(
        f"work         {median(read):6.2f} s of processor time, {median(work):.2f} s in all: "
        f"{median(read) / base:.2f} and {median(work) / base:.2f} of parse only, at best {best:.2f} times the rate"
    )
    print(f"restart      {median(again):6.2f} s")
    largest = max(listed, key=lambda one: min(one.size, 120_000))
    lines = (index.content(largest.path) or "").count("\n")
    print(f"edit         {edits(index, largest.path, 15):6.2f} ms in {largest.path}, {lines:,} lines")
    packed = sum(len(one.packed.record) + len(one.packed.words) for one in found if one.packed is not None)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        held, decoded = pool.apply(memory, (root, found))
    print(
        f"memory       {held:6.0f} MB with records of {packed / 1e6:.1f} MB, {decoded:.0f} MB with all of them decoded"
    )


if __name__ == "__main__":
    main()
