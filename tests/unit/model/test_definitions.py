"""What the training data shows of other files: definitions by pattern, and where a stretch of text uses them."""

from __future__ import annotations

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3] / "docs" / "model"))

from definitions import Definitions, definitions

SHOP = """\
LIMIT: int = 3
class Money:
    currency = "EUR"
    def add(
        self, other: Money,
        *, rounded: bool = False
    ) -> Money:
        x = 1
        def inner():
            pass
def shipping(weight): return weight
"""


def file(path, text, project="shop"):
    return {"project": project, "path": path, "text": text}


def test_heads_stand_on_one_line_and_members_under_their_class():
    found = {one.name: one for one in definitions("shop.py", SHOP)}
    assert found["LIMIT"].text == "LIMIT: int = 3"
    assert found["add"].text.startswith("    def add( self, other: Money, *, rounded: bool = False ) -> Money: …")
    assert found["add"].holder == found["Money"]
    assert found["shipping"].holder is None


def test_other_languages_are_found_by_their_words():
    text = "export async function load(a) {\nfunc (r *Row) Scan(x int) error {\npub fn send() {\ninterface Shape {\n"
    assert [one.name for one in definitions("x", text)] == ["load", "Scan", "send", "Shape"]


def test_what_is_marked_is_what_the_chunks_define():
    files = [file("shop.py", SHOP), file("use.py", ""), file("other.py", "def shipping(): ...\n", "elsewhere")]
    text = "total = shipping(Money(3)) + unknown(shipping)\n"
    chunks, spans = Definitions(files).shown("shop", "use.py", text, random.Random(1))
    assert [chunk["path"] for chunk in chunks] == ["shop.py"]
    assert sorted(text[start:end] for start, end in spans) == ["Money", "shipping", "shipping"]
    assert all(name in chunks[0]["text"] for name in ("class Money", "def shipping"))


def test_a_file_that_uses_nothing_of_others_gets_nothing():
    files = [file("shop.py", SHOP), file("use.py", "")]
    assert Definitions(files).shown("shop", "use.py", "print(1)\n", random.Random(1)) == ([], [])
    assert Definitions(files).shown("shop", "shop.py", "shipping(Money(1))\n", random.Random(1)) == ([], [])
