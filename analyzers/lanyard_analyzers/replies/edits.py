"""From a reply to one edit of the target.

Owns choosing, among the readings of a reply, the one that fits the target's place. Whether the edit may be offered is
for `check.py` to say; where no reading fits, the likeliest is given, so that its refusal can name the reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lanyard_analyzers._definitions import definitions
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.replies.fences import Block, code_blocks
from lanyard_analyzers.replies.problem import Problem
from lanyard_analyzers.replies.shape import placed
from lanyard_analyzers.syntax import Syntax, parse, reparse
from lanyard_analyzers.targets import Shape, Target, find_target
from lanyard_analyzers.text import Edit, Text

_CODE_SHAPES = (Shape.FUNCTION, Shape.METHOD, Shape.CLASS)
_MAX_READINGS = 24
MAX_CODE = 200_000


def code_edit(reply: str, syntax: Syntax, target: Target) -> tuple[Edit | None, tuple[Problem, ...]]:
    """The edit that puts the reply's code in the target's place, in the form of that place.

    A reply that holds more than the target (its class, the whole file) gives the target alone, as long as it is there.
    """
    blocks = [block for block in code_blocks(reply, syntax.language) if len(block.code) <= MAX_CODE]
    if not blocks:
        return None, (Problem("the answer holds no code"),)
    likeliest: Edit | None = None
    for number, new in enumerate(_readings(blocks, syntax, target)):
        edit = Edit(target.span, new)
        likeliest = likeliest or edit
        if _fits(syntax, target, edit):
            return edit, ()
        if number >= _MAX_READINGS:
            break
    cut = (Problem("the code block has no end, so the answer may be cut off"),) if blocks[0].cut else ()
    return likeliest, cut


def leaf(name: str, language: str) -> str:
    """The last part of a qualified name."""
    return name.rsplit(LANGUAGES[language].separator, 1)[-1]


def _readings(blocks: list[Block], syntax: Syntax, target: Target) -> Iterator[str]:
    for block in blocks:
        yield from placed(block.code, syntax, target)
    if target.shape in _CODE_SHAPES:
        for block in blocks:
            for code in _named(block.code, target):
                yield from placed(code, syntax, target)


def _named(code: str, target: Target) -> Iterator[str]:
    """The definitions in `code` that bear the target's name, with the white space before their first line."""
    inner = parse(Text.of(code), target.language)
    wanted = leaf(target.name, target.language)
    for one in definitions(inner):
        if leaf(one.name, target.language) == wanted and (one.shape == "class") == (target.shape is Shape.CLASS):
            line = inner.text.line_span(inner.text.line_of(one.span.start)).start
            yield code[line : one.span.end] if not code[line : one.span.start].strip() else inner.text.slice(one.span)


def _fits(syntax: Syntax, target: Target, edit: Edit) -> bool:
    after = reparse(syntax, syntax.text.replace(edit), (edit,))
    if len(after.problems(limit=50)) > len(syntax.problems(limit=50)):
        return False
    if target.shape not in _CODE_SHAPES:
        return True
    return find_target(after, target.name, target.shape) is not None and not doubled(syntax, after)


def doubled(before: Syntax, after: Syntax) -> tuple[str, ...]:
    """Names that `after` defines twice with the same head, and oftener than `before`; overloads differ in theirs."""
    old, new = _heads(before), _heads(after)
    return tuple(name for (name, head), count in new.items() if count > max(1, old[name, head]))


def _heads(syntax: Syntax) -> Counter[tuple[str, str]]:
    content = syntax.text.content
    heads = (
        (one.name, content[one.node.start : one.body.start if one.body else one.node.end])
        for one in definitions(syntax)
    )
    return Counter((name, "".join(head.split())) for name, head in heads)
