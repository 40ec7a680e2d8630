"""The context of a completion: what other files define that is likely needed at the cursor.

Owns the order of the steps; the buffer itself is in the prompt already and is not shown. What may be needed is
`prospects.py`'s, how likely that is `chances.py`'s.
"""

from __future__ import annotations

from collections.abc import Sequence

from lanyard_analyzers.redact import Redactions
from lanyard_analyzers.slices.chances import chance
from lanyard_analyzers.slices.choose import Pick
from lanyard_analyzers.slices.fit import Draft, Shown, chosen
from lanyard_analyzers.slices.found import Found
from lanyard_analyzers.slices.model import Problem, Slice, SliceRequest
from lanyard_analyzers.slices.nearby import Nearby
from lanyard_analyzers.slices.offer import offer
from lanyard_analyzers.slices.pieces import dropped_of, pieces_of, whole_tokens
from lanyard_analyzers.slices.prospects import Prospect, Prospects
from lanyard_analyzers.slices.recent import recent
from lanyard_analyzers.slices.refused import refusal
from lanyard_analyzers.slices.render import Rows, file_rows
from lanyard_analyzers.slices.scene import Candidate, Scene
from lanyard_analyzers.slices.scenes import Gathered, remembered, scene_of
from lanyard_analyzers.slices.weights import weights_of

_LEAST = 0.000004
"""Worth for each token below which nothing is shown: a completion has its budget to itself."""
_LEAST_CHANCE = 0.0006
_MOST = 240
_WHY = {
    "import": "imported here",
    "lazy": "imported elsewhere in this file",
    "starred": "imported here with all the rest",
    "attribute": "of a module that is imported here",
    "beside": "of a module of this package",
    "returned": "what the function gives",
}


def build_context(request: SliceRequest) -> tuple[Slice, tuple[Problem, ...]]:
    """What to put before the buffer for a completion at `request.cursor`; deterministic, total, within the budget."""
    refused = refusal(request.workspace, request.path)
    if refused is not None:
        return Slice(), (refused,)
    scene = scene_of(request)
    candidates, _ = remembered(scene, lambda: _gathered(scene))
    nothing = Draft("", 0, (), Redactions())
    picks, draft = chosen(request, scene.index, candidates, _rows, base=nothing, least=_LEAST)
    return _slice(scene, candidates, picks, draft), ()


def _gathered(scene: Scene) -> Gathered:
    cursor = scene.request.cursor
    nearby = Nearby(scene.file, cursor if cursor is not None else scene.request.target.span.end)
    found = [(chance(one.features), one) for one in Prospects(scene, nearby).gather()]
    found = [pair for pair in found if pair[0] >= _LEAST_CHANCE]
    found.sort(key=lambda pair: (-pair[0], pair[1].place.key))
    candidates = [one for chances, prospect in found[:_MOST] if (one := _candidate(scene, prospect, chances))]
    more = (one for one in recent(scene) if one.options and one.file.path != scene.file.path)
    return (*candidates, *more), ()


def _candidate(scene: Scene, prospect: Prospect, chances: float) -> Candidate | None:
    file = scene.index.file(prospect.place.path)
    if file is None:
        return None
    why = _WHY.get(prospect.why, "a member of what is used here" if prospect.why.startswith("of_") else "its type")
    return offer(file, Found(prospect.place, why, chances), weights_of("complete"))


def _rows(shown: Shown) -> Rows:
    rows: Rows = []
    for path in sorted(shown):
        file, lines = shown[path]
        found = file_rows(file, lines)
        if found and rows:
            rows.append(("", None))
        rows += found
    return rows


def _slice(scene: Scene, candidates: Sequence[Candidate], picks: list[Pick], draft: Draft) -> Slice:
    pieces = pieces_of(picks)
    whole = whole_tokens(scene.index, {piece.path for piece in pieces}, draft)
    dropped = dropped_of(candidates, picks)
    return Slice(draft.text, draft.tokens, whole, tuple(pieces), draft.origins, draft.redactions, dropped)
