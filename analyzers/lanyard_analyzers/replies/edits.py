"""From a reply to one edit of the target.

Owns choosing, among the readings of a reply, the one that fits the target's place. Whether the edit may be offered is
for `check.py` to say; where no reading fits, the likeliest is given, so that its refusal can name the reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers._definitions import definitions
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.replies.fences import Block, code_blocks
from lanyard_analyzers.replies.problem import Problem
from lanyard_analyzers.replies.shape import placed
from lanyard_analyzers.replies.sound import doubled, new_error, stands_alone
from lanyard_analyzers.replies.tags import with_tag, without_tag
from lanyard_analyzers.syntax import Syntax, parse, reparse
from lanyard_analyzers.targets import Shape, Target, find_target
from lanyard_analyzers.text import Edit, Span, Text

_CODE_SHAPES = (Shape.FUNCTION, Shape.METHOD, Shape.CLASS)
_MAX_READINGS = 12
MAX_CODE = 100_000


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
            return edit, _imports_left_out(blocks, syntax, new)
        if number >= _MAX_READINGS:
            break
    cut = (Problem("the code block has no end, so the answer may be cut off"),) if blocks[0].cut else ()
    return likeliest, cut


def leaf(name: str, language: str) -> str:
    """The last part of a qualified name."""
    return name.rsplit(LANGUAGES[language].separator, 1)[-1]


def _imports_left_out(blocks: list[Block], syntax: Syntax, new: str) -> tuple[Problem, ...]:
    """What the answer imports anew, where it gave more than the target and only that was taken."""
    wanted: dict[str, None] = {}
    for block in blocks[:1]:
        inner = parse(Text.of(with_tag(block.code, syntax.language)), syntax.language)
        for node in inner.captures("imports").get("import", ()):
            statement = " ".join(inner.node_text(node).split())
            if node.parent == inner.root and statement not in " ".join((syntax.text.content + "\n" + new).split()):
                wanted[statement[:80]] = None
    return tuple(Problem(f"the answer also needs {statement}") for statement in list(wanted)[:3])


def _readings(blocks: list[Block], syntax: Syntax, target: Target) -> Iterator[str]:
    for block in blocks:
        whole = target.shape is Shape.FILE
        yield from placed(block.code if whole else without_tag(block.code, syntax.language), syntax, target)
    if target.shape in _CODE_SHAPES:
        for block in blocks:
            for code in _named(block.code, target):
                yield from placed(code, syntax, target)


def _named(code: str, target: Target) -> Iterator[str]:
    """The definitions in `code` that bear the target's name, with the white space before their first line."""
    code = with_tag(code, target.language)
    inner = parse(Text.of(code), target.language)
    if not stands_alone(inner):
        return  # what is taken from a broken whole may lack what was broken
    wanted = leaf(target.name, target.language)
    for one in definitions(inner):
        if leaf(one.name, target.language) == wanted and (one.shape == "class") == (target.shape is Shape.CLASS):
            line = inner.text.line_span(inner.text.line_of(one.span.start)).start
            yield code[line : one.span.end] if not code[line : one.span.start].strip() else inner.text.slice(one.span)


def _fits(syntax: Syntax, target: Target, edit: Edit) -> bool:
    after = reparse(syntax, syntax.text.replace(edit), (edit,))
    if new_error(syntax, after, edit) is not None:
        return False
    if target.shape not in _CODE_SHAPES:
        return True
    now = find_target(after, target.name, target.shape)
    if now is None or doubled(syntax, after):
        return False
    inside = Span(edit.span.start, edit.span.start + len(edit.new))
    return _may_stay(syntax.language, target) or not _loose_imports(after, inside, now.span)


def _may_stay(language: str, target: Target) -> bool:
    """Whether an import beside the target does its work there: a class's body does not lend names to its methods."""
    return LANGUAGES[language].imports == "anywhere" and target.shape is not Shape.METHOD


def _loose_imports(after: Syntax, inside: Span, target: Span) -> bool:
    """Whether the edit holds imports or a package clause outside the target's own span."""
    spans = [after.node_span(node) for node in after.captures("imports", inside).get("import", ())]
    spans += [after.node_span(node) for node in after.root.children if node.type.startswith("package_")]
    return any(inside.covers(span) and not target.covers(span) for span in spans)
