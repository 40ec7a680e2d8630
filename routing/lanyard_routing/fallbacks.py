"""What a user may choose when a task cannot go on by itself.

Owns the question as data; the server words the dialogue, and `dispatch.py` carries out the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lanyard_routing.config import RouteConfig
from lanyard_routing.fleet import Worker
from lanyard_routing.routes import need_of, plan, smaller
from lanyard_routing.task import State, Status


class Action(StrEnum):
    """What an option does."""

    RETRY = "retry"
    ELSEWHERE = "elsewhere"
    WAIT = "wait"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Option:
    """One button. `worker` is set for `elsewhere`."""

    action: Action
    label: str
    worker: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What the user is asked about one task; `why` is one line."""

    task_id: str
    why: str
    options: tuple[Option, ...]


def question(status: Status, table: Sequence[RouteConfig], workers: Sequence[Worker]) -> Question | None:
    """What to ask about a task that failed, or that waits for a worker which is not there; None for all others."""
    need = need_of(status.task)
    others = tuple(
        Option(Action.ELSEWHERE, f"Run on {each}", each.worker.name) for each in smaller(need, table, workers)
    )
    retry = Option(Action.RETRY, "Try again now")
    if status.state is State.FAILED:
        why = status.failure.message if status.failure else f"{status.task.title} failed"
        return Question(status.task.id, why, (retry, *others))
    if status.state is State.QUEUED:
        placed = plan(need, table, workers)
        if placed.candidates and not status.why:
            return None
        options = (Option(Action.WAIT, "Keep waiting"), retry, *others, Option(Action.CANCEL, "Cancel the task"))
        return Question(status.task.id, status.why or placed.why, options)
    return None
