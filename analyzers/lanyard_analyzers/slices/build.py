"""From a request to a slice: refuse, gather, choose, render, redact, and never exceed the budget.

Owns the order of the steps and the promises of a slice; each step's rules are in its own module.
"""

from __future__ import annotations

from collections.abc import Sequence

from lanyard_analyzers.slices.choose import Pick
from lanyard_analyzers.slices.fit import Draft, Shown, chosen, draft_of
from lanyard_analyzers.slices.gathering import gathered
from lanyard_analyzers.slices.model import Piece, Problem, Slice, SliceRequest, Tier
from lanyard_analyzers.slices.pieces import dropped_of, pieces_of, whole_tokens
from lanyard_analyzers.slices.refused import refusal
from lanyard_analyzers.slices.render import TargetLines, render
from lanyard_analyzers.slices.scene import Candidate, Scene
from lanyard_analyzers.slices.scenes import scene_of
from lanyard_analyzers.tokens import estimate

_AT_ONCE = 512
"""Lines of a target that are laid out at once."""
_NUMBERED_KINDS = frozenset({"review", "security"})


def build_slice(request: SliceRequest) -> tuple[Slice, tuple[Problem, ...]]:
    """What to send for a task, and what the user should know about it. Deterministic; raises nothing for odd input.

    `tokens` never exceeds the budget by the request's own `count`, and `text` holds nothing of a file that the
    workspace does not give, nor anything that `redact` recognises in the text or in the whole files behind it. A
    target that is excluded itself gives an empty slice and one problem.
    """
    refused = refusal(request.workspace, request.path)
    if refused is not None:
        return Slice(), (refused,)
    scene = scene_of(request)
    candidates, notes = gathered(scene)
    target, base, problems = _fit_target(scene, notes)
    if base is None:
        return Slice(), problems
    own = frozenset(range(target.first, target.last + 1))
    picks, draft = chosen(
        request,
        scene.index,
        candidates,
        lambda shown: render(_beside(shown, target), target, notes),
        base=base,
        taken=[(scene.file, own)],
    )
    return _slice(scene, target, candidates, picks, draft), problems


def _fit_target(scene: Scene, notes: Sequence[str]) -> tuple[TargetLines, Draft | None, tuple[Problem, ...]]:
    """The target whole if it fits, else as many of its first lines as do."""
    request, (first, last) = scene.request, scene.lines
    numbered = request.kind in _NUMBERED_KINDS

    def target_of(shown: int) -> TargetLines:
        return TargetLines(scene.file, first, last, shown, request.target.name, numbered)

    def drafted(target: TargetLines) -> Draft:
        return draft_of(request, scene.index, render({}, target, notes))

    size = last - first + 1
    whole, best = target_of(size), None
    # Of a huge target only as much is laid out as could fit: more lines step by step, until one step does not.
    low, high = 0, _AT_ONCE
    while high < size and (draft := drafted(attempt := target_of(high))).tokens <= request.budget:
        low, high, best = high, high * 2, attempt
    if high >= size:
        draft = drafted(whole)
        if draft.tokens <= request.budget:
            return whole, draft, ()
        tokens, high = draft.tokens, size
    else:
        tokens = request.count(request.syntax.text.slice(request.target.span))
    high -= 1
    while low < high:
        middle = (low + high + 1) // 2
        attempt = target_of(middle)
        if drafted(attempt).tokens <= request.budget:
            low, best = middle, attempt
        else:
            high = middle - 1
    needed = f"The target has about {tokens} tokens and the slice may hold {request.budget}"
    if best is None:
        return whole, None, (Problem(f"{needed}: nothing of it fits; select a smaller part, or raise the budget"),)
    left_out = whole.shown - best.shown
    problem = Problem(f"{needed}: its last {left_out} lines are left out; select a smaller part to have all of it seen")
    return best, drafted(best), (problem,)


def _beside(shown: Shown, target: TargetLines) -> Shown:
    """What is shown, without the lines of the target."""
    own = shown.get(target.file.path)
    if own is None:
        return shown
    lines = own[1] - set(range(target.first, target.last + 1))
    rest = {path: found for path, found in shown.items() if path != target.file.path}
    return {**rest, target.file.path: (own[0], lines)} if lines else rest


def _slice(
    scene: Scene, target: TargetLines, candidates: Sequence[Candidate], picks: list[Pick], draft: Draft
) -> Slice:
    found = pieces_of(picks)
    paths = {piece.path for piece in found} | {target.file.path}
    shown = target.first + target.shown - 1
    body = "\n".join(target.file.lines[target.first : shown + 1])
    own = Piece(target.file.path, target.first, shown, Tier.VERBATIM, "target", estimate(body))
    whole = whole_tokens(scene.index, paths, draft)
    dropped = dropped_of(candidates, picks)
    return Slice(draft.text, draft.tokens, whole, (*found, own), draft.origins, draft.redactions, dropped)
