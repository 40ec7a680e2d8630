"""What the shipped model is compared with: the rivals say what they should, and the cases are what they claim."""

from __future__ import annotations

import importlib.util
import json
import math
import struct
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCH = Path(__file__).parents[2] / "bench/model"


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"bench_model_{name}", BENCH / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


cases, ngram, rivals = load("cases"), load("ngram"), load("rivals")

TEXT = '''"""Say it."""


def total(values: list[int], factor: int) -> int:
    """Add them up,
    every one of them.
    """
    # a comment that is long enough
    result = sum(values) * factor
    return result + len(values)
'''


def test_cursors_stand_inside_code_lines() -> None:
    files = [
        cases.Held("a", "a/x.py", TEXT),
        cases.Held("b", "b/y.py", TEXT),
        cases.Held("b", "b/test_y.py", "x = 1\n"),
    ]
    chosen = cases.choose(files, 20, seed=1)
    assert [case.file.project for case in chosen] == ["a"] * 10 + ["b"] * 10
    assert chosen == cases.choose(files, 20, seed=1) != cases.choose(files, 20, seed=2)
    for case in chosen:
        assert case.before + case.rest + case.after == TEXT
        assert case.after[:1] == "\n"
        assert case.before.rpartition("\n")[2].strip()
        line = case.before.rpartition("\n")[2] + case.rest
        assert line.strip().startswith(("def total", "result =", "return result"))
        start = case.at_code()
        assert not start.before.rpartition("\n")[2].strip()
        assert start.before + start.rest + start.after == TEXT


def test_the_copying_rivals_copy() -> None:
    assert rivals.longest_match("alpha = beta\nalp", "\n") == "ha = beta"
    assert rivals.similar_line("x = first()\n    x = fi", "\n") == "rst()"
    assert rivals.longest_match("", "") == rivals.similar_line("", "") == ""


WORDS = [b"", b"a", b"b", b"ab", b"\n"]


@pytest.fixture
def model(tmp_path: Path) -> ngram.Ngram:
    """Order 2 over five tokens: after `a` comes `b` 0.6 and a line's end 0.1; the rest is left to order 1."""
    (tmp_path / "ngram.json").write_text(json.dumps({"order": 2, "token_bits": 14, "tokens": [t.hex() for t in WORDS]}))
    tables = {
        1: ([1, 2, 4], [0.2, 0.2, 0.35], [0], [0.25]),
        2: ([1 << 14 | 2, 1 << 14 | 4], [0.6, 0.1], [1], [0.3]),
    }
    for order, (keys, own, contexts, below) in tables.items():
        for name, kind, values in (
            ("keys", "Q", keys),
            ("own", "f", own),
            ("contexts", "Q", contexts),
            ("below", "f", below),
        ):
            (tmp_path / f"ngram-{order}-{name}.bin").write_bytes(struct.pack(f"{len(values)}{kind}", *values))
    return ngram.Ngram(tmp_path)


def test_the_ngram_is_a_distribution_with_a_cache_and_without(model: ngram.Ngram) -> None:
    cached = ngram.Cached(model)
    cached.follow([1, 2, 3, 1, 2], [3, 3])
    for context in ([], [1], [2], [3], [2, 1]):
        for one in (model, cached):
            assert sum(one.probability(context, token) for token in range(len(WORDS))) == pytest.approx(1.0)
    assert model.probability([1], 2) == pytest.approx(0.6 + 0.3 * (0.2 + 0.25 / 5))
    assert cached.probability([2], 3) > model.probability([2], 3)


def test_the_ngram_goes_on_from_a_word_that_was_begun(model: ngram.Ngram) -> None:
    assert ngram.rest_of_line(model, [1], "") == "b"
    assert ngram.rest_of_line(model, [2], "a") == "b"


def test_bits_are_told_before_the_cache_learns(model: ngram.Ngram) -> None:
    cached = ngram.Cached(model)
    first = -math.log2(cached.probability([], 3))
    assert ngram.bits(cached, [3, 3]) < 2 * first
    assert ngram.bits(ngram.Cached(model), [3]) == pytest.approx(first)
