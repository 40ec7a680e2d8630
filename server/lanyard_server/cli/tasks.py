"""`lanyard tasks`: what the queue holds, from a terminal."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from lanyard_server.terminal import say

if TYPE_CHECKING:
    from lanyard_routing.dispatch import Dispatcher
    from lanyard_routing.task import Status

T = TypeVar("T")
app = typer.Typer(no_args_is_help=True, help="List, show, cancel and retry tasks.")
_Id = Annotated[str, typer.Argument(metavar="ID", help="The id of a task, or its first characters.")]


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Ended tasks too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Tasks of this machine, the newest first."""
    found = _with_router(lambda router: router.list())
    shown = [s for s in found if every or s.state.value not in {"done", "failed", "cancelled"}]
    for status in shown:
        if as_json:
            say(json.dumps(_brief(status)))
        else:
            age = _age(time.time() - status.submitted_at)
            where = status.worker or (f"{status.position} ahead" if status.state.value == "queued" else "")
            say(f"{status.task.id[:8]}  {status.state.value:<9} {age:>5}  {where:<16} {status.task.title}")
    if not shown and not as_json:
        say("No task waits or runs." + ("" if every else " Ended ones: lanyard tasks list --all"))


@app.command()
def show(task_id: _Id) -> None:
    """Everything about one task but its code: state, attempts, worker, reply's cost, failure."""
    status = _with_router(lambda router: _found(router, task_id))
    for key, value in _brief(status).items():
        say(f"{key:<14}{value}")


@app.command()
def cancel(task_id: _Id) -> None:
    """Cancel a task and close its model's stream."""

    async def go(router: Dispatcher) -> bool:
        return await router.cancel((await _found(router, task_id)).task.id)

    say("Cancelled." if _with_router(go) else "It had already ended.")


@app.command()
def retry(task_id: _Id) -> None:
    """Submit a failed or cancelled task again; an editor or `lanyard serve` on this machine works on it."""

    async def go(router: Dispatcher) -> str:
        return (await router.retry((await _found(router, task_id)).task.id)).id

    say(f"Submitted as {_with_router(go)[:8]}.")


async def _found(router: Dispatcher, prefix: str) -> Status:
    from lanyard_server.cli.place import fail

    matching = [s for s in await router.list() if s.task.id.startswith(prefix)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise fail(f"{prefix}: {len(matching)} tasks begin so; give more characters.")
    raise fail(f"{prefix}: no such task. All of them: lanyard tasks list --all")


def _with_router(use: Callable[[Dispatcher], Awaitable[T]]) -> T:
    from lanyard_routing.dispatch import open_queue_only
    from lanyard_routing.paths import state_dir
    from lanyard_routing.router import RoutingError
    from lanyard_server.cli.place import fail

    async def go() -> T:
        async with open_queue_only(state_dir()) as router:
            return await use(router)

    try:
        return asyncio.run(go())
    except RoutingError as error:
        raise fail(str(error)) from None


def _brief(status: Status) -> dict[str, object]:
    task, reply = status.task, status.reply
    return {
        "id": task.id,
        "title": task.title,
        "state": status.state.value,
        "kind": task.kind.value,
        "complexity": task.complexity.value,
        "workspace": task.workspace,
        "prompt tokens": task.prompt_tokens,
        "attempts": status.attempts,
        "worker": status.worker or "",
        "model": reply.model if reply else "",
        "tokens": reply.usage.completion_tokens if reply else 0,
        "seconds": round(reply.usage.total_s, 1) if reply else 0,
        "failure": status.failure.message if status.failure else "",
    }


def _age(seconds: float) -> str:
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f}{unit}"
    return f"{seconds:.0f}s"
