"""What serves model work, opened in the background once the client has said `initialized`.

Owns the opening and closing of the yard for one session, and which local models join it. Nobody waits for it: until
it is open, `session.runtime` is None.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lanyard_server.feature import Feature
from lanyard_server.session import Runtime, Session

if TYPE_CHECKING:
    from lanyard_routing.yard import Yard
    from lanyard_server.settings import Settings

log = logging.getLogger(__name__)

# For the configured endpoints to say what they serve, before local models are looked for. Longer than a probe may take:
# a local model joins where no endpoint serves, and stays; where one is only slow, it would answer in its place.
_FIRST_LOOK_S = 12.0


def feature(opened: Callable[[Session], Awaitable[None]]) -> Feature:
    """The feature that opens the runtime; `opened` is awaited afterwards."""

    async def initialized(session: Session, _: Any) -> None:
        session.spawn(_open(session, opened), "the runtime")

    return Feature("initialized", "snapshot", initialized)


async def _open(session: Session, opened: Callable[[Session], Awaitable[None]]) -> None:
    try:
        yard = await _open_yard(session)
    except Exception as error:
        log.debug("the runtime does not open", exc_info=error)
        session.out.warn(f"Lanyard cannot reach any model ({type(error).__name__}: {error}); run `lanyard doctor`.")
        return
    finally:
        session.opened.set()
    await opened(session)
    await add_local_models(session.settings, yard)


async def _open_yard(session: Session) -> Yard:
    # Half a second of imports that must not keep the editor's first messages waiting.
    await asyncio.to_thread(import_module, "lanyard_routing.yard")
    from lanyard_routing import paths  # noqa: PLC0415 - see above
    from lanyard_routing.yard import open_yard  # noqa: PLC0415

    yard = await open_yard(
        session.settings.fleet, state=paths.state_dir(), session=f"serve-{uuid.uuid4().hex}", told=session.out.warn
    )
    session.closers.append(yard.close)
    session.runtime = Runtime(immediate=yard.immediate, router=yard.router, yard=yard)
    return yard


async def open_fleet(settings: Settings, *, session: str, told: Callable[[str], None]) -> Yard:
    """A yard with its local models, for commands that run tasks without an editor."""
    from lanyard_routing import paths  # noqa: PLC0415 - the command line imports what it needs
    from lanyard_routing.yard import open_yard  # noqa: PLC0415

    yard = await open_yard(settings.fleet, state=paths.state_dir(), session=session, told=told)
    await add_local_models(settings, yard)
    return yard


async def add_local_models(settings: Settings, yard: Yard) -> None:
    """Local models join where no configured endpoint of this network does what they do."""
    await asyncio.to_thread(import_module, "lanyard_routing.local")
    from lanyard_routing.discovery import discover  # noqa: PLC0415
    from lanyard_routing.local import Tuning, configured_of, local_members  # noqa: PLC0415

    configured = configured_of(await yard.known(_FIRST_LOOK_S))
    engine = settings.engine
    found = await discover(configured, model=_model_file(engine.model), files="use" if engine.enabled else "ignore")
    taken = {endpoint.url for endpoint in settings.fleet.endpoints}
    tuning = Tuning(idle_s=60 * engine.idle_minutes, threads=engine.threads)
    for member in local_members(found, yard.policy, tuning=tuning):
        if member.endpoint.url not in taken:
            yard.add(member)


def _model_file(named: str) -> Path | None:
    return Path(named).expanduser() if named else None
