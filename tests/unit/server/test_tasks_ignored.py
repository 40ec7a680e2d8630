"""`privacy.ignore` laid over a workspace."""

from __future__ import annotations

import pytest

from lanyard_server.tasks.ignored import open_workspace

FILES = ("a.py", "private/b.py", "private/deep/c.py", "gen_x.py", "ünder/d.py", "kept/gen_y.py")


@pytest.fixture
def root(tmp_path):
    for path in FILES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / "link.py").symlink_to(tmp_path / "private" / "b.py")
    return tmp_path


@pytest.mark.parametrize(
    ("patterns", "left"),
    [
        ((), {*FILES}),
        (("private/",), {*FILES} - {"private/b.py", "private/deep/c.py"}),
        (("gen_*.py",), {*FILES} - {"gen_x.py", "kept/gen_y.py"}),
        (("gen_*.py", "!kept/gen_y.py"), {*FILES} - {"gen_x.py"}),
        (("/gen_*.py", "ünder"), {*FILES} - {"gen_x.py", "ünder/d.py"}),
        (("*",), set()),
        (("[", "\\", "", "# note"), {*FILES}),
    ],
)
def test_files_and_reading_agree_with_the_patterns(root, patterns, left):
    workspace = open_workspace(root, {}, patterns)
    assert {path for path in workspace.files() if path != "link.py"} == left
    assert {path for path in FILES if workspace.read(path) is not None} == left


def test_neither_a_link_nor_an_open_buffer_is_a_way_in(root):
    workspace = open_workspace(root, {"private/b.py": "buffer"}, ("private/",))
    assert workspace.read("private/b.py") is None
    assert workspace.read("link.py") is None
    assert workspace.excluded("link.py") == "excluded by privacy.ignore (private/)"
    assert workspace.excluded("a.py") is None
    assert workspace.refusal("never.py") == "not there"
    assert workspace.read("../outside.py") is None


def test_the_ignore_files_count_as_before(root):
    (root / ".lanyardignore").write_text("a.py\n")
    workspace = open_workspace(root, {}, ("private/",))
    assert workspace.excluded("a.py") == "excluded by .lanyardignore (a.py)"
