"""Where a suggestion ends because the model is no longer sure of it.

Owns the choice of that point in a reply that comes token by token. What is not sure is not said: nothing rather than
noise. Knows neither requests nor events.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

Measure = Literal["mean", "whole", "token"]
"""What must not fall below the threshold, of a line from its start to the cut: the mean log-probability of its tokens,
their sum (how probable it is that all of it is right), or the least of them."""

_WORD = re.compile(r"\w")
_NEVER = float("-inf")


@dataclass(slots=True)
class Surety:
    """Takes the tokens of one reply, gives what of it may be shown: whole lines, and the sure beginning of the next.

    A line is settled when it ends. A cut never parts a word. After a line that was cut short nothing is said.
    As long as the first line is word for word the `echo` (see echo.py), it is sure.
    """

    least: float
    measure: Measure = "mean"
    echo: str = ""
    over: bool = False
    _line: str = ""
    _told: list[float] = field(default_factory=list[float])
    _sure: int = 0

    def take(self, piece: str, logprob: float | None) -> str:
        """The next token, and how probable it was (None: not told, so not sure); gives what may be shown now."""
        if self.over or not piece:
            return ""
        head, end, tail = piece.rpartition("\n")
        own, _, _ = head.partition("\n") if end else (piece, "", "")
        if own or not end:
            self._cut(own)
            self._told.append(_NEVER if logprob is None else logprob)
            self._line += own
            if self.measure != "mean" and not self._is_sure():
                return self._settled()
        if not end:
            return ""
        if self._line.strip() and not self._is_sure():
            return self._settled()
        said, self._line, self._sure = self._line + piece[len(own) : len(piece) - len(tail)], tail, 0
        self._told = [] if not tail else [_NEVER if logprob is None else logprob]
        self.echo = ""
        return said

    def end(self, *, limited: bool) -> str:
        """The reply is over: the model ended it or, `limited`, had no tokens left. Gives what is left to show."""
        if not self.over and not (limited and _WORD.match(self._line[-1:])) and self._is_sure():
            self._sure = len(self._line)
        return self._settled()

    def _cut(self, following: str) -> None:
        """Remember that the line can be cut before `following`, where it is sure up to there and no word is parted."""
        if not (_WORD.match(self._line[-1:]) and _WORD.match(following[:1])) and self._is_sure():
            self._sure = len(self._line)

    def _is_sure(self) -> bool:
        told = self._told
        if not told:
            return False
        if self.echo and self.echo.startswith(self._line):
            return True
        value = min(told) if self.measure == "token" else sum(told)
        return (value / len(told) if self.measure == "mean" else value) >= self.least

    def _settled(self) -> str:
        said, self.over = self._line[: self._sure], True
        self._line, self._sure = "", 0
        return said if said.strip() else ""
