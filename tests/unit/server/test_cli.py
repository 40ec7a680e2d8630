"""The command line: lazy, one line for what goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from lanyard_server import cli
from lanyard_server.version import VERSION


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LANYARD_HOME", str(tmp_path))
    monkeypatch.delenv("LANYARD_DEBUG", raising=False)
    monkeypatch.delenv("LANYARD_CONFIG", raising=False)
    return tmp_path


def test_the_version_is_the_packages(capsys):
    assert cli.run(["--version"]) == 0
    assert capsys.readouterr().out == f"lanyard {VERSION}\n"
    assert version("lanyard") == VERSION


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["sevre"]])
def test_what_needs_no_command_imports_none(arguments):
    code = (
        "import sys; from lanyard_server.cli import run; "
        f"run({arguments!r}); print(sorted({{m.split('.')[0] for m in sys.modules}}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    imported = set(eval(out.splitlines()[-1]))
    assert imported.isdisjoint({"typer", "pydantic", "lsprotocol", "asyncio", "attrs", "rich", "tree_sitter"})


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_the_version_and_the_help_import_four_modules_of_ours_and_none_else(argument):
    code = (
        "import os, sys; before = set(sys.modules); from lanyard_server.cli import run; "
        f"run([{argument!r}]); print(*sorted(set(sys.modules) - before))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    ours = ["", ".cli", ".terminal", ".version"]
    assert set(out.splitlines()[-1].split()) <= {"__future__", *(f"lanyard_server{name}" for name in ours)}


@pytest.mark.parametrize("name", ["config"])
def test_a_command_that_speaks_no_lsp_does_not_import_it(name):
    code = (
        f"import sys; from lanyard_server.cli import run; run(['{name}', '--help']); print('lsprotocol' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert out.splitlines()[-1] == "False"


def test_without_arguments_help(capsys):
    assert cli.run([]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in cli.COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["sevre"], "no command `sevre`; did you mean `serve`?"),
        (["xyzzy"], "no command `xyzzy`; `lanyard --help` lists them"),
        (["--verbose"], "no command `--verbose`"),
        (["serve", "--nope"], "No such option: --nope"),
        (["serve", "--tcp", "x"], "x is no HOST:PORT"),
        (["serve", "--tcp", "²"], "² is no HOST:PORT"),
        (["serve", "--tcp", "127.0.0.1:99999"], "is no HOST:PORT"),
        (["serve", "--tcp", "0.0.0.0:0"], "can be reached from other machines"),
        (["serve", "--ws", "[::]:0"], "can be reached from other machines"),
        (["serve", "--tcp", "1", "--stdio"], "one of --stdio, --tcp and --ws"),
        (["serve", "--log-level", "loud"], "choose debug, info, warning or error"),
        (["config", "shwo"], "shwo"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(capsys, arguments, line):
    assert cli.run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert line in captured.err
    assert captured.err.startswith("lanyard: ")
    assert captured.err.count("\n") == 1


def test_a_failure_is_one_line_and_a_traceback_only_on_demand(capsys, monkeypatch):
    from lanyard_server.cli import config

    def fails():
        raise OSError("the disk\nis full")

    monkeypatch.setattr(config, "app", __import__("typer").Typer())
    config.app.command()(fails)
    assert cli.run(["config"]) == 2
    assert capsys.readouterr().err == "lanyard: the disk is full (LANYARD_DEBUG=1 shows where)\n"
    monkeypatch.setenv("LANYARD_DEBUG", "1")
    with pytest.raises(OSError, match="disk"):
        cli.run(["config"])


# --- config ---


def write(home: Path, text: str) -> Path:
    file = home / "config" / "config.toml"
    file.parent.mkdir()
    file.write_text(text)
    return file


def test_config_path(home, capsys):
    assert cli.run(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{home / 'config' / 'config.toml'}\n"


def test_config_show_says_where_each_value_comes_from(home, capsys):
    file = write(home, "[completion]\ndebounce_ms = 10\n")
    assert cli.run(["config", "show"]) == 0
    lines = {line.split(" = ")[0]: line for line in capsys.readouterr().out.splitlines()}
    assert lines["completion.debounce_ms"].split() == ["completion.debounce_ms", "=", "10", "#", f"{file}:2"]
    assert lines["completion.enabled"].endswith("# default")
    assert cli.run(["config", "show", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["completion.debounce_ms"] == {"value": 10, "source": f"{file}:2"}


def test_config_show_never_prints_what_a_key_is(home, capsys, monkeypatch):
    monkeypatch.setenv("GPU_KEY", "sk-very-secret")
    write(home, '[[endpoints]]\nname = "gpu"\nurl = "http://10.0.0.2"\napi_key_env = "GPU_KEY"\n')
    assert cli.run(["config", "show"]) == 0
    out = capsys.readouterr().out
    assert "GPU_KEY" in out
    assert "sk-very-secret" not in out


def test_config_validate(home, capsys):
    assert cli.run(["config", "validate"]) == 0
    assert "does not exist" in capsys.readouterr().out
    file = write(home, "[completion]\nenabeld = true\nx = 1\n")
    assert cli.run(["config", "validate"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert [line.split(": ")[0] for line in captured.err.splitlines()] == [f"{file}:2", f"{file}:3"]
    file.write_text("")
    assert cli.run(["config", "validate"]) == 0
    assert "is in order" in capsys.readouterr().out
    other = home / "other.toml"
    other.write_text("nonsense")
    assert cli.run(["config", "validate", str(other)]) == 1


@pytest.mark.parametrize(("form", "begin"), [("docs", "# Settings"), ("json-schema", "{"), ("vscode", "{")])
def test_config_schema(capsys, form, begin):
    assert cli.run(["config", "schema", "--form", form]) == 0
    assert capsys.readouterr().out.startswith(begin)
