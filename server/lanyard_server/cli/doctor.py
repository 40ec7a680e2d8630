"""`lanyard doctor`: what was found, what is missing, and the next step for each."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from lanyard_server.terminal import say


def command(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """What was found, what is missing, and the next step for each.

    Exit code 1 where something is broken or completion has no model, else 0. Runs one short completion.
    """
    import json

    from lanyard_server.cli.checks import Status, examine

    worst = 0
    for check in asyncio.run(examine()):
        if as_json:
            row = {"status": check.status.value, "what": check.what, "next": check.next}
            say(json.dumps(row if check.seconds is None else {**row, "seconds": round(check.seconds, 3)}))
        else:
            say(f"{check.status.value:<8} {check.what}" + (f"\n{'':<8} next: {check.next}" if check.next else ""))
        worst = max(worst, int(check.status is Status.PROBLEM))
    raise typer.Exit(worst)
