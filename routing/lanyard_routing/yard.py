"""Everything of routing put together: what a server, a command or a test opens.

Owns the composition and its order of opening and closing; holds no logic of its own. Odd configuration gives
problems, never an exception.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from lanyard_routing.adapters.base import Adapter
from lanyard_routing.config import EndpointConfig, FleetConfig
from lanyard_routing.connect import connect
from lanyard_routing.fleet import Fleet, Member, Worker
from lanyard_routing.immediate import Lane
from lanyard_routing.netpolicy import CloudAccess, Policy
from lanyard_routing.routes import explain, need_of
from lanyard_routing.task import Task


class Yard:
    """An open yard. `problems` are one line each; more may come while it is open."""

    def __init__(self, config: FleetConfig, fleet: Fleet, policy: Policy) -> None:
        self.config = config
        self.problems: list[str] = []
        self.immediate = Lane(fleet, config.table)
        self._fleet = fleet
        self._policy = policy

    @property
    def fleet(self) -> tuple[Worker, ...]:
        """Snapshots of all workers, for views."""
        return self._fleet.workers()

    def explain(self, task: Task) -> tuple[str, ...]:
        """Why the task goes where it goes, in lines."""
        return explain(need_of(task), self.config.table, self.fleet)

    def add_endpoint(self, endpoint: EndpointConfig, adapter: Adapter | None = None) -> str | None:
        """An endpoint joins (one that was discovered, the embedded engine with its own adapter).

        None where it did, else one line; the line stands in `problems` too.
        """
        problem = None
        if self._fleet.get(endpoint.name) is not None:
            problem = f"a second endpoint named {endpoint.name} is left out"
        else:
            try:
                made = adapter or connect(endpoint, self._policy)
                self._fleet.add(Member(endpoint, made, self._policy))
            except ValueError as error:
                problem = f"endpoint {endpoint.name} is left out: {error}"
        if problem is not None:
            self.problems.append(problem)
        return problem

    async def close(self) -> None:
        """Stop all work; tasks under way go back to the queue."""
        await self._fleet.close()


async def open_yard(
    config: FleetConfig,
    *,
    state: Path,
    extra: Sequence[EndpointConfig] = (),
    session: str,
) -> Yard:
    """Open the fleet, the immediate lane and the queue in the folder `state`. Never raises for odd configuration.

    `session` names the one who submits tasks and takes results; unique among everything open at the time.
    """
    policy = Policy(CloudAccess.ALLOWED if config.network.allow_cloud else CloudAccess.REFUSED)
    yard = Yard(config, Fleet(), policy)
    for endpoint in (*config.endpoints, *extra):
        yard.add_endpoint(endpoint)
    await asyncio.sleep(0)
    return yard
