"""A code action from the terminal: the same slice, queue, checks and evidence as in an editor.

Owns the way from `FILE:LINE` to the printed result. Progress goes to stderr, the result to stdout.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lanyard_server.cli.place import Place, fail, place_at
from lanyard_server.terminal import say, say_aside

if TYPE_CHECKING:
    from lanyard_routing.task import Event, Kind, Status, Task
    from lanyard_routing.yard import Yard
    from lanyard_server.settings import Settings
    from lanyard_server.tasks.results import FileChange, Landed

Where = Annotated[str, typer.Argument(metavar="FILE:LINE", help="The target is the node at this line (or LINE-LINE).")]
Root = Annotated[Path | None, typer.Option(help="The workspace folder; else the nearest project root.")]
Apply = Annotated[bool, typer.Option("--apply", help="Write the change to the file.")]

_KNOWN_S = 15.0  # longer than a probe may take: that there is no model is said only of those that were asked


def run_action(kind: str, where: str, root: Path | None, *, apply: bool) -> None:
    """Run one task to its end; exits with 1 where it failed or nothing passed verification."""
    from lanyard_routing.task import Kind
    from lanyard_server.settings_sources import load

    loaded = load()
    for problem in loaded.problems:
        say_aside(problem)
    place = place_at(where, root)
    try:
        landed = asyncio.run(_run(Kind(kind), place, loaded.settings))
    except KeyboardInterrupt:
        say_aside("Interrupted; the task was cancelled.")
        raise typer.Exit(130) from None
    for line in landed.problems:
        say_aside(line)
    if not _print(landed, place, apply=apply):
        raise typer.Exit(1)


async def _run(kind: Kind, place: Place, settings: Settings) -> Landed:
    from lanyard_analyzers.slices import build_slice
    from lanyard_routing.router import RoutingError
    from lanyard_routing.task import Capability
    from lanyard_server.cli.slice import open_local
    from lanyard_server.runtime import open_fleet
    from lanyard_server.tasks.make import Order, make_task

    local = open_local(place, settings.privacy.ignore)
    draft, problems = make_task(
        Order(
            kind=kind,
            syntax=place.syntax,
            target=place.target,
            uri=place.file.as_uri(),
            path=place.path,
            root=str(place.root),
            workspace=local.live,
            budget=settings.slices.budget_for(kind),
            zones=settings.zones,
        ),
        lambda request: local.ask(build_slice, replace(request, index=local.index)),
    )
    local.close()
    for line in problems:
        say_aside(line)
    if draft is None:
        raise typer.Exit(1)
    share = 100 * draft.slice.tokens / max(1, draft.slice.whole_tokens)
    say_aside(f"{draft.task.title}: slice of {draft.slice.tokens} tokens, {share:.0f} % of the whole files")
    yard = await open_fleet(settings, session=f"command-{os.getpid()}", told=say_aside)
    try:
        await yard.known(_KNOWN_S)
        missing = yard.immediate.missing(Capability.CHAT)
        if missing is not None:
            raise fail(f"{draft.task.title} was not submitted: {missing}.")
        await yard.router.submit(draft.task)
        return await _land(await _followed(yard, draft.task), settings)
    except RoutingError as error:
        raise fail(str(error)) from None
    finally:
        await yard.close()


async def _followed(yard: Yard, task: Task) -> Status:
    try:
        async with aclosing(yard.router.stream(task.id)) as events:
            async for event in events:
                line = _said(event)
                if line:
                    say_aside(f"  {line}")
    except asyncio.CancelledError:
        await asyncio.shield(yard.router.cancel(task.id))
        raise
    status = await yard.router.status(task.id)
    await yard.router.claim_results(task.workspace, task_id=task.id)
    await yard.router.confirm_result(task.id)
    if status is None or status.reply is None:
        raise fail(status.failure.message if status and status.failure else f"{task.title} ended without a reply.")
    return status


def _said(event: Event) -> str:
    from lanyard_routing.task import Moved, Queued, Started

    match event:
        case Queued(position=position, why=why):
            return f"{why} (Ctrl-C cancels)" if why else f"queued, {position} ahead"
        case Started(worker=worker, model=model):
            return f"{worker} ({model}) is at work"
        case Moved(worker=worker, why=why):
            return f"moved to {worker}: {why}"
        case _:
            return ""


async def _land(status: Status, settings: Settings) -> Landed:
    from lanyard_analyzers.text import Text
    from lanyard_server.tasks.ignored import open_workspace
    from lanyard_server.tasks.land import land
    from lanyard_server.tasks.sandbox import run_tests
    from lanyard_server.uris import path_of

    root = Path(status.task.workspace)

    async def current(uri: str) -> Text | None:
        path = path_of(uri)
        try:
            return Text.of(path.read_bytes().decode("utf-8")) if path else None
        except (OSError, UnicodeDecodeError):
            return None

    async def tests(path: str, content: str) -> str:
        rules, workspace = settings.tests, open_workspace(root, {}, settings.privacy.ignore)
        run = await run_tests(
            root, workspace, rules.command, test_path=path, content=content, timeout_s=rules.timeout_s
        )
        return run.clause

    assert status.reply is not None
    return await land(status.task, status.reply, current, tests)


def _print(landed: Landed, place: Place, *, apply: bool) -> bool:
    """Print the result; False where there is none."""
    from lanyard_server.tasks.results import Explanation, Proposal, Review
    from lanyard_server.uris import path_of

    match landed.result:
        case Review() as review:
            for finding in review.findings:
                line = review.base.line_of(finding.span.start)
                column = finding.span.start - review.base.line_span(line).start
                hint = f" {finding.suggestion}" if finding.suggestion else ""
                say(f"{place.path}:{line + 1}:{column + 1}: {finding.severity}: {finding.message}{hint}")
            say_aside(f"{review.title}: {review.note}")
        case Proposal() as proposal:
            path = path_of(proposal.change.uri)
            assert path is not None
            say(proposal.diff(path.relative_to(place.root).as_posix()), end="")
            say_aside(f"{proposal.title}: {proposal.evidence.line()}")
            if apply:
                _write(path, proposal.change)
                say_aside(f"Written to {path}")
        case Explanation() as explanation:
            say(explanation.markdown)
        case None:
            return False
    return True


def _write(path: Path, change: FileChange) -> None:
    """Replace a file in one step, if it still is what the change was made for."""
    now = path.read_bytes() if path.exists() else None
    base = None if change.base is None else change.base.content.encode()
    if now != base:
        raise fail(f"{path} was changed meanwhile; nothing was written. Run it again.")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".lanyard-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(change.after().encode())
        if now is not None:
            os.chmod(name, path.stat().st_mode & 0o7777)
        else:
            os.chmod(name, 0o666 & ~_umask())
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise fail(f"{path} could not be written: {error.strerror}.") from None


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
