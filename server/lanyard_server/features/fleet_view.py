"""The fleet as a view shows it: `lanyard/fleet`, word of changes, and the commands on workers.

Owns the form of the view. A client that has asked once hears `lanyard/fleetChanged` with the status line after each
change, merged; one that never asks hears nothing.
"""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from lanyard_routing.task import FINAL_STATES, State
from lanyard_server.feature import Command, Feature, RequestFailed
from lanyard_server.watching import Watch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lanyard_routing.config import EndpointConfig
    from lanyard_routing.fleet import Worker
    from lanyard_routing.task import Status
    from lanyard_routing.yard import Yard
    from lanyard_server.session import Runtime, Session

_OPENING_S = 10.0
_LATER = f"{__name__}.later"
_ENDED = 10  # ended tasks that the view still shows
_DOWN = frozenset({"down", "resting", "refused"})  # not by the user's own word, as `drained` is


async def fleet(session: Session, _: Any) -> dict[str, Any]:
    """`{"status", "workers", "tasks", "problems", "keys"}`, see docs/protocol.md."""
    try:
        runtime = await _opened(session)
    except RequestFailed:
        if not session.opened.is_set() and _LATER not in session.state:
            session.state[_LATER] = session.spawn(_once_opened(session), "word of the fleet")
        raise
    _watch(session, runtime)
    return await _view(runtime)


async def _once_opened(session: Session) -> None:
    """The fleet is slower to open than a request waits for it: who asked is told when it is there."""
    await session.opened.wait()
    if session.runtime is not None:
        _watch(session, session.runtime)
        await _tell(session, session.runtime)


def _watch(session: Session, runtime: Runtime) -> None:
    if __name__ not in session.state:
        watch = Watch(session, partial(_tell, session, runtime), name="word of the fleet")
        if runtime.yard is not None:
            runtime.yard.listen(watch.changed)
        session.state[__name__] = watch


async def _tell(session: Session, runtime: Runtime) -> None:
    view = await _view(runtime)
    session.out.notify("lanyard/fleetChanged", {"status": view["status"]})


async def _view(runtime: Runtime) -> dict[str, Any]:
    workers = runtime.yard.fleet if runtime.yard else ()
    statuses = await runtime.router.list(200)
    ended = [one for one in statuses if one.state in FINAL_STATES][:_ENDED]
    shown = [one for one in statuses if one.state not in FINAL_STATES or one in ended]
    return {
        "status": _status(workers, statuses),
        "workers": [_worker(one) for one in workers],
        "tasks": [_task(one) for one in shown],
        "problems": list(runtime.yard.problems) if runtime.yard else [],
        "keys": _keys(runtime.yard.config.endpoints) if runtime.yard else [],
    }


def _keys(endpoints: Sequence[EndpointConfig]) -> list[dict[str, Any]]:
    """The names of the environment variables that keys are read from, never a key."""
    names = dict.fromkeys(one.api_key_env for one in endpoints if one.api_key_env is not None)
    return [{"name": name, "isSet": bool(os.environ.get(name))} for name in names]


def _status(workers: tuple[Worker, ...], statuses: tuple[Status, ...]) -> dict[str, Any]:
    """One state and one line for a status item; `detail` is the next step where it is well but not whole."""
    running = [one for one in statuses if one.state is State.RUNNING]
    waiting = [one for one in statuses if one.state is State.QUEUED]
    if running:
        more = f", {len(waiting)} waiting" if waiting else ""
        first = running[0]
        rest = f" and {len(running) - 1} more" if len(running) > 1 else ""
        return {"state": "working", "line": f"{first.task.title} at {first.worker or 'a worker'}{rest}{more}"}
    if waiting:
        return {"state": "queued", "line": f"{len(waiting)} waiting: {waiting[-1].why or waiting[-1].task.title}"}
    usable = [one for one in workers if one.condition in {"ready", "trial"} and one.models]
    if usable:
        models = dict.fromkeys(f"{one.models[0].name} at {one.name}" for one in usable)
        down = [one for one in workers if one.condition in _DOWN]
        fewer = f", {len(down)} of {len(workers)} workers down" if down else ""
        status = {"state": "idle", "line": f"ready{fewer}: {', '.join(models)}"}
        notes = [one.why for one in down] + [f"{one.name}: {one.why}" for one in usable if one.why]
        return {**status, "detail": "; ".join(notes)} if notes else status
    unknown = [one for one in workers if one.condition == "unknown"]
    if unknown or not workers:
        return {"state": "starting", "line": "looking for models"}
    return {"state": "error", "line": workers[0].why or "no worker answers; run `lanyard doctor`"}


def _worker(worker: Worker) -> dict[str, Any]:
    return {
        "name": worker.name,
        "url": worker.url,
        "zone": worker.zone.value if worker.zone else "",
        "condition": worker.condition.value,
        "why": worker.why,
        "slots": worker.slots,
        "busy": worker.busy,
        "models": [
            {
                "name": model.name,
                "size": model.size.value,
                "zone": model.zone.value,
                "context": model.context,
                "capabilities": sorted(one.value for one in model.capabilities),
            }
            for model in worker.models
        ],
    }


def _task(status: Status) -> dict[str, Any]:
    return {
        "id": status.task.id,
        "title": status.task.title,
        "kind": status.task.kind.value,
        "state": status.state.value,
        "worker": status.worker or "",
        "model": status.model or "",
        "position": status.position,
        "why": status.why or (status.failure.message if status.failure else ""),
        "workspace": status.task.workspace,
        "submittedAt": status.submitted_at,
        "promptTokens": status.task.prompt_tokens,
    }


async def why(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Why a task goes where it goes: `{"lines": [...]}`."""
    runtime = await _opened(session)
    status = await runtime.router.status(_text(arguments, 0, "the id of a task"))
    if status is None:
        raise RequestFailed("This task is not known any more; refresh the view.")
    return {"lines": list(_yard(runtime).explain(status.task))}


async def test(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Ask a worker's server now: `{"worker": …}`."""
    name = _text(arguments, 0, "the name of a worker")
    found = await _yard(await _opened(session)).test(name)
    if found is None:
        raise RequestFailed(f"No worker is named {name}; refresh the view.")
    return {"worker": _worker(found)}


async def drain(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Send nothing new to a worker until it is resumed or this server ends."""
    return await _drain(session, arguments, "drained")


async def resume(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Use a drained worker again."""
    return await _drain(session, arguments, "resumed")


async def _drain(session: Session, arguments: list[Any], to: Literal["drained", "resumed"]) -> dict[str, Any]:
    name = _text(arguments, 0, "the name of a worker")
    if not _yard(await _opened(session)).drain(name, to):
        raise RequestFailed(f"No worker is named {name}; refresh the view.")
    return {"worker": name, "is": to}


async def add(session: Session, arguments: list[Any]) -> dict[str, Any]:
    """Add an endpoint to the user's file and to the fleet: `[url, name?]` → `{"worker": …, "file": …}`."""
    from lanyard_routing.paths import config_file  # noqa: PLC0415  rarely needed
    from lanyard_server.endpoints_file import NotAdded, add_endpoint  # noqa: PLC0415

    yard = _yard(await _opened(session))
    url = _text(arguments, 0, "a URL")
    name = arguments[1] if len(arguments) > 1 and isinstance(arguments[1], str) else ""
    file = config_file()
    try:
        endpoint = await asyncio.to_thread(add_endpoint, file, url, name)
    except NotAdded as error:
        raise RequestFailed(str(error)) from None
    problem = yard.add_endpoint(endpoint)
    if problem is not None:
        raise RequestFailed(f"{problem}; it stands in {file} for the next start.")
    found = await yard.test(endpoint.name)
    return {"worker": _worker(found) if found else None, "file": str(file)}


async def _opened(session: Session) -> Runtime:
    try:
        async with asyncio.timeout(_OPENING_S):
            await session.opened.wait()
    except TimeoutError:
        pass
    if session.runtime is None:
        raise RequestFailed("Lanyard has no fleet yet; try again in a moment, or run `lanyard doctor`.")
    return session.runtime


def _yard(runtime: Runtime) -> Yard:
    if runtime.yard is None:
        raise RequestFailed("Lanyard has no fleet yet; try again in a moment, or run `lanyard doctor`.")
    return runtime.yard


def _text(arguments: list[Any], index: int, what: str) -> str:
    if len(arguments) > index and isinstance(arguments[index], str) and arguments[index].strip():
        return arguments[index].strip()
    raise RequestFailed(f"this command takes {what} as its argument {index + 1}", -32602)


FEATURES = (
    Feature("lanyard/fleet", run="snapshot", handler=fleet, decode=lambda raw: raw),
    Command("lanyard.task.why", why),
    Command("lanyard.worker.test", test),
    Command("lanyard.worker.drain", drain),
    Command("lanyard.worker.resume", resume),
    Command("lanyard.worker.add", add),
)
