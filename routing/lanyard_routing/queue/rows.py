"""Rows of the SQLite queue to values and back.

Owns the column names of the task table as far as values go; runs no statement.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

from lanyard_routing.queue.base import Claim, Waiting
from lanyard_routing.task import Complexity, Failure, Kind, Priority, Reply, State, Status, Task, Zone

RANKS = {priority: rank for rank, priority in enumerate(Priority)}
WAITING_COLUMNS = (
    "id, kind, priority, complexity, zones, pinned, prompt_tokens, max_tokens, tried, above_context,"
    " attempts, why, due_at"
)


def new_row(task: Task, *, submitter: str, now: float) -> dict[str, Any]:
    """The columns of a task that was just submitted."""
    return {
        "id": task.id,
        "rank": RANKS[task.priority],
        "kind": task.kind.value,
        "priority": task.priority.value,
        "complexity": task.complexity.value,
        "zones": ",".join(task.zones),
        "workspace": task.workspace,
        "pinned": task.worker,
        "prompt_tokens": task.prompt_tokens,
        "max_tokens": task.max_tokens,
        "submitted_at": now,
        "submitter": submitter,
    }


def waiting(row: sqlite3.Row) -> Waiting:
    """A row with WAITING_COLUMNS."""
    return Waiting(
        id=row["id"],
        kind=Kind(row["kind"]),
        priority=Priority(row["priority"]),
        complexity=Complexity(row["complexity"]),
        zones=tuple(Zone(zone) for zone in row["zones"].split(",") if zone),
        worker=row["pinned"],
        prompt_tokens=row["prompt_tokens"],
        max_tokens=row["max_tokens"],
        tried=tuple(json.loads(row["tried"])),
        above_context=row["above_context"],
        attempts=row["attempts"],
        why=row["why"],
        due_at=row["due_at"],
    )


def claim(row: sqlite3.Row, task: Task) -> Claim:
    """A row that was just claimed."""
    return Claim(
        task=task,
        token=row["token"],
        worker=row["worker"],
        model=row["model"],
        attempt=row["attempts"],
        tried=tuple(json.loads(row["tried"])),
        above_context=row["above_context"],
        lines=tuple(json.loads(row["lines"])),
    )


def status(row: sqlite3.Row, task: Task, *, position: int, reply: str | None) -> Status:
    """A row of the task table with its reply."""
    return Status(
        task=task,
        state=State(row["state"]),
        position=position,
        attempts=row["attempts"],
        worker=row["worker"],
        model=row["model"],
        why=row["why"],
        reply=Reply.model_validate_json(reply) if reply else None,
        failure=Failure.model_validate_json(row["failure"]) if row["failure"] else None,
        submitted_at=row["submitted_at"],
        delivered_at=row["delivered_at"],
    )
