"""What other kinds ask for: overrides, recent changes, diagnostics, outcomes, neighbours, rules of a class."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from lanyard_analyzers.index import Index
from lanyard_analyzers.slices import build_slice
from lanyard_analyzers.slices.changes import Change, changes_between
from lanyard_analyzers.slices.overrides import overrides
from lanyard_analyzers.slices.weights import WEIGHTS, weights_of
from lanyard_analyzers.text import Text
from unit.analyzers.kinding import gathered, scene_at

CLASSES = """
    --- base.py
    class Shape:
        def area(self) -> int:
            raise NotImplementedError
    --- square.py
    from base import Shape

    class Square(Shape):
        def area(self) -> int:$0
            return 4
    --- more.py
    from square import Square

    class Room(Square):
        def area(self) -> int:
            return 5

    class Attic(Room):
        def area(self) -> int:
            return 6

    class Square2:
        def area(self):
            return "another"
"""


def test_the_same_method_above_and_below_is_shown(tmp_path: Path) -> None:
    found, _ = gathered(scene_at(tmp_path, CLASSES))
    assert found["overridden by the target"] == [
        "base.py: class Shape: | def area(self) -> int: | raise NotImplementedError"
    ]
    assert found["overrides the target"] == [
        "more.py: class Room(Square): | def area(self) -> int: | return 5",
        "more.py: class Attic(Room): | def area(self) -> int: | return 6",
    ]


def test_subclasses_in_sources_come_before_those_in_many_tests(tmp_path: Path) -> None:
    room = "from square import Square\nclass {}(Square):\n    def area(self) -> int: return {}\n"
    tests = "".join(f"--- a/test_{n:02}.py\n{room.format(f'Test{n}', n)}" for n in range(50))
    text = f"{textwrap.dedent(CLASSES)}{tests}--- z/attic.py\n{room.format('Attic', 99)}"
    found, _ = gathered(scene_at(tmp_path, text))
    assert [one.split(" ")[0] for one in found["overrides the target"]] == [
        "more.py:",
        "z/attic.py:",
        "a/test_00.py:",
        "a/test_01.py:",
        "a/test_02.py:",
    ]


def test_of_a_class_that_everything_mentions_few_files_are_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene, looked = scene_at(tmp_path, CLASSES), Counter[str]()
    mentioning = Index.mentioning

    def everywhere(index: Index, word: str) -> Iterator[str]:
        for path in [*mentioning(index, word), *(f"z/m{n}_test.py" for n in range(100_000))]:
            looked[word] += 1
            yield path

    monkeypatch.setattr(Index, "mentioning", everywhere)
    assert len(list(overrides(scene))) == 3
    assert looked["Square"] <= 2_000


def test_a_go_interface_that_asks_for_the_method_is_shown(tmp_path: Path) -> None:
    text = """
        --- cart.go
        package shop
        type Cart struct{}
        func (c *Cart) Total() int {$0
            return 1
        }
        --- api.go
        package shop
        type Summed interface {
            Total() int
        }
    """
    found, _ = gathered(scene_at(tmp_path, text))
    assert found["interface with this method"] == ["api.go: type Summed interface { | Total() int"]


def test_overloads_of_the_target_are_shown(tmp_path: Path) -> None:
    text = """
        --- a.ts
        export function of(a: string): string;
        export function of(a: number): number;
        export function of(a: unknown): unknown {$0
          return a;
        }
    """
    found, _ = gathered(scene_at(tmp_path, text))
    assert [one.partition("(")[2][:9] for one in found["overload of the target"]] == ["a: string", "a: number"]


# Changes


def changes(before: str, now: str) -> list[tuple[int, int, int, int]]:
    return [tuple(one) for one in changes_between(Text.of(before), Text.of(now))]


def test_changes_are_lines_of_both_texts() -> None:
    assert changes("a\nb\nc\n", "a\nb\nc\n") == []
    assert changes("a\nb\nc\n", "a\nx\nc\n") == [(1, 2, 1, 2)]
    assert changes("a\nb\nc\n", "a\nc\n") == [(1, 1, 1, 2)]
    assert changes("a\nc\n", "a\nb\nc\n") == [(1, 2, 1, 1)]
    assert changes("a\nb\nc\nd\ne\n", "x\nb\nc\nd\ny\n") == [(0, 1, 0, 1), (4, 5, 4, 5)]
    assert changes("", "a\n") == [(0, 1, 0, 0)]
    assert changes("a\n", "a") == [(1, 1, 1, 2)]


def test_a_text_that_is_all_new_is_one_change() -> None:
    before = "".join(f"a{n}\n" for n in range(4000))
    now = "".join(f"b{n}\n" for n in range(4000))
    assert changes_between(Text.of(before), Text.of(now)) == (Change(0, 4000, 0, 4000),)


NOW = """
    --- a.py
    import os

    TOP = 2

    def f(a):$0
        b = a
        return b + 1
"""


def test_a_review_says_what_changed_and_keeps_the_numbers_of_lines(tmp_path: Path) -> None:
    before = Text.of("import os\n\nTOP = 1\n\ndef f(a):\n    b = a\n    log(b)\n    return b\n")
    scene = scene_at(tmp_path, NOW, kind="review", before=before)
    found, notes = gathered(scene)
    assert notes == ("changed lately: line 7", "line 7 was:", "-     log(b)", "-     return b")
    assert found["changed lately"] == ["a.py: TOP = 2"]
    made, problems = build_slice(scene.request)
    assert not problems
    assert "# - " in made.text
    shown = [(origin.line, line) for origin, line in zip(made.origins, made.text.split("\n"), strict=False) if origin]
    assert (6, "    return b + 1") in shown


def test_a_secret_that_was_taken_out_does_not_come_back_in_a_note(tmp_path: Path) -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEowIBAAKCAQEA7bq\n" * 8 + "-----END RSA PRIVATE KEY-----"
    before = Text.of(f'import os\n\nTOP = 2\n\ndef f(a):\n    b = """{key}"""\n    return b + 1\n')
    scene = scene_at(tmp_path, NOW, kind="review", before=before)
    _, notes = gathered(scene)
    assert "MIIE" not in "\n".join(notes)
    assert "- (a secret)" in notes
    assert "MIIE" not in build_slice(scene.request)[0].text


def test_only_kinds_that_judge_are_told_of_changes(tmp_path: Path) -> None:
    before = Text.of("def f(a):\n    pass\n")
    for kind in WEIGHTS:
        _, notes = gathered(scene_at(tmp_path / kind, NOW, kind=kind, before=before))
        assert any("changed lately" in note for note in notes) == (kind in {"review", "security"})


# Recent places


def test_recent_places_are_shown_for_a_completion_newest_first(tmp_path: Path) -> None:
    text = """
        --- a.py
        def f(a):$0
            return a
        --- b.py
        X = 1
        Y = 2

        def old(a):
            return 1
        --- c.py
        def new(a):
            return 2
    """
    places = (("c.py", 1), ("b.py", 4), ("c.py", 0), ("a.py", 1), ("gone.py", 3), ("b.py", 99))
    found, _ = gathered(scene_at(tmp_path, text, kind="complete", recent=places))
    assert found["edited lately"] == ["c.py: def new(a): | return 2", "b.py: def old(a): | return 1"]


# Diagnostics

FIX = """
    --- shop/cart.py
    from shop.rates import rate

    def totals(items):
        return items

    def f(cart):$0
        return total(cart) * rate(1)
    --- shop/rates.py
    def rate(n: int) -> int:
        return n
    --- shop/far.py
    class Basket:
        size: int

        def weigh(self, unit: str) -> int:
            return 1
"""


@pytest.mark.parametrize(
    ("message", "why", "first"),
    [
        ('Argument "1" to "rate" has a wrong type', "named by the diagnostic", "shop/rates.py: def rate"),
        ('Name "Basket" is not defined', "has the name in the diagnostic", "shop/far.py: class Basket"),
        ("undefined name 'total'", "has a name like that in the diagnostic", "shop/cart.py: def totals"),
        ("Cannot access member of Basket.weigh", "has the name in the diagnostic", "shop/far.py: class Basket"),
    ],
)
def test_a_diagnostic_leads_to_what_it_names(message: str, why: str, first: str, tmp_path: Path) -> None:
    found, _ = gathered(scene_at(tmp_path, FIX, kind="fix", diagnostic=message))
    assert [one[: len(first)] for one in found[why]] == [first]


def test_a_diagnostic_outside_the_target_shows_its_place(tmp_path: Path) -> None:
    found, _ = gathered(scene_at(tmp_path, FIX, kind="fix", diagnostic="unused import", diagnostic_line=0))
    assert found["place of the diagnostic"][0].startswith("shop/cart.py: from shop.rates import rate")
    found, _ = gathered(scene_at(tmp_path, FIX, kind="fix", diagnostic="", diagnostic_line=10**9))
    assert "place of the diagnostic" not in found


# Manners

MANNERS = '''
    --- shop.py
    from rates import rate

    class Cart:
        limit: int

        def __init__(self, limit):
            self.limit = limit

        def _check_limit(self):
            assert self.limit > 0

        def size(self):
            """How many items there are.

            Never negative.
            """
            return 0

        def total(self):$0
            return rate(self.limit)
    --- rates.py
    def rate(n):
        """The rate.

        Some words between.

        Raises:
            KeyError: for an unknown n.

        Nothing more.
        """
        return n
'''


def test_a_document_task_has_a_neighbour_for_its_style_and_what_callees_raise(tmp_path: Path) -> None:
    found, _ = gathered(scene_at(tmp_path, MANNERS, kind="document"))
    assert found["documented as is usual here"] == [
        'shop.py: def size(self): | """How many items there are. | Never negative. | """'
    ]
    assert found["what the target's callee gives"] == ["rates.py: def rate(n): | Raises: | KeyError: for an unknown n."]


def test_a_review_has_the_rules_of_its_class(tmp_path: Path) -> None:
    found, _ = gathered(scene_at(tmp_path, MANNERS, kind="review"))
    assert found["rule of the target's class"] == [
        "shop.py: class Cart: | def __init__(self, limit): | self.limit = limit",
        "shop.py: class Cart: | def _check_limit(self): | assert self.limit > 0",
    ]


# The table


def test_every_kind_has_a_row_and_another_is_treated_like_explain() -> None:
    kinds = {"review", "test", "refactor", "document", "explain", "fix", "edit", "complete", "security", "optimize"}
    assert set(WEIGHTS) == kinds
    assert weights_of("research") is WEIGHTS["explain"]
