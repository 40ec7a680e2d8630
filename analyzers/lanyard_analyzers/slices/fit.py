"""From picks to a text that is within the budget by the request's own count, redacted.

Owns the real count and what is dropped for it. Nothing here decides what is worth more.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.redact import Redactions, redact
from lanyard_analyzers.slices.choose import Pick, choose, least_of
from lanyard_analyzers.slices.given_away import known_secrets
from lanyard_analyzers.slices.model import Origin, SliceRequest
from lanyard_analyzers.slices.render import Rows
from lanyard_analyzers.slices.scene import Candidate, Lines
from lanyard_analyzers.tokens import estimate

_WELL_FILLED = 0.93
Shown = dict[str, tuple[SourceFile, set[int]]]


class Draft(NamedTuple):
    """A text with its count, the origin of each of its lines, and what was redacted in it."""

    text: str
    tokens: int
    origins: tuple[Origin | None, ...]
    redactions: Redactions


def chosen(
    request: SliceRequest,
    index: Index,
    candidates: Sequence[Candidate],
    rows_of: Callable[[Shown], Rows],
    *,
    base: Draft,
    taken: Sequence[tuple[SourceFile, Lines]] = (),
    least: float | None = None,
) -> tuple[list[Pick], Draft]:
    """The picks for a request with their text, within its budget; `base` is the text without any.

    The first choice tells how the request's count compares to the estimate; where that leaves much room, it is made
    once more with that known.
    """
    room = request.budget - base.tokens
    least = least_of(room) if least is None else least
    scale = min(2.0, max(0.5, base.tokens / max(estimate(base.text), 1))) if base.text else 1.0
    picks = choose(candidates, room, scale, taken, least)
    guessed = sum(pick.tokens for pick in picks)
    picks, draft = fit(request, index, picks, rows_of, base)
    used = draft.tokens - base.tokens
    if used < room * _WELL_FILLED and guessed > room * _WELL_FILLED and used > 0:
        better = min(2.0, max(0.4, scale * used / guessed))
        more, fuller = fit(request, index, choose(candidates, room, better, taken, least), rows_of, base)
        if fuller.tokens > draft.tokens:
            return more, fuller
    return picks, draft


def fit(
    request: SliceRequest, index: Index, picks: Sequence[Pick], rows_of: Callable[[Shown], Rows], base: Draft
) -> tuple[list[Pick], Draft]:
    """The picks with their text; the last ones are dropped until the real count is within the budget."""
    kept = list(picks)
    while kept:
        draft = draft_of(request, index, rows_of(shown_of(kept)))
        over = draft.tokens - request.budget
        if over <= 0:
            return kept, draft
        dropped = 0.0
        while kept and dropped <= over:
            dropped += max(kept.pop().tokens, 1.0)
    return [], base


def shown_of(picks: Sequence[Pick]) -> Shown:
    """The lines that picks show, by file."""
    shown: Shown = {}
    for pick in picks:
        file = pick.candidate.file
        shown.setdefault(file.path, (file, set()))[1].update(pick.option.lines)
    return shown


def draft_of(request: SliceRequest, index: Index, rows: Rows) -> Draft:
    """The text of rows, redacted and counted."""
    texts = [text for text, _ in rows]
    origins = tuple(origin for _, origin in rows)
    text = "\n".join(texts) + "\n" if texts else ""
    text, redactions = redact(text, also=known_secrets(index, rows))
    return Draft(text, request.count(text), origins, redactions)
