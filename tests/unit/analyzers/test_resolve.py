"""What names mean: one small workspace a test, told as `path: text`, and the definitions that a chain leads to."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.resolve import Place, Resolver
from lanyard_analyzers.resolve.texts import chains_in_value, names_in_type
from lanyard_analyzers.syntax import parse
from lanyard_analyzers.text import Text
from lanyard_analyzers.workspace import DiskWorkspace

SHOP: Mapping[str, str] = {
    "shop/__init__.py": "from .cart import Cart as Basket\nfrom .util import *\n",
    "shop/base.py": "class Base:\n    def size(self) -> int: ...\n    def pay(self): ...\n",
    "shop/cart.py": """\
from __future__ import annotations

from . import util
from .base import Base


class Owner:
    @property
    def home(self) -> Address: ...

    def name(self): ...


class Address:
    def street(self): ...


class Cart(Base):
    def __init__(self, owner: Owner, items=None):
        self.owner = owner
        self.items = items or []
        self.spare = Address()

    def total(self):
        return util.add(self.size(), 1)

    def pay(self):
        super().pay()

    def copy(self) -> Cart: ...

    @classmethod
    def make(cls):
        return cls(None)
""",
    "shop/util.py": "__all__ = ['add']\n\ndef add(a, b): ...\n\ndef hidden(): ...\n",
    "app.py": """\
import shop
import shop.util as tools
from shop import Basket, add
from shop.cart import Address, Owner


def main(owner: Owner | None, places: list[Address], unknown):
    cart = Basket(owner)
    cart.total()
    copied = cart.copy().copy()
    for place in places:
        place.street()
    with opened() as other:
        other.pay()
    unknown.street()


def opened() -> "Basket":
    return Basket(None)


def built():
    made = Basket.make()
    return made


def documented(cart):
    \"\"\"Do it.

    :type cart: shop.Basket
    :rtype: Owner
    \"\"\"
    cart.size()
""",
}


def _resolver(root: Path, files: Mapping[str, str]) -> tuple[Resolver, Index]:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    index = Index(DiskWorkspace(root))
    return Resolver(index), index


def _line(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.split("\n")) if part in line)


@pytest.mark.parametrize(
    ("path", "at", "chain", "expected"),
    [
        ("app.py", "cart = ", "Basket", "shop/cart.py Cart"),
        ("app.py", "cart = ", "add", "shop/util.py add"),
        ("app.py", "cart = ", "tools.add", "shop/util.py add"),
        ("app.py", "cart = ", "shop.util.add", "shop/util.py add"),
        ("app.py", "cart = ", "shop.cart.Owner", "shop/cart.py Owner"),
        ("app.py", "cart = ", "shop.hidden", None),
        ("app.py", "cart = ", "tools.hidden", "shop/util.py hidden"),
        ("app.py", "cart = ", "owner.name", "shop/cart.py Owner.name"),
        ("app.py", "cart = ", "owner.home.street", "shop/cart.py Address.street"),
        ("app.py", "cart = ", "cart.total", "shop/cart.py Cart.total"),
        ("app.py", "cart = ", "cart.size", "shop/base.py Base.size"),
        ("app.py", "cart = ", "cart.owner.name", "shop/cart.py Owner.name"),
        ("app.py", "cart = ", "cart.spare.street", "shop/cart.py Address.street"),
        ("app.py", "cart = ", "copied.total", "shop/cart.py Cart.total"),
        ("app.py", "cart = ", "Basket().copy().pay", "shop/cart.py Cart.pay"),
        ("app.py", "cart = ", "Basket.make().pay", "shop/cart.py Cart.pay"),
        ("app.py", "cart = ", "built().pay", "shop/cart.py Cart.pay"),
        ("app.py", "cart = ", "place.street", "shop/cart.py Address.street"),
        ("app.py", "cart = ", "other.pay", "shop/cart.py Cart.pay"),
        ("app.py", "cart = ", "unknown.street", None),
        ("app.py", "cart.size", "cart.size", "shop/base.py Base.size"),
        ("app.py", "cart = ", "documented().name", "shop/cart.py Owner.name"),
        ("shop/cart.py", "self.size", "self.size", "shop/base.py Base.size"),
        ("shop/cart.py", "self.size", "self.owner.home", "shop/cart.py Owner.home"),
        ("shop/cart.py", "super()", "super().pay", "shop/base.py Base.pay"),
        ("shop/cart.py", "self.size", "util.add", "shop/util.py add"),
        ("shop/cart.py", "self.size", "total", None),
    ],
)
def test_a_chain_leads_to_its_definition(path: str, at: str, chain: str, expected: str | None, tmp_path: Path) -> None:
    resolver, _ = _resolver(tmp_path, SHOP)
    links = resolver.chain(path, _line(SHOP[path], at), chain.split("."))
    found = [f"{link.place.path} {link.place.symbol.qualified}" for link in links]
    assert found[:1] == ([expected] if expected is not None else [])


def test_what_is_further_away_is_less_certain(tmp_path: Path) -> None:
    resolver, _ = _resolver(tmp_path, SHOP)
    line = _line(SHOP["app.py"], "cart = ")
    own = resolver.chain("app.py", line, ("cart", "total"))[0]
    inherited = resolver.chain("app.py", line, ("cart", "size"))[0]
    assert (own.via, inherited.via) == ("member", "base")
    assert own.certainty > inherited.certainty > 0.5


def test_an_untyped_value_is_guessed_by_what_is_asked_of_it(tmp_path: Path) -> None:
    resolver, _ = _resolver(tmp_path, SHOP)
    guessed = resolver.having({"total", "copy", "size"})
    assert [link.place.symbol.name for link in guessed] == ["Cart"]
    assert {link.via for link in guessed} == {"guess"}
    assert all(link.certainty < 1 for link in guessed)
    assert resolver.having({"total", "street"}) == ()


def test_modules_are_values(tmp_path: Path) -> None:
    resolver, _ = _resolver(tmp_path, SHOP)
    assert resolver.modules("app.py", 8, ("tools",)) == ("shop/util.py",)
    assert resolver.modules("app.py", 8, ("shop", "cart")) == ("shop/cart.py",)
    assert resolver.modules("app.py", 8, ("Basket",)) == ()


def test_a_caller_is_told_from_a_namesake(tmp_path: Path) -> None:
    files = {
        "one.py": "class One:\n    def run(self): ...\n",
        "two.py": "class Two:\n    def run(self): ...\n",
        "app.py": "from one import One\n\ndef f(two):\n    One().run()\n    two.run()\n",
    }
    resolver, _ = _resolver(tmp_path, files)
    target = resolver.chain("app.py", 3, ("One()", "run"))[0].place
    assert resolver.leads_to("app.py", 3, ("One()", "run"), target) == 1.0
    assert resolver.leads_to("app.py", 4, ("two", "run"), target) < 0.5


def test_cycles_end(tmp_path: Path) -> None:
    files = {
        "a.py": "from b import *\nfrom b import x as y\nclass A(B): ...\nclass B(A): ...\n",
        "b.py": "from a import *\nfrom a import y as x\ndef f(p):\n    p = q\n    q = p\n    q.run()\n",
    }
    resolver, _ = _resolver(tmp_path, files)
    assert resolver.chain("a.py", 3, ("y",)) == ()
    assert resolver.chain("a.py", 3, ("nothing",)) == ()
    assert resolver.chain("b.py", 5, ("q", "run")) == ()
    place = resolver.chain("a.py", 3, ("A",))[0].place
    assert [link.place.symbol.name for link in resolver.all_bases(place)] == ["B"]


def test_a_change_of_one_file_is_seen_and_forgets_nothing_else(tmp_path: Path) -> None:
    resolver, index = _resolver(tmp_path, SHOP)
    line = _line(SHOP["app.py"], "cart = ")
    assert resolver.chain("app.py", line, ("cart", "total"))
    changed = SHOP["shop/cart.py"].replace("def total", "def amount")
    index.put("shop/cart.py", parse(Text.of(changed), "python"))
    resolver.refresh()
    assert resolver.chain("app.py", line, ("cart", "total")) == ()
    assert resolver.chain("app.py", line, ("cart", "amount"))
    assert resolver.chain("app.py", line, ("cart", "size"))


def test_the_order_of_questions_does_not_matter(tmp_path: Path) -> None:
    line = _line(SHOP["app.py"], "cart = ")
    chains = [("cart", "size"), ("copied", "total"), ("owner", "home", "street"), ("built()", "pay")]
    forward, _ = _resolver(tmp_path, SHOP)
    backward, _ = _resolver(tmp_path, SHOP)
    ahead = [forward.chain("app.py", line, chain) for chain in chains]
    back = [backward.chain("app.py", line, chain) for chain in reversed(chains)]
    assert ahead == back[::-1]


def test_a_large_class_has_all_its_members(tmp_path: Path) -> None:
    body = "".join(f"    def m{number}(self): ...\n" for number in range(200))
    resolver, index = _resolver(tmp_path, {"a.py": f"class A:\n{body}\ndef f(a: A): ...\n"})
    line = 202
    assert resolver.chain("a.py", line, ("a", "m199"))
    place = Place("a.py", index.symbols("a.py")[0])
    assert len(resolver.members(place)) == 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("await shop.make(1).cart or Cart()", [("shop", "make()", "cart"), ("Cart()",)]),
        ("a if b else C(1)", [("a",), ("C()",)]),
        ("new Foo(a, b)", [("Foo()",)]),
        ("foo[0].bar()", [("foo", "bar()")]),
        ("Foo(a,", [("Foo()",)]),
        ("x + y", []),
        ("1", []),
        ("None", []),
    ],
)
def test_values_are_read_as_chains(text: str, expected: list[tuple[str, ...]]) -> None:
    assert list(chains_in_value(text)) == expected


def test_types_are_read_as_names() -> None:
    assert ("shop", "Cart") in names_in_type("Optional[dict[str, shop.Cart]]")
    assert names_in_type('"Foo | None"') == (("Foo",),)
    assert names_in_type("Literal['Foo']") == ()
