"""The GGUF that comes with Lanyard is the one its card describes, may be shipped, and can fill in."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import math
import re
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
MODEL = ROOT / "routing/lanyard_routing/data/lanyard-fim.gguf"
ALLOWED = {"MIT", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "ISC", "PSF-2.0"}


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


header = load(Path(__file__).with_name("gguf_header.py"))
clean = load(ROOT / "docs/model/clean.py")


@pytest.fixture(scope="module")
def card() -> dict[str, Any]:
    return json.loads(MODEL.with_suffix(".json").read_text("utf-8"))


@pytest.fixture(scope="module")
def sources() -> dict[str, Any]:
    return tomllib.loads((ROOT / "docs/model/sources.toml").read_text("utf-8"))


def test_file_is_the_one_on_the_card(card: dict[str, Any]) -> None:
    data = MODEL.read_bytes()
    assert len(data) <= 25_000_000
    assert (card["file"], card["size"]) == (MODEL.name, len(data))
    assert card["sha256"] == hashlib.sha256(data).hexdigest()


def test_metadata_lets_the_engine_fill_in_and_stop(card: dict[str, Any]) -> None:
    metadata, tensors = header.read_header(MODEL)
    tokens = metadata["tokenizer.ggml.tokens"]
    named = {
        "fim_pre": "<|fim_prefix|>",
        "fim_suf": "<|fim_suffix|>",
        "fim_mid": "<|fim_middle|>",
        "fim_pad": "<|fim_pad|>",
        "fim_rep": "<|repo_name|>",
        "fim_sep": "<|file_sep|>",
        "eos": "<|endoftext|>",
        "eot": "<|endoftext|>",
    }
    control = metadata["tokenizer.ggml.token_type"]
    for key, name in named.items():
        number = metadata[f"tokenizer.ggml.{key}_token_id"]
        assert tokens[number] == name
        assert control[number] == 3, f"{name} is text to the tokeniser, not a control token"
    assert metadata["general.architecture"] == "llama"
    assert (metadata["tokenizer.ggml.model"], metadata["tokenizer.ggml.pre"]) == ("gpt2", "qwen2")
    assert metadata["general.license"] == "mit"
    assert metadata["llama.context_length"] == card["context_length"]
    assert sum(math.prod(size) for size in tensors.values()) == card["parameters"]
    assert "output.weight" not in tensors


def test_every_byte_has_a_token() -> None:
    metadata, _ = header.read_header(MODEL)
    assert sum(len(token) == 1 for token in metadata["tokenizer.ggml.tokens"]) == 256


def test_card_says_what_it_can_do_and_under_which_licence(card: dict[str, Any]) -> None:
    assert card["capabilities"] == ["completion"]
    assert card["licence"] == "MIT"
    assert set(card["data_licences"]) <= ALLOWED


def test_card_says_how_it_is_asked_and_that_this_was_measured(card: dict[str, Any]) -> None:
    shown = card["measured"]["shown"]
    how, measure, least = shown["way"].split(" ")
    assert (card["fill"], card["least_logprob_of"], card["least_logprob"]) == (how, measure, float(least))
    for half in ("chosen_on", "reported_on"):
        right = {way: each[half]["line"]["right"] for way, each in shown["ways"].items()}
        assert right[shown["way"]] > right[f"{how} all"]


def test_every_source_is_pinned_and_permissive(sources: dict[str, Any]) -> None:
    packages = sources["package"]
    assert set(sources["allowed"]) <= ALLOWED
    assert len({p["name"] for p in packages}) == len(packages)
    for package in [sources["interpreter"], *packages]:
        choices = [set(choice.split(" AND ")) for choice in package["licence"].split(" OR ")]
        assert any(choice <= ALLOWED for choice in choices), package
        assert re.fullmatch(r"[0-9][\w.]*", package["version"]), package
        assert package["use"] in {"train", "evaluate"}
        assert package.get("from", "wheel") in {"wheel", "sdist", "npm"}
    assert sum(p["use"] == "evaluate" for p in packages) >= 8


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# Copyright 2020 Jane Roe\n# Licensed under MIT\n\nx = 1\n", "x = 1\n"),
        ('__author__ = "Jane Roe"\nx = 1\n', "x = 1\n"),
        ("x = 'jane.roe@company.co.uk'\n", "x = 'name@example.com'\n"),
        ("# TODO(jane): later\n", "# TODO: later\n"),
        ("x = 1  \r\ny = 2\r", "x = 1\ny = 2\n"),
        (f"key = '{'0a' * 20}'\n", "key = '0123456789abcdef'\n"),
        ("host = '8.8.4.4'\nhere = '127.0.0.1'\n", "host = '192.0.2.1'\nhere = '127.0.0.1'\n"),
        ("# comment stays\nx = 1\n", "# comment stays\nx = 1\n"),
    ],
)
def test_people_and_secrets_are_taken_out(before: str, after: str) -> None:
    assert clean.scrub(before) == after


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("pip/_vendor/rich/table.py", "vendored or not wanted"),
        ("thing/schema_pb2.py", "generated"),
        ("thing/table.py", None),
    ],
)
def test_vendored_and_generated_files_are_left_out(path: str, reason: str | None) -> None:
    assert clean.refuse_path(path) == reason


def test_text_that_nobody_wrote_is_left_out() -> None:
    code = "def f(a, b):\n    return a + b\n\n" * 20
    assert clean.refuse_text(code) is None
    assert clean.refuse_text("# Auto-generated by a tool\n" + code) == "generated"
    assert clean.refuse_text("-----BEGIN RSA PRIVATE KEY-----\n" + code) == "secret"
    assert clean.refuse_text("TABLE = [\n" + "    ('ab', 'cd'),\n" * 60 + "]\n") == "data table"
    assert clean.refuse_text("x = 1\n") == "size"


def test_near_copies_are_recognised() -> None:
    lines = [f"value_{i} = compute({i}, base)" for i in range(200)]
    copies = clean.NearCopies()
    copies.add(clean.sketch("\n".join(lines)))
    changed = [*lines[:10], "something = else_here()", *lines[11:]]
    assert copies.overlap(clean.sketch("\n".join(changed))) > 0.8
    assert copies.overlap(clean.sketch("\n".join(f"other_{i} = 1 + {i}" for i in range(200)))) == 0


def test_long_docstrings_keep_their_first_paragraph() -> None:
    text = 'def f():\n    """Say it.\n\n' + "    More words.\n" * 60 + '    """\n    return 1\n'
    assert clean.shorten_docstrings(text) == 'def f():\n    """Say it."""\n    return 1\n'
