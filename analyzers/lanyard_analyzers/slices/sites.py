"""Where a name stands in the text of a file, and what it is asked of there.

Owns reading the few characters around an occurrence: no tree, because the files of callers are not parsed again.
Everything is bounded, and what cannot be told is said so (`?` as a receiver). Which definition is meant belongs to
`resolve/`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

from lanyard_analyzers._late import late
from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.languages import LANGUAGES

Form = Literal["call", "new", "read"]

_PACKAGE_LINES = 60
LONGEST_LINE = 600
"""Characters; a longer line is generated or minified, and no line to show."""
UNKNOWN = "?"
"""The first part of a chain whose receiver is an expression that is not read (`(a or b).run`)."""
_BACK = 400
_PARTS = 6
_ARGUMENT_LINES = 8
_NEAR = 24
_NESTED = 64
_MOST_SEARCHES = 64
"""Names whose uses are kept with a file."""
_NAMED = frozenset({"function", "method", "class", "type", "namespace"})

_DOT = (".",)
_SCRIPT = ("?.", "!.", ".")
_SEPARATORS: dict[str, tuple[str, ...]] = {
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "rust": ("::", "."),
    "java": ("::", "."),
    "c": ("->", "."),
    "cpp": ("->", "::", "."),
    "csharp": ("?.", "!.", "."),
    "ruby": ("&.", "::", "."),
    "php": ("?->", "->", "::", "\\"),
    "kotlin": ("?.", "!!.", "::", "."),
    "lua": (":", "."),
    "bash": (),
}
_DOLLAR = frozenset({"javascript", "typescript", "tsx", "php"})
_NO_SINGLE = frozenset({"rust"})  # ' opens a lifetime
_OBJECT_KEYS = frozenset({"javascript", "typescript", "tsx"})
_KEYWORD_ARGUMENTS = frozenset({"python", "kotlin", "csharp", "ruby", "php"})

_MADE = late(r"\s*new\s+([\w.\\]+)\s*\(")
"""`(new Cart()).total()`"""


class Occurrence(NamedTuple):
    """A name in a text: its offset and line, the chain that ends in it, how it is used."""

    at: int
    line: int
    parts: tuple[str, ...]
    form: Form


class _Search:
    """The uses of a name in a file that were found so far, and where the search goes on."""

    __slots__ = ("at", "found", "looked", "passive")

    def __init__(self, file: SourceFile, name: str) -> None:
        self.found: list[Occurrence] = []
        self.at = file.text.content.find(name)
        self.looked = 0
        self.passive = _passive_lines(file, name) if self.at >= 0 else frozenset[int]()

    def goes_on(self, file: SourceFile, name: str, most: int) -> bool:
        """Look for one more use; False where there is none."""
        content, text, language = file.text.content, file.text, file.language
        dollar = language in _DOLLAR
        while self.at >= 0 and self.looked < most:
            at, end = self.at, self.at + len(name)
            self.looked += 1
            self.at = content.find(name, end)
            if _in_word(content, at - 1, dollar) or _in_word(content, end, dollar):
                continue
            line = text.line_of(at)
            place = text.line_span(line)
            if line in self.passive or len(place) > LONGEST_LINE or not _is_code(content[place.start : at], language):
                continue
            form = _form(content, at, end, language)
            if form is not None:
                self.found.append(Occurrence(at, line, (*receiver(content, at, language), name), form))
                return True
        return False


def occurrences(file: SourceFile, name: str, most: int) -> Iterator[Occurrence]:
    """Uses of a name, in the order of the text, at most `most`; no definitions, imports, comments or strings.

    What was found in a file is kept with it: a key press in another file does not cost it again.
    """
    searches = _SEARCHES.setdefault(file, {})
    search = searches.get(name)
    if search is None:
        if len(searches) >= _MOST_SEARCHES:
            searches.clear()
        search = searches[name] = _Search(file, name)
    for given in range(most):
        if given >= len(search.found) and not search.goes_on(file, name, most * 20):
            return
        yield search.found[given]


def _in_word(content: str, at: int, dollar: bool) -> bool:
    if not 0 <= at < len(content):
        return False
    character = content[at]
    return character.isalnum() or character == "_" or (dollar and character == "$")


def _passive_lines(file: SourceFile, name: str) -> frozenset[int]:
    """Lines on which the name is no use: imports, its own definitions, documentation."""
    silent = _SILENT.get(file)
    if silent is None:
        silent = _SILENT[file] = _silent_lines(file)
    named = (one for one in file.by_name.get(name, ()) if one.shape in _NAMED)
    own = [_name_line(file, one) for one in named]
    return silent.union(own) if own else silent


def _silent_lines(file: SourceFile) -> frozenset[int]:
    """Lines on which no name is a use."""
    lines: set[int] = set()
    for one in file.record.imports:
        lines.update(range(one.first, min(one.last, one.first + 200) + 1))
    if file.record.package:
        heads = range(min(_PACKAGE_LINES, file.text.line_count))
        lines.update(line for line in heads if file.text.line_text(line).startswith(("package ", "namespace ")))
    for symbol in file.symbols:
        if symbol.doc_first >= 0:
            lines.update(range(symbol.doc_first, min(symbol.doc_last, symbol.doc_first + 400) + 1))
    return frozenset(lines)


def _name_line(file: SourceFile, symbol: Symbol) -> int:
    for line in range(symbol.head, min(symbol.head_end, symbol.head + 6) + 1):
        if symbol.name in file.text.line_text(line):
            return line
    return symbol.head


def _is_code(before: str, language: str) -> bool:
    """Whether what follows the start of a line is code: no comment is open there, and no string."""
    stripped = before.lstrip()
    comment = LANGUAGES[language].line_comment
    if stripped.startswith((comment, "/*", "* ", "*/")) or stripped == "*":
        return False
    if '"' not in before and "'" not in before and "`" not in before and comment not in before:
        return True
    quote, at = "", 0
    templates: list[str] = []
    while at < len(before):
        character = before[at]
        if quote:
            if character == "\\":
                at += 1
            elif character == quote:
                quote = ""
            elif character == "{" and _interpolates(before, at, quote, language):
                templates.append(quote)
                quote = ""
        elif character in '"`' or (character == "'" and language not in _NO_SINGLE):
            quote = character
        elif character == "}" and templates:
            quote = templates.pop()
        elif before.startswith(comment, at) and (comment != "//" or before[at - 1 : at] != ":"):
            return False
        at += 1
    return not quote


def _interpolates(before: str, at: int, quote: str, language: str) -> bool:
    if language == "python":
        opened = before.rfind(quote, 0, at)
        start = before[:opened].rstrip("\"'")
        return start[-1:] in {"f", "F"} or start[-2:-1] in {"f", "F"}
    if language in {"csharp", "rust", "php"}:
        return True
    return before[at - 1 : at] in {"$", "#"}


def _form(content: str, at: int, end: int, language: str) -> Form | None:
    """How a name is used; None where it only names something else (a keyword argument, a key)."""
    after = _skip(content, end, 40)
    following = content[after : after + 3]
    before = content[max(0, at - 40) : at].rstrip()
    attribute = before[-1:] in {".", ">", ":", "\\"}
    if before.endswith("new") and not before[-4:-3].isalnum():
        return "new"
    if following.startswith("(") or (following[:1] == "!" and language == "rust"):
        return "call"
    if before.endswith("<") and language in {"javascript", "tsx"}:
        return "call"
    if following.startswith(("<", "::<")):
        return "call" if _closes_generics(content, after) else "read"
    if following.startswith("?.("):
        return "call"
    if (not attribute and before[-1:] in {"(", ",", "{", ""}) or content[at - 1 : at] == "\n":
        if following[:1] == "=" and following[:2] not in {"==", "=>"} and language in _KEYWORD_ARGUMENTS:
            return None
        if following[:1] == ":" and following[:2] != "::" and language in _OBJECT_KEYS:
            return None
    if language in {"ruby", "bash", "lua", "kotlin"} and not attribute:
        return "call"
    return "read"


def _closes_generics(content: str, at: int) -> bool:
    """Whether `<…>(` follows: type arguments of a call and no comparison."""
    depth = 0
    for place in range(content.find("<", at), min(len(content), at + 120)):
        character = content[place]
        if character == "<":
            depth += 1
        elif character == ">" and content[place - 1] != "=":
            depth -= 1
            if depth == 0:
                return content[place + 1 : place + 2] == "("
        elif character in ";{}\n":
            return False
    return False


def receiver(content: str, at: int, language: str) -> tuple[str, ...]:
    """The parts of the chain before a name at an offset; `UNKNOWN` first where it begins with what is not read."""
    separators = _SEPARATORS.get(language, _DOT)
    dollar = language in _DOLLAR
    parts: list[str] = []
    low = max(0, at - _BACK)
    while len(parts) < _PARTS:
        place = _skip_back(content, at, low)
        separator = next((one for one in separators if content.endswith(one, low, place)), "")
        if not separator or content.endswith((separator * 2, "..."), low, place):
            break
        if separator == "\\" and content[place - 2 : place - 1].isspace():
            break
        place = _skip_back(content, place - len(separator), low)
        called = False
        if place > low and content[place - 1] in ")]":
            while place > low and content[place - 1] == "]":  # an element: of the type that its container names
                opened = _opening(content, place - 1, low)
                if opened is None:
                    return (UNKNOWN, *reversed(parts))
                place = _skip_back(content, opened, low)
            if place > low and content[place - 1] == ")":
                opened = _opening(content, place - 1, low)
                if opened is None:
                    return (UNKNOWN, *reversed(parts))
                called, place = True, _before_generics(content, opened, low)
        start = place
        while start > low and _in_word(content, start - 1, dollar):
            start -= 1
        while language == "ruby" and start < place and content[start - 1 : start] == "@":
            start -= 1
        if start == place:
            made = _MADE.match(content, place + 1, place + 121) if called else None
            if made is not None:
                parts.append(made.group(1).replace("\\", ".").rpartition(".")[2] + "()")
                break
            if separator == "\\" or (separator == "::" and language in {"cpp", "rust", "ruby"}):
                break  # ::name of the outermost namespace
            return (UNKNOWN, *reversed(parts))
        parts.append(content[start:place] + ("()" if called else ""))
        at = start
    else:
        return (UNKNOWN, *reversed(parts))
    return tuple(reversed(parts))


def _skip(content: str, at: int, most: int) -> int:
    stop = min(len(content), at + most)
    while at < stop and content[at] in " \t":
        at += 1
    return at


def _skip_back(content: str, at: int, low: int) -> int:
    while at > low and content[at - 1].isspace():
        at -= 1
    return at


def _opening(content: str, at: int, low: int) -> int | None:
    """The offset of the bracket that the one at `at` closes."""
    depth = 0
    for place in range(at, low - 1, -1):
        character = content[place]
        if character in ")]}":
            depth += 1
        elif character in "([{":
            depth -= 1
            if depth == 0:
                return place
    return None


def _before_generics(content: str, at: int, low: int) -> int:
    """The offset before `<…>` that ends at `at`, or `at`."""
    if at <= low or content[at - 1] != ">":
        return at
    depth = 0
    for place in range(at - 1, max(low, at - 80), -1):
        if content[place] == ">":
            depth += 1
        elif content[place] == "<":
            depth -= 1
            if depth == 0:
                return place - 2 if content[place - 2 : place] == "::" else place
    return at


def lines_of_use(file: SourceFile, use: Occurrence, length: int) -> frozenset[int]:
    """The lines of a use with its arguments; its first line alone where they are many."""
    content, last = file.text.content, use.line
    opened = _skip(content, use.at + length, 40)
    if content[opened : opened + 1] == "(":
        depth = 0
        for place in range(opened, min(len(content), opened + 1200)):
            character = content[place]
            if character in "([{":
                depth += 1
            elif character in ")]}":
                depth -= 1
                if depth == 0:
                    last = file.text.line_of(place)
                    break
    if last - use.line >= _ARGUMENT_LINES:
        last = use.line + 1
    return frozenset(range(use.line, last + 1))


def around(file: SourceFile, line: int) -> Symbol | None:
    """The innermost function or method that a line stands in."""
    firsts = _FIRSTS.get(file)
    if firsts is None:
        firsts = _FIRSTS[file] = [symbol.first for symbol in file.symbols]
    at = last = bisect_right(firsts, line) - 1
    for near in range(last, max(-1, last - _NEAR), -1):  # the later of two that cover a line is the inner one
        symbol = file.symbols[near]
        if line <= symbol.last and symbol.shape in {"function", "method"}:
            return symbol
    for _ in range(_NESTED):
        if at < 0:
            return None
        symbol = file.symbols[at]
        if line <= symbol.last and symbol.shape in {"function", "method"}:
            return symbol
        at = symbol.around if symbol.around < at else -1
    return None


_FIRSTS: WeakKeyDictionary[SourceFile, list[int]] = WeakKeyDictionary()
_SILENT: WeakKeyDictionary[SourceFile, frozenset[int]] = WeakKeyDictionary()
_SEARCHES: WeakKeyDictionary[SourceFile, dict[str, _Search]] = WeakKeyDictionary()
