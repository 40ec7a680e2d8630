"""What a slice says of itself: its pieces, what had no room, how large the whole files are.

Owns that account; nothing here changes what is shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.slices import forms
from lanyard_analyzers.slices.choose import Pick
from lanyard_analyzers.slices.fit import Draft
from lanyard_analyzers.slices.model import DROPPED_MOST, Piece, Tier
from lanyard_analyzers.slices.scene import Candidate


def pieces_of(picks: list[Pick]) -> list[Piece]:
    """One piece for each candidate that was picked, in the order of their places."""
    final: dict[int, Pick] = {}
    tokens: dict[int, float] = {}
    for pick in picks:
        key = id(pick.candidate)
        final[key] = pick
        tokens[key] = tokens.get(key, 0.0) + pick.tokens
    pieces = [_piece(pick.candidate, pick.option.tier, pick.option.lines, tokens[key]) for key, pick in final.items()]
    return sorted(pieces, key=lambda piece: (piece.path, piece.first_line, piece.last_line, piece.why))


def dropped_of(candidates: Sequence[Candidate], picks: list[Pick]) -> tuple[Piece, ...]:
    """What was gathered and not picked, the most worthy first, with what its smallest form would have cost.

    What is shown already as a part of something else is not dropped.
    """
    picked = {id(pick.candidate) for pick in picks}
    sheets: dict[str, forms.Sheet] = {}
    for pick in picks:
        file = pick.candidate.file
        sheets.setdefault(file.path, forms.Sheet(file)).add(pick.option.lines)
    found: list[Piece] = []
    for one in sorted((one for one in candidates if id(one) not in picked), key=lambda one: -one.options[0].worth):
        option, sheet = one.options[0], sheets.get(one.file.path) or forms.Sheet(one.file)
        cost = sheet.cost(option.lines)
        if cost:
            found.append(_piece(one, option.tier, option.lines, cost))
            if len(found) == DROPPED_MOST:
                break
    return tuple(found)


def _piece(candidate: Candidate, tier: Tier, lines: frozenset[int], tokens: float) -> Piece:
    real = [forms.place_of(line) for line in lines] or [0]
    return Piece(candidate.file.path, min(real), max(real), tier, candidate.why, round(tokens))


def whole_tokens(index: Index, paths: set[str], draft: Draft) -> int:
    """Whole files at the slice's own tokens a character: to count them would take longer than all the rest."""
    files = (index.file(path) for path in sorted(paths))
    characters = sum(len(file.text.content) for file in files if file is not None)
    return round(characters * draft.tokens / max(1, len(draft.text)))
