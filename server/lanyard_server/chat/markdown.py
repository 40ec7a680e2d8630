"""The Markdown chat document: a conversation under `## You` and `## Lanyard` headings.

Owns its form, in both directions. Any text is a chat document of some sort: without a heading all of it is the
question. A heading is the user's or ours alone: a line of an answer that looks like one stands with a backslash before
it (`guard.py` writes it, `conversation` takes it away), so no model can put words into the user's mouth.
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

_HEADING = re.compile(r"(\\*+)##[ \t]++(You|Lanyard)[ \t]*+#*+[ \t]*+\Z")
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
        content = _said(section)
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


class Fence:
    """Whether the lines of a document are inside a code fence. `mark` is what opened the one that is open, or ""."""

    def __init__(self) -> None:
        self.mark = ""

    def take(self, line: str) -> bool:
        """The next line, without its end; whether it is text outside of any fence."""
        found = _FENCE.match(line)
        if found is None:
            return not self.mark
        ticks, rest = found.group(1), line[found.end() :]
        if self.mark:
            if ticks[0] == self.mark[0] and len(ticks) >= len(self.mark) and not rest.strip():
                self.mark = ""
            return False
        if ticks[0] == "`" and "`" in rest:
            return True  # code within a line of text
        self.mark = ticks
        return False


def like_heading(line: str) -> bool:
    """Whether a line outside of any fence is a heading of a turn, or an escaped one."""
    return _HEADING.match(line) is not None


def may_be_heading(beginning: str) -> bool:
    """Whether a line that begins so can become a heading of a turn, or an escaped one."""
    bare = beginning.lstrip("\\")
    word = bare[2:].strip(" \t#")
    return "##".startswith(bare) or (bare.startswith("##") and any(one.startswith(word) for one in ("You", "Lanyard")))


def open_fence(text: Text, end: int) -> str:
    """What opened the code fence that is open at an offset of a document; "" where none is."""
    fence = Fence()
    for row in range(text.line_of(end) + 1):
        fence.take(text.line_text(row))
    return fence.mark


def _headings(text: Text) -> Iterator[tuple[Literal["user", "assistant"], int, int]]:
    """(role, offset of the heading, offset of what follows it)."""
    fence = Fence()
    for row in range(text.line_count):
        line = text.line_text(row)
        heading = _HEADING.match(line) if fence.take(line) else None
        if heading and not heading.group(1):
            body = text.starts[row + 1] if row + 1 < text.line_count else len(text)
            yield ("user" if heading.group(2) == "You" else "assistant"), text.starts[row], body


def _said(section: Section) -> str:
    """What a turn says, an answer's escaped headings as the model wrote them."""
    content = section.text.removesuffix(STOPPED).rstrip()
    if section.role == "user" or "\\##" not in content:
        return content
    fence = Fence()
    text = Text.of(content)
    lines = (text.line_text(row) for row in range(text.line_count))
    return "\n".join(line.removeprefix("\\") if fence.take(line) and like_heading(line) else line for line in lines)


def _section(text: Text, role: Literal["user", "assistant"], start: int, end: int) -> Section:
    content = text.content[start:end]
    kept = content.rstrip()
    return Section(role, kept.strip(), start, start + len(kept))
