"""Bits per byte through the engine, and of the n-gram rival on the same tokens.

Owns which stretches of the files are read: blocks of the model's context (less two tokens, which the engine keeps) from
the start of a file, as docs/model/perplexity.py reads them in PyTorch. A record is one block.
"""

from __future__ import annotations

import random
from collections import defaultdict
from typing import Any

from cases import Held
from engine import Engine
from ngram import Cached, Ngram, bits

END_OF_TEXT = 0  # stands before a file, as in training (docs/model/tokens.py)
Record = dict[str, Any]


def choose(files: list[Held], characters: int, *, seed: int) -> list[Held]:
    """Files of up to so many characters in all, equally many of each project."""
    rng = random.Random(seed)
    by_project: dict[str, list[Held]] = defaultdict(list)
    for file in files:
        by_project[file.project].append(file)
    found: list[Held] = []
    for _, group in sorted(by_project.items()):
        left = characters / len(by_project)
        for file in rng.sample(group, len(group)):
            if left <= 0:
                break
            found.append(Held(file.project, file.path, _lines(file.text, int(left))))
            left -= len(file.text)
    return [file for file in found if file.text]


def records(engine: Engine, file: Held, ngram: Ngram | None) -> list[Record]:
    """A file block by block. The last token of a block is the first that the next one reads."""
    tokens, length = [END_OF_TEXT, *engine.tokens(file.text)], engine.options.context - 2
    size, found = len(file.text.encode()), list[Record]()
    for start in range(0, len(tokens) - 1, length):
        block = tokens[start : start + length + 1]
        found.append(
            {"project": file.project, "path": file.path, "tokens": len(block) - 1, "bits": engine.surprise(block)}
        )
    rivals = {"ngram": ngram, "cached": Cached(ngram)} if ngram is not None else {}
    for name, rival in rivals.items():
        found[0][name] = bits(rival, tokens, 1)
    found[0]["bytes"] = size
    return found


def summary(rows: list[Record]) -> dict[str, Any]:
    """Over all bytes, and by project; `error` is the standard error over files."""
    size = sum(row.get("bytes", 0) for row in rows) or 1
    out: dict[str, Any] = {"bytes": size, "tokens": sum(row["tokens"] for row in rows)}
    for name in ("bits", "ngram", "cached"):
        if any(name in row for row in rows):
            out["bits_per_byte" if name == "bits" else name] = round(sum(row.get(name, 0.0) for row in rows) / size, 4)
    files: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        files[row["project"], row["path"]][0] += row["bits"]
        files[row["project"], row["path"]][1] += row.get("bytes", 0)
    whole = sum(told for told, _ in files.values()) / size
    spread = sum((told - whole * length) ** 2 for told, length in files.values())
    out["error"] = round(spread**0.5 / size, 4)
    by_project: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (project, _), (told, length) in files.items():
        by_project[project][0] += told
        by_project[project][1] += length
    out["by_project"] = {name: round(told / length, 3) for name, (told, length) in sorted(by_project.items())}
    return out


def _lines(text: str, most: int) -> str:
    """Whole lines from the start of a text, of at most so many characters."""
    return text if len(text) <= most else text[: text.rfind("\n", 0, most) + 1]
