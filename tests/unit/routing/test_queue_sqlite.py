"""The SQLite queue: the contract, and what only a file can do wrong."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import stat
import sys
import threading
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanyard_routing.queue import owner, statements
from lanyard_routing.queue.schema import MIGRATIONS
from lanyard_routing.queue.sqlite import FILE_NAME, SqliteQueue
from lanyard_routing.queue.store import salvage
from lanyard_routing.router import QueueRefused
from lanyard_routing.task import State
from unit.routing import queue_contract
from unit.routing.fakes import task
from unit.routing.queue_contract import OpenQueue, claimed, offer, reply


@pytest.fixture
async def open_queue(tmp_path: Path) -> AsyncGenerator[OpenQueue]:
    opened: list[SqliteQueue] = []

    async def open_one(session: str) -> SqliteQueue:
        opened.append(SqliteQueue(tmp_path, session=session, poll_s=0.005))
        return opened[-1]

    yield open_one
    for queue in opened:
        await queue.close()


class TestContract(queue_contract.Contract):
    pass


async def test_the_file_is_private(tmp_path: Path) -> None:
    (tmp_path / "state" / "run").mkdir(parents=True)  # made by somebody who did not think of others
    queue = SqliteQueue(tmp_path / "state", session="a")
    await queue.put(task())
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
        for name in (FILE_NAME, f"{FILE_NAME}-wal"):
            assert stat.S_IMODE((tmp_path / "state" / name).stat().st_mode) == 0o600
    await queue.close()


async def test_a_put_is_synchronous(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path, session="a")
    modes = await queue._store.run(
        lambda db: [db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
    )
    assert modes == ["wal", 2]  # FULL
    await queue.close()


async def test_a_file_of_a_newer_lanyard_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / FILE_NAME) as db:
        db.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    db.close()
    queue = SqliteQueue(tmp_path, session="a")
    with pytest.raises(QueueRefused, match="written by a newer Lanyard"):
        await queue.put(task())
    await queue.close()


async def test_a_file_that_is_no_database_is_moved_aside_with_a_word(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is no database\n" * 500)
    told: list[str] = []
    queue = SqliteQueue(tmp_path, session="a", told=told.append)
    assert (await queue.put(task())).position == 0
    (line,) = told
    (aside,) = tmp_path.glob("queue.damaged-*.sqlite")
    assert str(aside) in line
    assert aside.read_bytes().startswith(b"this is no database")
    await queue.close()


async def test_damage_in_the_middle_keeps_the_tasks_that_can_be_read(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path, session="a")
    big = "x" * 20_000
    for number in range(30):
        await queue.put(task(f"t{number}", messages=({"role": "user", "content": big},)))
    await queue._store.run(lambda db: db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall())
    root = await queue._store.run(
        lambda db: db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'task_order'").fetchone()[0]
    )
    size = await queue._store.run(lambda db: db.execute("PRAGMA page_size").fetchone()[0])
    await queue.close()
    with (tmp_path / FILE_NAME).open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    told: list[str] = []
    queue = SqliteQueue(tmp_path, session="b", told=told.append)
    await queue.put(task("new"))
    names = {status.task.id for status in await queue.list()}
    assert names == {"new", *(f"t{number}" for number in range(30))}
    assert "30 of its tasks" in told[0]
    await queue.close()


async def test_a_damaged_file_of_another_program_gives_no_tasks(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "theirs.sqlite")) as db:
        db.execute("CREATE TABLE task (seq INTEGER PRIMARY KEY, what TEXT)")
        db.execute("INSERT INTO task (what) VALUES ('theirs')")
        db.commit()
    with contextlib.closing(sqlite3.connect(":memory:")) as into:
        assert salvage(tmp_path / "theirs.sqlite", into) == 0


async def test_a_task_rests_no_longer_because_the_clock_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = SqliteQueue(tmp_path, session="a")
    await queue.put(task())
    await queue.requeue(await claimed(queue), rest_s=15)
    assert await queue.claim(offer()) is None
    before = time.time() - 86400
    monkeypatch.setattr(time, "time", lambda: before)
    assert await queue.claim(offer()) is not None
    await queue.close()


async def test_another_process_that_moved_the_file_is_followed(tmp_path: Path) -> None:
    one = SqliteQueue(tmp_path, session="a")
    await one.put(task("t1"))
    for path in tmp_path.glob(f"{FILE_NAME}*"):
        if not path.name.endswith(".lock"):
            path.rename(tmp_path / f"aside{path.name}")
    two = SqliteQueue(tmp_path, session="b")
    await two.put(task("t2"))
    await one.put(task("t3"))
    assert [status.task.id for status in await two.list()] == ["t3", "t2"]
    await one.close()
    await two.close()


async def test_who_subscribed_is_told_of_a_change_in_a_file_that_took_the_place_of_the_first(tmp_path: Path) -> None:
    one, told = SqliteQueue(tmp_path, session="a", poll_s=0.001), asyncio.Event()
    await one.put(task("t1"))
    forget = one.subscribe(told.set)
    async with asyncio.timeout(50):
        await told.wait()  # the first look of the poll
        told.clear()
        for path in tmp_path.glob(f"{FILE_NAME}*"):
            if not path.name.endswith(".lock"):
                path.rename(tmp_path / f"aside{path.name}")
        two = SqliteQueue(tmp_path, session="b")
        await two.put(task("t2"))
        await told.wait()
    forget()
    await one.close()
    await two.close()


async def test_a_change_is_told_though_whoever_asked_for_it_was_cancelled(tmp_path: Path) -> None:
    queue, begun, told = SqliteQueue(tmp_path, session="a", poll_s=1000), threading.Event(), asyncio.Event()
    await queue.put(task("t1"))
    await queue._store.run(lambda db: db.set_trace_callback(lambda _: begun.set()))
    forget = queue.subscribe(told.set)
    holder = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    asking = asyncio.create_task(queue.cancel("t1"))
    assert await asyncio.to_thread(begun.wait, 50)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    holder.execute("ROLLBACK")
    holder.close()
    async with asyncio.timeout(50):
        await told.wait()
    assert [status.state for status in await queue.list()] == [State.CANCELLED]
    forget()
    await queue.close()


async def test_a_result_that_could_not_be_read_is_offered_again(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path, session="a")
    await queue.put(task("t1", workspace="/w"))
    await queue.finish(await claimed(queue), reply())

    def refuse(_: int, table: str | None, *__: str | None) -> int:
        return sqlite3.SQLITE_DENY if table == "reply" else sqlite3.SQLITE_OK

    await queue._store.run(lambda db: db.set_authorizer(refuse))
    with pytest.raises(QueueRefused):
        await queue.claim_results("/w")
    await queue._store.run(lambda db: db.set_authorizer(None))
    assert [status.task.id for status in await queue.claim_results("/w")] == ["t1"]
    await queue.close()


async def test_a_full_file_refuses_and_takes_again_when_there_is_room(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path, session="a")
    await queue.put(task("t0"))
    pages = await queue._store.run(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await queue._store.run(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchall())
    big = task("t1", messages=({"role": "user", "content": "x" * 100_000},))
    with pytest.raises(QueueRefused, match="is full; free some space"):
        await queue.put(big)
    assert [status.task.id for status in await queue.list()] == ["t0"]
    await queue._store.run(lambda db: db.execute("PRAGMA max_page_count = 1000000").fetchall())
    await queue.put(big)
    assert [status.task.id for status in await queue.list()] == ["t1", "t0"]
    await queue.close()


async def test_a_locked_file_refuses_after_a_while(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path, session="a", busy_s=0.05)
    await queue.put(task("t0"))
    holder = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(QueueRefused, match="locked by another process"):
        await queue.put(task("t1"))
    holder.execute("ROLLBACK")
    holder.close()
    await queue.put(task("t1"))
    await queue.close()


async def test_a_folder_that_cannot_be_made_refuses(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    queue = SqliteQueue(tmp_path / "file" / "state", session="a")
    with pytest.raises(QueueRefused, match="cannot be opened"):
        await queue.put(task())
    (tmp_path / "file").unlink()
    await queue.put(task())
    await queue.close()


async def test_a_stored_task_that_cannot_be_read_fails_in_words(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path, session="a")
    for name in ("t1", "t2"):
        await queue.put(task(name))
    queue._tasks.clear()
    await queue._store.run(lambda db: db.execute("UPDATE body SET task = '{' WHERE id = 't1'").rowcount)
    assert (await claimed(queue)).task.id == "t2"
    state = await queue._store.run(lambda db: db.execute("SELECT state FROM task WHERE id = 't1'").fetchone()[0])
    assert state == State.FAILED
    await queue.close()


async def test_a_task_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path, session="a")
    with pytest.raises(QueueRefused, match="cannot be stored"):
        await queue.put(task(context={"half": "\ud83d"}))
    await queue.close()


async def test_a_name_with_half_a_character_is_refused_in_words(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path, session="a")
    for asked in (queue.status("\ud800"), queue.cancel("\ud800"), queue.claim_results("\ud800")):
        with pytest.raises(QueueRefused, match="half a character"):
            await asked
    assert await queue.list() == ()
    await queue.close()


async def test_old_tasks_are_pruned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = SqliteQueue(tmp_path, session="a")
    for number in range(6):
        await queue.put(task(f"t{number}"))
    for _ in range(5):
        await queue.finish(await claimed(queue), reply())
    for number in range(4):
        await queue.confirm_result(f"t{number}")
    monkeypatch.setattr(statements, "KEEP_COUNT", 3)
    assert await queue.prune() == 3
    assert [status.task.id for status in await queue.list()] == ["t5", "t4", "t3"]
    left = await queue._store.run(
        lambda db: [db.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("body", "reply")]
    )
    assert left == [3, 2]
    await queue.close()


def test_a_process_is_told_from_a_later_one_with_its_number() -> None:
    mine = owner.this_process()
    assert owner.verdict(mine) == "alive"
    host, boot, space, pid, start = mine.split(" ")
    assert owner.verdict(" ".join((host, boot, space, pid, start + "1"))) == "dead"
    assert owner.verdict(" ".join((host, boot, space, "999999999", start))) == "dead"
    assert owner.verdict(" ".join((host, "earlier-boot", space, pid, start))) == "dead"
    assert owner.verdict(" ".join(("elsewhere", boot, space, pid, start))) == "unknown"
    assert owner.verdict(" ".join((host, boot, "pid:[1]", pid, start))) == "unknown"


@given(st.text(max_size=60))
def test_an_odd_owner_is_no_error(text: str) -> None:
    assert owner.verdict(text) in ("alive", "dead", "unknown")


async def test_a_task_of_a_dead_process_is_recovered_at_once(tmp_path: Path) -> None:
    queue = SqliteQueue(tmp_path, session="a")
    await queue.put(task())
    await claimed(queue, offer("gpu", 1))
    gone = owner.this_process().rsplit(" ", 1)[0] + " 1 beef.a"
    await queue._store.run(lambda db: db.execute("UPDATE task SET owner = ?", (gone,)).rowcount)
    assert await queue.recover() == 1
    assert (await claimed(queue)).attempt == 2
    await queue.close()


_text = st.text(max_size=30).filter(lambda text: not any(0xD800 <= ord(char) < 0xE000 for char in text))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(_text, _text), min_size=1, max_size=4))
async def test_any_text_comes_back_unchanged(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str]]
) -> None:
    queue = SqliteQueue(tmp_path_factory.mktemp("q"), session="a")
    for number, (title, content) in enumerate(texts):
        await queue.put(task(f"t{number}", title=title, messages=({"role": "user", "content": content},)))
    queue._tasks.clear()
    found = sorted(await queue.list(), key=lambda status: status.task.id)
    assert [(status.task.title, status.task.messages[0].content) for status in found] == texts
    await queue.close()
