"""The statements of the SQLite queue that change or order tasks.

Owns SQL and nothing else: no thread, no event loop, no file.
"""

# ruff: noqa: S608  columns and conditions are literals of this module; every value is bound

from __future__ import annotations

import secrets
import sqlite3
import time
from typing import Any

from lanyard_routing.queue import rows
from lanyard_routing.queue.base import Offer, Waiting
from lanyard_routing.queue.owner import verdict
from lanyard_routing.queue.store import transaction
from lanyard_routing.task import FINAL_STATES, Failure, State

KEEP_S, KEEP_UNSEEN_S, KEEP_COUNT = 7 * 86400.0, 30 * 86400.0, 1000
FREE = "token = NULL, owner = NULL, lease_until = NULL, worker = NULL, model = NULL"
_ENDED = ", ".join(f"'{state}'" for state in FINAL_STATES)


def insert(db: sqlite3.Connection, row: dict[str, Any]) -> bool:
    """Add a task; False where its id is known."""
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    done = db.execute(f"INSERT INTO task ({names}) VALUES ({marks}) ON CONFLICT (id) DO NOTHING", row)
    return done.rowcount > 0


def take(db: sqlite3.Connection, task_id: str, offer: Offer, model: str, *, owner: str) -> sqlite3.Row | None:
    """Mark a queued task as running at the offering worker, unless that one's slots are all taken."""
    found = db.execute(
        "UPDATE task SET state = 'running', attempts = attempts + 1, token = :token, owner = :owner,"
        " lease_until = :until, worker = :worker, model = :model, why = '' WHERE id = :id AND state = 'queued'"
        " AND (SELECT count(*) FROM task WHERE state = 'running' AND worker = :worker) < :slots RETURNING *",
        {
            "token": secrets.token_hex(8),
            "owner": owner,
            "until": time.time() + offer.lease_s,
            "worker": offer.worker,
            "model": model,
            "id": task_id,
            "slots": offer.slots,
        },
    ).fetchall()
    return found[0] if found else None


def recover(db: sqlite3.Connection, me: str) -> int:
    """Put back what dead processes ran, and what others did not extend in time.

    What `me` holds stays: after a machine slept its leases have run out, and it is the first to extend them.
    """
    now, lost = time.time(), list[str]()
    others = db.execute("SELECT token, owner, lease_until FROM task WHERE state = 'running' AND owner != ?", (me,))
    for row in others.fetchall():
        if row["lease_until"] < now or verdict(row["owner"].rpartition(" ")[0]) == "dead":
            lost.append(row["token"])
    if not lost:
        return 0
    put_back = f"UPDATE task SET state = 'queued', {FREE} WHERE token = ? AND state = 'running'"
    with transaction(db):
        return sum(db.execute(put_back, (token,)).rowcount for token in lost)


def leave(db: sqlite3.Connection, owner: str) -> None:
    """Put back what this owner runs, as if it had not begun."""
    db.execute(
        f"UPDATE task SET state = 'queued', attempts = attempts - 1, {FREE} WHERE owner = ? AND state = 'running'",
        (owner,),
    )


def data_version(db: sqlite3.Connection) -> int:
    """Changes when another connection has written (sqlite.org/pragma.html#pragma_data_version)."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def position(db: sqlite3.Connection, task_id: str) -> int:
    """Tasks ahead of a queued one; 0 for one that is not queued."""
    return int(
        db.execute(
            "SELECT count(*) FROM task AS other, task AS mine WHERE mine.id = ? AND mine.state = 'queued'"
            " AND other.state = 'queued' AND (other.rank, other.seq) < (mine.rank, mine.seq)",
            (task_id,),
        ).fetchone()[0]
    )


def waiting(db: sqlite3.Connection, limit: int) -> tuple[Waiting, ...]:
    """Queued tasks in their order."""
    found = db.execute(
        f"SELECT {rows.WAITING_COLUMNS} FROM task WHERE state = 'queued' ORDER BY rank, seq LIMIT ?", (limit,)
    )
    return tuple(rows.waiting(row) for row in found.fetchall())


def extend(db: sqlite3.Connection, tokens: list[str], lease_s: float) -> frozenset[str]:
    """Keep claims; the tokens that are still held."""
    if not tokens:
        return frozenset()
    marks = ", ".join("?" * len(tokens))
    found = db.execute(
        f"UPDATE task SET lease_until = ? WHERE state = 'running' AND token IN ({marks}) RETURNING token",
        (time.time() + lease_s, *tokens),
    )
    return frozenset(row["token"] for row in found.fetchall())


def held(db: sqlite3.Connection, tokens: list[str]) -> frozenset[str]:
    """The tokens that are still held."""
    marks = ", ".join("?" * len(tokens))
    found = db.execute(f"SELECT token FROM task WHERE state = 'running' AND token IN ({marks})", tokens)
    return frozenset(row["token"] for row in found.fetchall())


def load(db: sqlite3.Connection) -> dict[str, int]:
    """Running tasks by worker."""
    found = db.execute("SELECT worker, count(*) AS tasks FROM task WHERE state = 'running' GROUP BY worker")
    return {row["worker"]: row["tasks"] for row in found.fetchall()}


def end(
    db: sqlite3.Connection, task_id: str, state: State, failure: Failure | None = None, *, token: str | None = None
) -> bool:
    """End a task that is held by `token`, or without one that is queued; False where it is not."""
    held = "state = 'running' AND token = ?" if token is not None else "state = 'queued'"
    worker = "" if token is not None else ", worker = NULL, model = NULL"
    ended = db.execute(
        f"UPDATE task SET state = ?, failure = ?, ended_at = ?, why = '', token = NULL, owner = NULL{worker}"
        f" WHERE id = ? AND {held}",
        (
            state.value,
            failure.model_dump_json() if failure else None,
            time.time(),
            task_id,
            *([token] if token else []),
        ),
    )
    return ended.rowcount > 0


def prune(db: sqlite3.Connection) -> int:
    """Forget what is over: delivered long ago, or very old, or more than KEEP_COUNT tasks back."""
    now = time.time()
    with transaction(db):
        old = db.execute(
            f"SELECT id FROM task WHERE state IN ({_ENDED}) AND (ended_at < ? OR delivered_at IS NOT NULL AND"
            " (ended_at < ? OR seq <= (SELECT max(seq) FROM task) - ?))",
            (now - KEEP_UNSEEN_S, now - KEEP_S, KEEP_COUNT),
        ).fetchall()
        for row in old:
            for table in ("task", "body", "reply"):
                db.execute(f"DELETE FROM {table} WHERE id = ?", (row["id"],))
    return len(old)
