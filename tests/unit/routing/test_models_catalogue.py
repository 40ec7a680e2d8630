"""The curated list is sound data, and the model that comes with Lanyard is what its card says."""

from __future__ import annotations

import hashlib
import json
import os
import struct
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from integration.engine import tinygguf
from lanyard_routing.engine.gguf import read_gguf
from lanyard_routing.models import SUGGESTED, curated, find_curated, in_folder, read_record, record_path, shipped
from lanyard_routing.task import Capability


def test_the_curated_list_is_sound() -> None:
    models = curated()
    assert 6 <= len(models) <= 12
    assert len({each.id for each in models}) == len(models)
    assert {each.purpose for each in models} == {Capability.COMPLETION, Capability.CHAT}
    for each in models:
        url = urlsplit(each.url)
        assert url.hostname == "huggingface.co"
        assert url.path.endswith(".gguf")
        assert "/resolve/" in url.path
        assert bool(each.sha256) == bool(each.sha256_source), each.id
        assert not (each.sha256 and "/resolve/main/" in each.url), f"{each.id}: a checksum wants a pinned revision"
        assert 0.4 < each.size / each.parameters < 1.3, f"{each.id}: bytes a parameter"


def test_what_is_suggested_can_be_pulled() -> None:
    for capability, name in SUGGESTED.items():
        model = find_curated(name)
        assert model is not None
        assert model.purpose is capability


def test_the_shipped_model_is_what_its_card_says() -> None:
    own = shipped()
    assert own is not None
    assert not own.problem
    assert hashlib.sha256(own.path.read_bytes()).hexdigest() == own.sha256
    assert own.size <= 12_000_000
    assert own.capabilities == {Capability.COMPLETION}
    header, problem = read_gguf(own.path)
    assert not problem
    assert header is not None
    assert header.fim
    assert header.context == own.context


@pytest.mark.parametrize("card", ["", "{}", "[]", '{"name": 1}'])
def test_an_installation_without_a_sound_card_has_no_model(tmp_path: Path, card: str) -> None:
    tinygguf.write(tmp_path / "lanyard-fim.gguf")
    assert shipped(tmp_path) is None
    (tmp_path / "lanyard-fim.json").write_text(card)
    assert shipped(tmp_path) is None


def test_a_damaged_shipped_model_says_so(tmp_path: Path) -> None:
    path = tinygguf.write(tmp_path / "lanyard-fim.gguf")
    card = {"name": "lanyard-fim", "size": path.stat().st_size + 1, "sha256": "0" * 64, "context_length": 512}
    (tmp_path / "lanyard-fim.json").write_text(json.dumps(card))
    own = shipped(tmp_path)
    assert own is not None
    assert "install Lanyard again" in own.problem


def test_the_folder_is_read_with_its_subfolders_and_records(tmp_path: Path) -> None:
    assert in_folder(tmp_path / "none") == ()
    (tmp_path / "sub").mkdir()
    tinygguf.write(tmp_path / "sub" / "deep.gguf")
    plain = tinygguf.write(tmp_path / "plain.gguf", fim=False)
    tinygguf.write(tmp_path / "big-00002-of-00002.gguf")
    tinygguf.write(tmp_path / "mmproj-x.gguf")
    (tmp_path / "note.txt").touch()
    record_path(plain).write_text("[1]")
    assert read_record(plain) == {}
    record_path(plain).write_text('{"licence": "MIT"}')
    found = {each.name: each for each in in_folder(tmp_path)}
    assert set(found) == {"deep", "plain"}
    assert found["plain"].licence == "MIT"
    assert not found["plain"].capabilities


def test_a_curated_file_can_do_what_the_list_says(tmp_path: Path) -> None:
    tinygguf.write(tmp_path / "qwen2.5-coder-1.5b-instruct.gguf", fim=False)
    (model,) = in_folder(tmp_path)
    assert model.capabilities == {Capability.CHAT}
    assert model.parameters == 1_540_000_000


@pytest.mark.parametrize("context", [float("inf"), float("nan"), -1.0, 1e30])
def test_a_header_with_an_impossible_context_is_odd_and_no_exception(tmp_path: Path, context: float) -> None:
    def text(value: bytes) -> bytes:
        return struct.pack("<Q", len(value)) + value

    odd = b"GGUF" + struct.pack("<IQQ", 3, 0, 2)
    odd += text(b"general.architecture") + struct.pack("<I", 8) + text(b"llama")
    odd += text(b"llama.context_length") + struct.pack("<If", 6, context)
    (tmp_path / "odd.gguf").write_bytes(odd)
    assert [model.context for model in in_folder(tmp_path)] == [0]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes on this system")
def test_a_pipe_in_the_model_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.gguf")
    assert "is not a file" in in_folder(tmp_path)[0].problem
