"""Cursors in held-out projects: which, and what stands around them.

Owns the choice of cases, fixed by a seed; runs no model.
"""

from __future__ import annotations

import ast
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

PREFIX_CHARS = 1300
SUFFIX_CHARS = 450  # with the prefix about 500 tokens
_COMMENT = re.compile(r"\s*(#|//|/\*|\*|--|<!--)")
_TEST = re.compile(r"(^|[/_.-])(tests?|testing|spec|__tests__)([/_.-]|$)")


@dataclass(frozen=True, slots=True)
class Held:
    """A file of a project that no training has seen."""

    project: str
    path: str
    text: str
    language: str = "python"

    @property
    def is_test(self) -> bool:
        return _TEST.search(self.path) is not None


@dataclass(frozen=True, slots=True)
class Case:
    """A cursor in a line: ``rest`` is what the author wrote up to the line's end."""

    file: Held
    at: int
    rest: str

    @property
    def before(self) -> str:
        return self.file.text[: self.at]

    @property
    def after(self) -> str:
        """What follows the line; the author is still writing its rest."""
        return self.file.text[self.at + len(self.rest) :]

    @property
    def prefix(self) -> str:
        """The last whole lines before the cursor within PREFIX_CHARS, and the line's own start."""
        if self.at <= PREFIX_CHARS:
            return self.before
        cut = self.file.text[self.at - PREFIX_CHARS : self.at]
        return cut[cut.find("\n") + 1 :]

    @property
    def suffix(self) -> str:
        return self.after[:SUFFIX_CHARS]

    @property
    def place(self) -> str:
        """Whether the cursor cuts a word in two."""
        word = str.isidentifier(self.before[-1:]) and str.isidentifier(self.rest[:1])
        return "inside a word" if word else "between words"

    def at_code(self) -> Case:
        """The same at the start of the line's code, where nothing is typed yet."""
        start = self.file.text.rfind("\n", 0, self.at) + 1
        head = self.file.text[start : self.at]
        back = len(head.lstrip())
        return Case(self.file, self.at - back, self.file.text[self.at - back : self.at] + self.rest)


def held_out(texts: Path) -> list[Held]:
    """The files of BUILD/evaluate*.jsonl, as docs/model/data.py and newer.py write them."""
    with texts.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [Held(row["project"], row["path"], row["text"], row.get("language") or "python") for row in rows]


def code_lines(file: Held) -> list[int]:
    """Where code lines of 8 characters and more begin: no comments; in Python, nothing inside a string of lines."""
    inside: set[int] = set()
    if file.language == "python":
        try:
            tree = ast.parse(file.text)
        except (SyntaxError, ValueError):
            return []
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant | ast.JoinedStr) and (node.end_lineno or 0) > node.lineno:
                inside.update(range(node.lineno, (node.end_lineno or 0) + 1))
    starts, at = [], 0
    for number, line in enumerate(file.text.split("\n"), 1):
        stripped = line.strip()
        if number not in inside and len(stripped) >= 8 and stripped[0] not in "\"'" and not _COMMENT.match(line):
            starts.append(at)
        at += len(line) + 1
    return starts


def choose(
    files: Iterable[Held], count: int, *, seed: int, by: Callable[[Held], str] = lambda file: file.project
) -> list[Case]:
    """``count`` cases, equally many of each group; cursors inside code lines, 3 to 60 characters to go."""
    rng = random.Random(seed)
    groups: dict[str, list[Held]] = defaultdict(list)
    for file in files:
        if not file.is_test:
            groups[by(file)].append(file)
    found: list[Case] = []
    for number, (_, group) in enumerate(sorted(groups.items()), 1):
        lines = {file: code_lines(file) for file in group}
        usable = [file for file in group if lines[file]]
        wanted = round(count * number / len(groups))
        tries = 50 * count
        while usable and len(found) < wanted and (tries := tries - 1):
            file = rng.choices(usable, [len(each.text) for each in usable])[0]
            case = _in_line(file, rng.choice(lines[file]), rng)
            if case is not None:
                found.append(case)
    return found


def _in_line(file: Held, line: int, rng: random.Random) -> Case | None:
    end = file.text.find("\n", line)
    end = len(file.text) if end < 0 else end
    code = line + len(file.text[line:end]) - len(file.text[line:end].lstrip())
    at = rng.randint(code + 1, max(code + 1, end - 3))
    rest = file.text[at:end]
    return Case(file, at, rest) if len(rest.strip()) >= 3 and len(rest) <= 60 else None
