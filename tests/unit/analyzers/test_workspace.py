"""What a workspace gives to read, and everything that it refuses."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lanyard_analyzers import workspace as module
from lanyard_analyzers.workspace import DiskWorkspace, SaysWhy, Workspace


@pytest.fixture(autouse=True)
def no_personal_rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "pkg").mkdir(parents=True)
    (tmp_path / "root" / "pkg" / "a.py").write_text("x = 1\n")
    (tmp_path / "outside.py").write_text("leak = 1\n")
    return tmp_path / "root"


def test_is_a_workspace_that_says_why(root: Path) -> None:
    workspace: Workspace = DiskWorkspace(root)
    assert isinstance(workspace, SaysWhy)
    assert workspace.name == "root"
    assert workspace.read("pkg/a.py") == "x = 1\n"


NOT_PLAIN = [
    "", ".", "..", "../outside.py", "pkg/../../outside.py", "pkg/../pkg/a.py", "./pkg/a.py", "pkg//a.py", "/etc/passwd",
    "pkg\\a.py", "..\\outside.py", "C:/Windows/win.ini", "C:pkg", "//host/share/x", "\\\\host\\x", "pkg/a.py\0", "pkg/",
]  # fmt: skip


@pytest.mark.parametrize("path", NOT_PLAIN)
def test_paths_that_are_no_plain_relative_path_are_refused(root: Path, path: str) -> None:
    workspace = DiskWorkspace(root, {path: "overlay"})
    assert workspace.read(path) is None
    assert workspace.refusal(path) == "outside the workspace"


def test_links_that_leave_the_root_are_refused(root: Path) -> None:
    (root / "link.py").symlink_to("../outside.py")
    (root / "up").symlink_to("..")
    (root / "absolute.py").symlink_to(root.parent / "outside.py")
    workspace = DiskWorkspace(root)
    for path in ("link.py", "up/outside.py", "absolute.py"):
        assert workspace.read(path) is None
        assert workspace.refusal(path) == "a link that leaves the workspace"
    assert list(workspace.files()) == ["pkg/a.py"]


def test_links_inside_the_root_follow_the_rules_of_what_they_point_to(root: Path) -> None:
    (root / ".gitignore").write_text("private/\n")
    (root / "private").mkdir()
    (root / "private" / "x.py").write_text("leak = 1")
    (root / "open.py").symlink_to("private/x.py")
    (root / "fine.py").symlink_to("pkg/a.py")
    workspace = DiskWorkspace(root)
    assert workspace.read("open.py") is None
    assert workspace.refusal("open.py") == "a link to a file excluded by .gitignore (private/)"
    assert workspace.read("fine.py") == "x = 1\n"


def test_loops_end(root: Path) -> None:
    (root / "loop").symlink_to("loop")
    (root / "pkg" / "again").symlink_to("..")
    workspace = DiskWorkspace(root)
    assert workspace.read("loop") is None
    assert workspace.read("loop/x") is None
    assert workspace.read("pkg/again/pkg/again/pkg/a.py") == "x = 1\n"
    assert list(workspace.files()) == ["pkg/a.py"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", ""),
        (b"caf\xc3\xa9", "café"),
        (b"\xef\xbb\xbfx", "x"),
        (b"caf\xe9 = 1", "café = 1"),
        (b"\xff\xfex\x00\n\x00", "x\n"),
        (b"\xfe\xff\x00x", "x"),
        (b"a\r\nb\rc", "a\r\nb\rc"),
        (b"\x00\x01", None),
        (b"text\0", None),
        (b"a" * module.READ_LIMIT, "a" * module.READ_LIMIT),
        (b"a" * (module.READ_LIMIT + 1), None),
    ],
)
def test_bytes_to_text(root: Path, data: bytes, text: str | None) -> None:
    (root / "f.py").write_bytes(data)
    workspace = DiskWorkspace(root)
    assert workspace.read("f.py") == text
    assert (workspace.refusal("f.py") is None) == (text is not None)


def test_what_is_no_file(root: Path) -> None:
    os.mkfifo(root / "pipe.py")
    workspace = DiskWorkspace(root)
    assert workspace.refusal("pipe.py") == "not a plain file"
    assert workspace.refusal("nowhere.py") == "not there"
    assert workspace.refusal("pkg")
    assert workspace.read("x" * 5000) is None
    assert "pipe.py" not in list(workspace.files())


def test_overlays_replace_and_add_files_but_open_no_ignored_one(root: Path) -> None:
    (root / ".gitignore").write_text("hidden.py\n")
    workspace = DiskWorkspace(root, {"pkg/a.py": "x = 2", "new.py": "y", "hidden.py": "leak", ".env": "leak"})
    assert workspace.read("pkg/a.py") == "x = 2"
    assert workspace.read("new.py") == "y"
    assert workspace.read("hidden.py") is None
    assert workspace.read(".env") is None
    assert list(workspace.files()) == ["new.py", ".gitignore", "pkg/a.py"]


def test_files_leaves_out_what_is_ignored(root: Path) -> None:
    for path in ["node_modules/x/i.js", ".git/config", "b/c.py", "b/d.log", "a.py", ".env"]:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("")
    (root / ".gitignore").write_text("*.log\n")
    assert list(DiskWorkspace(root).files()) == [".gitignore", "a.py", "b/c.py", "pkg/a.py"]


def test_files_is_bounded_and_lazy(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(30):
        (root / f"f{n:02}.py").write_text("")
    monkeypatch.setattr(module, "FILES_LIMIT", 10)
    assert len(list(DiskWorkspace(root).files())) == 10
    assert next(iter(DiskWorkspace(root).files())) == "f00.py"


@pytest.mark.parametrize("age", [0, 3600])
def test_a_changed_file_is_read_again(root: Path, age: int) -> None:
    path = root / "pkg" / "a.py"

    def set_time() -> None:
        now = path.stat().st_mtime
        os.utime(path, (now - age, now - age))

    def change(content: str) -> None:
        path.write_text(content)
        set_time()

    check: Callable[[], str | None] = lambda: DiskWorkspace(root).read("pkg/a.py")  # noqa: E731
    for n in range(20):
        change(f"x = {n:03}\n")
        assert check() == f"x = {n:03}\n"
        assert check() == f"x = {n:03}\n"


def test_what_was_listed_is_read_as_it_is_and_a_link_put_in_its_place_by_the_rules(root: Path) -> None:
    workspace = DiskWorkspace(root)
    (listed,) = workspace.listed()
    assert (listed.path, listed.size) == ("pkg/a.py", 6)
    assert workspace.read_listed("pkg/a.py") == "x = 1\n"
    (root / "pkg" / "a.py").unlink()
    (root / "pkg" / "a.py").symlink_to("../../outside.py")
    assert workspace.read_listed("pkg/a.py") is None
    assert DiskWorkspace(root, {"pkg/a.py": "overlay"}).read_listed("gone.py") is None


def test_a_stamp_changes_with_the_file_and_says_nothing_of_one_changed_just_now(root: Path) -> None:
    path = root / "pkg" / "a.py"
    assert DiskWorkspace(root).stamp("pkg/a.py") == ""
    os.utime(path, (1, 1))
    before = DiskWorkspace(root).stamp("pkg/a.py")
    assert before == next(DiskWorkspace(root).listed()).stamp != ""
    path.write_text("x = 22\n")
    os.utime(path, (1, 1))
    assert DiskWorkspace(root).stamp("pkg/a.py") != before
    path.unlink()
    assert DiskWorkspace(root).stamp("pkg/a.py") is None
    assert DiskWorkspace(root).stamp("../outside.py") is None
