"""Where in a target a quoted line is.

Owns the order of belief: the exact characters, the same but for white space, the one line that is nearly it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

from lanyard_analyzers.text import Span, Text

NOWHERE = "without a place in the code"
EVERYWHERE = "whose quote fits several lines"

_NUMBERED = re.compile(r"^\s*(?:[Ll]ine\s+)?\d{1,6}\s*[:|]\s?")
# Shorter quotes would be found anywhere.
_MIN, _MIN_NEAR = 3, 20
# How many lines are compared for likeness in one reply, over all its quotes.
_MAX_NEAR = 20_000
_NEAR, _MARGIN = 0.9, 0.04


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    content: str
    loose: str


class Anchors:
    """The lines of a target, to find quotes in."""

    def __init__(self, text: Text, span: Span) -> None:
        self.text = text
        self._span = span
        first, last = text.line_of(span.start), text.line_of(span.end)
        contents = ((line, text.line_text(line)) for line in range(first, last + 1))
        self._lines = [_Line(line, content, _loose(content)) for line, content in contents if content.strip()]
        self._near_left = _MAX_NEAR

    def find(self, quote: str, line: int | None) -> Span | str:
        """The span that a quote means, or why there is none. `line` is a hint, 1-based."""
        quoted = [part for part in re.split(r"\r\n|\r|\n", quote[:4000]) if part.strip(" \t`")]
        if not quoted:
            return NOWHERE
        for wanted in dict.fromkeys((quoted[0].strip(), _NUMBERED.sub("", quoted[0]).strip())):
            loose = _loose(wanted)
            for found in (
                [line for line in self._lines if line.content.strip() == wanted],
                [line for line in self._lines if len(wanted) >= _MIN and wanted in line.content],
                [line for line in self._lines if len(loose) >= _MIN and loose in line.loose],
            ):
                if found:
                    return self._choose(found, wanted, line)
        near = self._nearest(_loose(quoted[0]))
        return self._choose([near], quoted[0].strip(), line) if near is not None else NOWHERE

    def _choose(self, found: list[_Line], wanted: str, hint: int | None) -> Span | str:
        if len(found) > 1:
            if hint is None:
                return EVERYWHERE
            # A hint may count from the file's first line or from the target's.
            exact = (hint - 1, self._lines[0].number + hint - 1)
            found = sorted(found, key=lambda line: (line.number not in exact, abs(line.number - exact[0])))
        chosen = found[0]
        at, size = chosen.content.find(wanted), len(wanted)
        if at < 0:
            at, size = len(chosen.content) - len(chosen.content.lstrip()), len(chosen.content.strip())
        start = self.text.line_span(chosen.number).start + at
        begin = max(start, self._span.start)
        return Span(begin, max(begin, min(start + size, self._span.end)))

    def _nearest(self, wanted: str) -> _Line | None:
        """The one line that is nearly the quote, and clearly nearer than any other."""
        if len(wanted) < _MIN_NEAR or self._near_left < 0:
            return None
        self._near_left -= len(self._lines)
        matcher = SequenceMatcher(None, autojunk=False)
        matcher.set_seq2(wanted[:400])
        rated: list[tuple[float, _Line]] = []
        for line in self._lines:
            matcher.set_seq1(line.loose[:400])
            if matcher.real_quick_ratio() >= _NEAR and matcher.quick_ratio() >= _NEAR:
                rated.append((matcher.ratio(), line))
        rated.sort(key=lambda one: -one[0])
        if not rated or rated[0][0] < _NEAR or (len(rated) > 1 and rated[0][0] - rated[1][0] < _MARGIN):
            return None
        return rated[0][1]


def _loose(line: str) -> str:
    """A line without what models change when they quote: white space, back-ticks around, an ellipsis at the end."""
    return "".join(line.strip().strip("`").removesuffix("...").removesuffix("…").split())
