"""The quick way of moving a span agrees with the thorough one wherever it answers."""

from __future__ import annotations

import random

from lanyard_analyzers.replies import rebase
from lanyard_analyzers.text import Edit, Span, Text
from lanyard_server.tasks.moves import Moves

PIECES = ("a\n", "b\n", "a\r\n", "\n", "😀\n", "longer line\n", "x", "\r", "    y = 1\n")


def test_it_agrees_with_rebase_on_random_edits():
    dice = random.Random(5)
    same = 0
    for _ in range(4000):
        base = Text.of("".join(dice.choice(PIECES) for _ in range(dice.randrange(12))))
        start, end = sorted(dice.randrange(len(base) + 1) for _ in range(2))
        new = "".join(dice.choice(PIECES) for _ in range(dice.randrange(3)))
        now = base.replace(Edit(Span(start, end), new))
        place = Span(*sorted(dice.randrange(len(base) + 1) for _ in range(2)))
        moves = Moves.between(base, now)
        assert base.content[: moves.head] == now.content[: moves.head]
        assert moves.tail == 0 or base.content[-moves.tail :] == now.content[-moves.tail :]
        slow, why = rebase((Edit(place, "new"),), base, now)
        quick, quick_why = moves.edits((Edit(place, "new"),))
        if slow is not None:
            assert (quick, quick_why) == (slow, why), (base.content, now.content, place)
            same += 1
        elif quick is not None:  # where the thorough one declines, the quick one may know: same text, same lines around
            found = quick[0].span
            assert now.slice(found) == base.slice(place)
    assert same > 1000


def test_what_was_edited_has_no_place_and_the_reason_is_said():
    base = Text.of("one\ntwo\nthree\n")
    now = Text.of("one\ntwoo\nthree\n")
    moves = Moves.between(base, now)
    assert moves.span(Span(4, 7)) is None
    assert moves.span(Span(0, 3)) == Span(0, 3)
    assert moves.span(Span(8, 13)) == Span(9, 14)
    assert moves.edits((Edit(Span(4, 7), "x"),)) == (None, "the code was edited meanwhile")
