"""Files that hold code are their user's alone."""

from __future__ import annotations

import os
import stat

import pytest

from lanyard_server.private_files import write_private


def test_nobody_else_reads_them_whatever_the_umask(tmp_path):
    path = tmp_path / "shown" / "a.md"
    before = os.umask(0)
    try:
        write_private(path, "code\r\n\ud800")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.read_bytes() == b"code\r\n?"


def test_a_new_file_never_replaces_one(tmp_path):
    write_private(tmp_path / "a", "first")
    with pytest.raises(FileExistsError):
        write_private(tmp_path / "a", "second", "new")
    write_private(tmp_path / "a", "x")
    assert (tmp_path / "a").read_text() == "x"
