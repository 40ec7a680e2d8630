"""Sketches: an index that has no more of its files answers each question as one that has read them all."""

from __future__ import annotations

import random
import sysconfig
from dataclasses import replace
from pathlib import Path

import pytest

from lanyard_analyzers.index import FileRecord, Index
from lanyard_analyzers.index.build import Extracted
from lanyard_analyzers.index.extract import extract
from lanyard_analyzers.index.pack import names_of, pack, words_of
from lanyard_analyzers.index.sketch import Sketch, has_sketch, sketch
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.slices import SliceRequest, build_slice
from lanyard_analyzers.slices.weights import WEIGHTS
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.text import Text
from lanyard_analyzers.workspace import DiskWorkspace
from unit.analyzers.slicing import golden_fixtures, read_fixture, request_at
from unit.analyzers.test_index import APP, CART, Memory, defining

STATEMENTS = [
    "name = 1",
    "name: int",
    "name : int = 1",
    "name=other=third = 1",
    "(name) = 1",
    "(name): int = 1",
    "[name] = x",
    "name, = x",
    "name, other = x",
    "*name, other = x",
    "(name, other) = x",
    "name, (other, third) = x",
    "name, d['='] = x",
    "name, d[(1, 2)][3], other = x",
    "d[f(a[0])], name = x",
    "d[f(a[0](1))], name = x",
    "f(a=1).b, name = x",
    "name, f(a=(1, (2, (3, 4)))).b = x",
    "x = 1; name, other = 1, 2",
    "if x == (1, 2): name, other = 1, 2",
    "(\n    name,\n    other,\n) = x",
    "(name, # why\n other) = x",
    "[name\n ,\\\n other] = x",
    "name, \\\n  other = x",
    "name \\\n  = 1",
    "name \\\n  , other = 1, 2",
    "if x: name = 1\nelse: other = 2",
    "type name = int",
    "type name[T] = list[T]",
    "name = lambda a: a",
    "größe = 1",
    "def name(): pass",
    "def \\\n name(): pass",
    "async  def\tname(): pass",
    "class name: other = 1",
    "class name(Base): other, third = 1, 2",
    "'a class'\nclass name: pass",
    "__all__ = ['name']\n__all__ += ['other']",
    "with x as y: name = 1",
    "try: name = 1\nexcept E: other = 2",
    "match x:\n    case 1: name = 1",
]
METHODS = [
    "self.name = 1",
    "self.name: int = 1",
    "self.name, self.other = 1, 2",
    "x = self.name = 1",
    "self.name, x = self.other, y = 1, 2",
    "(self.name, self.other) = 1, 2",
    "cls.name = 1",
    "if x: self.name = 1",
    "[self.name] = 1",
    "self.name, d[f(1)(2)] = x",
]


def sketched(content: str) -> Sketch:
    found = sketch("a.py", content, "python")
    assert found is not None
    return found


def missed(content: str, record: FileRecord) -> set[str]:
    """Names of a record that its sketch lacks."""
    return set(names_of(record).split("\n")) - set(sketched(content).names.split("\n")) - {""}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_sketch_has_each_name_that_a_record_has(statement: str, end: str) -> None:
    indented = statement.replace("\n", "\n    ")
    for content in (statement, f"import a\n{statement}\n", f"class C:\n    {indented}\n", f"x = 1;{statement}"):
        whole = content.replace("\n", end)
        record = extract(whole, "python")
        assert not missed(whole, record)
        assert sketched(whole).words == words_of(record)


@pytest.mark.parametrize("statement", METHODS)
def test_a_sketch_has_each_field(statement: str) -> None:
    for content in (
        f"class C:\n    def f(self, cls):\n        {statement}\n",
        f"class C:\n    def f(self): {statement}",
    ):
        record = extract(content, "python")
        assert not missed(content, record)


def test_the_statements_define_what_is_looked_for() -> None:
    """The test above would pass if nothing was found in them."""
    assert sum("name" in names_of(extract(one, "python")) for one in STATEMENTS) > 0.7 * len(STATEMENTS)
    bodies = [f"class C:\n    def f(self, cls):\n        {one}\n" for one in METHODS]
    assert sum("name" in names_of(extract(one, "python")) for one in bodies) > 0.5 * len(METHODS)


def test_sketches_of_what_people_wrote() -> None:
    paths = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    for path in random.Random(3).sample(paths, 40):
        content = path.read_text("utf-8", "replace")
        record = extract(content, "python")
        assert not missed(content, record), path
        assert sketched(content).words == words_of(record)


@pytest.mark.parametrize("content", ["x = 1;" * 20_000, f"data = {'[1, 2], ' * 20_000}\n\n\ndef name():\n    pass\n"])
def test_what_nobody_wrote_has_no_part_in_a_sketch(content: str) -> None:
    record = extract(content, "python")
    assert sketched(content).names == names_of(record)
    assert sketched(content).words == words_of(record)


def test_other_languages_have_no_sketch() -> None:
    assert sketch("a.go", "package a\n", "go") is None
    assert has_sketch("a.py")
    assert not has_sketch("a.go")
    assert not has_sketch("a.png")


def read_all(root: Path) -> Index:
    """An index that was fed each record."""
    index = Index(DiskWorkspace(root), filled_by="feed")
    for path, content, language in files_of(root):
        index.feed(Extracted(path, "1", pack(content, extract(content, language))))
    return index


def sketched_all(root: Path) -> Index:
    """An index that has sketches alone, and records where a language has none."""
    index = Index(DiskWorkspace(root), filled_by="feed")
    for path, content, language in files_of(root):
        found = sketch(path, content, language)
        if found is not None:
            index.expect(found)
        else:
            index.feed(Extracted(path, "1", pack(content, extract(content, language))))
    return index


def files_of(root: Path) -> list[tuple[str, str, str]]:
    workspace = DiskWorkspace(root)
    found = [(path, workspace.read(path), language_of("", path)) for path in workspace.files()]
    return [(path, content, language) for path, content, language in found if content is not None and language]


@pytest.mark.parametrize("fixture", golden_fixtures(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_slices_are_the_same_to_the_byte(fixture: Path, tmp_path: Path) -> None:
    golden = read_fixture(fixture)
    request_at(tmp_path, golden.files)
    full, quick = read_all(tmp_path), sketched_all(tmp_path)
    kinds = WEIGHTS if fixture.parent.name == "python" else (golden.kind,)
    for kind in kinds:
        request = request_at(tmp_path, golden.files, kind, golden.budget)
        expected, problems = build_slice(_with(request, full))
        assert build_slice(_with(request, quick)) == (expected, problems)


def _with(request: SliceRequest, index: Index) -> SliceRequest:
    return replace(request, index=index)


def expecting(**files: str) -> tuple[Memory, Index]:
    """An index that has sketches of all files."""
    workspace = Memory(**files)
    index = Index(workspace, filled_by="feed")
    for path, content in workspace.contents.items():
        found = sketch(path, content, "python")
        assert found is not None
        index.expect(found)
    return workspace, index


def fed(path: str, content: str) -> Extracted:
    return Extracted(path, "1", pack(content, extract(content, "python")))


def test_only_files_that_may_define_a_name_are_read() -> None:
    workspace, index = expecting(a=APP, b=CART, c="def total(): ...\n", d="print(total)\n")
    assert index.mentioning("total") == ["a.py", "b.py", "c.py", "d.py"]
    assert workspace.reads == []
    assert defining(index, "total") == ["b.py:Cart.total", "c.py:total"]
    assert workspace.reads == ["b.py", "c.py"]


def test_a_record_that_is_as_expected_changes_no_answer() -> None:
    _, index = expecting(a=APP, b=CART)
    assert defining(index, "Cart") == ["b.py:Cart"]
    state = index.state
    index.feed(fed("a.py", APP))
    index.feed(fed("b.py", CART))
    assert index.state == state
    assert defining(index, "run") == ["a.py:run"]


def test_a_file_that_changed_since_its_sketch() -> None:
    workspace, index = expecting(a=APP, b=CART)
    workspace.contents["b.py"] = "class Basket: ...\n"
    state = index.state
    assert defining(index, "Cart") == []
    assert defining(index, "Basket") == ["b.py:Basket"]
    assert index.state > state
    workspace.contents["a.py"] = "def walk(): ...\n"
    index.feed(fed("a.py", workspace.contents["a.py"]))
    assert index.changed_since(state) == {"a.py", "b.py"}
    assert index.mentioning("run") == []


def test_a_sketch_follows_what_is_known() -> None:
    _, index = expecting(a=APP, b=CART)
    index.record("b.py")
    state = index.state
    index.expect(_of("b.py", CART))
    assert index.state == state
    index.expect(_of("b.py", "class Basket: ...\n"))
    assert index.changed_since(state) == {"b.py"}
    assert index.mentioning("Basket") == ["b.py"]
    index.forget("a.py")
    assert defining(index, "run") == ["a.py:run"]  # read again


def test_names_that_no_sketch_saw_are_told() -> None:
    _, index = expecting(a=APP, b=CART)
    sparse = _of("b.py", CART)
    index.expect(_of("b.py", "x = 1\n"))
    index.expect(Sketch("b.py", sparse.digest, "total", sparse.words))
    state = index.state
    index.feed(fed("b.py", CART))
    assert index.state > state
    assert defining(index, "Cart") == ["b.py:Cart"]


def test_an_open_buffer_stands_before_a_sketch() -> None:
    workspace, index = expecting(a=APP, b=CART)
    index.put("b.py", parse(Text.of("class Basket: ...\n"), "python"))
    index.expect(_of("b.py", CART))
    assert defining(index, "Cart") == []
    assert defining(index, "Basket") == ["b.py:Basket"]
    index.drop("b.py")
    assert defining(index, "Cart") == ["b.py:Cart"]
    del workspace.contents["a.py"]
    index.update("a.py")
    assert index.mentioning("run") == []


def _of(path: str, content: str) -> Sketch:
    found = sketch(path, content, "python")
    assert found is not None
    return found
