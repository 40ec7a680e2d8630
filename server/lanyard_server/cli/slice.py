"""`lanyard slice FILE:LINE`: what would be sent, with its token count. Sends nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lanyard_server.terminal import say, say_aside

if TYPE_CHECKING:
    from lanyard_analyzers.slices import Piece, Slice, SliceRequest
    from lanyard_server.cli.place import Place
    from lanyard_server.index.local import LocalIndex

COMPLETE = "complete"
_NAMES_MOST = 60


def command(
    where: Annotated[
        str, typer.Argument(metavar="FILE:LINE[:COLUMN]", help="The target is the node there; `complete` needs COLUMN.")
    ],
    kind: Annotated[str, typer.Option(help="review, test, refactor, document, explain, fix or complete")] = "review",
    budget: Annotated[int, typer.Option(min=64, help="The most tokens that the slice may have.")] = 2048,
    explain: Annotated[
        bool, typer.Option("--explain", help="Each piece: where from, why, what it cost; what had no room; times.")
    ] = False,
    root: Annotated[Path | None, typer.Option(help="The workspace folder; else the nearest project root.")] = None,
) -> None:
    """Print the slice that a task would send."""
    from lanyard_analyzers.slices import SliceRequest, build_slice
    from lanyard_analyzers.slices.complete import build_context
    from lanyard_server.cli.place import fail, place_at
    from lanyard_server.settings_sources import load
    from lanyard_server.tasks.prompts import ASKS

    if kind not in {COMPLETE, *(k.value for k in ASKS)}:
        raise fail(f"--kind {kind}: choose one of {', '.join(sorted({COMPLETE, *(k.value for k in ASKS)}))}.")
    place = place_at(where, root)
    if kind == COMPLETE and place.cursor is None:
        raise fail(f"{where}: a completion happens at a cursor; name the place as FILE:LINE:COLUMN.")
    patterns = load().settings.privacy.ignore
    begun = time.perf_counter()
    local = open_local(place, patterns)
    opened = time.perf_counter()
    request = SliceRequest(
        kind=kind,
        syntax=place.syntax,
        path=place.path,
        target=place.target,
        workspace=local.live,
        budget=budget,
        index=local.index,
        cursor=place.cursor if kind == COMPLETE else None,
    )
    made, problems = local.ask(build_context if kind == COMPLETE else build_slice, request)
    asked = time.perf_counter()
    for problem in problems:
        say_aside(problem.message)
    if not made.text and kind != COMPLETE:
        raise typer.Exit(1)
    say(made.text)
    share = 100 * made.tokens / max(1, made.whole_tokens)
    say_aside(
        f"{kind} of {place.target.name or place.path}: {made.tokens} tokens of {budget}, {share:.0f} % of the "
        f"{made.whole_tokens} tokens of the whole files; {len(made.redactions)} secrets replaced"
    )
    if explain:
        for line in (*_explained(made, budget), *_names(request)):
            say_aside(line)
        say_aside(f"time: index {_ms(opened - begun)}, question {_ms(asked - opened)} ({local.told})")
    local.close()


def open_local(place: Place, patterns: tuple[str, ...]) -> LocalIndex:
    """The index for a place; `patterns` are the user's `privacy.ignore`."""
    from lanyard_routing import paths
    from lanyard_server.index.local import LocalIndex
    from lanyard_server.index.store import file_for

    store = file_for(paths.cache_dir() / "index", place.root)
    return LocalIndex(place.root, patterns, store)


def _explained(made: Slice, budget: int) -> Iterator[str]:
    yield "tokens  share  form       lines                                    why"
    for piece in made.pieces:
        yield f"{piece.tokens:6d}  {100 * piece.tokens / budget:4.0f} %  {_place(piece)}"
    if made.dropped:
        yield f"no room for {len(made.dropped)}, worthiest first, with what they would cost at least:"
        for piece in made.dropped:
            reason = "too dear" if piece.tokens > budget - made.tokens else "too little worth for that"
            yield f"{piece.tokens:6d}       -  {_place(piece)}: {reason}"
    for number, line in enumerate(made.text.split("\n"), 1):
        for placeholder in made.redactions.originals:
            if placeholder in line:
                yield f"line {number} of the slice: {placeholder} stands for a secret"


def _place(piece: Piece) -> str:
    lines = f"{piece.path}:{piece.first_line + 1}-{piece.last_line + 1}"
    return f"{piece.tier:<10} {lines:<40} {piece.why}"


def _names(request: SliceRequest) -> Iterator[str]:
    """What the names of the target were taken to mean."""
    from lanyard_analyzers.slices.scenes import scene_of

    scene = scene_of(request)
    shown: set[tuple[str, ...]] = set()
    for use in scene.uses:
        if use.parts in shown or len(shown) >= _NAMES_MOST:
            continue
        links = scene.resolver.chain(request.path, use.line, use.parts)
        if not links:
            continue
        if not shown:
            yield "names of the target, and what they mean:"
        shown.add(use.parts)
        for link in links[:3]:
            place = f"{link.place.path}:{link.place.symbol.first + 1}"
            yield f"  {'.'.join(use.parts):<30} {place:<40} {link.via}, {100 * link.certainty:.0f} % sure"


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.0f} ms"
