"""The interfaces through which everybody reaches the fleet.

Owns the two interfaces only: the seed's four verbs for queued tasks, and the immediate lane that skips the queue.
Implementations: `dispatch.py` (queue + worker loop), `immediate.py`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from lanyard_routing.adapters.base import ChatRequest, Delta, FillRequest
from lanyard_routing.task import Capability, Event, Receipt, Status, Task


class Router(Protocol):
    """Tasks that a queue holds. All four verbs may be called from any editor session on the machine."""

    async def submit(self, task: Task) -> Receipt:
        """Accept a task. When this returns the task is durable; raises QueueRefused with one line otherwise."""
        ...

    async def status(self, task_id: str) -> Status | None:
        """The task as it stands now; None where no such task is known."""
        ...

    def stream(self, task_id: str) -> AsyncGenerator[Event]:
        """Events of a task from now on, the current state first; ends after `Finished`."""
        ...

    async def cancel(self, task_id: str) -> bool:
        """Cancel a task and close its model's stream; False where it had already ended."""
        ...


class ImmediateLane(Protocol):
    """Work that someone at the cursor waits for: least-loaded healthy worker, streamed, the next one on failure.

    Failover happens only before the first delta; after it, an error is raised. Raises NoWorker when nothing can
    serve the request; its text is one line that says what is missing and how to get it.
    """

    def fill(self, request: FillRequest) -> AsyncGenerator[Delta]:
        """Stream a completion; closing the generator closes the model's HTTP stream."""
        ...

    def chat(self, request: ChatRequest) -> AsyncGenerator[Delta]:
        """Stream a chat reply; closing the generator closes the model's HTTP stream."""
        ...

    def missing(self, capability: Capability) -> str | None:
        """None where some worker has the capability now, else one line that says how to get it."""
        ...

    def context(self, capability: Capability) -> int:
        """The context, in tokens, of the model that would serve a small request now; 0 where that is not known."""
        ...


class RoutingError(Exception):
    """Base of failures of routing; `str(error)` is one line for the user with the next step."""


class QueueRefused(RoutingError):
    """The queue could not make the task durable (disk full, database locked for too long)."""


class NoWorker(RoutingError):
    """No worker of the fleet can serve the request now."""
