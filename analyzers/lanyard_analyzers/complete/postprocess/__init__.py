"""What of a model's reply is worth showing: an ordered list of pure filters, one file each.

Owns the order. A filter gets the suggestion so far and the situation, and returns what is left of it; an empty
string ends the line. Filters are total: no reply makes one fail.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from lanyard_analyzers.complete.postprocess.blank import drop_blank
from lanyard_analyzers.complete.postprocess.closers import balance_closers
from lanyard_analyzers.complete.postprocess.first_line import settle_first_line
from lanyard_analyzers.complete.postprocess.indentation import fix_indentation
from lanyard_analyzers.complete.postprocess.loops import cut_loop
from lanyard_analyzers.complete.postprocess.model_tokens import strip_model_tokens
from lanyard_analyzers.complete.postprocess.next_lines import drop_next_lines
from lanyard_analyzers.complete.postprocess.scope import stop_at_scope
from lanyard_analyzers.complete.postprocess.suffix import drop_suffix_overlap
from lanyard_analyzers.complete.postprocess.trailing import trim_trailing_blanks
from lanyard_analyzers.complete.postprocess.unfinished import drop_unfinished_line
from lanyard_analyzers.complete.situation import Situation

Filter = Callable[[str, Situation], str]

FILTERS: tuple[Filter, ...] = (
    strip_model_tokens,
    settle_first_line,
    cut_loop,
    stop_at_scope,
    drop_next_lines,
    drop_suffix_overlap,
    balance_closers,
    fix_indentation,
    trim_trailing_blanks,
    drop_blank,
)
AFTER_TYPING: tuple[Filter, ...] = (drop_suffix_overlap, balance_closers, trim_trailing_blanks, drop_blank)
"""What a suggestion still needs when it has been typed into: its extent was settled where it was asked for."""


def postprocess(reply: str, situation: Situation, *, finish: Literal["stop", "length"] = "stop") -> str:
    """The text to insert at the cursor, "" for nothing worth showing. Line ends of the result are `\\n`.

    `finish` is "length" where the model ran out of tokens, so that its last line is not whole.
    """
    text = reply.replace("\r\n", "\n").replace("\r", "\n")
    if finish == "length":
        text = drop_unfinished_line(text, situation)
    return _through(FILTERS, text, situation)


def refresh(rest: str, situation: Situation) -> str:
    """What is left to show of a suggestion whose start has been typed."""
    return _through(AFTER_TYPING, rest, situation)


def _through(filters: tuple[Filter, ...], text: str, situation: Situation) -> str:
    for step in filters:
        if not text:
            return ""
        text = step(text, situation)
    return text
