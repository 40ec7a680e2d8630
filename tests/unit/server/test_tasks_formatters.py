"""Formatting as the project formats, with the real ruff."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

from lanyard_server.tasks.formatters import find_formatter, format_like_project


@pytest.fixture(autouse=True)
def tools_of_this_environment(monkeypatch):
    """The ruff of the environment that runs the tests."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def project(tmp_path, pyproject="[tool.ruff]\nline-length = 60\n"):
    (tmp_path / "pyproject.toml").write_text(pyproject)
    return tmp_path / "shop" / "cart.py"


async def test_a_change_is_formatted_where_the_file_was(tmp_path):
    path = project(tmp_path)
    done = await format_like_project(path, tmp_path, "python", "a = 1\n", "a = 1\nb = {  'x':2 }\n")
    assert (done.content, done.clause) == ('a = 1\nb = {"x": 2}\n', "formatted with ruff")


async def test_a_file_that_was_not_formatted_is_left_alone(tmp_path):
    path = project(tmp_path)
    done = await format_like_project(path, tmp_path, "python", "a  =  1\n", "a  =  2\n")
    assert done.content is None
    assert done.clause == "not formatted: the file does not follow ruff"


async def test_code_that_does_not_parse_is_said_so(tmp_path):
    done = await format_like_project(project(tmp_path), tmp_path, "python", None, "def (:\n")
    assert (done.content, done.clause) == (None, "not formatted: ruff failed")


def test_a_project_without_a_formatter_has_none(tmp_path):
    assert find_formatter(project(tmp_path, "[project]\n"), tmp_path, "python") is None


def test_a_program_inside_the_workspace_is_never_run(tmp_path, monkeypatch):
    path = project(tmp_path)
    planted = tmp_path / "bin" / "ruff"
    planted.parent.mkdir()
    planted.write_text("#!/bin/sh\ntouch planted\n")
    planted.chmod(0o755)
    monkeypatch.setenv("PATH", str(planted.parent))
    assert shutil.which("ruff") == str(planted)
    assert find_formatter(path, tmp_path, "python") is None


async def test_a_formatter_that_vanishes_is_no_error(tmp_path, monkeypatch):
    path = project(tmp_path)
    monkeypatch.setenv("PATH", "")
    done = await asyncio.wait_for(format_like_project(path, tmp_path, "python", None, "a=1\n"), 10)
    assert (done.content, done.clause) == (None, "")
