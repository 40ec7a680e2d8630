"""An index: records by path, tables that follow each change, buffers, and what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lanyard_analyzers.index import FileRecord, Index
from lanyard_analyzers.index import index as module
from lanyard_analyzers.index.build import Extracted, batches, extract_batch, indexed
from lanyard_analyzers.index.extract import extract
from lanyard_analyzers.index.pack import pack, unpack
from lanyard_analyzers.index.tables import Mentions, in_order
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.text import Text
from lanyard_analyzers.workspace import DiskWorkspace, Listed

CART = "class Cart:\n    def total(self): ...\n"
APP = "from cart import Cart\n\n\ndef run():\n    return Cart().total()\n"


class Memory:
    """A workspace of texts that counts what is read."""

    name = "memory"

    def __init__(self, **files: str) -> None:
        self.contents = {name.replace("__", "/") + ".py": text for name, text in files.items()}
        self.reads: list[str] = []
        self.ignored: set[str] = set()

    def read(self, path: str, /) -> str | None:
        self.reads.append(path)
        return None if path in self.ignored else self.contents.get(path)

    def files(self) -> Iterator[str]:
        return (path for path in self.contents if path not in self.ignored)

    def refusal(self, path: str, /) -> str | None:
        return self.excluded(path) or (None if path in self.contents else "not there")

    def excluded(self, path: str, /) -> str | None:
        return "excluded" if path in self.ignored else None


def syntax(content: str) -> Syntax:
    return parse(Text.of(content), "python")


def defining(index: Index, name: str) -> list[str]:
    return [f"{path}:{symbol.qualified}" for path, symbol in index.defining(name)]


def fed(path: str, content: str) -> Extracted:
    return Extracted(path, "1", pack(content, extract(content, "python")))


def test_names_and_words_are_found_in_the_order_of_paths() -> None:
    index = Index(Memory(b__x=CART, a=APP, b=CART, b__a__z="total = 1\n"))
    assert index.paths == ("a.py", "b.py", "b/x.py", "b/a/z.py")
    assert defining(index, "total") == ["b.py:Cart.total", "b/x.py:Cart.total", "b/a/z.py:total"]
    assert index.mentioning("total") == ["a.py", "b.py", "b/x.py", "b/a/z.py"]
    assert index.mentioning("tota") == index.mentioning("") == []
    assert index.in_directory("b") == ["b/x.py"]
    assert index.named("z.py") == ["b/a/z.py"]


def test_each_file_is_read_once() -> None:
    workspace = Memory(a=APP, cart=CART)
    index = Index(workspace)
    for _ in range(3):
        list(index.defining("total"))
        index.mentioning("total")
        assert index.file("cart.py") is index.file("cart.py")
        assert index.exists("a.py")
        assert not index.exists("nothing.py")
    assert sorted(workspace.reads) == ["a.py", "cart.py", "nothing.py"]


def test_records_outlive_the_memory_for_decoded_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RECORDS", 1)
    workspace = Memory(a=APP, cart=CART)
    index = Index(workspace)
    first = index.record("cart.py")
    assert index.record("a.py") == extract(APP, "python")
    again = index.record("cart.py")
    assert again is not first
    assert again == first == extract(CART, "python")
    assert len(workspace.reads) == 2


def test_a_buffer_stands_for_its_file_until_it_is_closed() -> None:
    index = Index(Memory(a=APP, cart=CART))
    before = index.state
    index.put("cart.py", syntax("class Basket: pass\n"))
    assert index.state > before
    assert defining(index, "Cart") == []
    assert defining(index, "Basket") == ["cart.py:Basket"]
    assert index.mentioning("total") == ["a.py"]
    assert index.content("cart.py") == "class Basket: pass\n"
    index.put("cart.py", syntax("class Bag: pass\n"))
    assert defining(index, "Basket") == []
    index.feed(fed("cart.py", "class Fed: pass\n"))
    assert defining(index, "Bag") == ["cart.py:Bag"]
    index.drop("cart.py")
    assert defining(index, "Bag") == defining(index, "Fed") == []
    assert defining(index, "Cart") == ["cart.py:Cart"]
    assert index.content("cart.py") == CART


def test_opening_a_file_as_it_is_tells_nothing_different() -> None:
    index = Index(Memory(cart=CART))
    record = index.record("cart.py")
    before = index.state
    index.put("cart.py", syntax(CART))
    assert index.state == before
    assert index.record("cart.py") is record
    assert defining(index, "Cart") == ["cart.py:Cart"]


def test_a_new_buffer_is_a_file_and_goes_when_closed_unsaved() -> None:
    index = Index(Memory(a=APP))
    assert index.paths == ("a.py",)
    index.put("new.py", syntax(CART))
    assert index.paths == ("a.py", "new.py")
    assert index.in_directory("") == ["a.py", "new.py"]
    assert defining(index, "Cart") == ["new.py:Cart"]
    index.drop("new.py")
    assert index.paths == ("a.py",)
    assert defining(index, "Cart") == index.mentioning("total_") == []


def test_a_buffer_of_an_ignored_file_is_in_no_table() -> None:
    workspace = Memory(a=APP, cart=CART)
    workspace.ignored.add("cart.py")
    index = Index(workspace)
    index.put("cart.py", syntax(CART))
    assert index.record("cart.py") == extract(CART, "python")
    assert index.paths == ("a.py",)
    assert defining(index, "Cart") == []
    assert index.mentioning("total") == ["a.py"]


@pytest.mark.parametrize("asked", ["before", "never"])
def test_a_change_a_rename_and_a_removal_leave_nothing(asked: str) -> None:
    workspace = Memory(a=APP, cart=CART)
    index = Index(workspace)
    if asked == "before":
        assert defining(index, "Cart") == ["cart.py:Cart"]
        assert index.file("cart.py") is not None
    workspace.contents["cart.py"] = "class Other: pass\n"
    index.update("cart.py")
    assert defining(index, "Cart") == []
    assert defining(index, "Other") == ["cart.py:Other"]
    workspace.contents["shop/cart.py"] = workspace.contents.pop("cart.py")
    index.update("cart.py")
    index.update("shop/cart.py")
    assert index.paths == ("a.py", "shop/cart.py")
    assert defining(index, "Other") == ["shop/cart.py:Other"]
    assert index.mentioning("Other") == ["shop/cart.py"]
    assert index.file("cart.py") is index.record("cart.py") is index.content("cart.py") is None
    assert not index.exists("cart.py")
    assert index.named("cart.py") == ["shop/cart.py"]


def test_a_list_without_a_file_takes_it_from_the_tables() -> None:
    workspace = Memory(a=APP, cart=CART)
    index = Index(workspace)
    assert index.mentioning("total") == ["a.py", "cart.py"]
    del workspace.contents["cart.py"]
    index.list()
    assert index.mentioning("total") == ["a.py"]
    assert defining(index, "Cart") == []
    assert index.content("cart.py") is None


def test_a_file_that_has_another_content_when_read_has_another_record() -> None:
    workspace = Memory(cart=CART)
    index = Index(workspace, filled_by="feed")
    index.feed(fed("cart.py", "class Old: pass\n"))
    before = index.state
    file = index.file("cart.py")
    assert file is not None
    assert [symbol.name for symbol in file.symbols] == ["Cart", "total"]
    assert index.state > before
    assert defining(index, "Old") == []


def test_a_fed_index_serves_half_built_and_reads_only_what_is_asked() -> None:
    workspace = Memory(a=APP, cart=CART, other="def total(): ...\n")
    index = Index(workspace, filled_by="feed")
    assert defining(index, "total") == []
    assert index.symbols("cart.py")
    assert defining(index, "total") == ["cart.py:Cart.total"]
    index.feed(fed("other.py", workspace.contents["other.py"]))
    assert defining(index, "total") == ["cart.py:Cart.total", "other.py:total"]
    assert workspace.reads == ["cart.py"]
    index.forget("other.py")
    assert defining(index, "total") == ["cart.py:Cart.total", "other.py:total"]
    index.feed(Extracted("other.py", "2", None))
    assert defining(index, "total") == ["cart.py:Cart.total"]


def test_a_broken_pack_is_read_again() -> None:
    index = Index(Memory(cart=CART), filled_by="feed")
    good = pack(CART, extract(CART, "python"))
    index.feed(Extracted("cart.py", "1", type(good)(b"x", "python", "Cart", b"\n", b"\xc1")))
    assert index.record("cart.py") == extract(CART, "python")


def test_a_file_that_comes_back_is_read() -> None:
    workspace = Memory(cart=CART)
    workspace.ignored.add("cart.py")
    index = Index(workspace, filled_by="feed")
    assert index.record("cart.py") is None
    workspace.ignored.clear()
    index.list()
    assert index.record("cart.py") == extract(CART, "python")


def test_a_pack_gives_the_record_again() -> None:
    content = (
        "# \ud800\né = 1\nclass A(B[int]):\n    '''doc'''\n    x: int = 3\n    def f(self, a: str = 'x') -> 'A': ...\n"
    )
    record = extract(content, "python")
    assert unpack(pack(content, record)) == record
    assert pack(content, record).names == "é\nA\nx\nf"


def test_batches_have_what_is_wanted_first_and_lose_nothing() -> None:
    listed = [Listed(f"f{n}.py", 150_000, "1") for n in range(10)] + [Listed("x.md", 10, "1")]
    found = [[one.path for one in batch] for batch in batches(indexed(listed), ["f7.py", "gone.py"])]
    assert found[0] == ["f7.py", "f0.py"]
    assert sorted(path for batch in found for path in batch) == sorted(f"f{n}.py" for n in range(10))
    assert all(len(batch) <= 2 for batch in found)
    assert list(batches([])) == []


def test_a_batch_gives_what_extraction_gives(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(CART)
    (tmp_path / "b.py").write_bytes(b"\0\1")
    listed = [*DiskWorkspace(tmp_path).listed(), Listed("gone.py", 1, "1")]
    found = extract_batch(str(tmp_path), listed)
    assert [one.path for one in found] == ["a.py", "b.py", "gone.py"]
    assert [one.packed is None for one in found] == [False, True, True]
    assert found[0].packed is not None
    assert unpack(found[0].packed) == extract(CART, "python")


def test_mentions_survive_any_order_of_changes() -> None:
    mentions, truth = Mentions(), dict[str, set[str]]()
    for step in range(400):
        path = f"d{step % 7}/f{step * 31 % 23}.py"
        if step % 5 == 4:
            mentions.remove(path)
            truth.pop(path, None)
        else:
            words = {f"w{step % number}" for number in (3, 7, 11, 40)}
            mentions.set(path, ("\n" + "\n".join(sorted(words)) + "\n").encode())
            truth[path] = words
        word = f"w{step % 13}"
        assert list(mentions.find(word)) == sorted((p for p, has in truth.items() if word in has), key=in_order)
    for path, words in truth.items():
        assert set(mentions.words(path).decode().split()) == words


def test_mentions_take_no_more_room_than_what_they_hold_however_often_files_change() -> None:
    mentions = Mentions()
    for turn in range(300):
        for number in range(40):
            mentions.set(f"f{number}.py", b"\n" + b"\n".join(b"w%d" % ((turn + n) % 97) for n in range(50)) + b"\n")
        assert len(mentions.find(f"w{turn % 97}")) == 40
    held = sum(len(mentions.words(f"f{number}.py")) for number in range(40))
    assert sum(len(segment.data) for segment in mentions._segments) < 1.5 * held
    assert mentions.find("") == mentions.find("\0" * 10) == ()


def test_a_record_says_what_it_mentions() -> None:
    record: FileRecord = extract("def f(): return naïve\n", "python")
    assert record.mentions("naïve")
    assert not record.mentions("na")


def test_a_buffer_like_its_file_comes_and_goes_unnoticed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(): ...\n")
    index = Index(DiskWorkspace(tmp_path))
    assert [path for path, _ in index.defining("f")] == ["a.py"]
    state = index.state
    index.put("a.py", parse(Text.of("def f(): ...\n"), "python"))
    assert index.withdraw("a.py")
    assert index.state == state
    assert index.content("a.py") == "def f(): ...\n"


def test_a_buffer_unlike_its_file_does_not_go_unnoticed(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def f(): ...\n")
    index = Index(DiskWorkspace(tmp_path))
    assert [path for path, _ in index.defining("f")] == ["a.py"]
    index.put("a.py", parse(Text.of("def g(): ...\n"), "python"))
    assert not index.withdraw("a.py")
    index.put("a.py", parse(Text.of("def f(): ...\n"), "python"))
    assert not index.withdraw("a.py"), "its tables are those of another text still"
    index.drop("a.py")
    assert [path for path, _ in index.defining("f")] == ["a.py"]
    assert not [*index.defining("g")]
