"""The engine's small parts: port file, leases, crash record, key, use counters, GGUF headers."""

from __future__ import annotations

import os
import stat
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.engine import tinygguf
from lanyard_analyzers.complete import budget_for
from lanyard_routing.engine.child import read_use, threads_for
from lanyard_routing.engine.gguf import read_gguf
from lanyard_routing.engine.options import LARGEST_BATCH, ChildSpec, EngineOptions, engine_key, options_for
from lanyard_routing.engine.portfile import (
    EngineFiles,
    PortFile,
    UnsafeFolder,
    live_leases,
    note_crash,
    private_folder,
    read_crashes,
    read_port_file,
    same_process,
    take_lease,
    write_port_file,
)

ME = PortFile(pid=os.getpid(), started=psutil.Process().create_time(), port=1, api_key="k", key="a", model="m")


@pytest.fixture
def files(tmp_path: Path) -> EngineFiles:
    return EngineFiles(private_folder(tmp_path / "run"), "a")


def test_a_port_file_is_private_and_comes_back(files: EngineFiles) -> None:
    write_port_file(files.port, ME)
    assert read_port_file(files.port) == ME
    assert ME.url == "http://127.0.0.1:1"
    if os.name == "posix":
        assert stat.S_IMODE(files.port.stat().st_mode) == 0o600
        assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    assert [path.name for path in files.folder.iterdir()] == [files.port.name]  # no temporary file is left


@pytest.mark.parametrize(
    "content",
    ["", "null", "[]", '"x"', "{", '{"pid": 1}', '{"pid":"x","started":0,"port":1,"api_key":"","key":"","model":""}']
    + [
        f'{{"pid":{pid},"started":0,"port":{port},"api_key":"","key":"","model":""}}'
        for pid, port in ((0, 1), (1, 0), (1, 65536), (-5, 1))
    ],
)
def test_nonsense_is_no_port_file(files: EngineFiles, content: str) -> None:
    files.port.write_text(content)
    assert read_port_file(files.port) is None


@given(st.binary(max_size=200))
def test_any_bytes_are_no_reason_to_fail(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(content)
    read_port_file(path)
    assert read_gguf(path)[0] is None


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_folder_that_others_may_enter_is_closed_and_a_link_is_refused(tmp_path: Path) -> None:
    wide = tmp_path / "wide"
    wide.mkdir(mode=0o777)
    wide.chmod(0o777)
    assert stat.S_IMODE(private_folder(wide).stat().st_mode) == 0o700
    (tmp_path / "link").symlink_to(wide)
    with pytest.raises(UnsafeFolder, match="belongs to another user"):
        private_folder(tmp_path / "link")


def test_a_process_is_told_from_one_with_its_old_number() -> None:
    assert same_process(ME.pid, ME.started)
    assert not same_process(ME.pid, ME.started - 60)
    assert not same_process(2**30, ME.started)


def test_leases_of_dead_processes_are_swept(files: EngineFiles) -> None:
    mine = take_lease(files, "t")
    dead = files.lease(2**30, "t")
    dead.write_text('{"pid": 1073741824, "started": 1.0}')
    odd = files.lease(1, "odd")
    odd.write_text("?")
    assert live_leases(files) == (mine,)
    assert not dead.exists()
    assert not odd.exists()


def test_crashes_are_forgotten_after_the_window(files: EngineFiles) -> None:
    files.crashes.write_text("1.0\n2.0")
    assert read_crashes(files, window_s=300) == ()
    assert len(note_crash(files, window_s=300)) == 1
    assert len(note_crash(files, window_s=300)) == 2
    files.crashes.write_text("nonsense")
    assert read_crashes(files, window_s=300) == ()


def test_only_the_same_model_and_limits_share_an_engine(tmp_path: Path) -> None:
    model = tinygguf.write(tmp_path / "m.gguf")
    options = EngineOptions(model=model)
    key = engine_key(options)
    assert engine_key(replace(options, idle_s=1, threads=1)) == key  # the first one's word counts
    assert engine_key(replace(options, context=512)) != key
    os.utime(model, (1, 1))
    assert engine_key(options) != key
    with pytest.raises(FileNotFoundError):
        engine_key(EngineOptions(model=tmp_path / "none.gguf"))


def test_the_childs_orders_hold_no_secret_and_come_back(tmp_path: Path) -> None:
    spec = ChildSpec("f", "k", "é.gguf", "n", 1, 2, 3, 0, 4.0, 5.0, "log")
    assert ChildSpec.load(spec.dump()) == spec
    assert "api_key" not in spec.dump()
    with pytest.raises((TypeError, ValueError)):
        ChildSpec.load("{}")


@pytest.mark.parametrize(("trained", "context"), [(0, 2048), (512, 512), (131_072, 4096), (16, 256)])
def test_the_context_is_bounded(tmp_path: Path, trained: int, context: int) -> None:
    assert options_for(tmp_path, trained_context=trained).context == context


@pytest.mark.parametrize(("trained", "batch"), [(1024, 896), (131_072, LARGEST_BATCH)])
def test_a_batch_holds_a_whole_prompt_and_leaves_room_for_the_reply(tmp_path: Path, trained: int, batch: int) -> None:
    options = options_for(tmp_path, trained_context=trained)
    assert options.batch == batch
    budget = budget_for(options.context, reply=64)
    assert budget.prefix <= batch * 3 // 4
    assert budget.suffix <= batch // 4
    assert batch + 64 < options.context


def test_a_small_model_takes_one_thread_and_a_large_one_leaves_a_core() -> None:
    assert threads_for(5_000_000, 16) == 1
    assert [threads_for(10**9, cores) for cores in (1, 2, 6, 64)] == [1, 1, 5, 8]


METRICS = """# TYPE llamacpp:prompt_tokens_total counter
llamacpp:prompt_tokens_total 220
# HELP llamacpp:requests_processing Number of requests processing
llamacpp:requests_processing {busy}
llamacpp:requests_deferred {waiting}
llamacpp:n_decode_total {decodes}
"""


def test_use_is_read_from_the_metrics_of_llama_cpp() -> None:
    at_rest = read_use(METRICS.format(busy=0, waiting=0, decodes=16))
    assert at_rest == (False, "220 16")
    assert read_use(METRICS.format(busy=0, waiting=0, decodes=17))[1] != at_rest[1]
    assert read_use(METRICS.format(busy=1, waiting=0, decodes=16))[0]
    assert read_use(METRICS.format(busy=0, waiting=2, decodes=16))[0]
    assert read_use('{"error": "unavailable"}') == (False, "")


def test_a_header_tells_name_context_and_abilities(tmp_path: Path) -> None:
    header, problem = read_gguf(tinygguf.write(tmp_path / "m.gguf", name="Qwen2.5 Coder", context=512))
    assert problem == ""
    assert header is not None
    assert (header.architecture, header.name, header.context) == ("llama", "Qwen2.5 Coder", 512)
    assert (header.fim, header.chat) == (True, False)


def test_a_template_alone_makes_no_chat_model(tmp_path: Path) -> None:
    base, _ = read_gguf(tinygguf.write(tmp_path / "base.gguf", template=True))
    tuned, _ = read_gguf(tinygguf.write(tmp_path / "base-instruct.gguf", template=True))
    bare, _ = read_gguf(tinygguf.write(tmp_path / "x-instruct.gguf", fim=False))
    assert [each.chat for each in (base, tuned, bare) if each] == [False, True, False]
    assert bare is not None
    assert not bare.fim


def test_every_truncation_is_a_problem_and_no_exception(tmp_path: Path) -> None:
    whole = tinygguf.write(tmp_path / "m.gguf").read_bytes()
    cut = tmp_path / "cut.gguf"
    for length in [*range(0, 400, 7), *range(400, len(whole) // 2, 9973)]:
        cut.write_bytes(whole[:length])
        header, problem = read_gguf(cut)
        assert header is None
        assert problem.startswith("cut.gguf is not a complete GGUF file (")


@pytest.mark.parametrize(
    "pairs",
    [
        [tinygguf._text("k") + (9).to_bytes(4, "little") + (9).to_bytes(4, "little") + (1).to_bytes(8, "little")],
        [tinygguf._text("k") + (99).to_bytes(4, "little")],
        [tinygguf._text("k") + (8).to_bytes(4, "little") + (2**63).to_bytes(8, "little")],
        [tinygguf._text("k") + (9).to_bytes(4, "little") + (4).to_bytes(4, "little") + (2**62).to_bytes(8, "little")],
        [(2**40).to_bytes(8, "little")],
        [tinygguf.string("general.name", "no architecture")],
    ],
)
def test_lying_headers_are_refused(tmp_path: Path, pairs: list[bytes]) -> None:
    path = tmp_path / "liar.gguf"
    path.write_bytes(tinygguf.header(pairs) + b"\0" * 64)
    assert read_gguf(path)[0] is None
