"""What is kept from one question to the next changes no byte of an answer."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanyard_analyzers.index import Index
from lanyard_analyzers.index.tables import in_order
from lanyard_analyzers.slices import SliceRequest, build_context, build_slice, callers, test_links
from lanyard_analyzers.slices.weights import WEIGHTS
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.targets import targets_at
from lanyard_analyzers.text import Span, Text
from unit.analyzers.kinding import called_from, scene_at

CART = """\
from shop.item import Item, Stock
from shop.base import Holder


class Cart(Holder):
    \"\"\"Holds items.\"\"\"

    def __init__(self, stock: Stock) -> None:
        self.stock = stock
        self.items: list[Item] = []

    def add(self, item: Item) -> int:
        self.items.append(item)
        self.stock.take(item)
        return self.total()

    def total(self) -> int:
        return sum(item.price() for item in self.items)
"""
OTHERS = {
    "shop/__init__.py": "",
    "shop/item.py": "class Item:\n    def price(self) -> int:\n        return 1\n\n\nclass Stock:\n"
    "    def take(self, item: Item) -> None:\n        item.price()\n\n    def left(self) -> int:\n        return 2\n",
    "shop/base.py": "class Holder:\n    def total(self) -> int:\n        return 0\n\n    def empty(self) -> bool:\n"
    "        return not self.total()\n",
    "shop/desk.py": "from shop.cart import Cart\n\n\ndef sell(cart: Cart, item) -> int:\n    return cart.add(item)\n",
    "tests/test_cart.py": "from shop.cart import Cart\n\n\ndef test_total():\n    assert Cart(None).total() == 0\n",
}
EDITS = (
    ("shop/cart.py", "    return sum", "    self.stock.\n        return sum"),
    ("shop/cart.py", "from shop.base import Holder\n", "from shop.base import Holder\nfrom shop.desk import sell\n"),
    ("shop/cart.py", "Holder)", "object)"),
    ("shop/cart.py", "def add(self, item: Item)", "def add(self, item: Item, times: int = 1)"),
    ("shop/item.py", "def left", "def remains"),
    ("shop/item.py", "price", "cost"),
    ("shop/base.py", "def empty(self)", "def empty(self, now: bool = True)"),
    ("shop/desk.py", "cart.add(item)", "cart.total()"),
    ("tests/test_cart.py", "def test_total", "def test_sum"),
    ("tests/test_add.py", "", "from shop.cart import Cart\n\n\ndef test_add():\n    Cart(None).add(1)\n"),
    ("tests/test_cart.py", "*", ""),
)


class Memory:
    """A workspace without a disk."""

    name = "memory"

    def __init__(self) -> None:
        self.contents = {"shop/cart.py": CART, **OTHERS}

    def read(self, path: str, /) -> str | None:
        return self.contents.get(path)

    def files(self) -> Iterable[str]:
        return sorted(self.contents)

    def edit(self, path: str, old: str, new: str) -> None:
        if old == "*":
            self.contents.pop(path, None)
        elif not old:
            self.contents[path] = new
        elif path in self.contents:
            self.contents[path] = self.contents[path].replace(old, new)


def _answers(workspace: Memory, index: Index) -> list[object]:
    syntax = parse(Text.of(workspace.contents["shop/cart.py"]), "python")
    found: list[object] = []
    for kind in sorted(WEIGHTS):
        at = syntax.text.content.index("return s")
        target = targets_at(syntax, Span(at, at))[0]
        request = SliceRequest(kind, syntax, "shop/cart.py", target, workspace, 400, index=index, cursor=at)
        found += [build_slice(request), build_context(request)] if kind == "complete" else [build_slice(request)]
    return found


@settings(max_examples=20, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(EDITS), min_size=1, max_size=6))
def test_answers_after_edits_are_those_of_an_index_made_anew(edits: list[tuple[str, str, str]]) -> None:
    workspace = Memory()
    index = Index(workspace)
    _answers(workspace, index)
    for path, old, new in edits:
        workspace.edit(path, old, new)
        index.update(path)
        assert _answers(workspace, index) == _answers(workspace, Index(workspace))


PATHS = [
    f"{folder}{name}"
    for folder in ("", "shop/", "shop/tests/", "tests/", "tests/shop/")
    for name in ("cart.py", "test_cart.py", "cart_test.go", "test_item.py", "notes.md", "conftest.py", "item.test.ts")
]


@pytest.mark.parametrize("few", [0, 3, 1000])
@settings(max_examples=60, deadline=None, derandomize=True)
@given(listings=st.lists(st.sets(st.sampled_from(PATHS)), max_size=6))
def test_test_files_are_followed_as_they_come_and_go(few: int, listings: list[set[str]]) -> None:
    kept = test_links.TestFiles(few)
    for paths in listings:
        ordered = tuple(sorted(paths, key=in_order))
        kept.follow(ordered)
        anew = test_links.TestFiles()
        anew.follow(ordered)
        assert (kept.by_stem, kept.by_folder) == (anew.by_stem, anew.by_folder)
        assert list(kept.among(PATHS)) == list(anew.among(PATHS))


def test_of_too_many_files_those_that_name_the_class_are_looked_at_then_near_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
        --- shop/cart.py
        class Cart:
            def stow(self):
                $0return 1
        --- shop/near.py
        def near(box):
            return box.stow()
        --- a/b/other.py
        def other(box):
            return box.stow()
        --- z/y/far.py
        from shop.cart import Cart

        def far():
            return Cart().stow()
    """
    whole = called_from(scene_at(tmp_path / "all", text))
    assert {one.partition(":")[0] for one in whole} >= {"z/y/far.py", "shop/near.py", "a/b/other.py"}
    monkeypatch.setattr(callers, "CONSIDERED", 2)
    some = {one.partition(":")[0] for one in called_from(scene_at(tmp_path / "some", text))}
    assert "z/y/far.py" in some
    assert "a/b/other.py" not in some
