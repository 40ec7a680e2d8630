"""A real engine: it starts, answers, is shared, survives kill -9 of itself, and ends when nobody uses it."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from integration.engine import tinygguf
from integration.engine.conftest import engines_of, until
from lanyard_routing.adapters.base import (
    Delta,
    EndpointUnavailable,
    FillRequest,
    Model,
    RequestRejected,
    Timeouts,
)
from lanyard_routing.adapters.healing import Filling
from lanyard_routing.adapters.make import Dialect, make_adapter
from lanyard_routing.config import EndpointConfig
from lanyard_routing.engine.adapter import DIED, ENGINE_URL, EngineAdapter
from lanyard_routing.engine.client import Engine, EngineHandle
from lanyard_routing.engine.options import EngineOptions, options_for
from lanyard_routing.engine.portfile import PortFile, read_crashes, read_port_file, same_process, write_port_file
from lanyard_routing.engine.starter import EngineFailed, files_of, log_file
from lanyard_routing.fleet import Fleet, Member
from lanyard_routing.netpolicy import Policy
from lanyard_routing.paths import runtime_dir
from lanyard_routing.task import Capability

REQUEST = FillRequest("def add(a, b):\n    ", "\n", max_tokens=8)

# What another editor on the machine does.
CLIENT = """
import asyncio, sys
from pathlib import Path
from lanyard_routing.engine.client import Engine
from lanyard_routing.engine.options import EngineOptions

async def main():
    engine = Engine(EngineOptions(model=Path(sys.argv[1])))
    handle = await engine.ensure()
    print(handle.pid, flush=True)
    sys.stdin.read()

asyncio.run(main())
"""


def options(model: Path, **changes: object) -> EngineOptions:
    return replace(EngineOptions(model=model, name="tiny", backoff_s=0.01), **changes)  # pyright: ignore


def adapter_of(engine: Engine, filling: Filling | None = None) -> EngineAdapter:
    return EngineAdapter(engine, Model("tiny", capabilities=frozenset({Capability.COMPLETION})), filling=filling)


async def fill(adapter: EngineAdapter) -> int:
    """Tokens of a completion; the text is noise, its length is not."""
    return sum([delta.tokens async for delta in adapter.fill(REQUEST, Timeouts(first_token=60))])


async def drain(stream: AsyncGenerator[Delta]) -> None:
    async for _ in stream:
        pass


def psutil_start(pid: int) -> float:
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


async def test_the_first_request_starts_it_and_it_answers(
    home: Path, model: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    engine = Engine(options(model))
    adapter = adapter_of(engine)
    assert engine.status().state == "stopped"
    assert (await adapter.probe()).ready
    assert not engines_of(home)  # a probe starts nothing
    assert await fill(adapter) == 8
    status = engine.status()
    assert status.state == "running"
    assert status.memory > 0
    assert (await adapter.probe()).slots == 2
    assert await adapter.count_tokens("abc") == 3
    await adapter.close()
    assert capfd.readouterr() == ("", "")


async def test_a_whole_completion_prompt_reaches_the_model(home: Path, model: Path) -> None:
    limits = options_for(model, trained_context=1024)
    adapter = adapter_of(Engine(options(model, context=limits.context, batch=limits.batch)))
    request = FillRequest("x" * 600, "y" * 150, max_tokens=1)  # this model has a token for each byte
    last = [delta async for delta in adapter.fill(request, Timeouts(first_token=60))][-1]
    assert last.usage is not None
    assert last.usage.prompt_tokens >= 750
    await adapter.close()


@pytest.mark.parametrize(
    "end", ['x = "', "x = {'a\\", "x\t", "é😀", "größe", "", "\n", "x = \ud83d", "[]^", "1" * 3000, "語" * 2000]
)
async def test_a_prompt_may_end_in_anything(home: Path, model: Path, end: str) -> None:
    """The text at the cursor becomes part of a grammar, and this model has a token for each byte."""
    adapter = adapter_of(Engine(options(model, context=1024)), Filling("suffix_first"))
    request = FillRequest(f"import os\n{end}", "", max_tokens=8)
    deltas = [delta async for delta in adapter.fill(request, Timeouts(first_token=60))]
    assert deltas[-1].usage is not None
    assert deltas[-1].usage.completion_tokens > 0
    await adapter.close()


async def test_ensure_again_is_the_same_engine_and_does_not_block_the_loop(home: Path, model: Path) -> None:
    engine = Engine(options(model))
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.005)

    ticking = asyncio.create_task(tick())
    first, second = await asyncio.gather(engine.ensure(), engine.ensure())
    ticking.cancel()
    assert first == second == await engine.ensure()
    assert ticks > 3
    assert len(engines_of(home)) == 1
    await engine.release()


async def test_a_cancelled_request_does_not_stop_a_start(home: Path, model: Path) -> None:
    engine = Engine(options(model))
    impatient = asyncio.create_task(engine.ensure())
    await asyncio.sleep(0)
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    handle = await engine.ensure()
    assert [process.pid for process in engines_of(home)] == [handle.pid]
    await engine.release()


async def test_a_client_that_leaves_during_a_start_leaves_no_lease(home: Path, model: Path) -> None:
    engine = Engine(options(model))
    start = asyncio.create_task(engine.ensure())
    await asyncio.sleep(0)
    await engine.release()
    with pytest.raises(EngineFailed):
        await start
    assert not list(runtime_dir().glob("*.lease-*"))


async def test_eight_processes_that_start_together_end_with_one_engine(home: Path, model: Path) -> None:
    clients = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", CLIENT, str(model), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(8)
    ]
    try:
        pids = await asyncio.gather(*(each.stdout.readline() for each in clients if each.stdout))
        assert len({int(pid) for pid in pids}) == 1
        assert [process.pid for process in engines_of(home)] == [int(pids[0])]
    finally:
        for each in clients:
            await each.communicate(b"")
    assert same_process(int(pids[0]), psutil_start(int(pids[0])))  # it outlives those who started it


async def test_it_comes_back_after_kill_9(home: Path, model: Path) -> None:
    engine = Engine(options(model))
    adapter = adapter_of(engine)
    for _ in range(2):
        assert await fill(adapter) == 8
        os.kill((await engine.ensure()).pid, signal.SIGKILL)
        assert await fill(adapter) == 8  # without a pause: the process may still be listed
    assert len(engines_of(home)) == 1
    assert len(read_crashes(files_of(engine.options), window_s=300)) == 2
    await adapter.close()


async def test_a_death_in_the_middle_of_a_reply_is_an_error_and_the_next_request_works(
    home: Path, tmp_path: Path
) -> None:
    endless = tinygguf.write(tmp_path / "endless.gguf", context=32_768, ends=False)
    engine = Engine(options(endless, context=32_768))
    adapter = adapter_of(engine)
    process = (await engine.ensure()).pid
    stream = adapter.fill(replace(REQUEST, max_tokens=32_000), Timeouts())
    await anext(stream)
    os.kill(process, signal.SIGKILL)
    with pytest.raises(EndpointUnavailable):
        await drain(stream)
    assert await fill(adapter) == 8
    await adapter.close()


async def test_an_engine_that_was_killed_is_told_of_until_it_runs_again(home: Path, model: Path) -> None:
    adapter = adapter_of(Engine(options(model)))
    heard: list[str] = []
    fleet = Fleet(probe_s=0.01)
    fleet.add(Member(EndpointConfig(name="local", url=ENGINE_URL), adapter, Policy()))
    fleet.listen(lambda: heard.append(fleet.workers()[0].why))
    await fleet.known(60)
    assert await fill(adapter) == 8
    [engine] = engines_of(home)
    engine.kill()
    await until(lambda: DIED in heard, "the fleet tells that it has stopped")
    [worker] = fleet.workers()
    assert worker.condition == "ready"
    assert worker.models
    assert "\n" not in worker.why
    assert await fill(adapter) == 8
    await until(lambda: heard[-1] == "", "the fleet tells that it runs again")
    await fleet.close()


async def test_after_a_row_of_crashes_it_is_left_alone_with_one_line(home: Path, model: Path) -> None:
    engine = Engine(options(model, crash_limit=2))
    adapter = adapter_of(engine)
    for _ in range(2):
        assert await fill(adapter) == 8
        handle = await engine.ensure()
        os.kill(handle.pid, signal.SIGKILL)
        await until(lambda: not engines_of(home), "the engine is dead")
    with pytest.raises(EndpointUnavailable, match="ended 2 times unexpectedly and is left alone") as failure:
        await fill(adapter)
    assert "\n" not in str(failure.value)
    assert engine.status().state == "failing"
    assert not (await adapter.probe()).ready
    assert not engines_of(home)
    await adapter.close()


async def test_a_model_that_llama_cpp_refuses_is_one_line(home: Path, tmp_path: Path, model: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(model.read_bytes()[:300_000])
    engine = Engine(options(broken, crash_limit=2))
    for _ in range(2):
        with pytest.raises(EngineFailed, match=r"llama\.cpp cannot run the model tiny"):
            await engine.ensure()
    with pytest.raises(EngineFailed, match="left alone"):
        await engine.ensure()
    with pytest.raises(EngineFailed, match="is missing"):
        await Engine(options(tmp_path / "none.gguf")).ensure()


async def test_it_ends_when_nobody_uses_it_and_comes_back(home: Path, model: Path) -> None:
    engine = Engine(options(model, idle_s=0.3))
    adapter = adapter_of(engine)
    assert await fill(adapter) == 8
    await adapter.close()
    await until(lambda: not engines_of(home), "the engine has ended")
    files = files_of(engine.options)
    assert not files.port.exists()
    assert not read_crashes(files, window_s=300)  # an end by itself is no crash
    assert (await adapter.probe()).why == ""
    assert await fill(adapter) == 8
    await adapter.close()


async def test_an_editor_that_stays_open_without_asking_does_not_hold_it_for_ever(home: Path, model: Path) -> None:
    engine = Engine(options(model, idle_s=0.2, held_idle_s=1.0))
    handle = await engine.ensure()
    await until(lambda: not engines_of(home), "the engine has ended")
    assert (await engine.ensure()).pid != handle.pid
    await engine.release()


async def test_sigterm_ends_it_cleanly(home: Path, model: Path) -> None:
    engine = Engine(options(model))
    handle = await engine.ensure()
    psutil.Process(handle.pid).terminate()
    await until(lambda: not engines_of(home), "the engine has ended")
    assert not files_of(engine.options).port.exists()
    await engine.release()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
async def test_an_engine_that_hangs_is_replaced(home: Path, model: Path) -> None:
    first = Engine(options(model))
    hung = await first.ensure()
    os.kill(hung.pid, signal.SIGSTOP)
    second = Engine(options(model))
    assert (await second.ensure()).pid != hung.pid
    assert len(engines_of(home)) == 1
    await first.release()
    await second.release()


@pytest.mark.parametrize("kind", ["dead", "reused", "garbage", "empty"])
async def test_a_stale_port_file_is_replaced_and_no_stranger_is_killed(home: Path, model: Path, kind: str) -> None:
    engine = Engine(options(model))
    files = files_of(engine.options)
    me = os.getpid()
    stale = {
        "dead": PortFile(2**30, 1.0, 9, "k", files.key, "tiny"),
        "reused": PortFile(me, psutil_start(me) - 1000, 9, "k", files.key, "tiny"),
    }
    if kind in stale:
        write_port_file(files.port, stale[kind])
    else:
        files.port.write_text("{not json" if kind == "garbage" else "")
    handle = await engine.ensure()
    assert handle.pid not in (me, 2**30)
    adapter = adapter_of(engine)
    assert await fill(adapter) == 8
    await adapter.close()


async def test_other_users_can_neither_read_the_key_nor_use_it_without(home: Path, model: Path) -> None:
    engine = Engine(options(model))
    handle = await engine.ensure()
    found = read_port_file(files_of(engine.options).port)
    assert found is not None
    assert len(found.api_key) >= 40
    if os.name == "posix":
        assert stat.S_IMODE(files_of(engine.options).port.stat().st_mode) == 0o600
        assert stat.S_IMODE(runtime_dir().stat().st_mode) == 0o700
    assert all(found.api_key not in part for part in psutil.Process(handle.pid).cmdline())
    stranger = make_adapter(handle.url, Dialect.LLAMACPP, api_key="guess")
    with pytest.raises(RequestRejected):
        await drain(stranger.fill(REQUEST, Timeouts()))
    await stranger.close()
    addresses = {
        each.laddr.ip for each in psutil.Process(handle.pid).net_connections("inet") if each.status == "LISTEN"
    }
    assert addresses == {"127.0.0.1"}
    await engine.release()


async def test_the_log_holds_no_prompt(home: Path, model: Path) -> None:
    engine = Engine(options(model))
    adapter = adapter_of(engine)
    canary = "secret_canary_in_the_code"
    await drain(adapter.fill(replace(REQUEST, prefix=canary), Timeouts()))
    await drain(adapter.fill(replace(REQUEST, prefix=canary * 1000), Timeouts()))  # longer than the context
    assert await _post_nonsense(await engine.ensure(), canary) == 400
    await adapter.close()
    assert canary not in log_file().read_text()


async def _post_nonsense(handle: EngineHandle, canary: str) -> int:
    """What llama.cpp says to a body that is no JSON; its warning about it quotes the body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(handle.url.rsplit(":", 1)[1]))
    body = f'{{"input_prefix": "{canary}", {canary}'.encode()
    head = (
        f"POST /infill HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {handle.api_key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    status = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return int(status.split()[1])


async def test_modules_in_the_working_directory_are_not_imported(
    home: Path, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trap = tmp_path / "workspace"
    trap.mkdir()
    mark = tmp_path / "was-run"
    for name in ("xllamacpp", "psutil", "lanyard_routing", "filelock"):
        (trap / f"{name}.py").write_text(f"open({str(mark)!r}, 'w')\n")
    monkeypatch.chdir(trap)
    engine = Engine(options(model))
    await engine.ensure()
    assert not mark.exists()
    await engine.release()


async def test_the_engine_process_stays_light(home: Path) -> None:
    code = "import sys, lanyard_routing.engine.child; print(*sys.modules)"
    child = await asyncio.create_subprocess_exec(sys.executable, "-P", "-c", code, stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate()
    loaded = set(out.decode().split())
    assert "lanyard_routing.engine.child" in loaded
    assert not loaded & {"lanyard_server", "pydantic", "httpx", "aiohttp", "asyncio", "xllamacpp", "lsprotocol"}
