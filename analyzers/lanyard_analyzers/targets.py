"""Targets: the function, method, class, selection or file that a task is about.

Owns finding them at a cursor and by name, their qualified names, and what the syntax says of their complexity. What
counts as a definition is said in the query files; nothing here knows a language.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from lanyard_analyzers._definitions import Definition, definitions
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.syntax import Syntax
from lanyard_analyzers.text import Span

Complexity = Literal["simple", "moderate", "complex"]

# McCabe's limit for a module is 10 paths (A Complexity Measure, IEEE TSE 1976); NIST SP 500-235 gives 10 as the
# usual limit and 15 as the most that is worth a deviation. Below half the limit a small model does well.
SIMPLE_PATHS, MODERATE_PATHS = 5, 15
# Lines: about what a screen shows, and pylint's `max-statements` (50) times two.
SIMPLE_LINES, MODERATE_LINES = 30, 100
_SIGNATURE_CHARACTERS = 400


class Shape(StrEnum):
    """What kind of thing a target is."""

    FUNCTION = "function"
    METHOD = "method"
    CLASS = "class"
    SELECTION = "selection"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Target:
    """What a task is about.

    `name` is qualified in the language's own way (`Cart.total`, `(*Cart).Total`, `shop::Cart::total`); of a
    selection `lines 3-7` (1-based), of a file the empty string. `span` covers decorators, attributes and leading
    doc comments, starts at the first character that belongs to it and ends without the line end.
    """

    shape: Shape
    name: str
    span: Span
    language: str


def targets_at(syntax: Syntax, selection: Span) -> tuple[Target, ...]:
    """The targets at a selection (empty: a cursor), innermost first; FILE is always there and last.

    A non-empty selection gives SELECTION first, snapped to whole lines and to the definitions that it cuts.
    Works on the draft of the syntax, so that it answers at once in a large file that is being typed in.
    """
    syntax = syntax.draft
    size = len(syntax.text)
    start = max(0, min(selection.start, size))
    selection = Span(start, max(start, min(selection.end, size)))
    touched = definitions(syntax, selection)
    found: list[Target] = []
    snapped = selection
    if syntax.text.slice(selection).strip():
        snapped = _snapped(syntax, selection, touched)
        first = syntax.text.line_of(snapped.start) + 1
        last = syntax.text.line_of(max(snapped.start, snapped.end - 1)) + 1
        name = f"line {first}" if first == last else f"lines {first}-{last}"
        found.append(Target(Shape.SELECTION, name, snapped, syntax.language))
    around = [one for one in touched if one.span.covers(snapped) or one.touches_line_of(syntax.text, snapped)]
    seen_function = False
    for one in sorted(around, key=lambda one: len(one.span)):
        if one.shape != "class":
            if seen_function:
                continue
            seen_function = True
        found.append(_target(syntax, one))
    found.append(file_target(syntax))
    return tuple(found)


def definitions_in(syntax: Syntax) -> tuple[Target, ...]:
    """Every function, method and class of a text, in its order."""
    return tuple(_target(syntax, one) for one in definitions(syntax))


def find_target(syntax: Syntax, name: str, shape: Shape) -> Target | None:
    """The target of that qualified name and shape (of several, the first with a body); None where there is none.

    A selection is found by its lines, as far as the text still has them.
    """
    if shape is Shape.FILE:
        return file_target(syntax)
    if shape is Shape.SELECTION:
        return _lines_target(syntax, name)
    named = [one for one in definitions(syntax) if one.shape == shape and one.name == name]
    whole = next((one for one in named if one.body is not None), named[0] if named else None)
    return _target(syntax, whole) if whole is not None else None


def file_target(syntax: Syntax) -> Target:
    """The whole text as a target."""
    return Target(Shape.FILE, "", Span(0, len(syntax.text)), syntax.language)


def complexity(syntax: Syntax, target: Target) -> Complexity:
    """How much a target asks of a model, by its paths (branches + 1) and lines; see the constants for the limits."""
    branches = syntax.captures("branches", target.span).get("branch", ())
    paths = 1 + sum(target.span.covers(syntax.node_span(node)) for node in branches)
    lines = syntax.text.line_of(target.span.end) - syntax.text.line_of(target.span.start) + 1
    if paths <= SIMPLE_PATHS and lines <= SIMPLE_LINES:
        return "simple"
    if paths <= MODERATE_PATHS and lines <= MODERATE_LINES:
        return "moderate"
    return "complex"


def signature(syntax: Syntax, target: Target) -> str:
    """A definition's head on one line, up to its body; the empty string for a selection or a file."""
    for one in definitions(syntax, target.span):
        if one.span == target.span and one.shape == target.shape:
            end = one.body.start if one.body is not None else one.node.end
            comment = LANGUAGES[syntax.language].line_comment
            lines = syntax.text.content[one.node.start : end].splitlines()
            head = " ".join(" ".join(line for line in lines if not line.lstrip().startswith(comment)).split())
            return head.removesuffix("{").removesuffix("=>").rstrip(" =")[:_SIGNATURE_CHARACTERS]
    return ""


def _target(syntax: Syntax, one: Definition) -> Target:
    return Target(Shape(one.shape), one.name, one.span, syntax.language)


def _snapped(syntax: Syntax, selection: Span, touched: tuple[Definition, ...]) -> Span:
    """Whole lines without blank ones at the ends, grown over each definition that the selection cuts across."""
    text = syntax.text
    first, last = text.line_of(selection.start), text.line_of(max(selection.start, selection.end - 1))
    while first < last and not text.line_text(first).strip():
        first += 1
    while last > first and not text.line_text(last).strip():
        last -= 1
    snapped = Span(text.line_span(first).start, text.line_span(last).end)
    for one in sorted(touched, key=lambda one: len(one.span)):
        inside, crosses = one.span.covers(snapped), one.span.overlaps(snapped)
        if crosses and not inside and not snapped.covers(one.span):
            start, end = min(snapped.start, one.span.start), max(snapped.end, one.span.end)
            snapped = Span(text.line_span(text.line_of(start)).start, text.line_span(text.line_of(end)).end)
    return snapped


def _lines_target(syntax: Syntax, name: str) -> Target | None:
    numbers = name.partition(" ")[2].split("-")
    if not all(number.isdecimal() for number in numbers) or len(numbers) > 2:
        return None
    first, last = int(numbers[0]) - 1, int(numbers[-1]) - 1
    if not 0 <= first <= last < syntax.text.line_count:
        return None
    span = Span(syntax.text.line_span(first).start, syntax.text.line_span(last).end)
    return Target(Shape.SELECTION, name, span, syntax.language)


__all__ = [
    "Complexity",
    "Shape",
    "Target",
    "complexity",
    "definitions_in",
    "file_target",
    "find_target",
    "signature",
    "targets_at",
]
