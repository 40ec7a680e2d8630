"""Rest-of-line cases from held-out projects, and the rivals that any model has to beat.

Owns the choice of cases (fixed by a seed) and the rivals; runs no model.
"""

from __future__ import annotations

import ast
import json
import random
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

PREFIX_CHARS = 1300
SUFFIX_CHARS = 450  # with the prefix about 500 tokens


@dataclass(frozen=True, slots=True)
class Case:
    """A cursor in a line: ``rest`` is what the author wrote up to the line's end."""

    project: str
    path: str
    before: str
    rest: str
    after: str

    @property
    def prefix(self) -> str:
        """The last whole lines before the cursor within PREFIX_CHARS, and the line's own start."""
        if len(self.before) <= PREFIX_CHARS:
            return self.before
        cut = self.before[-PREFIX_CHARS:]
        return cut[cut.find("\n") + 1 :]

    @property
    def place(self) -> str:
        """Whether the cursor cuts a word in two."""
        word = str.isidentifier(self.before[-1:]) and str.isidentifier(self.rest[:1])
        return "inside a word" if word else "between words"

    @property
    def suffix(self) -> str:
        return self.after[:SUFFIX_CHARS]


def held_out(texts: Path) -> list[tuple[str, str, str]]:
    return [(d["project"], d["path"], d["text"]) for d in map(json.loads, texts.open(encoding="utf-8"))]


def code_lines(text: str) -> list[int]:
    """Where code lines of 8 characters and more begin: no comments, nothing inside a string of several lines."""
    inside: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant | ast.JoinedStr) and (node.end_lineno or 0) > node.lineno:
            inside.update(range(node.lineno, (node.end_lineno or 0) + 1))
    starts, at = [], 0
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if number not in inside and len(stripped) >= 8 and stripped[0] not in "#\"'":
            starts.append(at)
        at += len(line) + 1
    return starts


def choose(texts: Path, count: int, seed: int = 7) -> list[Case]:
    """``count`` cases, equally many from each project; cursors inside code lines, 3 to 60 characters to go."""
    rng = random.Random(seed)
    by_project: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for project, path, text in held_out(texts):
        if "test" not in path:
            by_project[project].append((path, text))
    cases: list[Case] = []
    for project, files in sorted(by_project.items()):
        wanted = len(cases) + count // len(by_project)
        while len(cases) < wanted:
            path, text = rng.choices(files, [len(t) for _, t in files])[0]
            starts = code_lines(text)
            if not starts:
                continue
            line = rng.choice(starts)
            end = text.find("\n", line)
            code = line + len(text[line:end]) - len(text[line:end].lstrip())
            at = rng.randint(code + 1, max(code + 1, end - 3))
            if len(text[at:end].strip()) >= 3 and end - at <= 60:
                cases.append(Case(project, path, text[:at], text[at:end], text[end:]))
    return cases


def longest_match(before: str, after: str, *, most: int = 40) -> str:
    """Rival: find the longest run of characters before the cursor elsewhere in the text, copy what follows it."""
    around = before[:-1] + "\x00" + after
    for size in range(min(most, len(before)), 1, -1):
        found = around.rfind(before[-size:])
        if found >= 0:
            return around[found + size :].split("\n", 1)[0].split("\x00", 1)[0]
    return ""


def similar_line(case: Case) -> str:
    """Rival: the file's line that shares the longest beginning with the one at the cursor; its remaining part."""
    own = case.before.rsplit("\n", 1)[-1].strip()
    best, most = "", 1
    for line in reversed((case.before.rsplit("\n", 1)[0] + case.after).split("\n")):
        stripped = line.strip()
        shared = 0
        while shared < min(len(stripped), len(own)) and stripped[shared] == own[shared]:
            shared += 1
        if shared == len(own) and len(stripped) > shared > most:
            best, most = stripped[shared:], shared
    return best
