"""The contract of a task queue.

Owns the interface that the SQLite queue and any later one share; `queue_contract.py` of the tests is its other half.
Knows nothing of endpoints or routes: what suits a worker is asked of the offer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from lanyard_routing.task import Complexity, Failure, Kind, Priority, Receipt, Reply, Status, Task, Zone


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is known of a queued task without reading its messages.

    `tried` are the workers where it failed since its last rest, `above_context` a context that was too small for it.
    """

    id: str
    kind: Kind
    priority: Priority
    complexity: Complexity
    zones: tuple[Zone, ...]
    worker: str | None
    prompt_tokens: int
    max_tokens: int
    tried: tuple[str, ...] = ()
    above_context: int = 0
    attempts: int = 0
    why: str = ""
    due_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A worker with a free slot asks for a task.

    `suits` is called with due tasks in the queue's order, in any thread, and must only look at values; it gives the
    model to use, or None to leave the task to others. No more than `slots` tasks run at a worker at a time, whichever
    processes run them.
    """

    worker: str
    slots: int
    suits: Callable[[Waiting], str | None]
    lease_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Claim:
    """A task that this process runs now. Only the holder of `token` can end it; `attempt` counts from 1."""

    task: Task
    token: str
    worker: str
    model: str
    attempt: int
    tried: tuple[str, ...] = ()
    above_context: int = 0
    lines: tuple[str, ...] = ()


class TaskQueue(Protocol):
    """A durable queue that several processes share.

    Every method raises QueueRefused, with one line for the user, where the store cannot do it; then nothing of it
    happened. Ordered by priority, then by age. A task whose owner died, or whose lease ran out, goes back by
    `recover`; its old claim is then worth nothing.
    """

    async def put(self, task: Task) -> Receipt:
        """Take a task. It is durable when this returns. The same id again changes nothing."""
        ...

    async def waiting(self, limit: int = 256) -> tuple[Waiting, ...]:
        """The queued tasks in their order, due or not."""
        ...

    async def claim(self, offer: Offer) -> Claim | None:
        """Give the first due task that suits to the offering worker."""
        ...

    async def extend(self, claims: Iterable[Claim], lease_s: float = 30.0) -> frozenset[str]:
        """Keep the claims; the tokens of those that are still held. A missing one was cancelled or taken over."""
        ...

    async def held(self, claims: Iterable[Claim]) -> frozenset[str]:
        """The tokens of the claims that are still held; changes nothing."""
        ...

    async def load(self) -> Mapping[str, int]:
        """Tasks that run now, by worker, of all processes."""
        ...

    async def finish(self, claim: Claim, reply: Reply) -> bool:
        """Store the reply and acknowledge in one step. False, and no effect, where the claim is no longer held."""
        ...

    async def fail(self, task_id: str, failure: Failure, *, claim: Claim | None = None) -> bool:
        """End a task without a reply: one that is claimed by `claim`, or without it one that is queued."""
        ...

    async def requeue(
        self,
        claim: Claim,
        *,
        line: str = "",
        why: str = "",
        tried: Iterable[str] = (),
        above_context: int = 0,
        rest_s: float = 0.0,
    ) -> bool:
        """Back to its place in the queue, not due for `rest_s` seconds, an hour at most.

        `line` joins the lines of its attempts.
        """
        ...

    async def release(self, claim: Claim) -> bool:
        """Back to its place as if it had not been claimed."""
        ...

    async def note(self, task_id: str, why: str) -> bool:
        """Say what a queued task waits for."""
        ...

    async def choose(self, task_id: str, worker: str | None) -> bool:
        """The user's word for a queued task: run it at this worker (None: at any), and now."""
        ...

    async def cancel(self, task_id: str) -> bool:
        """End a task; False where it had ended. Whoever runs it finds its claim gone."""
        ...

    async def status(self, task_id: str) -> Status | None:
        """The task as it stands."""
        ...

    async def list(self, limit: int = 500) -> tuple[Status, ...]:
        """The newest tasks, newest first."""
        ...

    async def unfinished(self, workspace: str) -> tuple[Status, ...]:
        """Queued and running tasks of the workspace that no other living session follows, oldest first."""
        ...

    async def recover(self) -> int:
        """Put others' tasks back whose owner is dead or whose lease ran out; how many."""
        ...

    async def claim_results(self, workspace: str, *, task_id: str | None = None) -> tuple[Status, ...]:
        """Take ended tasks for delivery, oldest first; each is given to one living session only.

        With `task_id` that task, else all of the workspace but those that another living session submitted. They
        are offered again where this session ends without `confirm_result`. Cancelled tasks are not delivered.
        """
        ...

    async def confirm_result(self, task_id: str) -> bool:
        """The result reached its user and is not offered again; False where it had been confirmed."""
        ...

    async def prune(self) -> int:
        """Forget old tasks that are over; how many."""
        ...

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call `changed` in the event loop soon after any change, of whichever process; the result ends that."""
        ...

    async def close(self) -> None:
        """Release what this session holds, and close."""
        ...
