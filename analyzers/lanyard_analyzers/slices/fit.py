"""From picks to a text that is within the budget by the request's own count, redacted.

Owns the real count and what is dropped for it. Nothing here decides what is worth more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.redact import Redactions, Secret, find_secrets, redact
from lanyard_analyzers.slices.choose import LEAST, Pick, choose
from lanyard_analyzers.slices.model import Origin, SliceRequest
from lanyard_analyzers.slices.render import Rows
from lanyard_analyzers.slices.rows import layout_of
from lanyard_analyzers.slices.scene import Candidate, Lines
from lanyard_analyzers.text import Span
from lanyard_analyzers.tokens import estimate

_LINES = 200
_WELL_FILLED = 0.93
_SHORTEST = 4
_TELLING = 8
"""Characters of a secret that tell that it is shown."""
_DOCUMENTATION = 12
_KEYS = ("-----", "PRIVATE", "private_key", "machine ")
"""What a file says that may hold secrets of several lines."""
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
    least: float = LEAST,
) -> tuple[list[Pick], Draft]:
    """The picks for a request with their text, within its budget; `base` is the text without any.

    The first choice tells how the request's count compares to the estimate; where that leaves much room, it is made
    once more with that known.
    """
    room = request.budget - base.tokens
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
    text, redactions = redact(text, also=_known_secrets(index, rows))
    return Draft(text, request.count(text), origins, redactions)


def _known_secrets(index: Index, rows: Rows) -> list[Span]:
    """Where the rows show parts of secrets that only the source gives away.

    Of a file that may hold a key of several lines all is looked at; of other files only the lines of those rows that
    are not shown as they are written: what is written on one line is recognised in the row itself.
    """
    spans: list[Span] = []
    parts: dict[str, tuple[str, ...]] = {}
    at = 0
    for text, origin in rows:
        if origin is not None and (file := index.file(origin.path)) is not None:
            known = parts.get(origin.path)
            if known is None:
                known = parts[origin.path] = tuple(_parts(file.text.content, file.secrets)) if _has_keys(file) else ()
            if text.strip() not in file.lines[origin.line]:
                known = (*known, *_parts_behind(file, origin.line))
            spans += [Span(at + span.start, at + span.end) for part in known if (span := _shown_part(text, part))]
        at += len(text) + 1
    return spans


def _has_keys(file: SourceFile) -> bool:
    return any(mark in file.text.content for mark in _KEYS)


def _parts_behind(file: SourceFile, line: int) -> list[str]:
    """The parts of secrets in the lines that a row stands for."""
    index = layout_of(file).head_at.get(line)
    end = file.symbols[index].head_end if index is not None else line
    source = "\n".join(file.lines[line : max(end, line + _DOCUMENTATION) + 1])
    return list(_parts(source, find_secrets(source)))


def _parts(text: str, secrets: Iterable[Secret]) -> Iterator[str]:
    """The lines of secrets; what is shorter than a few characters gives nothing away."""
    for secret in secrets:
        for part in text[secret.span.start : secret.span.end].splitlines()[:_LINES]:
            if len(part.strip()) >= _SHORTEST:
                yield part.strip()


def _shown_part(text: str, part: str) -> Span | None:
    """Where a row shows a part of a secret, or as much of its beginning as was not elided."""
    begin = text.find(part[:_TELLING])
    if begin < 0:
        return None
    size = 0
    while size < len(part) and begin + size < len(text) and text[begin + size] == part[size]:
        size += 1
    return Span(begin, begin + size)
