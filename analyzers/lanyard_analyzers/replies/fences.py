"""Code out of a reply: fenced blocks right, wrong, missing, nested or cut.

Owns finding the candidates and the order in which they are believed. Whether a candidate fits its place is for
`edits.py` and `tests_reply.py` to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.replies.problem import Problem
from lanyard_analyzers.replies.prose import without_thoughts
from lanyard_analyzers.replies.tags import with_tag
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.text import Text, line_starts

_FENCE = re.compile(r"(?P<indent>[ \t>]{0,12})(?P<ticks>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]{0,200})")
_CODE_LIKE = re.compile(r"[(){}=:;]")
_MAX_BLOCKS = 12
_MAX_PARAGRAPHS = 4
# Longer code without a fence around is not looked for; each of the readings is parsed.
_MAX_UNFENCED = 50_000
_CUT = Problem("the code block has no end, so the answer may be cut off")


@dataclass(frozen=True, slots=True)
class Block:
    """A candidate: `fit` is 0 for a block of the language, 1 for one of no language, 2 for another's; `cut`: no end."""

    code: str
    fit: int
    cut: bool


def extract_code(reply: str, language: str) -> tuple[str | None, tuple[Problem, ...]]:
    """The code that a reply most likely means: dedented, with `\\n` line ends, without blank lines around."""
    blocks = code_blocks(reply, language)
    if not blocks:
        return None, (Problem("the answer holds no code"),)
    parsed = [block for block in blocks if parses(block.code, language)]
    believed = parsed or blocks
    best = max(believed, key=lambda block: (-block.fit, len(block.code)))
    return best.code, (_CUT,) if best.cut else ()


def code_blocks(reply: str, language: str) -> tuple[Block, ...]:
    """The candidates of a reply, those of the right language first, else in their order."""
    text = _lines_of_one_kind(without_thoughts(reply))
    lines = text.split("\n")
    found = [*_fenced(lines, language, nested=False), *_fenced(lines, language, nested=True)]
    if not found:
        found = _unfenced(text, language)
    unique = {block.code: block for block in reversed(found) if block.code}
    blocks = [block for block in dict.fromkeys(found) if unique.get(block.code) is block]
    return tuple(sorted(blocks, key=lambda block: block.fit)[:_MAX_BLOCKS])


def parses(code: str, language: str) -> bool:
    """Whether the grammar accepts `code` as a whole file."""
    return parse(Text.of(with_tag(code, language)), language).parsed.clean


def dedented(code: str) -> str:
    """Code moved left by the indentation of its first line, without blank lines around.

    Not `textwrap.dedent`: a line of a multi-line string may stand further left than the code around it.
    """
    lines = code.split("\n")
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        return ""
    margin = lines[0][: len(lines[0]) - len(lines[0].lstrip(" \t"))]
    return (
        "\n".join(line.removeprefix(margin).rstrip(" \t") if line.strip() else "" for line in lines)
        if margin
        else "\n".join(lines)
    )


def _lines_of_one_kind(text: str) -> str:
    starts = line_starts(text)
    return "\n".join(text[a:b].rstrip("\r\n") for a, b in zip(starts, (*starts[1:], len(text)), strict=True))


def _fenced(lines: list[str], language: str, *, nested: bool) -> list[Block]:
    """Fenced blocks. `nested`: a fence with a language inside a block opens an inner one (models write
    documentation with examples); otherwise, as CommonMark has it, only a bare fence means anything inside a block."""
    blocks: list[Block] = []
    at = 0
    while at < len(lines) and len(blocks) < _MAX_BLOCKS:
        opening = _FENCE.fullmatch(lines[at].rstrip())
        at += 1
        if opening is None:
            continue
        first, depth = at, 0
        while at < len(lines):
            fence = _FENCE.fullmatch(lines[at].rstrip())
            same = fence is not None and fence["ticks"][:3] == opening["ticks"][:3]
            if fence is not None and same and len(fence["ticks"]) >= len(opening["ticks"]):
                if not fence["info"]:
                    if depth == 0:
                        break
                    depth -= 1
                elif nested:
                    depth += 1
            at += 1
        block = [_unquoted(line, opening["indent"]) for line in lines[first:at]]
        blocks.append(Block(dedented("\n".join(block)), _fit(opening["info"], language), at >= len(lines)))
        at += 1
    return blocks


def _unquoted(line: str, indent: str) -> str:
    """A line of a block that stands in a list or a quotation."""
    if line.startswith(indent):
        return line[len(indent) :]
    return line.lstrip(" \t") if not indent.strip() and line[: len(indent)].isspace() else line


def _fit(info: str, language: str) -> int:
    word = re.split(r"[\s{,:=]", info.strip().lower().lstrip("{."), maxsplit=1)[0]
    if not word:
        return 1
    return 0 if word in LANGUAGES[language].fences or word == language else 2


def _unfenced(text: str, language: str) -> list[Block]:
    """The reply itself where it is code, without a few paragraphs of prose before and after."""
    if len(text) > _MAX_UNFENCED:
        return []
    paragraphs = re.split(r"\n[ \t]*\n", text.strip("\n"))
    for before in range(min(_MAX_PARAGRAPHS, len(paragraphs))):
        for after in range(min(_MAX_PARAGRAPHS, len(paragraphs) - before)):
            code = dedented("\n\n".join(paragraphs[before : len(paragraphs) - after]))
            if _CODE_LIKE.search(code) and _is_code(code, language):
                return [Block(code, 1, cut=False)]
    return []


def _is_code(code: str, language: str) -> bool:
    """Whether the grammar accepts the whole, and as more than the words that a lenient one takes for expressions."""
    syntax = parse(Text.of(with_tag(code, language)), language)
    return syntax.parsed.clean and any(
        syntax.captures(section) for section in ("definitions", "imports", "references", "branches")
    )
