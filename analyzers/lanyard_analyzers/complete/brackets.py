"""A forgiving scan of brackets, quotes and comments in a piece of code that has no tree yet.

Owns the one scanner that decides whether a half-written suggestion is balanced. It knows a language only by its
quotes and its comment mark, and never fails: a bracket that fits nothing is counted, not refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

OPENERS = {"(": ")", "[": "]", "{": "}"}
CLOSERS = {")": "(", "]": "[", "}": "{"}
QUOTES = "\"'`"

_COMMENTS = {"python": "#", "ruby": r"(?<![^\s;])#", "bash": r"(?<![^\s;])#", "php": "//|#(?!\\[)", "lua": "--"}
_TRIPLE_QUOTED = {"python": ('"""', "'''"), "kotlin": ('"""',), "csharp": ('"""',)}
_SINGLE_QUOTED = frozenset({"python", "javascript", "typescript", "tsx", "ruby", "php", "lua", "bash"})
_LOOSE = frozenset({"bash"})
"""Languages in which a `)` may close nothing (`case x in a)`)."""
_BACKTICKS = frozenset({"javascript", "typescript", "tsx", "go"})


@dataclass(frozen=True, slots=True)
class Open:
    """What is open at a point: brackets, outermost first, and the quote that a string there began with."""

    brackets: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """The result of a scan.

    `end` is what is open at the end, `own` the brackets among it that the scanned piece opened itself, `outer` the
    offsets in the piece that close something opened before it, `in_comment` whether the last line ends in a comment.
    """

    end: Open
    own: str
    outer: tuple[int, ...]
    in_comment: bool


@lru_cache(maxsize=32)
def _tokens(language: str | None) -> re.Pattern[str]:
    comment = _COMMENTS.get(language or "", "//")
    quotes = list(_TRIPLE_QUOTED.get(language or "", ()))
    quotes.append('"')
    if language in _SINGLE_QUOTED:
        quotes.append("'")
    if language in _BACKTICKS:
        quotes.append("`")
    character = r"'(?:\\[^'\n]+|[^\\'\n])'"  # a char literal; a lone ' is a lifetime or an apostrophe
    return re.compile(
        rf"(?P<comment>(?:{comment})[^\n]*)|(?P<quote>{'|'.join(quotes)})|(?P<char>{character})"
        r"|(?P<bracket>[][(){}])"
    )


@lru_cache(maxsize=16)
def _string_end(quote: str) -> re.Pattern[str]:
    # Only these quotes reach over line ends; any other string ends, broken, with its line.
    tail = "" if quote in ('"""', "'''", "`") else r"|\n"
    return re.compile(rf"(?:\\.|(?P<end>{re.escape(quote)}){tail})", re.DOTALL)


def scan(text: str, language: str | None, before: Open | None = None) -> Scan:
    """Scan `text`, which follows a point where `before` was open."""
    given, quote = (before.brackets, before.quote) if before else ("", "")
    own: list[str] = []
    outer: list[int] = []
    string_is_given = bool(quote)
    tokens = _tokens(language)
    at, in_comment = 0, False
    while True:
        if quote:
            at, closed = _skip_string(text, at, quote)
            if closed is None:
                break
            if closed >= 0 and string_is_given:
                outer.append(closed)
            quote, string_is_given = "", False
        token = tokens.search(text, at)
        if token is None:
            break
        at = token.end()
        kind = token.lastgroup
        if kind == "quote":
            quote = token.group()
        elif kind == "comment":
            in_comment = at == len(text)
        elif kind == "bracket" and (own or token.group() != ")" or language not in _LOOSE):
            given = _bracket(token.group(), token.start(), own=own, given=given, outer=outer)
    return Scan(Open(given + "".join(own), quote), "".join(own), tuple(outer), in_comment)


def _bracket(mark: str, at: int, *, own: list[str], given: str, outer: list[int]) -> str:
    """Count one bracket; returns what is left of the brackets given."""
    if mark in OPENERS:
        own.append(mark)
    elif own:
        own.pop()
    else:
        outer.append(at)
        return given[:-1]
    return given


def _skip_string(text: str, at: int, quote: str) -> tuple[int, int | None]:
    """Where scanning goes on after a string, and the offset of its closing quote (-1: broken by a line end)."""
    end = _string_end(quote)
    while True:
        found = end.search(text, at)
        if found is None:
            return len(text), None
        at = found.end()
        if found.group("end"):
            return at, found.start()
        if found.group() == "\n":
            return at, -1
