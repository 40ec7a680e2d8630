"""The completion prompt: what stands before and after the cursor, and excerpts of other documents.

Owns the windows. They are cut at line starts, and their outer ends stay where they are while someone types, so that
an engine's prefix cache holds from key to key. Line ends in a prompt are `\\n`. Needs no syntax tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lanyard_analyzers.complete.excerpts import Excerpt
from lanyard_analyzers.text import Text
from lanyard_analyzers.tokens import estimate

CHARACTERS_PER_TOKEN = 3.0
"""Code in the eight languages has 3.0 to 3.6 characters a token in the vocabularies of current code models; the
low end keeps a window inside the budget."""
STEPS_PER_WINDOW = 4
"""The prefix window moves by this part of its size at a time."""
_KEY_END = "-----END"
_KEY_BEGIN = "-----BEGIN"


@dataclass(frozen=True, slots=True)
class Budget:
    """Tokens that each part of a prompt may hold."""

    prefix: int = 1_024
    suffix: int = 256
    excerpts: int = 384


def budget_for(context: int, *, reply: int) -> Budget:
    """The budget for a model with a context of so many tokens, `reply` of them for its answer; 0: not known.

    Small vocabularies make more tokens of the same text, so that a small context is not filled to its end.
    """
    whole = Budget()
    room = context - reply
    if context <= 0 or room >= (whole.prefix + whole.suffix + whole.excerpts) * 5 // 4:
        return whole
    room = max(room, context // 2) * 7 // 10
    excerpts = room // 5 if context >= 2_048 else 0
    suffix = min(whole.suffix, room // 5)
    return Budget(min(whole.prefix, room - suffix - excerpts), suffix, excerpts)


@dataclass(frozen=True, slots=True)
class FillPrompt:
    """A completion prompt. `excerpts` come first in what a model sees, the least recently changed first."""

    prefix: str
    suffix: str
    excerpts: tuple[Excerpt, ...] = ()


def build_prompt(
    text: Text, offset: int, *, budget: Budget | None = None, excerpts: Sequence[Excerpt] = ()
) -> FillPrompt:
    """The prompt for a completion at `offset` (code points; clamped)."""
    budget = budget or Budget()
    offset = max(0, min(offset, len(text)))
    start = _prefix_start(text, offset, size=_characters(budget.prefix))
    end = _suffix_end(text, offset, size=_characters(budget.suffix))
    return FillPrompt(
        prefix=_unix(text.content[start:offset]),
        suffix=_unix(text.content[offset:end]),
        excerpts=within(excerpts, budget.excerpts),
    )


def _characters(tokens: int) -> int:
    return int(tokens * CHARACTERS_PER_TOKEN)


def _prefix_start(text: Text, offset: int, *, size: int) -> int:
    """The first line start inside the window; it stays put while the cursor moves by less than a step."""
    if offset <= size:
        return 0
    step = max(1, size // STEPS_PER_WINDOW)
    low = -(-(offset - size) // step) * step
    line = text.line_of(low)
    start = low if text.starts[line] == low else None
    if start is None and line + 1 < text.line_count and text.starts[line + 1] <= offset:
        start = text.starts[line + 1]
    if start is None:
        start = low  # one line longer than the window
    return _behind_key(text, start, offset)


def _behind_key(text: Text, start: int, offset: int) -> int:
    """A window that began inside an armoured key would hide its first line, by which a key is recognised."""
    begin = text.content.rfind(_KEY_BEGIN, 0, start)
    if begin < 0 or text.content.find(_KEY_END, begin, start) >= 0:
        return start
    end = text.content.find(_KEY_END, start, offset)
    if end < 0:
        return start if start - begin > 16_384 else offset  # no key is that long: a string that looks like one
    return min(offset, text.line_span(text.line_of(end)).end + 1)


def _suffix_end(text: Text, offset: int, *, size: int) -> int:
    """The last line end inside the window; the cursor's own line is kept, cut hard where it is too long."""
    if len(text) - offset <= size:
        return len(text)
    own = text.line_span(text.line_of(offset)).end
    return max(min(own, offset + size), text.starts[text.line_of(offset + size)])


def within(excerpts: Sequence[Excerpt], tokens: int) -> tuple[Excerpt, ...]:
    """As many excerpts as fit into `tokens`, in their order; the last ones matter most and are kept first.

    Tokens are those of `estimate`, as where the index cuts a context for the same budget: it comes through whole.
    """
    kept: list[Excerpt] = []
    text = ""
    for excerpt in reversed(excerpts):
        text = f"{excerpt.text}\n{text}"
        if estimate(text.removesuffix("\n")) > tokens:
            break
        kept.append(excerpt)
    return tuple(reversed(kept))


def _unix(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
