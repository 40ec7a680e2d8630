"""The secrets that are known by where they stand: key blocks, URLs, headers, assignments.

Owns the contexts and the judgement whether a value in them is a secret or a stand-in for one. Linear like `rules`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from lanyard_analyzers._late import late
from lanyard_analyzers.text import Span

Found = tuple[str, Span]

_BEGIN_KEY = late(r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_END_KEY = late(r"-----END (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINES = 200
_ARMOUR = late(r"[A-Za-z0-9+/=]{1,5000}")
_ESCAPED_LINE_END = late(r"\\[nr]")
_PPK = late(r"^Private-Lines: (\d{1,3})$", re.MULTILINE)

_URL = late(r"(?<![\w+.-])[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s:@/?#\"'`<>]{0,100}:([^\s@/\"'`<>]{3,200})@[\w\[$%{-]")
_CONNECTION = late(r"(?i:(?<![a-z])(?:password|pwd|passwd)) ?= ?([^\s;&\"'`,<>()]{4,100})(?=[;&\"'`])")
_HEADER = late(
    r"(?i:authorization|x-api-key|x-auth-token|private-token|x-vault-token)[\"']?[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?"
    r"(?i:(?:bearer|basic|token|apikey)[ \t]{1,4})?([A-Za-z0-9+/_.~=-]{12,4000})(?![\w(])"
)
_SCHEME = late(r"(?<![A-Za-z])(?:Bearer|Basic)[ \t]([A-Za-z0-9+/_.~=-]{16,4000})")
_CURL = late(r"(?<![\w-])(?:-u|--user)[ \t=]{1,4}[\"']?[\w.@-]{1,64}:([^\s\"':]{4,200})")
_OPTION = late(r"(?<![\w-])--?(?:password|passwd|token|api-key|secret)[ \t=]{1,4}[\"']?([^\s\"'`$<>{}()]{6,200})")
_NETRC = late(r"\bmachine\s{1,8}\S{1,200}\s{1,8}login\s{1,8}\S{1,200}\s{1,8}password\s{1,8}(\S{3,200})")

_PASSWORDS = ("password", "pwd", "passwd")
_ON_A_LINE = (
    ("url-password", _URL, 0.0, ("://",)),
    ("connection-string", _CONNECTION, 2.0, _PASSWORDS),
    ("authorization-header", _HEADER, 3.0, ("authorization", "-token", "x-api-key")),
    ("authorization-header", _SCHEME, 3.0, ("bearer", "basic")),
    ("command-password", _CURL, 2.0, ("-u",)),
    ("command-password", _OPTION, 2.5, ("-password", "-passwd", "-token", "-api-key", "-secret")),
)
"""(kind, pattern, bits of a random value, what stands on each line where it can match): no other is looked at."""

_NAME = (
    r"(?:pass(?:word|wd|phrase)|pwd|secret|token|api_?key|access_?key|auth_?key|client_?secret|private_?key|"
    r"encryption_?key|signing_?key|master_?key|credential|connection_?string)"
)
_ANNOTATION = r"(?:[ \t]{0,4}:[ \t]{0,4}[\w<>.\[\]&' ?]{1,40}?)?"
_LITERAL = r"(?:[bru@$]{0,2})(\"[^\"\r\n]{8,500}\"|'[^'\r\n]{8,500}'|`[^`\r\n]{8,500}`)"
_QUOTED = late(
    rf"(?i:{_NAME})(?![a-z])[\w.-]{{0,20}}[\"'\])]{{0,2}}{_ANNOTATION}"
    rf"[ \t]{{0,20}}(?:=>|:=|={{1,3}}|!=|[:,])[ \t]{{0,9}}{_LITERAL}"
)
_BARE = late(
    rf"[ \t]{{0,40}}(?:export |set |ENV |ARG |- )?[\w.-]{{0,40}}(?i:{_NAME})(?![a-z])[\w-]{{0,20}}"
    r"[ \t]{0,4}[=:][ \t]{0,4}([A-Za-z0-9+/_.~!@#$%^&*=-]{10,500})[ \t]{0,20}\r?$"
)
_TWO_DIGITS = late(r"[0-9][^0-9\n]*[0-9]")
_NAME_STEMS = ("pass", "pwd", "secret", "token", "key", "credential", "connection")

_STAND_IN = late(
    r"(?i)^[\W_]*$|[{}<>\[\]()|]|\$[A-Za-z(]|%[sd(]|\.\.\.|(.)\1{4}|x{4}|\*{3}|"
    r"example|sample|dummy|placeholder|changeme|change[_-]me|replace|insert|your[_-]|redacted|lanyard_secret_\d|"
    r"test|fake|mock|foobar|lorem|default|invalid|not[_-]|^(?:pass|password|passwd|pwd|secret|token|user|root|admin|"
    r"postgres|mysql|guest|none|null|true|false|undefined|string|hunter2)\d{0,4}$|0123456|1234567|abcdef|qwerty"
)
_WORDS = late(r"[A-Za-z]+(?:[_\-. :/][A-Za-z]+)*")
_NUMBER_ENDS = late(r"[A-Za-z_.-]+\d{0,2}")


def entropy(value: str) -> float:
    """Shannon entropy in bits for each character."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values()) if size else 0.0


def is_stand_in(value: str) -> bool:
    """Whether a value in a secret's place is plainly a template, a dummy or a common default."""
    return _STAND_IN.search(value) is not None


def _is_random(value: str, bits: float) -> bool:
    """Whether a value looks generated: no words, digits among the letters, and enough entropy."""
    if is_stand_in(value) or any(c.isspace() for c in value) or not value.isascii():
        return False
    if _WORDS.fullmatch(value) or _NUMBER_ENDS.fullmatch(value) or "://" in value or value.startswith(("/", "./", "~")):
        return False
    digits = sum(c.isdigit() for c in value)
    letters = sum(c.isalpha() for c in value)
    return digits >= 2 and letters >= 2 and entropy(value) >= bits


def key_blocks(text: str) -> Iterator[Found]:
    """The lines between BEGIN and END of private keys, one find a line, so that a text keeps its lines.

    A block without its other end (the text was cut) counts as far as its lines look like armour.
    """
    for begin in _BEGIN_KEY.finditer(text):
        yield from _armour(text, begin.end(), "forward")
    for end in _END_KEY.finditer(text):
        yield from _armour(text, end.start(), "backward")
    for ppk in _PPK.finditer(text):
        yield from _armour(text, ppk.end(), "forward")


def _armour(text: str, at: int, way: str) -> Iterator[Found]:
    """Armour on the lines after or before `at`; a line may be a string of a program, and hold escaped line ends."""
    for _ in range(_KEY_LINES):
        if way == "forward":
            stop = text.find("\n", at)
            start, stop = at, len(text) if stop < 0 else stop
        else:
            start, stop = text.rfind("\n", 0, at) + 1, at
        line = text[start : min(stop, start + 20_000)]
        other_end = line.find("-----")
        if other_end >= 0:
            line = line[:other_end] if way == "forward" else line[line.rfind("-----") + 5 :]
        shift = start + (0 if way == "forward" or other_end < 0 else stop - start - len(line))
        plain = _ESCAPED_LINE_END.sub("  ", line)
        runs = [run for run in _ARMOUR.finditer(plain) if len(run.group()) >= 16]
        if not runs:  # the last line of a block is short
            runs = [run for run in _ARMOUR.finditer(plain) if len(run.group()) >= 4 and "=" in run.group()]
        for run in runs:
            yield "private-key", Span(shift + run.start(), shift + run.end())
        foreign = not runs and plain.strip(" \t\r\"'`+,;\\#*/") and ":" not in plain
        if other_end >= 0 or foreign:
            return
        at = stop + 1 if way == "forward" else start - 1
        if not 0 <= at < len(text):
            return


def by_context(text: str, lower: str) -> Iterator[Found]:
    """Secrets by their place in URLs, connection strings, headers, commands and assignments."""
    if "private" in lower:
        yield from key_blocks(text)
    for kind, pattern, bits, literals in _ON_A_LINE:
        for start, end in _lines_with(literals, lower):
            yield from _judged(kind, pattern.finditer(text, start, end), bits)
    if "machine" in lower:
        yield from _judged("netrc", _NETRC.finditer(text), 0.0)
    for start, end in _lines_with(_NAME_STEMS, lower):
        yield from _assignments(text, start, end)


def _assignments(text: str, start: int, end: int) -> Iterator[Found]:
    """Values assigned to a secret's name on one line."""
    if _TWO_DIGITS.search(text, start, end) is None:
        return  # `_is_random` asks for two
    bare = _BARE.match(text, start, end)
    if bare is not None and _is_random(bare.group(1), 3.3):
        yield "assignment", Span(*bare.span(1))
    for match in _QUOTED.finditer(text, start, end):
        value = match.group(1)[1:-1]
        name = match.group()[:12].lower()
        if _is_random(value, 2.7 if "pass" in name or "pwd" in name else 3.0):
            yield "assignment", Span(match.start(1) + 1, match.end(1) - 1)


def _lines_with(words: Sequence[str], lower: str) -> Iterator[tuple[int, int]]:
    """The lines that hold one of the words, each once."""
    next_at = {word: at for word in words if (at := lower.find(word)) >= 0}
    end = 0
    while True:
        next_at = {word: at if at >= end else lower.find(word, end) for word, at in next_at.items() if at >= 0}
        next_at = {word: at for word, at in next_at.items() if at >= 0}
        if not next_at:
            return
        at = min(next_at.values())
        start = lower.rfind("\n", end, at) + 1 or end
        end = lower.find("\n", at)
        if end < 0:
            end = len(lower)
        yield start, end


def _judged(kind: str, matches: Iterable[re.Match[str]], bits: float) -> Iterator[Found]:
    for match in matches:
        value = match.group(1)
        if bits == 0.0:
            if not is_stand_in(value):
                yield kind, Span(*match.span(1))
        elif _is_random(value, bits):
            yield kind, Span(*match.span(1))
