"""Everything of routing put together: what a server, a command or a test opens.

Owns the composition and its order of opening and closing; holds no logic of its own. Odd configuration gives
problems, never an exception.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Literal

from lanyard_routing.adapters.base import Adapter
from lanyard_routing.config import EndpointConfig, FleetConfig
from lanyard_routing.connect import connect
from lanyard_routing.dispatch import Dispatcher
from lanyard_routing.events import Hub
from lanyard_routing.fleet import Fleet, Member, Worker
from lanyard_routing.immediate import Lane
from lanyard_routing.netpolicy import CloudAccess, Policy
from lanyard_routing.queue.base import TaskQueue
from lanyard_routing.queue.sqlite import SqliteQueue
from lanyard_routing.routes import explain, need_of
from lanyard_routing.task import Status, Task
from lanyard_routing.worker import WorkerLoop


class Yard:
    """An open yard. `problems` are lines for the user: those of the configuration, and those that came since."""

    def __init__(self, config: FleetConfig, policy: Policy, queue: TaskQueue, told: _Told) -> None:
        self.config = config
        self.policy = policy
        self._told, self._queue = told, queue
        self._fleet = Fleet()
        hub = Hub()
        self.immediate = Lane(self._fleet, config.table)
        self.router = Dispatcher(queue, hub, self._fleet, config.table)
        self._loop = WorkerLoop(queue, self._fleet, config.table, hub, told=told)

    @property
    def problems(self) -> tuple[str, ...]:
        """Lines so far."""
        return tuple(self._told.lines)

    @property
    def fleet(self) -> tuple[Worker, ...]:
        """Snapshots of all workers, for views."""
        return self._fleet.workers()

    def listen(self, changed: Callable[[], None]) -> None:
        """Call `changed` after each change of a worker's health, load or models."""
        self._fleet.listen(changed)

    async def known(self, limit_s: float) -> tuple[Worker, ...]:
        """The workers after each was asked once, or after `limit_s` seconds."""
        await self._fleet.known(limit_s)
        return self._fleet.workers()

    async def test(self, name: str) -> Worker | None:
        """Ask a worker's server now; its snapshot afterwards, or None where none has this name."""
        return await self._fleet.test(name)

    def drain(self, name: str, drained: Literal["drained", "resumed"]) -> bool:
        """Send nothing new to a worker, or use it again, as long as this yard is open; False for an unknown name."""
        return self._fleet.drain(name, drained)

    def explain(self, task: Task) -> tuple[str, ...]:
        """Why the task goes where it goes, in lines."""
        return explain(need_of(task), self.config.table, self.fleet)

    def add_endpoint(self, endpoint: EndpointConfig, adapter: Adapter | None = None) -> str | None:
        """An endpoint joins: one that was discovered, or the embedded engine with its own adapter.

        None where it did, else one line, which stands in `problems` too.
        """
        try:
            return self.add(Member(endpoint, adapter or connect(endpoint, self.policy), self.policy))
        except ValueError as error:
            line = f"endpoint {endpoint.name} is left out: {error}"
            self._told(line)
            return line

    def add(self, member: Member) -> str | None:
        """A member that was made elsewhere joins; see `add_endpoint`."""
        if self._fleet.get(member.name) is None:
            self._fleet.add(member)
            return None
        line = f"a second endpoint named {member.name} is left out"
        self._told(line)
        return line

    def deliveries(self, workspace: str) -> AsyncGenerator[Status]:
        """Results for this workspace that nobody else delivers, now and later; see `Dispatcher.results`."""
        return self.router.results(workspace)

    async def close(self) -> None:
        """Stop all work; tasks under way go back to the queue, results not confirmed to other sessions."""
        await self._loop.close()
        await self._queue.close()
        await self._fleet.close()

    def start(self) -> None:
        """Begin to take tasks."""
        self._loop.start()


class _Told:
    """Collects lines for the user, each once, and hands them on; may be called from any thread."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self.lines: list[str] = []
        self._on = told
        self._loop = asyncio.get_running_loop()

    def __call__(self, line: str) -> None:
        if line not in self.lines:
            self.lines.append(line)
            with contextlib.suppress(RuntimeError):  # the event loop has ended
                self._loop.call_soon_threadsafe(self._on, line)


async def open_yard(
    config: FleetConfig,
    *,
    state: Path,
    session: str,
    extra: Sequence[EndpointConfig] = (),
    told: Callable[[str], None] = lambda line: None,
) -> Yard:
    """Open the fleet, the immediate lane, the queue in the folder `state`, and the worker loop over it.

    Waits for nothing: health and queue are looked at in the background. Never raises for odd configuration; what is
    wrong stands in `Yard.problems`, and `told` is called in the event loop with each line. `session` names the one
    who submits tasks and takes results.
    """
    lines = _Told(told)
    policy = Policy(CloudAccess.ALLOWED if config.network.allow_cloud else CloudAccess.REFUSED)
    yard = Yard(config, policy, SqliteQueue(state, session=session, told=lines), lines)
    for endpoint in (*config.endpoints, *extra):
        yard.add_endpoint(endpoint)
    yard.start()
    return yard
