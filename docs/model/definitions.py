"""What the files of a project define, line by line, and a stand-in for the slice that a whole stretch of a file needs.

slices.py cuts the server's own slices, one a cursor, at some milliseconds each. A small network needs far more places
where a name stands in another file's definitions than there are cursors; here whole stretches of text get one header
that holds the definitions of many of the names they use. Owns the finding of definitions by pattern and the choice of
those that are shown; knows no tokens.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from dataclasses import dataclass

SHARED_BY = 4  # files that define a name at most; what more define (`get`, `name`) is nobody's in particular
SHOWN = (300, 1_100)  # characters of definitions; the server sends about as many
NEEDED_SHARE = 0.7  # of them what the stretch uses; the rest stands beside it in the same files
LONGEST_LINE, MOST_LINES = 140, 4  # characters of a definition; lines that its parameters may span
_NAME = re.compile(r"[^\W\d]\w*")
_KEYWORD = r"def|class|function|fn|func|struct|interface|enum|type|trait|impl|const|let|var"
_BEFORE = r"export|default|public|pub|async|static|abstract|declare|private|protected|final"
_DEFINES = re.compile(
    rf"^(?P<indent>[ \t]*)(?:(?:{_BEFORE})[ \t]+)*(?P<word>{_KEYWORD})(?:[ \t]*\([^()\n]*\))?[ \t]+(?P<name>\w+)[^\n]*$"
    r"|^(?P<constant>[^\W\d]\w*)[ \t]*(?::[^=\n]{1,60})?=[ \t][^\n]*$",
    re.MULTILINE,
)
_VARIABLES = frozenset({"const", "let", "var"})
_HOLDS = frozenset({"class", "struct", "interface", "enum", "trait", "impl"})


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition: `place` orders those of a file, `holder` is the class whose member it is."""

    path: str
    place: int
    name: str
    text: str
    holder: Definition | None


def definitions(path: str, text: str) -> list[Definition]:
    """Those of one file, of any language, by pattern; in order."""
    found: list[Definition] = []
    holder: Definition | None = None
    for match in _DEFINES.finditer(text):
        indent, name = match["indent"] or "", match["name"] or match["constant"]
        line = _whole(text, match.start(), match.end())
        inside = holder if indent and match["word"] not in _VARIABLES else None
        one = Definition(path, match.start(), name, f"{'    ' if inside else ''}{line}", inside)
        if not indent:
            holder = one if match["word"] in _HOLDS else None
        if not indent or inside:
            found.append(one)
    return found


def _whole(text: str, start: int, end: int) -> str:
    """A definition's head on one line, its body as a count of lines."""
    head, lines = text[start:end].strip(), 1
    while head.count("(") > head.count(")") and lines < MOST_LINES and end < len(text):
        following = text.find("\n", end + 1)
        following = len(text) if following < 0 else following
        head, end, lines = f"{head} {text[end:following].strip()}", following, lines + 1
    head = head[:LONGEST_LINE].rstrip()
    return f"{head} …{1 + start % 19}" if head.endswith((":", "{")) and "(" in head else head


class Definitions:
    """Of every project: which file defines which name."""

    def __init__(self, files: list[dict[str, str]]) -> None:
        self._files: dict[tuple[str, str], list[Definition]] = {}
        self._names: dict[str, dict[str, list[Definition]]] = defaultdict(lambda: defaultdict(list))
        for file in files:
            found = definitions(file["path"], file["text"])
            self._files[file["project"], file["path"]] = found
            for one in found:
                if len(one.name) > 2 and not one.name.startswith("__"):
                    self._names[file["project"]][one.name].append(one)

    def shown(
        self, project: str, path: str, text: str, rng: random.Random
    ) -> tuple[list[dict[str, str]], list[tuple[int, int]]]:
        """Chunks for a stretch of a file, and where in it a name stands that they define; none where it uses none."""
        names = self._names[project]
        own = {one.name for one in self._files[project, path]}
        spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for match in _NAME.finditer(text):
            name = match.group()
            if name not in own and name in names and len({one.path for one in names[name]}) <= SHARED_BY:
                spans[name].append(match.span())
        wanted = rng.sample(list(spans), len(spans))
        left, chosen = rng.randint(*SHOWN), set[Definition]()
        few = left * (1 - NEEDED_SHARE)
        for name in wanted:
            one = rng.choice(names[name])
            if left > few:
                left -= self._add(one, chosen)
        beside = [each for one in list(chosen) for each in self._files[project, one.path] if each not in chosen]
        for one in rng.sample(beside, min(len(beside), 20)):
            if left > 0 and chosen:
                left -= self._add(one, chosen)
        told = {one.name for one in chosen}
        return _chunks(chosen), [span for name in spans if name in told for span in spans[name]]

    def _add(self, one: Definition, chosen: set[Definition]) -> int:
        more = [each for each in (one, one.holder) if each is not None and each not in chosen]
        chosen.update(more)
        return sum(len(each.text) + 1 for each in more)


def _chunks(chosen: set[Definition]) -> list[dict[str, str]]:
    lines: dict[str, list[str]] = defaultdict(list)
    for one in sorted(chosen, key=lambda one: (one.path, one.place)):
        lines[one.path].append(one.text)
    return [{"path": path, "text": "\n".join(each)} for path, each in lines.items()]
