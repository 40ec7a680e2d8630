"""`lanyard slice`: what it prints, from the store of the workspace or without one, and for a cursor."""

from __future__ import annotations

import re

import pytest

from integration.index.harness import SHOP, a_shop, write
from lanyard_routing import paths
from lanyard_server import cli
from lanyard_server.index import local


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("LANYARD_CONFIG", raising=False)
    write(tmp_path / "w", {**SHOP, "pyproject.toml": ""})
    monkeypatch.chdir(tmp_path / "w")
    return tmp_path / "w"


def run(capsys, *arguments):
    code = cli.run(["slice", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_without_a_store_the_files_that_are_needed_are_read(root, capsys):
    code, out, err = run(capsys, "app.py:5", "--explain")
    assert code == 0, err
    assert "def add(self, price: int, count: int = 1)" in out
    assert re.search(r"time: index \d+ ms, question \d+ ms \(no store: \d+ files read\)", err)
    assert not paths.cache_dir().exists()


@pytest.mark.parametrize("most", [4_000_000, 0], ids=["a small workspace", "a large one"])
def test_without_a_store_callers_are_found(root, capsys, monkeypatch, most):
    monkeypatch.setattr(local, "_SMALL", most)
    code, out, err = run(capsys, "shop/money.py:1", "--kind", "refactor", "--explain")
    assert code == 0, err
    assert "return in_euros(sum(cart.lines))" in out
    assert ("files read" if most else "that hold in_euros") in err
    assert not paths.cache_dir().exists()


def test_of_a_large_workspace_only_what_holds_the_name_is_read(root, capsys, monkeypatch):
    monkeypatch.setattr(local, "_SMALL", 0)
    monkeypatch.setattr(local, "_SEARCHED", 0)
    _, out, err = run(capsys, "shop/money.py:1", "--kind", "refactor", "--explain")
    assert "return in_euros(sum(cart.lines))" not in out
    assert "and 0 that hold in_euros" in err


async def test_with_a_store_it_is_used(root, capsys):
    async with a_shop(root, paths.cache_dir()) as shop:
        await shop.ready()
    code, out, err = run(capsys, "shop/money.py:1", "--kind", "refactor", "--explain")
    assert code == 0, err
    assert "return in_euros(sum(cart.lines))" in out, "the caller is in a file that the target does not name"
    assert "files known from the store" in err


async def test_a_file_that_changed_since_the_store_was_written_is_read_again(root, capsys):
    async with a_shop(root, paths.cache_dir()) as shop:
        await shop.ready()
    (root / "shop/money.py").write_text("\n\ndef in_euros(amount: int) -> str: ...\n")
    code, out, _ = run(capsys, "app.py:5")
    assert code == 0
    assert "def in_euros(amount: int)" in out
    assert "cents" not in out


def test_it_explains_each_piece_and_what_a_name_means(root, capsys):
    _, _, err = run(capsys, "app.py:5", "--explain", "--budget", "90")
    rows = [line.split() for line in err.splitlines()]
    assert ["tokens", "share", "form", "lines", "why"] in rows
    assert any(row[1:4:2] and row[-1] == "target" and "app.py:5-8" in row for row in rows)
    assert any(line.startswith("no room for ") for line in err.splitlines())
    assert re.search(r"in_euros\S* +shop/money.py:1 +import, 100 % sure", err)


def test_the_context_of_a_completion_is_of_other_files(root, capsys):
    code, out, err = run(capsys, "app.py:7:10", "--kind", "complete")
    assert code == 0, err
    assert "def add(self, price: int, count: int = 1)" in out
    assert "def main" not in out
    assert err.startswith("complete of main: ")


def test_a_secret_is_told_by_its_placeholder_only(root, capsys):
    secret = "ghp_" + "k3J9x2Lq8Zr5Vt1Wb7Yc4Nd6Mf0Pg2Hs5RaB"
    (root / "shop/money.py").write_text(f'def in_euros(cents: int, token: str = "{secret}") -> str: ...\n')
    _, out, err = run(capsys, "app.py:5", "--explain")
    assert "LANYARD_SECRET_1 stands for a secret" in err
    assert secret not in out + err


def test_the_users_own_patterns_hold(root, capsys, tmp_path):
    config = tmp_path / "home/config/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[privacy]\nignore = ["money.py"]\n')
    _, out, _ = run(capsys, "app.py:5")
    assert "cents" not in out
    assert "def add" in out


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("app.py:7", "--kind", "complete"), "name the place as FILE:LINE:COLUMN"),
        (("app.py:7:99", "--kind", "complete"), "there is no column 99"),
        (("app.py:99",), "there is no line 99"),
        (("app.py:7:0", "--kind", "complete"), "there is no column 0"),
        (("app.py:5", "--kind", "compete"), "--kind compete: choose one of complete, "),
    ],
)
def test_what_cannot_be_is_said_in_one_line(root, capsys, arguments, line):
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert line in err
    assert len(err.splitlines()) == 1
