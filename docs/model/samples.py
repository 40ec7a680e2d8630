"""Cut clean files into training rows: plain text and fill-in-the-middle, in the very form llama.cpp's /infill sends.

    python samples.py BUILD KIND LENGTH MILLIONS SEED     # BUILD/rows-KIND.bin, uint16 [rows, LENGTH + 1]

Owns the mixture. A row holds whole samples; a fill-in sample is never cut, so its middle and its end are always seen.
BUILD/slices.jsonl (see slices.py) holds cursors with the context that Lanyard's server would send with them.
"""

from __future__ import annotations

import json
import math
import random
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from definitions import Definitions
from tokenizers import Tokenizer
from tokens import CUT, END, FILE, HEAVY, MIDDLE, PREFIX, REPOSITORY, SUFFIX

SUFFIX_FIRST_SHARE = 0.85  # of the fill-in samples: a small model learns to go on from a prefix that is near first
HEADER_SHARE = 0.6  # of the fill-in samples; /infill writes this header when there is room before the prefix
BARE_SHARE = 0.1  # of the prefix-first samples: no prefix token, as /infill sends when it cuts a long prefix
NAME_SHARE = 0.3  # of the plain samples that begin a file: its name before it
HEALED_SHARE = 0.65  # of the fill-in samples: the middle begins where Lanyard has a model begin, see _HEALED
OPEN_FILES = 256  # files that samples are drawn from at a time
LONGEST_PREFIX, LONGEST_SUFFIX = 2500, 768  # characters of a cursor with a slice; the server sends no more
REPEATS, REPEATED, SENSELESS_SHARE = (2, 6), (8, 200), 0.3  # spans of a repeated sample, tokens of one, random ones
_HEALED = re.compile(r"[^\r\n\w]?\w*\Z")
"""What stands before a cursor and may be one token with what follows; the adapter cuts it off, see healing.py there."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Shares and sizes of one stage's samples.

    ``plain`` and ``filled`` are characters. ``fill_in`` is a share of the samples (plain ones are longer: of the tokens
    it is about half), ``slices`` one of the fill-in samples, ``repeats`` and ``shown`` of the plain ones:
    with stretches that come again, and with definitions of other files before them (see definitions.py).
    """

    plain: tuple[int, ...]
    filled: tuple[int, ...]
    fill_in: float = 0.7
    slices: float = 0.0
    repeats: float = 0.0
    shown: float = 0.0


KINDS = {
    "short": Kind((200, 500, 1000, 1500), (100, 150, 250, 400, 700)),
    "main": Kind((500, 1000, 2000, 3200), (150, 250, 500, 1000, 2000), slices=0.5, repeats=0.15),
    "names": Kind((1500, 2200, 3000), (300, 600, 1200, 2500), fill_in=0.45, slices=0.7, repeats=0.15, shown=0.85),
    "settle": Kind((900, 1800, 3600, 6400), (600, 1200, 2500), slices=0.75, repeats=0.05, shown=0.15),
    "long": Kind((900, 1800, 3600, 6400), (300, 600, 1200, 2500), slices=0.7, repeats=0.15, shown=0.5),
}


class Piece(NamedTuple):
    """A stretch of a file; ``last`` where the file ends with it."""

    project: str
    path: str
    before: str
    text: str
    last: bool


class Source:
    """Hands out consecutive, never overlapping pieces of randomly chosen files; starts over when all are used."""

    def __init__(self, files: list[dict[str, str]], rng: random.Random) -> None:
        self._files, self._rng = files, rng
        self._queue: list[int] = []
        self._open: list[tuple[int, int]] = []
        self.passes = 0

    def piece(self, size: int) -> Piece:
        """About ``size`` characters, whole lines."""
        while len(self._open) < OPEN_FILES:
            if not self._queue:
                self._queue = self._rng.sample(range(len(self._files)), len(self._files))
                self.passes += 1
            number = self._queue.pop()
            text = self._files[number]["text"]
            self._open.append((number, text.find("\n", self._rng.randrange(1 + len(text) // 2)) + 1))
        slot = self._rng.randrange(len(self._open))
        number, start = self._open[slot]
        text = self._files[number]["text"]
        end = text.find("\n", min(len(text) - 1, start + size)) + 1 or len(text)
        if len(text) - end < 80:
            end = len(text)
        if end >= len(text):
            self._open.pop(slot)
        else:
            self._open[slot] = number, end
        if start >= end:
            return self.piece(size)
        file = self._files[number]
        return Piece(file["project"], file["path"], text[:start], text[start:end], end >= len(text))


class Cursors:
    """Hands out the cursors of slices.jsonl in random order, each with its file; starts over when all are used."""

    def __init__(self, path: Path, files: list[dict[str, str]], rng: random.Random) -> None:
        self._all = [json.loads(line) for line in path.open()] if path.exists() else []
        self._files, self._order = files, self._endless(rng)
        self.passes = 0

    def __bool__(self) -> bool:
        return bool(self._all)

    def _endless(self, rng: random.Random) -> Iterator[dict[str, Any]]:
        while True:
            self.passes += 1
            yield from rng.sample(self._all, len(self._all))

    def take(self) -> tuple[str, int, int, list[dict[str, str]]]:
        """``(the file's text, start and end of what is to be filled in, chunks)``."""
        found = next(self._order)
        return self._files[found["file"]]["text"], found["at"], found["end"], found["chunks"]


def choose_middle(text: str, rng: random.Random) -> tuple[int, int]:
    """Start and end of the part to fill in, in characters: to a line's end, whole lines, or any span."""
    way = rng.random()
    starts = [0, *(i + 1 for i, c in enumerate(text[:-1]) if c == "\n")]
    filled = [s for s in starts if text[s] != "\n"] or [0]
    line = rng.choice(filled)
    end = text.find("\n", line)
    end = len(text) if end < 0 else end
    indent = len(text[line:end]) - len(text[line:end].lstrip())
    if way < 0.75:
        start = line + indent if way > 0.6 else rng.randint(line + indent, max(line + indent, end - 1))
        more = 0 if rng.random() < 0.7 else rng.randint(1, 6)
        for _ in range(more):
            following = text.find("\n", end + 1)
            end = following if following > 0 else end
        return start, max(start, end)
    start = rng.randrange(len(text))
    return start, min(len(text), start + 1 + int(rng.expovariate(1 / 100)))


class Mixer:
    """Builds rows of token ids."""

    def __init__(
        self,
        tokenizer: Tokenizer,
        sources: tuple[Source, Cursors, Definitions],
        rng: random.Random,
        kind: Kind,
    ) -> None:
        self._encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids if text else []
        self._source, self._cursors, self._definitions = sources
        self._tokenizer, self._rng, self._kind = tokenizer, rng, kind

    def plain(self, size: int) -> list[int]:
        """Text as it stands in a file."""
        piece = self._source.piece(size)
        if self._kind.shown and self._rng.random() < self._kind.shown and (ids := self._with_definitions(piece)):
            return ids
        header = not piece.before and self._rng.random() < NAME_SHARE
        ids = [FILE, *self._encode(f"{piece.path.rsplit('/')[-1]}\n")] if header else []
        body, last = self._encode(piece.text), piece.last
        if self._rng.random() < self._kind.repeats:
            body, last = self._repeated(body), False
        return [*ids, *body, END if last else CUT]

    def _with_definitions(self, piece: Piece) -> list[int]:
        """A stretch of a file after what other files define of it; those names count for more."""
        chunks, spans = self._definitions.shown(piece.project, piece.path, piece.text, self._rng)
        if not chunks:
            return []
        encoding = self._tokenizer.encode(piece.text, add_special_tokens=False)
        named = bytearray(len(piece.text))
        for start, end in spans:
            named[start:end] = b"\1" * (end - start)
        pairs = zip(encoding.ids, encoding.offsets, strict=True)
        body = [number | HEAVY if any(named[start:end]) else number for number, (start, end) in pairs]
        return [*self._header(chunks), *body, END if piece.last else CUT]

    def _repeated(self, ids: list[int]) -> list[int]:
        """As long as ``ids``, with spans of the first half written again further on; some of them of no sense.

        What stands far back and recurs teaches a network this small to look far back at all: from text alone it had
        not learnt to, not over 400 tokens.
        """
        size, tokens = len(ids), self._tokenizer.get_vocab_size()
        for _ in range(self._rng.randint(*REPEATS)):
            length = int(math.exp(self._rng.uniform(*map(math.log, REPEATED))))
            start = self._rng.randrange(max(1, size // 2))
            if self._rng.random() < SENSELESS_SHARE:
                ids[start : start + length] = [self._rng.randrange(CUT + 1, tokens) for _ in range(length)]
            if start + length < size - 8:
                again = self._rng.randrange(start + length, size - 8)
                ids[again : again + length] = ids[start : start + length]
        return ids[:size]

    def fill_in(self, size: int) -> list[int]:
        """A piece of a file with a part of it taken out."""
        text = self._source.piece(size).text
        start, end = choose_middle(text, self._rng)
        after = "" if self._rng.random() < 0.1 else text[end:]
        header = [] if self._rng.random() > HEADER_SHARE else self._header([])
        return self._asked(header, text[:start], text[start:end], after)

    def with_slice(self, size: int) -> list[int]:
        """A cursor as the server sends it: its slice, what stands before it and a little of what follows."""
        text, start, end, chunks = self._cursors.take()
        first = max(0, start - min(size, LONGEST_PREFIX))
        first = text.rfind("\n", 0, first) + 1 if first else 0
        after = text[end : end + self._rng.randint(0, LONGEST_SUFFIX)]
        chunks = chunks if self._rng.random() > 0.1 else chunks[self._rng.randrange(len(chunks) + 1) :]
        return self._asked(self._header(chunks), text[first:start], text[start:end], after)

    def _header(self, chunks: list[dict[str, str]]) -> list[int]:
        ids = [REPOSITORY, *self._encode("myproject\n")]
        for chunk in chunks:
            ids += [FILE, *self._encode(f"{chunk['path']}\n"), *self._encode(chunk["text"])]
        return [*ids, FILE, *self._encode("filename\n")]

    def _asked(self, header: list[int], before: str, between: str, after: str) -> list[int]:
        if self._rng.random() < HEALED_SHARE and (cut := _HEALED.search(before, max(0, len(before) - 40))):
            before, between = before[: cut.start()], cut.group() + between
        prefix, middle, suffix = self._encode(before), self._encode(between), self._encode(after)
        if self._rng.random() < SUFFIX_FIRST_SHARE:
            return [*header, SUFFIX, *suffix, PREFIX, *prefix, MIDDLE, *middle, END]
        if self._rng.random() < BARE_SHARE:
            cut = self._rng.randint(0, len(prefix) // 2)
            return [*header, *prefix[cut:], SUFFIX, *suffix, MIDDLE, *middle, END]
        return [*header, PREFIX, *prefix, SUFFIX, *suffix, MIDDLE, *middle, END]

    def row(self, length: int) -> list[int]:
        """Exactly ``length`` ids."""
        row: list[int] = []
        while len(row) < length:
            left = length - len(row)
            sample = None
            if left > 60 and self._rng.random() < self._kind.fill_in:
                size = int(min(left * 2.5, self._rng.choice(self._kind.filled)))
                sliced = self._cursors and self._rng.random() < self._kind.slices
                sample = self.with_slice(size) if sliced else self.fill_in(size)
            if sample is None or len(sample) > left:
                sample = self.plain(int(max(100, min(left * 2.7, self._rng.choice(self._kind.plain)))))
            row += sample
        return row[:length]


def main(build: Path, name: str, *, length: int, millions: float, seed: int) -> None:
    """Write the rows of one stage."""
    rng = random.Random(seed)
    files: list[dict[str, str]] = [json.loads(line) for line in (build / "train.jsonl").open()]
    source, cursors = Source(files, rng), Cursors(build / "slices.jsonl", files, rng)
    definitions = Definitions(files if KINDS[name].shown else [])
    tokenizer = Tokenizer.from_file(str(build / "tokenizer.json"))
    mixer = Mixer(tokenizer, (source, cursors, definitions), rng, KINDS[name])
    count = int(millions * 1e6) // length
    part = build / f"rows-{name}.tmp"
    rows = np.memmap(part, dtype=np.uint16, mode="w+", shape=(count, length + 1))
    for number in range(count):
        rows[number] = mixer.row(length + 1)
    rows.flush()
    part.replace(build / f"rows-{name}.bin")
    passes = f"{source.passes} passes begun over {len(files)} files, {cursors.passes} over the cursors"
    print(f"{count} rows of {length}: {passes}")


if __name__ == "__main__":
    folder, kind, size, amount, start = sys.argv[1:6]
    main(Path(folder), kind, length=int(size), millions=float(amount), seed=int(start))
