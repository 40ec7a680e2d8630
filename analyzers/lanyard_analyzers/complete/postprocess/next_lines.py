"""Filter: lines that the document already holds below the cursor are not suggested again."""

from __future__ import annotations

from lanyard_analyzers.complete.situation import Situation

_TELLING = 6
"""A line of so many characters, with a letter among them, does not come twice in a row by chance."""


def drop_next_lines(text: str, situation: Situation) -> str:
    """Cut where the suggestion goes over into the lines below the cursor."""
    start = repeats_below(text, situation)
    if start is None:
        start = _tail_below(text, situation)
    return text if start is None else text[:start].removesuffix("\n")


def repeats_below(text: str, situation: Situation) -> int | None:
    """The offset of the first whole line of `text` that equals the next line of the document, if it tells anything."""
    expected = _expected(situation)
    if expected is None:
        return None
    at = 0
    *whole, _ = text.split("\n")
    for number, line in enumerate(whole):
        if _full(line, number, situation) == expected and _tells(expected):
            return at
        at += len(line) + 1
    return None


def _tail_below(text: str, situation: Situation) -> int | None:
    """The offset from which all remaining lines equal the document's next lines, however little each one says."""
    expected = [line.strip() for line in situation.below if line.strip()]
    lines = text.split("\n")
    at = 0
    for number in range(len(lines)):
        rest = [line.strip() for line in lines[number:] if line.strip()]
        if number == 0 and rest:
            rest[0] = _full(lines[0], 0, situation)
        matches = bool(rest) and rest == expected[: len(rest)]
        if matches and (len(rest) > 1 or _tells(rest[0])):
            return at
        at += len(lines[number]) + 1
    return None


def _expected(situation: Situation) -> str | None:
    return situation.below[0].strip() if situation.below else None


def _full(line: str, number: int, situation: Situation) -> str:
    return (situation.before + line if number == 0 else line).strip()


def _tells(line: str) -> bool:
    return len(line) >= _TELLING and any(character.isalpha() for character in line)
