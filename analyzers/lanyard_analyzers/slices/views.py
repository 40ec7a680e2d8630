"""Which lines of a file show a symbol, at each tier.

Owns the cut from a whole definition down to its head. A view is a set of line numbers of the file: views of one file
can be laid over each other, and every line shown is a line of the source.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.slices.outline import Outline, Symbol

Lines = frozenset[int]

_SHORT = 3
_MANY_FIELDS = 24
_MANY_METHODS = 10
_HEAD_LINES = 12
_FIELD_LINES = 4
_CONSTRUCTORS = frozenset({"__init__", "constructor", "new", "__new__", "__post_init__"})
_STRING_QUOTES = ('"""', "'''")


def verbatim(symbol: Symbol) -> Lines:
    """All of it."""
    return frozenset(range(symbol.first, symbol.last + 1))


def signature(outline: Outline, symbol: Symbol) -> Lines:
    """Decorators, the first line of its documentation, the head, and the closing line."""
    if symbol.size <= _SHORT:
        return verbatim(symbol) | implementation(outline, symbol)
    lines = set(_lead(outline, symbol)) | implementation(outline, symbol)
    if symbol.body is None:
        return frozenset(lines | set(range(symbol.head, min(symbol.last, symbol.head + _HEAD_LINES) + 1)))
    begin = max(_head_of(outline, symbol), symbol.head)
    lines |= set(range(symbol.head, min(begin, symbol.head + _HEAD_LINES) + 1))
    if LANGUAGES[outline.language].documentation == "inside":
        lines |= _docstring(outline, symbol.body)
    lines |= closing(outline, symbol)
    return frozenset(lines)


def closing(outline: Outline, symbol: Symbol) -> set[int]:
    """The line that closes its body, where the language has one."""
    text = outline.line(symbol.last).lstrip()
    return {symbol.last} if text.startswith(("}", ")", "]")) else set()


def header(outline: Outline, symbol: Symbol, used: Collection[str]) -> Lines:
    """A class with its fields and constructor, and the signatures of those methods that are in `used`."""
    if symbol.shape != "class":
        return signature(outline, symbol)
    fields = outline.members.get(symbol.qualified, ())
    methods = outline.owned(symbol.qualified)
    if symbol.size <= _SHORT * 4 and not any(one.first >= symbol.first for one in methods):
        return verbatim(symbol)
    lines = set(signature(outline, symbol))
    constructors = [one for one in methods if is_constructor(one)]
    for one in constructors[:3]:
        lines |= signature(outline, one)
    others = [one for one in methods if one not in constructors]
    shown = 0
    chosen = fields if len(fields) <= _MANY_FIELDS else [one for one in fields if one[0] in used] or fields[:8]
    for _, first, last in chosen:
        local = next((one for one in others if one.first <= first <= one.last), None)
        if local is None and shown < _MANY_FIELDS:
            lines |= set(range(first, min(last, first + _FIELD_LINES) + 1))
            shown += 1
    for one in others:
        if one.name in used:
            lines |= signature(outline, one)
    return frozenset(lines)


def full_outline(outline: Outline, symbol: Symbol, used: Collection[str]) -> Lines:
    """The header with the heads of all its methods; the header alone where they are more than `_MANY_METHODS`."""
    lines = set(header(outline, symbol, used))
    methods = outline.owned(symbol.qualified)
    for one in methods if len(methods) <= _MANY_METHODS else ():
        lines |= set(range(one.head, min(_head_of(outline, one), one.head + _HEAD_LINES) + 1))
        lines |= closing(outline, one) | implementation(outline, one)
    return frozenset(lines)


def implementation(outline: Outline, symbol: Symbol) -> Lines:
    """The `impl` line around a method that does not stand inside its type, and the line that closes it."""
    if outline.language != "rust" or not symbol.owner:
        return frozenset()
    owner = outline.by_qualified.get(symbol.owner)
    if owner is not None and owner.first <= symbol.first <= owner.last:
        return frozenset()
    for line in range(symbol.first - 1, -1, -1):
        text = outline.line(line)
        if text.lstrip().startswith(("impl", "unsafe impl")) and len(text) - len(text.lstrip()) == 0:
            end = next((n for n in range(symbol.last + 1, outline.text.line_count) if _is_end(outline, n)), line)
            return frozenset({line, end})
    return frozenset()


def _is_end(outline: Outline, line: int) -> bool:
    return outline.line(line).startswith("}")


def is_constructor(symbol: Symbol) -> bool:
    """Whether a method makes its class's instances."""
    return symbol.name in _CONSTRUCTORS or (bool(symbol.owner) and symbol.name == _last(symbol.owner))


def around(outline: Outline, lines: Iterable[int], margin: int = 1) -> Lines:
    """Lines with their neighbours."""
    limit = outline.text.line_count
    return frozenset(near for line in lines for near in range(line - margin, line + margin + 1) if 0 <= near < limit)


def documentation(outline: Outline) -> set[int]:
    """The lines of all documentation that stands inside definitions."""
    lines: set[int] = set()
    if LANGUAGES[outline.language].documentation != "inside":
        return lines
    for symbol in outline.symbols:
        if symbol.body is not None:
            shown = _docstring(outline, symbol.body)
            if shown:
                lines |= set(range(symbol.body[0], _closing_quotes(outline, symbol.body) + 1))
    return lines


def _last(qualified: str) -> str:
    return qualified.rpartition(".")[2].rpartition("::")[2]


def _head_of(outline: Outline, symbol: Symbol) -> int:
    """The last line of the head: where the body opens, or the line before."""
    if symbol.body is None:
        return symbol.head
    begin = symbol.body[0]
    if begin <= symbol.head:
        return symbol.head
    opens = outline.line(begin).lstrip()
    same_line = symbol.body[0] == symbol.body[1] or opens.startswith("{") or opens.rstrip().endswith("{")
    return begin if same_line else begin - 1


def _lead(outline: Outline, symbol: Symbol) -> Iterable[int]:
    """The lines before the head: all where they are few, else decorators and the start of the documentation."""
    before = range(symbol.first, symbol.head)
    if len(before) <= _SHORT:
        return before
    row = LANGUAGES[outline.language]
    comments = (row.line_comment, *(("/*", "*") if row.block_comment else ()))
    texts = {number: outline.line(number).strip() for number in before}
    notes = [number for number in before if texts[number].startswith(comments)]
    code = [number for number in before if number not in set(notes) and texts[number]][:_FIELD_LINES]
    if not notes:
        return code
    if not texts[notes[0]].startswith("/*"):
        return sorted([notes[0], *code])
    says = next((number for number in notes if any(c.isalnum() for c in texts[number])), notes[0])
    ends = next((number for number in notes if texts[number].endswith("*/")), notes[-1])
    return sorted({notes[0], says, ends, *code})


def _docstring(outline: Outline, body: tuple[int, int]) -> set[int]:
    """The first line that a docstring says, with the lines of its quotes."""
    first = outline.line(body[0]).strip().lstrip("rRuUbB")
    quotes = first[:3]
    if quotes not in _STRING_QUOTES:
        return {body[0]} if first[:1] in {'"', "'"} else set()
    if len(first) > 3 and first.endswith(quotes):
        return {body[0]}
    number = _closing_quotes(outline, body)
    if outline.line(number).strip() != quotes:
        return set()
    return ({body[0]} if len(first) > 3 else {body[0], body[0] + 1}) | {number}


def _closing_quotes(outline: Outline, body: tuple[int, int]) -> int:
    """The line on which the docstring at the start of a body ends."""
    first = outline.line(body[0]).strip().lstrip("rRuUbB")
    quotes = first[:3]
    if quotes not in _STRING_QUOTES or (len(first) > 3 and first.endswith(quotes)):
        return body[0]
    for number in range(body[0] + 1, min(body[1], body[0] + 400) + 1):
        if outline.line(number).rstrip().endswith(quotes):
            return number
    return body[0]
