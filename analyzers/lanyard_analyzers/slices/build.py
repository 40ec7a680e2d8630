"""From a request to a slice: refuse, gather, choose, render, redact, and never exceed the budget.

Owns the order of the steps and the promises of a slice; each step's rules are in its own module.
"""

from __future__ import annotations

from collections.abc import Sequence

from lanyard_analyzers.slices import forms
from lanyard_analyzers.slices.choose import Pick, choose
from lanyard_analyzers.slices.fit import Draft, Shown, draft_of, fit
from lanyard_analyzers.slices.gathering import gathered
from lanyard_analyzers.slices.model import DROPPED_MOST, Piece, Problem, Slice, SliceRequest, Tier
from lanyard_analyzers.slices.render import TargetLines, render
from lanyard_analyzers.slices.scene import Candidate, Scene
from lanyard_analyzers.slices.scenes import scene_of
from lanyard_analyzers.tokens import estimate
from lanyard_analyzers.workspace import SaysWhy, Workspace

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
    scale = min(2.0, max(0.5, base.tokens / max(estimate(base.text), 1)))
    own = frozenset(range(target.first, target.last + 1))
    picks = choose(candidates, request.budget - base.tokens, scale, [(scene.file, own)])
    picks, draft = fit(request, scene.index, picks, lambda shown: render(_beside(shown, target), target, notes))
    return _slice(scene, target, candidates, picks, draft or base), problems


def refusal(workspace: Workspace, path: str) -> Problem | None:
    """Why nothing of a file may be sent, with the next step; None where it may."""
    if isinstance(workspace, SaysWhy):
        why = workspace.excluded(path)
        if why is None:
            return None
    elif workspace.read(path) is not None:
        return None
    else:
        why = "not readable in the workspace"
    hint = "" if "never read" in why or "link" in why else "; to allow it, add a line with ! to .lanyardignore"
    if "workspace" in why:
        hint = "; open the folder that holds it"
    return Problem(f"{path} is {why}, so nothing of it is sent{hint}")


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
    whole = _whole_tokens(scene, paths, draft)
    dropped = dropped_of(candidates, picks)
    return Slice(draft.text, draft.tokens, whole, (*found, own), draft.origins, draft.redactions, dropped)


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
    """What was gathered and not picked, the most worthy first."""
    picked = {id(pick.candidate) for pick in picks}
    left = [one for one in candidates if id(one) not in picked]
    left.sort(key=lambda one: -one.options[0].worth)
    return tuple(_piece(one, one.options[0].tier, one.options[0].lines, 0.0) for one in left[:DROPPED_MOST])


def _piece(candidate: Candidate, tier: Tier, lines: frozenset[int], tokens: float) -> Piece:
    real = [forms.place_of(line) for line in lines] or [0]
    return Piece(candidate.file.path, min(real), max(real), tier, candidate.why, round(tokens))


def _whole_tokens(scene: Scene, paths: set[str], draft: Draft) -> int:
    """Whole files at the slice's own tokens a character: to count them would take longer than all the rest."""
    files = (scene.index.file(path) for path in paths)
    characters = sum(len(file.text.content) for file in files if file is not None)
    return round(characters * draft.tokens / max(1, len(draft.text)))
