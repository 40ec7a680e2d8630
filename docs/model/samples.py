"""Cut clean files into training rows: plain text and fill-in-the-middle, in the very form llama.cpp's /infill sends.

    python samples.py BUILD NAME LENGTH MILLIONS FIM_SHARE SEED     # BUILD/rows-NAME.bin, uint16 [rows, LENGTH + 1]

Owns the mixture. A row holds whole samples; a fill-in sample is never cut, so its middle and its end are always seen.
"""

from __future__ import annotations

import json
import random
import re
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from tokens import CUT, END, FILE, MIDDLE, PREFIX, REPOSITORY, SUFFIX

SUFFIX_FIRST_SHARE = 0.1  # of the fill-in samples; the rest are prefix first, as /infill sends by default
HEADER_SHARE = 0.3  # of the fill-in samples; /infill writes this header when there is room before the prefix
BARE_SHARE = 0.1  # of the prefix-first samples: no prefix token, as /infill sends when it cuts a long prefix
EXTRA_SHARE = 0.1  # of those with a header: an earlier part of the same project as a second file
PIECES = {  # characters of a sample, by kind of rows; many short ones teach how prefix, suffix and middle hang together
    "main": (400, 900, 1800, 3000, 6000),
    "fim": (60, 80, 100, 140, 200, 300),
    "fim, longer": (300, 600, 1200, 1800, 2400),
}
BOUNDARY_SHARE = 0.5  # of the cursors in a line: moved back to where a word begins
OPEN_FILES = 256  # files that samples are drawn from at a time


class Source:
    """Hands out consecutive, never overlapping pieces of randomly chosen files; starts over when all are used."""

    def __init__(self, files: list[tuple[str, str, str]], rng: random.Random) -> None:
        self._files, self._rng, self._queue, self._open = files, rng, [], []
        self.passes = 0

    def piece(self, size: int) -> tuple[str, str, str, bool]:
        """About ``size`` characters, whole lines: ``(path, text before it, text, whether the file ends)``."""
        while len(self._open) < OPEN_FILES:
            if not self._queue:
                self._queue = self._rng.sample(range(len(self._files)), len(self._files))
                self.passes += 1
            number = self._queue.pop()
            text = self._files[number][2]
            self._open.append([number, text.find("\n", self._rng.randrange(len(text) // 2)) + 1])
        slot = self._rng.randrange(len(self._open))
        number, start = self._open[slot]
        _, path, text = self._files[number]
        end = text.find("\n", min(len(text) - 1, start + size)) + 1 or len(text)
        if len(text) - end < 80:
            end = min(len(text), max(end, start + size + 80))
        if end >= len(text):
            self._open.pop(slot)
        else:
            self._open[slot][1] = end
        if start >= end:
            return self.piece(size)
        return path, text[:start], text[start:end], end >= len(text)


def choose_middle(text: str, rng: random.Random) -> tuple[int, int]:
    """Start and end of the part to fill in, in characters: to a line's end, whole lines, or any span."""
    way = rng.random()
    starts = [0, *(i + 1 for i, c in enumerate(text[:-1]) if c == "\n")]
    filled = [s for s in starts if text[s] != "\n"] or [0]
    line = rng.choice(filled)
    end = text.find("\n", line)
    end = len(text) if end < 0 else end
    indent = len(text[line:end]) - len(text[line:end].lstrip())
    if way < 0.65:
        start = line + indent if way > 0.5 else rng.randint(line + indent, max(line + indent, end - 1))
        if rng.random() < BOUNDARY_SHARE:
            start = max((m.start() for m in re.finditer(r"\b", text[line:start])), default=start - line) + line
        more = 0 if rng.random() < 0.6 else rng.randint(1, 6)
        for _ in range(more):
            following = text.find("\n", end + 1)
            end = following if following > 0 else end
        return start, max(start, end)
    start = rng.randrange(len(text))
    return start, min(len(text), start + 1 + int(rng.expovariate(1 / 120)))


class Mixer:
    """Builds rows of token ids."""

    def __init__(
        self, tokenizer: Tokenizer, source: Source, rng: random.Random, *, fim_share: float, sizes: tuple[int, ...]
    ) -> None:
        self._encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids if text else []
        self._source, self._rng, self._fim_share, self.sizes = source, rng, fim_share, sizes

    def plain(self, size: int) -> list[int]:
        path, before, text, last = self._source.piece(size)
        header = not before and self._rng.random() < 0.3
        ids = [FILE, *self._encode(f"{path.rsplit('/')[-1]}\n")] if header else []
        return [*ids, *self._encode(text), END if last else CUT]

    def fill_in(self, size: int) -> list[int]:
        rng = self._rng
        path, before, text, _ = self._source.piece(size)
        start, end = choose_middle(text, rng)
        after = "" if rng.random() < 0.1 else text[end:]
        prefix, middle, suffix = (self._encode(t) for t in (text[:start], text[start:end], after))
        header: list[int] = []
        if rng.random() < HEADER_SHARE:
            header = [REPOSITORY, *self._encode("myproject\n")]
            if before and rng.random() < EXTRA_SHARE:
                cut = before[-rng.randint(200, 1500) :]
                header += [FILE, *self._encode(f"{path}\n"), *self._encode(cut[cut.find("\n") + 1 :])]
            header += [FILE, *self._encode("filename\n")]
        if rng.random() < SUFFIX_FIRST_SHARE:
            return [*header, SUFFIX, *suffix, PREFIX, *prefix, MIDDLE, *middle, END]
        if rng.random() < BARE_SHARE:
            cut = rng.randint(0, len(prefix) // 2)
            return [*header, *prefix[cut:], SUFFIX, *suffix, MIDDLE, *middle, END]
        return [*header, PREFIX, *prefix, SUFFIX, *suffix, MIDDLE, *middle, END]

    def row(self, length: int) -> list[int]:
        """Exactly ``length`` ids."""
        row: list[int] = []
        while len(row) < length:
            left = length - len(row)
            size = int(min(left * 2.9, self._rng.choice(self.sizes)))
            sample = self.fill_in(size) if left > 100 and self._rng.random() < self._fim_share else None
            if sample is None or len(sample) > left:
                sample = self.plain(max(size, 100))
            row += sample
        return row[:length]


def main(build: Path, name: str, *, length: int, millions: float, fim_share: float, seed: int) -> None:
    rng = random.Random(seed)
    files = [(d["project"], d["path"], d["text"]) for d in map(json.loads, (build / "train.jsonl").open())]
    source = Source(files, rng)
    mixer = Mixer(
        Tokenizer.from_file(str(build / "tokenizer.json")), source, rng, fim_share=fim_share, sizes=PIECES[name]
    )
    count = int(millions * 1e6) // length
    rows = np.empty((count, length + 1), dtype=np.uint16)
    for number in range(count):
        if name == "fim":
            mixer.sizes = PIECES["fim" if number // 4 % 2 else "fim, longer"]
        rows[number] = mixer.row(length + 1)
    rows.tofile(build / f"rows-{name}.bin")
    print(f"{count} rows of {length}, {source.passes} passes begun over {len(files)} files")


if __name__ == "__main__":
    folder, kind, size, amount, share, start = sys.argv[1:7]
    main(Path(folder), kind, length=int(size), millions=float(amount), fim_share=float(share), seed=int(start))
