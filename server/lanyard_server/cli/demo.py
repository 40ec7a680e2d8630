"""`lanyard demo`: the main job end to end, offline, in about a minute."""

from __future__ import annotations

from typing import Annotated

import typer


def command(
    endpoint: Annotated[
        str | None, typer.Option(help="A real model server for the background tasks, such as http://gpu-1.lan:11434")
    ] = None,
) -> None:
    """Show the main job: the real server on a sample project, driven as an editor would drive it."""
    import asyncio

    from lanyard_server.demo.run import run_demo

    raise typer.Exit(asyncio.run(run_demo(endpoint)))
