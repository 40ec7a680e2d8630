"""What a completion may see of other documents: the definitions that the code around the cursor names.

Owns the finding of definitions by their first line and the choice among them. A small first version: it goes by
line patterns and indentation, so that it costs microseconds and needs no tree. Whether a document may be shown at
all is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lanyard_analyzers.complete.style import width
from lanyard_analyzers.text import Text

LINES_PER_DEFINITION = 14
HEAD = 2_000
"""Characters at the start of a document in which its imports are looked for."""
_NEAR = 3_000
_IDENTIFIER = re.compile(r"[^\W\d]\w{2,}")
_DEFINITION = re.compile(
    r"^[ \t]*(?:(?:export|default|pub(?:\([^)]*\))?|async|static|public|private|protected|internal|final|abstract|"
    r"inline|unsafe|const|extern|sealed|declare|partial|readonly|open|override|data|inner|suspend|local)\s+)*"
    r"(?:def|class|fn|fun|func(?:\s*\([^)]*\))?|function\*?|struct|enum|interface|trait|type|record|union|module"
    r"|object)\s+(?:<[^>\n]{0,60}>\s*)?(?:self\.|\w+(?:<[^>\n]{0,60}>)?[.:])?(?P<name>[^\W\d]\w*)"
    r"|^[ \t]*(?P<c_name>[^\W\d]\w*)[ \t]*\(\)[ \t]*\{"
    r"|^[ \t]*(?:[A-Za-z_][\w:<>,*& \t]*[ \t*&])(?P<b_name>[^\W\d]\w*)\([^;{}\n]*\)[^;{}\n]*(?:\n[ \t]*)?\{",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition of a document: its name and its first lines."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """A document that may be drawn on, with its definitions."""

    path: str
    definitions: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A piece of another document, for a prompt."""

    path: str
    text: str


def definitions_of(text: Text) -> tuple[Definition, ...]:
    """The definitions of a document, in its order; nested ones count by themselves."""
    found: list[Definition] = []
    for match in _DEFINITION.finditer(text.content):
        name = match.group("name") or match.group("c_name") or match.group("b_name")
        found.append(Definition(name, _lines_of(text, text.line_of(match.start()))))
    return tuple(found)


def names_around(text: Text, offset: int) -> frozenset[str]:
    """Identifiers of the document's head and of the lines around `offset`, its own line apart.

    The cursor's line is left out so that the choice, and with it the prompt's start, holds from key to key.
    """
    own = text.line_span(text.line_of(offset))
    near = text.content[max(0, own.start - _NEAR) : own.start] + text.content[own.end : own.end + _NEAR // 3]
    return frozenset(_IDENTIFIER.findall(text.content[: min(HEAD, own.start)] + "\n" + near))


def choose_excerpts(sources: Sequence[Source], names: Iterable[str]) -> tuple[Excerpt, ...]:
    """One excerpt for each document that defines a name in `names`; `sources` come last-changed first.

    The result is in the order of a prompt: least recently changed first.
    """
    wanted = frozenset(names)
    chosen: list[Excerpt] = []
    for source in reversed(sources):
        pieces = [definition.text for definition in source.definitions if definition.name in wanted]
        if pieces:
            chosen.append(Excerpt(source.path, "\n".join(_without_nested(pieces))))
    return tuple(chosen)


def _without_nested(pieces: Sequence[str]) -> list[str]:
    """Drop what an earlier piece already shows: a method whose class is shown with it."""
    kept: list[str] = []
    for piece in pieces:
        if not any(piece in other for other in kept):
            kept.append(piece)
    return kept


def _lines_of(text: Text, row: int) -> str:
    first = text.line_text(row)
    scope = width(first)
    lines = [first]
    for number in range(row + 1, min(text.line_count, row + LINES_PER_DEFINITION)):
        line = text.line_text(number)
        if line.strip() and width(line) <= scope:
            if line.lstrip()[:1] in ("}", ")") or line.strip() == "end":
                lines.append(line)
            break
        lines.append(line)
    return "\n".join(lines).rstrip()
