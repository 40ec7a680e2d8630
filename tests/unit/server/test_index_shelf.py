"""A shelf whose store is used by another process: what waits for it, and how much."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lanyard_analyzers.index.build import Extracted
from lanyard_analyzers.index.extract import extract
from lanyard_analyzers.index.pack import pack
from lanyard_server.index.live import LiveWorkspace
from lanyard_server.index.shelf import Shelf
from lanyard_server.index.store import Store


def read(path: str, name: str = "f") -> Extracted:
    """A file that defines `name`, as a helper gives it."""
    content = f"def {name}(): ...\n"
    return Extracted(path, f"stamp of {name}", pack(content, extract(content, "python")))


@contextmanager
def in_use(file: Path) -> Iterator[None]:
    """Another process writes."""
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("begin immediate")
    yield
    other.execute("rollback")
    other.close()


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setattr("lanyard_server.index.store._BUSY_S", 0.001)
    made = Shelf(LiveWorkspace(tmp_path, ()), Store(tmp_path / "store" / "a.sqlite"))
    assert made.store.usable
    return made


def stored(shelf: Shelf) -> dict[str, str]:
    """The stamps of the files that a next start would find with a whole record."""
    store = Store(shelf.store.file)
    records = dict(store.all_records())
    found = {path: known.stamp for path, known in store.known().items() if known.key in records}
    store.close()
    return found


def test_what_a_busy_store_did_not_take_is_brought_by_the_next_flush(shelf: Shelf) -> None:
    assert shelf.store.file is not None
    with in_use(shelf.store.file):
        shelf.take(read("a.py"))
        shelf.flush()
        shelf.take(read("b.py", "g"))
        shelf.take(read("gone.py"))
        shelf.take(read("a.py", "h"))
        shelf.remove(["gone.py"])
        shelf.flush()
    assert stored(shelf) == {}
    shelf.flush()
    assert stored(shelf) == {"a.py": "stamp of h", "b.py": "stamp of g"}


def test_what_waits_for_a_busy_store_is_bounded_and_the_newest(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lanyard_server.index.shelf._FLUSH", 4)
    monkeypatch.setattr("lanyard_server.index.shelf._WAITING", 10)
    shelf.flush()
    tries = list[int]()
    put = shelf.store.put
    monkeypatch.setattr(shelf.store, "put", lambda files, records: tries.append(len(files)) or put(files, records))
    assert shelf.store.file is not None
    with in_use(shelf.store.file):
        for number in range(400):
            shelf.take(read(f"f{number:03}.py", f"f{number}"))
    assert len(tries) < 100, "not each file waits for the other process"
    assert max(tries) <= 204
    shelf.flush()
    assert [*stored(shelf)] == [f"f{number}.py" for number in range(400 - len(stored(shelf)), 400)]
    assert len(stored(shelf)) <= 14


def test_what_a_store_will_never_take_does_not_wait(shelf: Shelf) -> None:
    shelf.take(read("\ud800.py"))
    shelf.flush()
    shelf.take(read("b.py"))
    shelf.flush()
    assert [*stored(shelf)] == ["b.py"]
