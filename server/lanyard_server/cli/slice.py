"""`lanyard slice FILE:LINE`: what would be sent, with its token count. Sends nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    where: Annotated[str, typer.Argument(metavar="FILE:LINE", help="The target is the node at this line.")],
    kind: Annotated[str, typer.Option(help="review, test, refactor, document, explain or fix")] = "review",
    budget: Annotated[int, typer.Option(min=64, help="The most tokens that the slice may have.")] = 2048,
    explain: Annotated[bool, typer.Option("--explain", help="Each piece: where from, why, what it cost.")] = False,
    root: Annotated[Path | None, typer.Option(help="The workspace folder; else the nearest project root.")] = None,
) -> None:
    """Print the slice that a task would send."""
    from lanyard_analyzers.slices import SliceRequest, build_slice
    from lanyard_analyzers.workspace import DiskWorkspace
    from lanyard_server.cli.place import fail, place_at
    from lanyard_server.tasks.prompts import ASKS

    if kind not in {k.value for k in ASKS}:
        raise fail(f"--kind {kind}: choose one of {', '.join(sorted(k.value for k in ASKS))}.")
    place = place_at(where, root)
    made, problems = build_slice(
        SliceRequest(
            kind=kind,
            syntax=place.syntax,
            path=place.path,
            target=place.target,
            workspace=DiskWorkspace(place.root),
            budget=budget,
        )
    )
    for problem in problems:
        typer.echo(problem.message, err=True)
    if not made.text:
        raise typer.Exit(1)
    typer.echo(made.text)
    share = 100 * made.tokens / max(1, made.whole_tokens)
    typer.echo(
        f"{kind} of {place.target.name}: {made.tokens} tokens of {budget}, {share:.0f} % of the "
        f"{made.whole_tokens} tokens of the whole files; {len(made.redactions)} secrets replaced",
        err=True,
    )
    if explain:
        for piece in made.pieces:
            lines = f"{piece.path}:{piece.first_line + 1}-{piece.last_line + 1}"
            typer.echo(f"{piece.tokens:6d}  {piece.tier:<10} {lines:<40} {piece.why}", err=True)
