"""The order of choice, per capability; nothing is taken for what it is not, and nobody waits for a silent port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from integration.engine import tinygguf
from lanyard_routing.adapters.base import Model, Probe
from lanyard_routing.adapters.make import Dialect
from lanyard_routing.discovery import Configured, Discovery, Door, Source, discover
from lanyard_routing.local import Tuning, configured_of, local_members, options_of
from lanyard_routing.models import LocalModel, inspect
from lanyard_routing.netpolicy import Policy
from lanyard_routing.task import Capability
from lanyard_routing.testing.script import Script, ServedModel
from lanyard_routing.testing.scripted import ScriptedEndpoint

BOTH = (Capability.COMPLETION, Capability.CHAT)
CODER = ServedModel(name="qwen2.5-coder:1.5b-base", parameters=1_500_000_000, capabilities=BOTH)
TALKER = ServedModel(name="llama3.2:3b", parameters=3_000_000_000, capabilities=(Capability.CHAT,))


def door(endpoint: ScriptedEndpoint, dialect: Dialect, source: Source) -> Door:
    return Door(source, source.value.title(), int(endpoint.url.rsplit(":", 1)[1]), dialect)


def ollama(*models: ServedModel) -> ScriptedEndpoint:
    return ScriptedEndpoint(Script(models=models), dialects=[Dialect.OLLAMA])


@pytest.fixture
def own(tmp_path: Path) -> LocalModel:
    """The model that comes with Lanyard: completion only."""
    path = tinygguf.write(tmp_path / "own.gguf")
    return replace(inspect(path), name="lanyard-fim", origin="shipped", capabilities=frozenset({Capability.COMPLETION}))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "models").mkdir()
    return tmp_path / "models"


async def look(folder: Path, own: LocalModel | None, *doors: Door, **more: object) -> Discovery:
    return await discover(folder=folder, doors=doors, shipped=lambda: own, ask_s=50.0, **more)  # pyright: ignore


async def test_alone_the_shipped_model_completes_and_chat_says_what_is_missing(folder: Path, own: LocalModel) -> None:
    found = await look(folder, own)
    assert found.completion is not None
    assert found.completion.source is Source.SHIPPED
    assert found.missing(Capability.COMPLETION) is None
    assert found.chat is None
    line = found.missing(Capability.CHAT)
    assert line == ('Chat needs a model: start Ollama, or run "lanyard models pull qwen2.5-coder-1.5b-instruct".')


async def test_a_running_ollama_goes_before_files(folder: Path, own: LocalModel) -> None:
    tinygguf.write(folder / "mine.gguf")
    async with ollama(TALKER, CODER) as endpoint:
        found = await look(folder, own, door(endpoint, Dialect.OLLAMA, Source.OLLAMA))
    assert found.completion is not None
    assert (found.completion.source, found.completion.model.name) == (Source.OLLAMA, CODER.name)
    assert found.completion.url == endpoint.url
    assert found.chat is not None
    assert found.chat.source is Source.OLLAMA
    assert [seen.source for seen in found.seen] == [Source.OLLAMA, Source.FOLDER, Source.SHIPPED]


async def test_an_ollama_that_cannot_fill_in_the_middle_chats_only(folder: Path, own: LocalModel) -> None:
    async with ollama(TALKER) as endpoint:
        found = await look(folder, own, door(endpoint, Dialect.OLLAMA, Source.OLLAMA))
    assert found.chat is not None
    assert found.chat.model.name == TALKER.name
    assert found.completion is not None
    assert found.completion.source is Source.SHIPPED


async def test_a_model_that_ollama_runs_elsewhere_is_not_local(folder: Path, own: LocalModel) -> None:
    async with ollama(CODER.model_copy(update={"remote": True})) as endpoint:
        found = await look(folder, own, door(endpoint, Dialect.OLLAMA, Source.OLLAMA))
    assert found.chat is None
    assert found.completion is not None
    assert found.completion.source is Source.SHIPPED
    assert "run on other hosts" in found.seen[0].line


async def test_the_largest_model_that_is_fast_enough_completes(folder: Path) -> None:
    sizes = (500_000_000, 3_000_000_000, 7_000_000_000)
    models = [CODER.model_copy(update={"name": f"coder-{size}", "parameters": size}) for size in sizes]
    async with ollama(*models) as endpoint:
        found = await look(folder, None, door(endpoint, Dialect.OLLAMA, Source.OLLAMA))
        assert found.completion is not None
        assert found.completion.model.name == "coder-3000000000"
        assert found.chat is not None
        assert found.chat.model.name == "coder-7000000000"
        endpoint.script = Script(models=(models[2],))
        found = await look(folder, None, door(endpoint, Dialect.OLLAMA, Source.OLLAMA))
        assert found.completion is not None  # slow, but what its user has chosen to run
        assert found.completion.model.name == "coder-7000000000"


@pytest.mark.parametrize(
    ("dialect", "source"), [(Dialect.OPENAI, Source.LMSTUDIO), (Dialect.LLAMACPP, Source.LLAMACPP)]
)
async def test_other_servers_on_their_ports(folder: Path, dialect: Dialect, source: Source) -> None:
    async with ScriptedEndpoint(Script(models=(CODER,)), dialects=[dialect]) as endpoint:
        found = await look(folder, None, door(endpoint, dialect, source))
    assert found.completion is not None
    assert found.completion.source is source
    assert found.completion.dialect is dialect


async def test_another_program_on_a_default_port_is_not_taken_for_a_model_server(folder: Path, own: LocalModel) -> None:
    async with ScriptedEndpoint(dialects=[Dialect.OLLAMA]) as endpoint:
        found = await look(folder, own, door(endpoint, Dialect.LLAMACPP, Source.LLAMACPP))
    assert found.completion is not None
    assert found.completion.source is Source.SHIPPED
    assert "not found on port" in found.seen[0].line
    assert not found.seen[0].usable


@contextmanager
def silent_port() -> Generator[int]:
    """Accepts connections in the kernel and says nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


async def test_nobody_waits_for_a_silent_port(folder: Path, own: LocalModel) -> None:
    with silent_port() as first, silent_port() as second:
        doors = [Door(Source.OLLAMA, "Ollama", port, Dialect.OLLAMA) for port in (first, second)]
        async with asyncio.timeout(50):
            found = await discover(folder=folder, doors=doors, ask_s=0.05, shipped=lambda: own)
    assert all("no answer" in seen.line for seen in found.seen[:2])
    assert found.completion is not None


async def test_a_configured_endpoint_goes_before_everything(folder: Path, own: LocalModel) -> None:
    model = Model("big", capabilities=frozenset(BOTH))
    there = Configured("gpu-1", "http://10.0.0.7:8000", Dialect.OPENAI, Probe(ready=True, models=(model,)))
    down = replace(there, name="gpu-2", probe=Probe(ready=False, why="gpu-2 refuses connections"))
    async with ollama(CODER) as endpoint:
        found = await look(folder, own, door(endpoint, Dialect.OLLAMA, Source.OLLAMA), configured=(down, there))
    assert found.completion is not None
    assert found.completion.url == "http://10.0.0.7:8000"
    assert found.seen[0].line == "gpu-2 refuses connections"
    assert not local_members(found, Policy())  # it is a member already


async def test_files_are_chosen_by_what_they_can_do(folder: Path, own: LocalModel) -> None:
    tinygguf.write(folder / "coder-instruct.gguf", template=True)
    tinygguf.write(folder / "coder-base.gguf")
    tinygguf.write(folder / "poet.gguf", fim=False)
    found = await look(folder, own)
    assert found.completion is not None
    assert found.completion.model.name == "coder-base"  # though the other one could
    assert found.chat is not None
    assert found.chat.model.name == "coder-instruct"
    assert any("poet can neither" in seen.line for seen in found.seen)
    members = local_members(found, Policy())
    assert [member.name for member in members] == ["local-coder-base", "local-coder-instruct"]


async def test_one_file_for_both_is_one_engine(folder: Path) -> None:
    tinygguf.write(folder / "coder-instruct.gguf", template=True)
    found = await look(folder, None)
    members = local_members(found, Policy())
    assert [member.endpoint.models for member in members] == [("coder-instruct",)]


async def test_one_server_for_both_is_one_member_with_two_models(folder: Path) -> None:
    async with ollama(CODER, TALKER) as endpoint:
        found = await look(folder, None, door(endpoint, Dialect.OLLAMA, Source.OLLAMA))
    members = local_members(found, Policy())
    assert [(member.name, member.endpoint.url) for member in members] == [("ollama", endpoint.url)]
    for member in members:
        await member.adapter.close()


async def test_broken_files_are_named_and_not_chosen(folder: Path, own: LocalModel) -> None:
    whole = tinygguf.write(folder / "whole.gguf").read_bytes()
    (folder / "whole.gguf").unlink()
    (folder / "cut.gguf").write_bytes(whole[:200_000])
    (folder / "page.gguf").write_bytes(b"<html>")
    (folder / "empty.gguf").touch()
    found = await look(folder, own)
    assert found.completion is not None
    assert found.completion.source is Source.SHIPPED
    assert sum("pull or copy it again" in seen.line for seen in found.seen) == 3


async def test_a_file_larger_than_memory_is_not_chosen(
    folder: Path, own: LocalModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    tinygguf.write(folder / "huge.gguf")
    memory = type("memory", (), {"total": 500_000})
    monkeypatch.setattr("lanyard_routing.discovery.psutil.virtual_memory", lambda: memory)
    found = await look(folder, None)
    assert found.completion is None
    assert "needs more memory" in found.seen[0].line


async def test_the_file_that_the_configuration_names_goes_first(folder: Path, own: LocalModel, tmp_path: Path) -> None:
    named = tinygguf.write(tmp_path / "named.gguf")
    tinygguf.write(folder / "other.gguf")
    found = await look(folder, own, model=named)
    assert found.completion is not None
    assert found.completion.model.name == "named"
    assert [member.name for member in local_members(found, Policy())] == ["local-named"]
    found = await look(folder, own, model=tmp_path / "gone.gguf")
    assert "correct its path" in found.seen[0].line
    assert found.completion is not None
    assert found.completion.model.name == "other"


async def test_without_an_engine_no_file_is_looked_at(folder: Path, own: LocalModel) -> None:
    tinygguf.write(folder / "mine.gguf")
    found = await look(folder, own, files="ignore")
    assert found.completion is None
    assert not found.seen


async def test_members_carry_the_users_tuning(own: LocalModel) -> None:
    options = options_of(own, Tuning(idle_s=900, threads=3))
    assert (options.held_idle_s, options.idle_s, options.threads, options.context) == (900, 300, 3, 1024)
    assert options_of(own, Tuning(idle_s=60)).idle_s == 60
    assert configured_of(()) == ()
