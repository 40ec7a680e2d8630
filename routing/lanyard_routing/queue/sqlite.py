"""The embedded task queue: one SQLite file (WAL) that all processes of a machine share.

Owns the statements. A put is committed with `synchronous = FULL` before its submitter hears of it. What a process
holds bears its identity, so that the next one takes it over at once when it dies.
"""

# ruff: noqa: S608  columns and conditions are literals of these modules; every value is bound

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from lanyard_routing.queue import rows, statements
from lanyard_routing.queue.base import Claim, Offer, TaskQueue, Waiting
from lanyard_routing.queue.deliveries import Deliveries
from lanyard_routing.queue.owner import this_process
from lanyard_routing.queue.statements import FREE
from lanyard_routing.queue.store import Store, transaction
from lanyard_routing.queue.watch import Watch
from lanyard_routing.router import QueueRefused
from lanyard_routing.task import Failure, Receipt, Reply, State, Status, Task

T = TypeVar("T")

FILE_NAME = "queue.sqlite"
_LOOK_AT = 256  # queued tasks that an offer looks at
_CACHED_TASKS = 128
_LONGEST_REST_S = 3600.0  # a task due later than that was put back before the clock was


class SqliteQueue(TaskQueue):
    """See TaskQueue. `session` is unique among the sessions of this process; `told` gets lines for the user."""

    def __init__(
        self,
        folder: Path,
        *,
        session: str,
        told: Callable[[str], None] = lambda line: None,
        busy_s: float = 5.0,
        poll_s: float = 0.1,
    ) -> None:
        self._me = f"{this_process()} {secrets.token_hex(4)}.{session.replace(' ', '_')}"
        self._store = Store(folder / FILE_NAME, told, busy_s=busy_s)
        self._tasks: OrderedDict[str, Task] = OrderedDict()
        self._watch = Watch(self._version, fastest_s=poll_s)
        self._deliveries = Deliveries(self._me)

    async def put(self, task: Task) -> Receipt:
        """See TaskQueue."""
        try:
            body = task.model_dump_json()
        except ValueError as error:
            raise QueueRefused(f"the task cannot be stored: {type(error).__name__}; report this") from error
        return await self._changing(lambda db: self._put(db, task, body))

    def _put(self, db: sqlite3.Connection, task: Task, body: str) -> Receipt:
        with transaction(db):
            if statements.insert(db, rows.new_row(task, submitter=self._me, now=time.time())):
                db.execute("INSERT INTO body (id, task) VALUES (?, ?)", (task.id, body))
            position = statements.position(db, task.id)
        return Receipt(task_id=task.id, position=position)

    async def waiting(self, limit: int = 256) -> tuple[Waiting, ...]:
        """See TaskQueue."""
        return await self._store.run(statements.waiting, limit)

    async def claim(self, offer: Offer) -> Claim | None:
        """See TaskQueue."""
        return await self._changing(lambda db: self._claim(db, offer))

    def _claim(self, db: sqlite3.Connection, offer: Offer) -> Claim | None:
        now = time.time()
        for task in statements.waiting(db, _LOOK_AT):
            model = offer.suits(task) if not now < task.due_at <= now + _LONGEST_REST_S else None
            if model is None:
                continue
            with transaction(db):
                row = statements.take(db, task.id, offer, model, owner=self._me)
                body = self._task(db, task.id) if row is not None else None
                if row is not None and body is None:
                    unreadable = Failure(message="The stored task cannot be read; submit it again.")
                    statements.end(db, task.id, State.FAILED, unreadable, token=row["token"])
            if row is not None and body is not None:
                return rows.claim(row, body)
        return None

    async def extend(self, claims: Iterable[Claim], lease_s: float = 30.0) -> frozenset[str]:
        """See TaskQueue."""
        return await self._store.run(statements.extend, [claim.token for claim in claims], lease_s)

    async def held(self, claims: Iterable[Claim]) -> frozenset[str]:
        """See TaskQueue."""
        tokens = [claim.token for claim in claims]
        return await self._store.run(statements.held, tokens) if tokens else frozenset()

    async def load(self) -> Mapping[str, int]:
        """See TaskQueue."""
        return await self._store.run(statements.load)

    async def finish(self, claim: Claim, reply: Reply) -> bool:
        """See TaskQueue."""

        def work(db: sqlite3.Connection) -> bool:
            with transaction(db):
                held = statements.end(db, claim.task.id, State.DONE, token=claim.token)
                if held:
                    db.execute("INSERT OR REPLACE INTO reply VALUES (?, ?)", (claim.task.id, reply.model_dump_json()))
            return held

        return await self._changing(work)

    async def fail(self, task_id: str, failure: Failure, *, claim: Claim | None = None) -> bool:
        """See TaskQueue."""

        def work(db: sqlite3.Connection) -> bool:
            with transaction(db):
                return statements.end(db, task_id, State.FAILED, failure, token=claim.token if claim else None)

        return await self._changing(work)

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
        """See TaskQueue."""
        lines = json.dumps([*claim.lines, line] if line else [*claim.lines], ensure_ascii=True)
        return await self._update(
            f"state = 'queued', {FREE}, lines = ?, why = ?, tried = ?, above_context = ?, due_at = ?",
            (lines, why, json.dumps(list(tried)), above_context, time.time() + rest_s if rest_s else 0),
            "token = ? AND state = 'running'",
            (claim.token,),
        )

    async def release(self, claim: Claim) -> bool:
        """See TaskQueue."""
        return await self._update(
            f"state = 'queued', attempts = attempts - 1, {FREE}", (), "token = ? AND state = 'running'", (claim.token,)
        )

    async def note(self, task_id: str, why: str) -> bool:
        """See TaskQueue."""
        return await self._update("why = ?", (why,), "id = ? AND state = 'queued' AND why != ?", (task_id, why))

    async def choose(self, task_id: str, worker: str | None) -> bool:
        """See TaskQueue."""
        return await self._update(
            "pinned = ?, tried = '[]', due_at = 0, why = ''", (worker,), "id = ? AND state = 'queued'", (task_id,)
        )

    async def cancel(self, task_id: str) -> bool:
        """See TaskQueue."""
        return await self._update(
            f"state = 'cancelled', ended_at = ?, delivered_at = ?, why = '', {FREE}",
            (time.time(), time.time()),
            "id = ? AND state IN ('queued', 'running')",
            (task_id,),
        )

    async def status(self, task_id: str) -> Status | None:
        """See TaskQueue."""

        def work(db: sqlite3.Connection) -> Status | None:
            row = db.execute("SELECT * FROM task WHERE id = ?", (task_id,)).fetchone()
            return None if row is None else self._status(db, row)

        return await self._store.run(work)

    async def list(self, limit: int = 500) -> tuple[Status, ...]:
        """See TaskQueue."""
        return await self._statuses("SELECT * FROM task ORDER BY seq DESC LIMIT ?", (limit,))

    async def unfinished(self, workspace: str) -> tuple[Status, ...]:
        """See TaskQueue."""
        return await self._statuses(
            "SELECT * FROM task WHERE workspace = ? AND state IN ('queued', 'running') ORDER BY seq",
            (workspace,),
            lambda row: self._deliveries.mine_or_left(row["submitter"]),
        )

    async def recover(self) -> int:
        """See TaskQueue."""
        return await self._changing(lambda db: statements.recover(db, self._me))

    async def claim_results(self, workspace: str, *, task_id: str | None = None) -> tuple[Status, ...]:
        """See TaskQueue."""

        def work(db: sqlite3.Connection) -> tuple[Status, ...]:
            with transaction(db):  # in one step: who held a result that could not be read would keep it from all
                taken = self._deliveries.claim(db, workspace, task_id)
                return tuple(status for row in taken if (status := self._status(db, row)) is not None)

        return await self._store.run(work)

    async def confirm_result(self, task_id: str) -> bool:
        """See TaskQueue."""
        return await self._store.run(self._deliveries.confirm, task_id)

    async def prune(self) -> int:
        """See TaskQueue."""
        return await self._store.run(statements.prune)

    def subscribe(self, changed: Callable[[], None]) -> Callable[[], None]:
        """See TaskQueue."""
        return self._watch.subscribe(changed)

    async def close(self) -> None:
        """See TaskQueue."""
        await self._watch.close()
        with contextlib.suppress(QueueRefused):  # a full disk: the next process takes over what this one held
            await self._store.run(self._leave)
        await self._store.close()

    def _leave(self, db: sqlite3.Connection) -> None:
        with transaction(db):
            statements.leave(db, self._me)
            self._deliveries.leave(db)

    async def _changing(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do what is a change where its result is true; that is told even where the caller is cancelled meanwhile."""
        loop = asyncio.get_running_loop()

        def telling(db: sqlite3.Connection) -> T:
            done = work(db)
            if done:
                with contextlib.suppress(RuntimeError):  # the event loop has ended
                    loop.call_soon_threadsafe(self._watch.changed)
            return done

        return await self._store.run(telling)

    async def _version(self) -> tuple[int, int]:
        """Other for each change of other processes, and for another file: its numbers begin anew."""
        return await self._store.run(lambda db: (self._store.opened, statements.data_version(db)))

    async def _update(self, columns: str, values: tuple[object, ...], where: str, which: tuple[object, ...]) -> bool:
        return await self._changing(
            lambda db: db.execute(f"UPDATE task SET {columns} WHERE {where}", (*values, *which)).rowcount > 0
        )

    async def _statuses(
        self, query: str, values: tuple[object, ...], wanted: Callable[[sqlite3.Row], bool] = lambda row: True
    ) -> tuple[Status, ...]:
        def work(db: sqlite3.Connection) -> tuple[Status, ...]:
            found = [self._status(db, row) for row in db.execute(query, values).fetchall() if wanted(row)]
            return tuple(status for status in found if status is not None)

        return await self._store.run(work)

    def _status(self, db: sqlite3.Connection, row: sqlite3.Row) -> Status | None:
        task = self._task(db, row["id"])
        if task is None:
            return None
        reply = db.execute("SELECT reply FROM reply WHERE id = ?", (row["id"],)).fetchone()
        position = statements.position(db, row["id"]) if row["state"] == "queued" else 0
        try:
            return rows.status(row, task, position=position, reply=reply["reply"] if reply else None)
        except ValidationError:
            return None

    def _task(self, db: sqlite3.Connection, task_id: str) -> Task | None:
        """The stored task; None where it cannot be read (damage, or another version's form)."""
        known = self._tasks.get(task_id)
        if known is None:
            row = db.execute("SELECT task FROM body WHERE id = ?", (task_id,)).fetchone()
            try:
                known = Task.model_validate_json(row["task"]) if row is not None else None
            except ValidationError:
                known = None
        if known is not None:
            self._tasks[task_id] = known
            self._tasks.move_to_end(task_id)
            while len(self._tasks) > _CACHED_TASKS:
                self._tasks.popitem(last=False)
        return known
