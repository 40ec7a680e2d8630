"""The Markdown chat document: a conversation under `## You` and `## Lanyard` headings.

Owns its form, in both directions. Any text is a chat document of some sort: without a heading all of it is the
question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lanyard_analyzers.text import Text
from lanyard_server.chat.params import Turn

SUFFIX = ".lanyard.md"
LANGUAGE_ID = "lanyard-chat"
YOU, LANYARD = "## You", "## Lanyard"
NEW = f"{YOU}\n\n"
STOPPED = "_Stopped._"

_HEADING = re.compile(r"##[ \t]+(You|Lanyard)[ \t]*#*[ \t]*\Z")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_MENTION = re.compile(r"(?<![\w`/])@(?P<path>[\w./\\-]*\.\w+)(?::(?P<first>\d{1,7})(?:-(?P<last>\d{1,7}))?)?")


@dataclass(frozen=True, slots=True)
class Section:
    """One turn of the document. `end` is the offset behind its last character that is not blank."""

    role: Literal["user", "assistant"]
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A file named in a question as `@path` or `@path:3-10`; lines count from 1, 0 for the whole file."""

    path: str
    first: int = 0
    last: int = 0


def is_chat_document(uri: str, language_id: str) -> bool:
    """Whether a document is a chat document."""
    return language_id == LANGUAGE_ID or uri.lower().endswith(SUFFIX)


def sections(text: Text) -> tuple[Section, ...]:
    """The turns in their order; headings inside code fences are content."""
    marks = list(_headings(text))
    if not marks:
        return (_section(text, "user", 0, len(text)),)
    ends = [start for _, start, _ in marks[1:]]
    return tuple(
        _section(text, role, body, end) for (role, _, body), end in zip(marks, [*ends, len(text)], strict=True)
    )


def conversation(found: tuple[Section, ...]) -> tuple[Turn, ...]:
    """The turns that say something; two of one role in a row become one."""
    turns: list[Turn] = []
    for section in found:
        content = section.text.removesuffix(STOPPED).rstrip()
        if not content:
            continue
        if turns and turns[-1].role == section.role:
            content = f"{turns.pop().content}\n\n{content}"
        turns.append(Turn(role=section.role, content=content))
    return tuple(turns)


def question(found: tuple[Section, ...]) -> Section | None:
    """The last section, where it is the user's and says something."""
    last = found[-1] if found else None
    return last if last is not None and last.role == "user" and last.text else None


def mentions(question_text: str) -> tuple[Mention, ...]:
    """The files that a question names."""
    found: list[Mention] = []
    for match in _MENTION.finditer(question_text):
        first = int(match["first"] or 0)
        found.append(Mention(match["path"].replace("\\", "/"), first, max(first, int(match["last"] or first))))
    return tuple(dict.fromkeys(found))


def _headings(text: Text) -> Iterator[tuple[Literal["user", "assistant"], int, int]]:
    """(role, offset of the heading, offset of what follows it)."""
    fence = ""
    for row in range(text.line_count):
        line = text.line_text(row)
        mark = _FENCE.match(line)
        if mark:
            ticks = mark.group(1)
            if not fence:
                fence = ticks
            elif ticks[0] == fence[0] and len(ticks) >= len(fence) and not line[mark.end() :].strip():
                fence = ""
            continue
        heading = None if fence else _HEADING.match(line)
        if heading:
            body = text.starts[row + 1] if row + 1 < text.line_count else len(text)
            yield ("user" if heading.group(1) == "You" else "assistant"), text.starts[row], body


def _section(text: Text, role: Literal["user", "assistant"], start: int, end: int) -> Section:
    content = text.content[start:end]
    kept = content.rstrip()
    return Section(role, kept.strip(), start, start + len(kept))
