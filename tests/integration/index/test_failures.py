"""An index process that dies, hangs or lies, and a store that is broken, cost a rebuild and never an answer."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import stat
import sys
from contextlib import closing

import psutil
import pytest

from integration.index.harness import SHOP, WAIT_S, a_shop, gone, question, write
from lanyard_server.index import client as client_module
from lanyard_server.index.client import IndexClient, Restarts
from lanyard_server.index.messages import Touched
from lanyard_server.index.store import Store, file_for

MANY = {
    f"pack{n % 20}/module{n}.py": "\n".join(f"def function_{n}_{k}(a, b={k}):\n    return a + b\n" for k in range(60))
    for n in range(600)
}
SHOWN = "def add(self, price: int, count: int = 1)"


@pytest.fixture
def root(tmp_path):
    write(tmp_path / "w", SHOP)
    return tmp_path / "w"


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_killed_in_the_middle_of_a_build_it_comes_back_and_ends_it(root, tmp_path):
    write(root, MANY)
    async with a_shop(root, tmp_path / "cache") as shop:
        for _ in range(3):
            process = await shop.alive()
            status = await shop.status()
            os.kill(process, signal.SIGKILL)
            assert status.state != "ready"
            await gone_and_replaced(shop, process)
        status = await shop.ready()
        assert status.known == status.total == len(MANY) + len(SHOP)
        assert SHOWN in (await shop.sliced()).text
        assert not shop.told


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_killed_in_the_middle_of_a_query_the_caller_goes_on_at_once(root, tmp_path):
    async with a_shop(root, tmp_path / "cache") as shop:
        await shop.ready()
        for _ in range(5):
            process = await shop.alive()
            os.kill(process, signal.SIGSTOP)  # it has the question and does not answer
            asking = asyncio.create_task(shop.slice())
            await asyncio.sleep(0)
            os.kill(process, signal.SIGKILL)
            assert await asking is None
            await gone_and_replaced(shop, process)
        assert SHOWN in (await shop.sliced()).text


async def gone_and_replaced(shop, process):
    async with asyncio.timeout(WAIT_S):
        while shop.client.process_id in {None, process}:
            await asyncio.sleep(0.001)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_one_that_hangs_is_killed_and_replaced(root, tmp_path, monkeypatch):
    monkeypatch.setattr(client_module, "HANG_S", 0.2)
    async with a_shop(root, tmp_path / "cache") as shop:
        await shop.ready()
        process = await shop.alive()
        os.kill(process, signal.SIGSTOP)
        assert await shop.client.slice(question(SHOP["app.py"]), 0.05) is None
        await gone_and_replaced(shop, process)
        assert SHOWN in (await shop.sliced()).text


async def test_a_slow_answer_is_no_reason_to_kill_it(root, tmp_path):
    async with a_shop(root, tmp_path / "cache") as shop:
        await shop.ready()
        process = shop.client.process_id
        assert await shop.client.slice(question(SHOP["app.py"]), 0.0) is None
        assert SHOWN in (await shop.sliced()).text
        assert shop.client.process_id == process


class Liar(IndexClient):
    """A client whose process says something else than messages."""

    async def _spawn(self):
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            "import sys, time; sys.stdout.write('Hello, world, how are you?'); sys.stdout.flush(); time.sleep(60)",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )


async def test_one_that_talks_nonsense_is_left_alone_after_a_while_and_told_once(root, tmp_path):
    restarts = Restarts(backoff_s=0.0, limit=3, rest_s=0.0)
    async with a_shop(root, tmp_path / "cache", wrapper=Liar, restarts=restarts) as shop:
        async with asyncio.timeout(WAIT_S):
            while not shop.told:
                await asyncio.sleep(0.01)
        seen = {await shop.alive()}
        async with asyncio.timeout(WAIT_S):
            while len(seen) < 5:
                seen.add(await shop.alive())
                await asyncio.sleep(0.001)
        assert len(shop.told) == 1
        assert "index of w keeps failing" in shop.told[0]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(b"no database at all" * 1000),
        lambda file: file.write_bytes(file.read_bytes()[:5000]),
        lambda file: file.write_bytes(file.read_bytes()[:4096] + os.urandom(60_000)),
        lambda file: file.unlink(),
        lambda file: run_sql(file, "pragma user_version = 999999999"),
        lambda file: run_sql(file, "drop table records"),
        lambda file: run_sql(file, "update records set data = x'00112233'"),
        lambda file: run_sql(file, "update files set stamp = x'ff', key = 7"),
    ],
    ids=["other", "cut", "noise", "gone", "newer", "no table", "records", "files"],
)
async def test_a_spoiled_store_is_made_again(root, tmp_path, spoil):
    cache = tmp_path / "cache"
    async with a_shop(root, cache) as shop:
        await shop.ready()
    file = file_for(cache / "index", root)
    run_sql(file, "pragma wal_checkpoint(truncate)")
    for left in file.parent.glob("*-wal"):
        left.unlink()
    spoil(file)
    async with a_shop(root, cache) as shop:
        status = await shop.ready()
        assert status.known == len(SHOP)
        assert SHOWN in (await shop.sliced()).text
        assert not shop.told
    assert len(Store(file).known()) == len(SHOP)


def run_sql(file, statement):
    with closing(sqlite3.connect(file)) as db:
        db.execute(statement)
        db.commit()


async def test_without_a_place_for_the_store_it_serves_all_the_same(root, tmp_path):
    cache = tmp_path / "cache"
    cache.write_text("a file")
    async with a_shop(root, cache) as shop:
        await shop.ready()
        assert SHOWN in (await shop.sliced()).text


async def test_a_folder_in_the_stores_place_is_done_without(root, tmp_path):
    cache = tmp_path / "cache"
    (file_for(cache / "index", root) / "something").mkdir(parents=True)
    async with a_shop(root, cache) as shop:
        await shop.ready()
        assert SHOWN in (await shop.sliced()).text


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
async def test_the_store_is_its_users_alone(root, tmp_path):
    async with a_shop(root, tmp_path / "cache") as shop:
        await shop.ready()
        files = list((tmp_path / "cache/index").iterdir())
        assert any(file.suffix == ".sqlite" for file in files)
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


async def test_two_servers_share_the_store_of_a_workspace(root, tmp_path):
    write(root, dict(list(MANY.items())[:120]))
    cache = tmp_path / "cache"
    async with a_shop(root, cache) as one, a_shop(root, cache) as other:
        for shop in (one, other):
            assert (await shop.ready()).known == 120 + len(SHOP)
            assert SHOWN in (await shop.sliced()).text
        (root / "shop/money.py").write_text("def in_euros(amount):\n    return amount\n")
        for shop in (one, other):
            assert "in_euros(amount)" in (await shop.sliced()).text
    assert len(Store(file_for(cache / "index", root)).known()) == 120 + len(SHOP)


async def test_an_unchanged_workspace_is_not_read_again(root, tmp_path):
    """What the store says of an unchanged file counts: here it says something else than the file does."""
    cache = tmp_path / "cache"
    await settled(root)
    async with a_shop(root, cache) as shop:
        await shop.ready()
    file = file_for(cache / "index", root)
    run_sql(file, "delete from records where key = (select key from files where path = 'shop/money.py')")
    run_sql(file, "update files set key = x'' where path = 'shop/money.py'")
    async with a_shop(root, cache) as shop:
        await shop.ready()
        assert "in_euros(cents" not in (await shop.sliced()).text
        (root / "shop/money.py").write_text(SHOP["shop/money.py"] + "\n")
        shop.client.tell(Touched(("shop/money.py",)))
        assert "in_euros(cents" in (await shop.sliced()).text


async def settled(root):
    """Make the files' stamps old enough to be believed."""
    for path in root.rglob("*.py"):
        os.utime(path, (1_700_000_000, 1_700_000_000))


async def test_helpers_end_with_the_index_process(root, tmp_path):
    write(root, MANY)
    async with a_shop(root, tmp_path / "cache") as shop:
        process = psutil.Process(await shop.alive())
        helpers: list[psutil.Process] = []
        async with asyncio.timeout(WAIT_S):
            while not helpers:
                helpers = process.children()
                await asyncio.sleep(0.001)
        process.kill()
        await gone(process, *helpers)


async def test_the_process_ends_with_whoever_started_it(root, tmp_path):
    write(root, MANY)
    script = tmp_path / "owner.py"
    script.write_text(
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from integration.index.harness import a_shop\n"
        "async def main():\n"
        "    async with a_shop(Path(sys.argv[1]), Path(sys.argv[2])) as shop:\n"
        "        print(await shop.alive(), flush=True)\n"
        "        await asyncio.sleep(600)\n"
        "asyncio.run(main())\n"
    )
    tests = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    owner = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        str(root),
        str(tmp_path / "cache"),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": tests},
    )
    assert owner.stdout is not None
    process = psutil.Process(int(await owner.stdout.readline()))
    family = [process, *process.children(recursive=True)]
    owner.kill()
    await owner.wait()
    await gone(*family)
