"""Upkeep without a helper that reads: what an index answers before its files have records."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from lanyard_analyzers.index.build import Extracted, extract_file
from lanyard_analyzers.workspace import DiskWorkspace
from lanyard_server.index import pool
from lanyard_server.index.live import LiveWorkspace
from lanyard_server.index.pool import Pool
from lanyard_server.index.shelf import Shelf
from lanyard_server.index.store import Store
from lanyard_server.index.upkeep import Share, Upkeep

MANY = 60  # files, more than are read at once


class Coming(Pool):
    """Helpers that have not come yet."""

    alone = False


def upkeep(root: Path, **others: str) -> tuple[Shelf, Upkeep]:
    """A workspace of many modules, and an upkeep whose helpers are still to come."""
    for number in range(MANY):
        (root / f"m{number:02}.py").write_text(f"def f{number}():\n    return f{number - 1}()\n")
    for name, content in others.items():
        (root / name.replace("_", ".")).write_text(content)
    shelf = Shelf(LiveWorkspace(root, ()), Store(None))
    return shelf, Upkeep(shelf, Coming(str(root), 0, str(root), lambda _: None), share="helpers first")


def until_waiting(made: Upkeep) -> None:
    steps = made.steps()
    while next(steps) != "wait":
        pass


def test_questions_are_answered_in_full_before_files_have_records(tmp_path: Path) -> None:
    shelf, made = upkeep(tmp_path)
    until_waiting(made)
    assert made.state == "building"
    assert made.complete_after > 0
    assert made.ready_after == 0
    assert shelf.known == 0
    assert [path for path, _ in shelf.index.defining("f7")] == ["m07.py"]
    assert shelf.index.mentioning("f7") == ["m07.py", "m08.py"]


def test_a_language_without_sketches_is_waited_for(tmp_path: Path) -> None:
    shelf, made = upkeep(tmp_path, a_go="package a\n\nfunc Run() {}\n")
    until_waiting(made)
    assert made.complete_after == 0
    found = next(one for one in shelf.live.listing.values() if one.path == "a.go")
    made.taken(extract_file(DiskWorkspace(tmp_path), found))
    assert made.complete_after > 0
    assert [path for path, _ in shelf.index.defining("Run")] == ["a.go"]


def test_a_sketch_is_no_record_of_a_file_that_was_read(tmp_path: Path) -> None:
    shelf, made = upkeep(tmp_path)
    until_waiting(made)
    known = shelf.live.listing["m07.py"]
    made.taken(Extracted("m07.py", known.stamp, None))  # a helper did not survive it
    assert list(shelf.index.defining("f7")) == []
    assert shelf.index.mentioning("f7") == ["m08.py"]


def test_what_changes_behind_the_back_of_a_walk_is_not_undone_by_its_end(tmp_path: Path) -> None:
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text(f"def in_{name[0]}():\n    pass\n")
        os.utime(tmp_path / name, (1_700_000_000, 1_700_000_000))
    shelf = Shelf(LiveWorkspace(tmp_path, ()), Store(None))
    made = Upkeep(shelf, Pool(str(tmp_path), 0, str(tmp_path), lambda _: None), share="reads too")
    until_waiting(made)
    assert made.state == "ready"
    made.touched(())
    next(made_steps := made.steps())  # a walk has begun, and has the names in the folder
    (tmp_path / "new.py").write_text("def in_new():\n    pass\n")
    (tmp_path / "b.py").unlink()
    made.touched(["new.py", "b.py"])
    made.settle()  # as before a question
    while next(made_steps) != "wait":
        pass
    assert sorted(shelf.live.listing) == ["a.py", "c.py", "new.py"]
    assert [path for path, _ in shelf.index.defining("in_new")] == ["new.py"]


def none_to_be_had(root: Path, share: Share, monkeypatch: pytest.MonkeyPatch) -> tuple[Shelf, Upkeep]:
    """The index of many modules where no helper can be started, once there is nothing more to do."""
    for number in range(MANY):
        (root / f"m{number:02}.py").write_text(f"def f{number}():\n    pass\n")
    (root / "long.py").write_text("def f_long():\n    pass\n" + "".join(f"x{n} = {n}\n" for n in range(7_000)))
    for file in root.iterdir():
        os.utime(file, (1_700_000_000, 1_700_000_000))
    monkeypatch.setattr(sys, "executable", str(root / "no-python"))
    monkeypatch.setattr(pool, "_RETRY_S", 0.0)
    shelf = Shelf(LiveWorkspace(root, ()), Store(None))
    helpers = Pool(str(root), 2, str(root), lambda _: None)
    made = Upkeep(shelf, helpers, share=share)
    for _ in made.steps():
        helpers.watch()
        if made.state == "ready":
            return shelf, made
    raise AssertionError


@pytest.mark.parametrize("share", ["reads too", "helpers first"])
@pytest.mark.timeout(30)
def test_where_no_helper_can_be_had_the_process_reads_all_files_itself(
    tmp_path: Path, share: Share, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, _ = none_to_be_had(tmp_path, share, monkeypatch)
    assert shelf.known == MANY + 1
    assert [path for path, _ in shelf.index.defining("f_long")] == ["long.py"]


@pytest.mark.timeout(30)
def test_files_that_may_have_ended_the_process_before_are_not_read_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf, made = none_to_be_had(tmp_path, "helpers only", monkeypatch)
    assert shelf.known == 0
    assert [path for path, _ in shelf.index.defining("f7")] == ["m07.py"]  # from its sketch
    renewed = list[str]()
    renew = shelf.renew
    monkeypatch.setattr(shelf, "renew", lambda path: renewed.append(path) or renew(path))
    (tmp_path / "m07.py").write_text("def f7_of_now():\n    pass\n")
    made.touched(())
    until_waiting(made)
    assert renewed == ["m07.py"], "each walk does not begin anew with all the others"
    assert [path for path, _ in shelf.index.defining("f7_of_now")] == ["m07.py"]
