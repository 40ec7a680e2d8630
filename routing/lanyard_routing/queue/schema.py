"""The tables of the SQLite queue, as numbered migrations.

Owns the schema alone. A migration that was released is never changed; `PRAGMA user_version` counts those applied.
"""

from __future__ import annotations

import sqlite3

MIGRATIONS: tuple[str, ...] = (
    # 1: what changes often and what is large are kept apart, so that a heartbeat does not rewrite a prompt.
    """
    CREATE TABLE task (
      seq INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      state TEXT NOT NULL DEFAULT 'queued',
      rank INTEGER NOT NULL,
      kind TEXT NOT NULL,
      priority TEXT NOT NULL,
      complexity TEXT NOT NULL,
      zones TEXT NOT NULL,
      workspace TEXT NOT NULL,
      pinned TEXT,
      prompt_tokens INTEGER NOT NULL,
      max_tokens INTEGER NOT NULL,
      submitted_at REAL NOT NULL,
      submitter TEXT NOT NULL,
      due_at REAL NOT NULL DEFAULT 0,
      why TEXT NOT NULL DEFAULT '',
      attempts INTEGER NOT NULL DEFAULT 0,
      tried TEXT NOT NULL DEFAULT '[]',
      lines TEXT NOT NULL DEFAULT '[]',
      above_context INTEGER NOT NULL DEFAULT 0,
      token TEXT,
      owner TEXT,
      lease_until REAL,
      worker TEXT,
      model TEXT,
      ended_at REAL,
      failure TEXT,
      deliverer TEXT,
      offered_at REAL,
      delivered_at REAL
    );
    CREATE INDEX task_order ON task (state, rank, seq);
    CREATE INDEX task_undelivered ON task (workspace, seq) WHERE delivered_at IS NULL;
    CREATE TABLE body (id TEXT PRIMARY KEY, task TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE reply (id TEXT PRIMARY KEY, reply TEXT NOT NULL) WITHOUT ROWID;
    """,
)


class TooNew(Exception):
    """The file was written by a newer Lanyard."""


def migrate(db: sqlite3.Connection) -> None:
    """Bring an open database to the newest schema; several processes may try at once. Raises TooNew."""
    if _version(db) == len(MIGRATIONS):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        found = _version(db)
        if found > len(MIGRATIONS):
            raise TooNew
        for number, script in enumerate(MIGRATIONS[found:], found + 1):
            for statement in filter(str.strip, script.split(";")):
                db.execute(statement)
            db.execute(f"PRAGMA user_version = {number}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
