"""The record of a Python file: one line of a fixture, one symbol."""

from __future__ import annotations

import pytest

from lanyard_analyzers.index.extract import extract, extract_syntax
from lanyard_analyzers.index.records import SHORT, FileRecord, Symbol
from lanyard_analyzers.syntax import parse, reparse
from lanyard_analyzers.text import Edit, Span, Text

MODULE = '''\
"""Module."""
from __future__ import annotations

import os.path, sys as system
from .store import (  # the store
    Store,
    Key as K,
)
from typing import *

if TYPE_CHECKING:
    from app import App
try:
    import fast
except ImportError:
    fast = None

__all__ = ["Cart", "LIMIT"] + ["run"]
__all__ += ("Alias",)

# How many
# there may be.
LIMIT: int = 3
A = B = make(1)
C, (D, E) = 1, 2
Alias: TypeAlias = dict[str, int]
type Pair[T] = tuple[T, T]
square = lambda x, *rest: x * x


# A cart.
@dataclass(frozen=True)
class Cart(Base[int], mixins.Sized, metaclass=Meta):
    """Holds
    lines."""

    # Its store.
    store: Store = field(
        default=None,
    )
    lines = []

    def __init__(self, app: App, *, size: int = 3, **options: str) -> None:
        # not its documentation
        self.app = app
        self.size, self.rest = size, None
        self.cache: dict[str, Cart] = {}
        if size:
            self.maker = Maker(
                size,
            )
        self.app.other = 1
        text = "self.fake = 1"

    @property
    def total(self) -> int: return 1

    @total.setter
    def total(self, value): self.rest = Rest()

    @classmethod
    @abstractmethod
    async def load(cls, /, path) -> "Cart":
        """One line."""
        import json
        cls.loaded = True

        def inner(x):
            from deep import down
            return x

        class Local:
            kept = 1

    if sys.platform == "win32":
        @staticmethod
        def _here(a, b=1): pass

    class Meta:
        ordering = ["a"]


class TestCart(unittest.TestCase):
    def test_total(self):
        pass


@pytest.fixture()
def cart():
    yield Cart()


@overload
def run(a: int) -> int: ...
'''

SYMBOLS = """\
value fast 15-15 head 15-15 = None
value __all__ 17-17 head 17-17 = ["Cart", "LIMIT"] + ["run"]
value LIMIT 20-22 head 22-22 : int = 3
value A 23-23 head 23-23 = make(1)
value B 23-23 head 23-23 = make(1)
value C 24-24 head 24-24
type Alias 25-25 head 25-25 : dict[str, int] = dict[str, int]
type Pair 26-26 head 26-26 : tuple[T, T] = tuple[T, T]
function square 27-27 head 27-27 body 27-27 (x, rest)
class Cart 30-79 head 32-32 body 33-79 doc 33-34 <Base[int], mixins.Sized>
field Cart.store 36-39 head 37-39 of Cart in Cart : Store = field( default=None, )
field Cart.lines 40-40 head 40-40 of Cart in Cart = []
method Cart.__init__ 42-52 head 42-42 body 43-52 of Cart in Cart : None (self, app: App, size: int, options: str)
field Cart.app 44-44 head 44-44 of Cart in Cart.__init__ : App = app
field Cart.size 45-45 head 45-45 of Cart in Cart.__init__
field Cart.rest 45-45 head 45-45 of Cart in Cart.__init__
field Cart.cache 46-46 head 46-46 of Cart in Cart.__init__ : dict[str, Cart] = {}
field Cart.maker 48-50 head 48-50 of Cart in Cart.__init__ = Maker( size, )
method Cart.total 54-55 head 55-55 body 55-55 of Cart in Cart : int (self) property
method Cart.total 57-58 head 58-58 body 58-58 of Cart in Cart (self, value) property
field Cart.rest 58-58 head 58-58 of Cart in Cart.total = Rest()
method Cart.load 60-72 head 62-62 body 63-72 doc 63-63 of Cart in Cart : "Cart" (cls, path) class abstract async
field Cart.loaded 65-65 head 65-65 of Cart in Cart.load = True
function Cart.load.inner 67-69 head 67-67 body 68-69 in Cart.load (x) local
class Cart.load.Local 71-72 head 71-71 body 72-72 in Cart.load local
field Cart.load.Local.kept 72-72 head 72-72 of Cart.load.Local in Cart.load.Local = 1
method Cart._here 75-76 head 76-76 body 76-76 of Cart in Cart (a, b) static private
class Cart.Meta 78-79 head 78-78 body 79-79 of Cart in Cart
field Cart.Meta.ordering 79-79 head 79-79 of Cart.Meta in Cart.Meta = ["a"]
class TestCart 82-84 head 82-82 body 83-84 <unittest.TestCase> test
method TestCart.test_total 83-84 head 83-83 body 84-84 of TestCart in TestCart (self) test
function cart 87-89 head 88-88 body 89-89 fixture
function run 92-93 head 93-93 body 93-93 : int (a: int) overload
"""

IMPORTS = """\
1-1 annotations=__future__:annotations
3-3 os.path=os.path: system=sys:
4-7 Store=.store:Store K=.store:Key
8-8 *=typing:*
11-11 App=app:App
13-13 fast=fast:
64-64 json=json: in Cart.load
68-68 down=deep:down in Cart.load.inner
"""


def told(record: FileRecord, one: Symbol) -> str:
    parts = [one.shape, one.qualified, f"{one.first}-{one.last}", "head", f"{one.head}-{one.head_end}"]
    parts += ["body", f"{one.body_first}-{one.body_last}"] if one.body_first >= 0 else []
    parts += ["doc", f"{one.doc_first}-{one.doc_last}"] if one.doc_first >= 0 else []
    parts += ["of", one.owner] if one.owner else []
    parts += ["in", record.symbols[one.around].qualified] if one.around >= 0 else []
    parts += [":", one.type] if one.type else []
    parts += ["=", one.value] if one.value else []
    if one.params:
        parts.append("(" + ", ".join(f"{p.name}: {p.type}" if p.type else p.name for p in one.params) + ")")
    parts += [f"<{', '.join(one.bases)}>"] if one.bases else []
    return " ".join([*parts, *one.marks])


def test_symbols() -> None:
    record = extract(MODULE, "python")
    assert "\n".join(told(record, one) for one in record.symbols).splitlines() == SYMBOLS.splitlines()


def test_imports_and_exports() -> None:
    record = extract(MODULE, "python")
    found: list[str] = []
    for one in record.imports:
        bound = " ".join(f"{b.local}={b.source}:{b.name}" for b in one.bindings)
        inside = f" in {record.symbols[one.around].qualified}" if one.around >= 0 else ""
        found.append(f"{one.first}-{one.last} {bound}{inside}")
    assert found == IMPORTS.splitlines()
    assert record.exports == ("Cart", "LIMIT", "run", "Alias")
    assert record.lines == MODULE.count("\n") + 1
    assert record.mentions("TYPE_CHECKING")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_ends_change_nothing(end: str) -> None:
    plain = extract(MODULE, "python")
    assert extract(MODULE.replace("\n", end), "python") == plain


@pytest.mark.parametrize("odd", ["\r", "\f", "\x85", "\u2028", "é", "\x0b"])
def test_lines_are_those_of_the_text(odd: str) -> None:
    content = f"# a{odd}b\n'''x{odd}y'''\ndef f():\n    '''d{odd}oc'''\n    return 1\nX = 1\n"
    text, record = Text.of(content), extract(content, "python")
    lines = [text.line_text(number) for number in range(text.line_count)]
    assert record.lines == len(lines)
    function, value = record.symbols
    assert lines[function.head] == "def f():"
    assert lines[function.doc_first].startswith("    '''d")
    assert lines[function.doc_last].endswith("oc'''")
    assert lines[function.last] == "    return 1"
    assert lines[value.head] == "X = 1"


def test_long_texts_are_cut() -> None:
    wide = "x" * 300
    content = f"A = make_it({wide})\nB = '{wide}'\ndef f(a: '{wide}'): ...\nclass {wide}: ...\n"
    made, literal, function = extract(content, "python").symbols
    assert (made.value, literal.value) == ("make_it(...)", "")
    assert len(function.params[0].type) == SHORT


def test_an_edited_tree_gives_the_record_of_a_fresh_one() -> None:
    syntax = parse(Text.of(MODULE), "python")
    at = MODULE.index("self.app.other")
    edit = Edit(Span(at, at), "self.new: Store = Store()\n        ")
    text = syntax.text.replace(edit)
    record = extract_syntax(reparse(syntax, text, [edit]))
    assert record == extract(text.content, "python")
    assert "Cart.new" in [symbol.qualified for symbol in record.symbols]


BROKEN = [
    "class A:\n    def f(self):\n        x = foo(\n    def g(self): pass\n",
    "def\nclass\nimport\nfrom x import\nX: =\n@\n",
    "def f(a, (b, c), *): pass\nclass (A): pass\n",
    "x = (\n" * 50,
    "\0\x00def f(): pass",
    "class A:\n" + "    if x:\n" * 3 + "def f(",
    "def f():\n" * 500,
    "\ufeffdef f(): pass",
    "self.x = 1\nclass A:\n    self.y = 2\n",
]


@pytest.mark.parametrize("content", [*BROKEN, *(MODULE[:end] for end in range(0, len(MODULE), 97))])
def test_broken_files_give_a_sound_record(content: str) -> None:
    record = extract(content, "python")
    before = 0
    for at, one in enumerate(record.symbols):
        assert 0 <= one.first <= one.head <= one.head_end <= one.last < record.lines
        assert one.body_first == -1 or one.head <= one.body_first <= one.body_last <= one.last
        assert -1 <= one.around < at
        assert one.name
        assert before <= one.first
        before = one.first
