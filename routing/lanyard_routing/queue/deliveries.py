"""Which session may show which result.

Owns the statements about delivery in the SQLite queue: a result goes to one living session, and is offered again
when that session ends without a word.
"""

from __future__ import annotations

import sqlite3
import time

from lanyard_routing.queue.owner import verdict

_FAR_AWAY_S = 86400.0  # a session of another machine, whose life cannot be seen, may hold a result for a day


class Deliveries:
    """Deliveries as the session `me` sees them. `me` is `this_process()` and a name unique within the process."""

    def __init__(self, me: str) -> None:
        self._me = me

    def mine_or_left(self, session: str) -> bool:
        """Whether a task of this session is mine, or nobody's any more."""
        return not session or session == self._me or verdict(session.rpartition(" ")[0]) == "dead"

    def claim(self, db: sqlite3.Connection, workspace: str, task_id: str | None) -> list[sqlite3.Row]:
        """The results that are now this session's to deliver; the transaction is the caller's."""
        now = time.time()
        found = db.execute(
            "SELECT * FROM task WHERE delivered_at IS NULL AND workspace = ?"
            " AND state IN ('done', 'failed') AND (? IS NULL OR id = ?) ORDER BY seq",
            (workspace, task_id, task_id),
        ).fetchall()
        free = [row for row in found if self._may_take(row, now, named=task_id is not None)]
        for row in free:
            db.execute("UPDATE task SET deliverer = ?, offered_at = ? WHERE id = ?", (self._me, now, row["id"]))
        return free

    def confirm(self, db: sqlite3.Connection, task_id: str) -> bool:
        """The result has reached its user."""
        confirmed = db.execute(
            "UPDATE task SET delivered_at = ?, deliverer = NULL WHERE id = ? AND delivered_at IS NULL"
            " AND state IN ('done', 'failed')",
            (time.time(), task_id),
        )
        return confirmed.rowcount > 0

    def leave(self, db: sqlite3.Connection) -> None:
        """This session ends: others may deliver what it held, and follow what it submitted."""
        db.execute("UPDATE task SET deliverer = NULL WHERE deliverer = ?", (self._me,))
        db.execute("UPDATE task SET submitter = '' WHERE submitter = ? AND delivered_at IS NULL", (self._me,))

    def _may_take(self, row: sqlite3.Row, now: float, *, named: bool) -> bool:
        if row["deliverer"]:
            life = verdict(row["deliverer"].rpartition(" ")[0])
            return life == "dead" or (life == "unknown" and row["offered_at"] < now - _FAR_AWAY_S)
        return named or self.mine_or_left(row["submitter"])
