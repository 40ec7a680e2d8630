"""The store of an index: what it keeps, what it forgets, and whose it is."""

from __future__ import annotations

import os
import stat
import sys

import pytest

from lanyard_server.index.store import Known, Store, file_for, key_of, prune

DAY_S = 86_400


@pytest.fixture
def file(tmp_path):
    return tmp_path / "index" / "a.sqlite"


def test_what_is_put_is_there_again(file):
    store = Store(file)
    assert store.put([Known("a.py", "1", b"k")], [(b"k", b"record")])
    store.close()
    again = Store(file)
    assert again.known() == {"a.py": Known("a.py", "1", b"k")}
    assert list(again.records([b"k", b"other"])) == [(b"k", b"record")] == list(again.all_records())


def test_a_file_that_is_forgotten_leaves_its_record_until_they_are_many(file):
    store = Store(file)
    store.put([Known(f"{n}.py", "1", b"%d" % n) for n in range(400)], [(b"%d" % n, b"r") for n in range(400)])
    store.forget([f"{n}.py" for n in range(300)])
    store.tidy()
    assert len(store.known()) == 100
    assert len(list(store.all_records())) == 100
    store.forget(["300.py"])
    store.tidy()
    assert len(list(store.all_records())) == 100


def test_a_record_whose_bytes_changed_is_none(file):
    store = Store(file)
    store.put([], [(b"k", b"record")])
    assert store._db is not None
    store._db.execute("update records set data = x'00'")
    assert list(store.records([b"k"])) == []


def test_a_path_that_no_database_takes_is_no_harm(file):
    store = Store(file)
    assert not store.put([Known("\ud800.py", "1", b"k")], [])
    assert store.put([Known("b.py", "1", b"k")], [])
    assert list(store.known()) == ["b.py"]


def test_one_that_is_locked_for_long_is_done_without(file):
    first = Store(file)
    assert first.usable
    assert first._db is not None
    first._db.execute("begin exclusive")
    other = Store(file)
    assert other.known() == {}
    assert not other.put([Known("a.py", "1", b"k")], [])
    assert other.busy
    first.close()
    assert file.exists()
    assert other.put([Known("a.py", "1", b"k")], [])
    assert list(other.known()) == ["a.py"]
    assert not other.busy


def test_no_file_is_made_before_something_is_kept(file):
    store = Store(file)
    assert list(store.records([b"k"])) == []
    assert not file.exists()
    assert store.put([], [(b"k", b"record")])
    assert list(store.records([b"k"])) == [(b"k", b"record")]


def test_without_a_file_it_remembers_nothing():
    store = Store(None)
    assert not store.usable
    assert not store.put([Known("a.py", "1", b"k")], [])
    assert store.known() == {}
    store.tidy()
    store.close()


def test_the_key_is_of_content_and_language():
    assert len({key_of(b"1", "python"), key_of(b"1", "c"), key_of(b"2", "python")}) == 3


def test_a_workspace_has_one_file_by_whatever_path_it_is_named(tmp_path):
    (tmp_path / "w").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "w")
    assert file_for(tmp_path, tmp_path / "link") == file_for(tmp_path, tmp_path / "w")
    assert file_for(tmp_path, tmp_path) != file_for(tmp_path, tmp_path / "w")


def test_stores_that_nobody_uses_are_removed(tmp_path):
    now = 1_800_000_000.0
    for name, days in (("own", 90), ("old", 31), ("young", 29)):
        for suffix in (".sqlite", ".sqlite-wal"):
            (tmp_path / f"{name}{suffix}").write_bytes(b"x")
            os.utime(tmp_path / f"{name}{suffix}", (now - days * DAY_S,) * 2)
    prune(tmp_path, tmp_path / "own.sqlite", now)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "own.sqlite",
        "own.sqlite-wal",
        "young.sqlite",
        "young.sqlite-wal",
    ]


def test_the_oldest_go_where_all_together_are_too_large(tmp_path, monkeypatch):
    monkeypatch.setattr("lanyard_server.index.store.TOTAL_BYTES", 250)
    now = 1_800_000_000.0
    for days in range(4):
        (tmp_path / f"{days}.sqlite").write_bytes(b"x" * 100)
        os.utime(tmp_path / f"{days}.sqlite", (now - days * DAY_S,) * 2)
    prune(tmp_path, tmp_path / "3.sqlite", now)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.sqlite", "1.sqlite", "3.sqlite"]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_it_is_its_users_alone_whatever_the_umask(file):
    before = os.umask(0)
    try:
        store = Store(file)
        store.put([Known("a.py", "1", b"k")], [])
        assert {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {0o600}
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    finally:
        os.umask(before)


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_in_its_place_is_not_followed(file, tmp_path):
    file.parent.mkdir()
    (tmp_path / "precious").write_text("text")
    file.symlink_to(tmp_path / "precious")
    Store(file).put([Known("a.py", "1", b"k")], [])
    assert (tmp_path / "precious").read_text() == "text"
