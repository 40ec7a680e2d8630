"""Choose cursors in the training files and cut the slice that Lanyard's server would send for a completion at each.

    python docs/model/slices.py BUILD [--cursors N] [--seed S] [--processes P] [--natural]    # BUILD/slices.jsonl

Runs in Lanyard's own environment. Owns the choice of the cursors; what a slice holds is the index process's own answer,
within the server's budget. Deterministic. A line of slices.jsonl: `file` is the 0-based line of train.jsonl, `at` to
`end` are the characters to fill in, `chunks` what the other files give before they are written, as it would be sent.
"""

from __future__ import annotations

import argparse
import gc
import json
import multiprocessing
import os
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from lanyard_analyzers.complete import Excerpt, budget_for
from lanyard_analyzers.complete.prompt import within
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.syntax import Syntax
from lanyard_analyzers.workspace import DiskWorkspace
from lanyard_server.index.answers import Answers
from lanyard_server.index.buffers import Buffers
from lanyard_server.index.extraction import extracted
from lanyard_server.index.live import LiveWorkspace
from lanyard_server.index.messages import AskContext, Change, Changed, Context, Opened
from lanyard_server.index.shelf import Shelf
from lanyard_server.index.store import Store
from lanyard_server.settings import CompletionSettings

CONTEXT = 2_048  # tokens of the model that the slices are cut for
SIZE = 1_000_000  # characters of a project that gets as many cursors as asked for; others by the root of their size
MOST_A_FILE = 40
CROSS_SHARE, INSIDE_SHARE = 0.7, 0.3  # of the cursors: at a name that another file defines; of those: inside it
UNSEEN, USED = 5.0, 3.0  # weights of names that only the slice can tell, and of those that are no mere variables
NATURAL = 1.0, 1.0  # the same where names are to come as often as in real text
SHARED_BY = 4  # files that define a name at most; what more define (`get`, `name`) is nobody's in particular
LINE_SHARE, NAME_SHARE = 0.7, 0.1  # of the middles: to the line's end, the name only; the rest are further lines too
START_SHARE, LONGEST = 0.3, 600  # of the other cursors: at the line's first character; characters of a middle
SEEN_BEFORE, SEEN_AFTER = 2_500, 800  # characters around a cursor that a model sees
_ASKED, _NAME = frozenset(".:>@"), re.compile(r"[^\W\d]\w*")
_WRITTEN = 1_000_000_000  # time stamp of the files: what was written this moment is read again for each question


class File(NamedTuple):
    number: int  # of its line in train.jsonl
    path: str
    text: str


Place = tuple[int, int]  # a cursor, and the end of what is to be written there


def projects(build: Path) -> Iterator[list[File]]:
    """The files of each project that has more than one in a language that is indexed."""
    with (build / "train.jsonl").open(encoding="utf-8") as lines:
        rows = ({**json.loads(line), "number": number} for number, line in enumerate(lines))
        for _, group in groupby(rows, key=lambda row: row["project"]):
            files = [File(row["number"], row["path"], row["text"]) for row in group]
            files = [one for one in files if language_of("", one.path) and ".." not in f"/{one.path}/".split("/")]
            if len(files) > 1:
                yield files


class Project:
    """One project laid out as a workspace, with an index as in an index process and one open buffer at a time."""

    def __init__(self, folder: Path, files: list[File]) -> None:
        for one in files:
            path = folder / one.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(one.text.encode("utf-8"))
            os.utime(path, (_WRITTEN, _WRITTEN))
        live, disk, self._version = LiveWorkspace(folder, ()), DiskWorkspace(folder), 0
        live.listing = {one.path: one for one in live.walk()}
        self.shelf, self.buffers = Shelf(live, Store(None)), Buffers()
        self.definers: Counter[str] = Counter()
        for path, listed in live.listing.items():
            self.shelf.take(extracted(disk, listed))
            self.definers.update({one.name for one in self.shelf.index.symbols(path) if "local" not in one.marks})
        self.shelf.complete = True

    def open(self, file: File) -> Syntax | None:
        """Open a file in the editor."""
        language = language_of("", file.path, content=file.text) or ""
        self.buffers.open(Opened(file.path, language, self._version, file.text))
        return self.buffers.syntax(file.path)

    def chunks(self, file: File, place: Place, tokens: int) -> list[dict[str, str]]:
        """What is sent before the text for a completion at a cursor whose middle is not written yet."""
        at, end = place
        self._edit(file, len(file.text) - (end - at), Change(at, end, ""))
        # New ones for each cursor: they hold on to what an earlier cursor was given, which had this middle before it.
        answer = Answers(self.shelf, self.buffers).context(AskContext(0, file.path, self._version, at, tokens))
        self._edit(file, len(file.text), Change(at, at, file.text[at:end]))
        if not isinstance(answer, Context):
            return []
        excerpts = within([Excerpt(one.path, one.text) for one in answer.pieces], tokens)
        return [{"path": one.path, "text": one.text} for one in excerpts]

    def _edit(self, file: File, size: int, change: Change) -> None:
        self._version += 1
        self.buffers.change(Changed(file.path, self._version - 1, self._version, size, (change,)))


class Choice(NamedTuple):
    """How many cursors a project gets (see `--cursors`), by which seed, and the weights of its names."""

    cursors: int
    seed: int
    unseen: float
    used: float


def places(
    project: Project, file: File, syntax: Syntax, count: int, *, choice: Choice, rng: random.Random
) -> list[Place]:
    """At most so many cursors of a file, in the order of its text."""
    record = project.shelf.index.record(file.path)
    imports = {line for one in (record.imports if record else ()) for line in range(one.first, one.last + 1)}
    own = {symbol.name for symbol in (record.symbols if record else ())}
    spans = [syntax.node_span(node) for node in syntax.captures("identifiers").get("identifier", ())]
    starts: dict[str, list[int]] = {}
    for span in spans:
        starts.setdefault(file.text[span.start : span.end], []).append(span.start)
    lines: dict[int, None] = {}
    drawn: list[tuple[float, int, int]] = []
    for start, end in ((span.start, span.end) for span in spans):
        line, name = syntax.text.line_of(start), file.text[start:end]
        lines.setdefault(line)
        if line in imports or name in own or len(name) < 3 or not 0 < project.definers[name] <= SHARED_BY:
            continue
        seen = any(-SEEN_BEFORE < other - start < SEEN_AFTER for other in starts[name] if other != start)
        used = file.text[max(0, start - 1) : start] in _ASKED or file.text[end : end + 1] == "(" or name[0].isupper()
        weight = (1.0 if seen else choice.unseen) * (choice.used if used else 1.0)
        drawn.append((rng.random() ** (1 / weight), start, end))
    drawn.sort(reverse=True)
    found: set[Place] = set()
    for _, start, end in drawn[: sum(rng.random() < CROSS_SHARE for _ in range(count))]:
        found.add(middle_of(file.text, rng.randrange(start + 1, end) if rng.random() < INSIDE_SHARE else start, rng))
    for line in rng.sample(list(lines), min(len(lines), count - len(found))):
        start, text = syntax.text.line_span(line).start, syntax.text.line_text(line)
        start += len(text) - len(text.lstrip())
        later = rng.randrange(start, start + len(text.strip()))
        found.add(middle_of(file.text, start if rng.random() < START_SHARE else later, rng))
    return sorted(one for one in found if one[0] < one[1])


def middle_of(text: str, at: int, rng: random.Random) -> Place:
    """A cursor with what is to be written at it."""
    end, way = _line_end(text, at), rng.random()
    if LINE_SHARE <= way < LINE_SHARE + NAME_SHARE and (name := _NAME.match(text, at)):
        return at, name.end()
    if way >= LINE_SHARE + NAME_SHARE:
        further = end
        for _ in range(rng.randint(1, 3)):
            further = _line_end(text, further + 1)
        end = max(end, at + len(text[at:further].rstrip()))
    return at, min(end, at + LONGEST)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def cut(files: list[File], choice: Choice) -> list[str]:
    """The lines of slices.jsonl for one project."""
    gc.set_threshold(50_000)  # as in an index process
    tokens = budget_for(CONTEXT, reply=CompletionSettings().max_tokens).excerpts
    each = choice.cursors / (SIZE * sum(len(file.text) for file in files)) ** 0.5
    found: list[str] = []
    with tempfile.TemporaryDirectory(prefix="slices-") as folder:
        project = Project(Path(folder), files)
        for file in files:
            rng = random.Random(f"{choice.seed} {file.path} {len(file.text)}")
            count = min(MOST_A_FILE, int(len(file.text) * each + rng.random()))
            syntax = project.open(file) if count else None
            for at, end in places(project, file, syntax, count, choice=choice, rng=rng) if syntax else ():
                chunks = project.chunks(file, (at, end), tokens)
                found.append(json.dumps({"file": file.number, "at": at, "end": end, "chunks": chunks}) + "\n")
            project.buffers.close(file.path)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("build", type=Path)
    parser.add_argument("--cursors", type=int, default=150, help=f"in a project of {SIZE:,} characters; by their root")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument(
        "--natural", action="store_true", help="names as often as in real text: no liking for unseen ones"
    )
    wanted = parser.parse_args()
    choice = Choice(wanted.cursors, wanted.seed, *(NATURAL if wanted.natural else (UNSEEN, USED)))
    unfinished = wanted.build / "slices.jsonl.tmp"
    with multiprocessing.Pool(wanted.processes) as pool, unfinished.open("w", encoding="utf-8") as out:
        for lines in pool.imap(partial(cut, choice=choice), projects(wanted.build)):
            out.writelines(lines)
    unfinished.replace(wanted.build / "slices.jsonl")


if __name__ == "__main__":
    main()
