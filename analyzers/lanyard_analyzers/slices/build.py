"""From a request to a slice: refuse, gather, choose, render, redact, and never exceed the budget.

Owns the order of the steps and the promises of a slice; each step's rules are in its own module.
"""

from __future__ import annotations

from itertools import chain
from typing import NamedTuple

from lanyard_analyzers.redact import Redactions, redact
from lanyard_analyzers.slices.choose import Pick, choose
from lanyard_analyzers.slices.gather import Scene, gather, is_whole_file, scene_of
from lanyard_analyzers.slices.model import Origin, Piece, Problem, Slice, SliceRequest, Tier
from lanyard_analyzers.slices.outline import Outline, outline_of
from lanyard_analyzers.slices.old_render import Lines, TargetLines, render
from lanyard_analyzers.slices.resolve import Files
from lanyard_analyzers.slices.usage import callers, framework, tests
from lanyard_analyzers.text import Span
from lanyard_analyzers.tokens import estimate
from lanyard_analyzers.workspace import SaysWhy, Workspace

_NUMBERED_KINDS = frozenset({"review", "security"})


class _Draft(NamedTuple):
    text: str
    tokens: int
    origins: tuple[Origin | None, ...]
    redactions: Redactions


def build_slice(request: SliceRequest) -> tuple[Slice, tuple[Problem, ...]]:
    """What to send for a task, and what the user should know about it. Deterministic; raises nothing for odd input.

    `tokens` never exceeds the budget by the request's own `count`, and `text` holds nothing of a file that the
    workspace does not give, nor anything that `redact` recognises in the text or in the whole files behind it. A
    target that is excluded itself gives an empty slice and one problem.
    """
    refused = _refusal(request.workspace, request.path)
    if refused is not None:
        return Slice(), (refused,)
    outline = outline_of(request.syntax, request.path)
    files = Files(request.workspace)
    files.own(outline)
    scene = scene_of(request, outline, files)
    notes = _notes(scene)
    target, base, problems = _fit_target(scene, notes)
    if base is None:
        return Slice(), problems
    picks: list[Pick] = []
    if not is_whole_file(scene) or request.kind == "test":
        scale = min(2.0, max(0.5, base.tokens / max(estimate(base.text), 1)))
        own = {outline.path: set(range(target.first, target.last + 1))}
        candidates = chain(gather(scene), tests(scene), callers(scene))
        picks = choose(candidates, request.budget - base.tokens, scale, own)
    picks, draft = _fit(scene, target, notes, picks, base)
    return _slice(scene, target, picks, draft), problems


def _refusal(workspace: Workspace, path: str) -> Problem | None:
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


def _notes(scene: Scene) -> list[str]:
    if scene.request.kind != "test":
        return []
    name = framework(scene)
    return [f"tests are written with {name}"] if name else []


def _fit_target(scene: Scene, notes: list[str]) -> tuple[TargetLines, _Draft | None, tuple[Problem, ...]]:
    """The target whole if it fits, else as many of its first lines as do."""
    request, (first, last) = scene.request, scene.lines
    numbered = request.kind in _NUMBERED_KINDS
    whole = TargetLines(scene.outline, first, last, last - first + 1, request.target.name, numbered)

    def draft_of(target: TargetLines) -> _Draft:
        return _draft(scene, render({}, target, notes))

    draft = draft_of(whole)
    if draft.tokens <= request.budget:
        return whole, draft, ()
    low, high, best = 0, whole.shown - 1, None
    while low < high:
        middle = (low + high + 1) // 2
        attempt = TargetLines(scene.outline, first, last, middle, request.target.name, numbered)
        if draft_of(attempt).tokens <= request.budget:
            low, best = middle, attempt
        else:
            high = middle - 1
    needed = f"The target has about {draft.tokens} tokens and the slice may hold {request.budget}"
    if best is None:
        return whole, None, (Problem(f"{needed}: nothing of it fits; select a smaller part, or raise the budget"),)
    left_out = whole.shown - best.shown
    problem = Problem(f"{needed}: its last {left_out} lines are left out; select a smaller part to have all of it seen")
    return best, draft_of(best), (problem,)


def _fit(
    scene: Scene, target: TargetLines, notes: list[str], picks: list[Pick], base: _Draft
) -> tuple[list[Pick], _Draft]:
    """The picks with their text; the last ones are dropped until the real count is within the budget."""
    picks = list(picks)
    while picks:
        draft = _draft(scene, render(_context(picks, target), target, notes))
        over = draft.tokens - scene.request.budget
        if over <= 0:
            return picks, draft
        dropped = 0.0
        while picks and dropped <= over:
            dropped += max(picks.pop().tokens, 1.0)
    return [], base


def _context(picks: list[Pick], target: TargetLines) -> dict[str, tuple[Outline, set[int]]]:
    context: dict[str, tuple[Outline, set[int]]] = {}
    for pick in picks:
        outline = pick.candidate.outline
        lines = set(pick.option.lines)
        if outline.path == target.outline.path:
            lines -= set(range(target.first, target.last + 1))
        if lines:
            context.setdefault(outline.path, (outline, set()))[1].update(lines)
    return context


def _draft(scene: Scene, lines: Lines) -> _Draft:
    texts = [text for text, _ in lines]
    origins = tuple(origin for _, origin in lines)
    text, redactions = redact("\n".join(texts) + "\n", also=_known_secrets(scene, lines))
    return _Draft(text, scene.request.count(text), origins, redactions)


def _known_secrets(scene: Scene, lines: Lines) -> list[Span]:
    """Where the lines show parts of secrets that only the whole file gives away, like the middle of a key."""
    spans: list[Span] = []
    at = 0
    for text, origin in lines:
        if origin is not None:
            outline = scene.files.outline(origin.path)
            start = outline.text.starts[origin.line] if outline is not None else 0
            for secret in outline.secrets if outline is not None else ():
                first, last = max(secret.span.start - start, 0), min(secret.span.end - start, len(text))
                if first < last:
                    spans.append(Span(at + first, at + last))
        at += len(text) + 1
    return spans


def _slice(scene: Scene, target: TargetLines, picks: list[Pick], draft: _Draft) -> Slice:
    final: dict[int, Pick] = {}
    tokens: dict[int, float] = {}
    for pick in picks:
        key = id(pick.candidate)
        final[key] = pick
        tokens[key] = tokens.get(key, 0.0) + pick.tokens
    pieces: list[Piece] = []
    outlines = {target.outline.path: target.outline}
    for key, pick in final.items():
        outline, option = pick.candidate.outline, pick.option
        outlines[outline.path] = outline
        first, last = min(option.lines), max(option.lines)
        pieces.append(Piece(outline.path, first, last, option.tier, pick.candidate.why, round(tokens[key])))
    pieces.sort(key=lambda piece: (piece.path, piece.first_line, piece.last_line))
    shown = target.first + target.shown - 1
    body = "\n".join(target.outline.line(line) for line in range(target.first, shown + 1))
    pieces.append(Piece(target.outline.path, target.first, shown, Tier.VERBATIM, "target", estimate(body)))
    whole = sum(_whole_tokens(scene, outline) for outline in outlines.values())
    return Slice(draft.text, draft.tokens, whole, tuple(pieces), draft.origins, draft.redactions)


def _whole_tokens(scene: Scene, outline: Outline) -> int:
    count = scene.request.count
    return outline.tokens if count is estimate else count(outline.text.content)
