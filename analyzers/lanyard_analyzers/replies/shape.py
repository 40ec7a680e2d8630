"""The outer form of code: indentation, line ends, the white space around it.

Owns bringing a reply's code into the form of the place that it goes to. Knows nothing of whether it is right.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from lanyard_analyzers.replies.fences import dedented
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.targets import Shape, Target
from lanyard_analyzers.text import Text

_LINE_END = re.compile(r"\r\n|\r|\n")


def placed(code: str, syntax: Syntax, target: Target) -> Iterator[str]:
    """`code` (with `\\n` line ends) in the form of the target's place; the likeliest reading first.

    Models leave out the indentation of the first line alone, or of all, or of none.
    """
    old = syntax.text.slice(target.span)
    indent = indentation(syntax, target)
    seen: set[str] = set()
    for straight in _straightened(code, indent):
        if not straight or straight in seen:
            continue
        seen.add(straight)
        new = indented(_in_units_of(old, straight), indent, kept=_string_lines(straight, old, target.language))
        if target.shape is Shape.SELECTION:
            new = indent + new
        if target.shape is Shape.FILE and _LINE_END.search(old[-2:]):
            new += "\n"
        yield new.replace("\n", line_end(syntax.text, old))


def indentation(syntax: Syntax, target: Target) -> str:
    """The white space that every line of the target begins with."""
    if target.shape is Shape.FILE:
        return ""
    if target.shape is Shape.SELECTION:
        lines = (line for line in _LINE_END.split(syntax.text.slice(target.span)) if line.strip())
        return min((_margin(line) for line in lines), key=len, default="")
    line = syntax.text.line_span(syntax.text.line_of(target.span.start))
    return _margin(syntax.text.content[line.start : target.span.start] + "x")


def indented(code: str, indent: str, kept: frozenset[int] = frozenset()) -> str:
    """Each line but the first with `indent` before it; not the empty ones, nor those whose numbers are `kept`."""
    first, *rest = code.split("\n")
    return "\n".join((first, *(indent + line if line and n not in kept else line for n, line in enumerate(rest, 1))))


def line_end(text: Text, near: str) -> str:
    """The line end of the text around: the most frequent of the target, else of the whole text, else `\\n`."""
    for content in (near, text.content[:100_000]):
        kinds = Counter(_LINE_END.findall(content))
        if kinds:
            return kinds.most_common(1)[0][0]
    return "\n"


def _straightened(code: str, indent: str) -> tuple[str, ...]:
    """Readings of the code at no indentation: as it stands, and with its first line's indentation put back."""
    lines = code.strip("\n").split("\n")
    margins = [len(_margin(line)) for line in lines[1:] if line.strip()]
    if not indent or _margin(lines[0]) or not margins or min(margins) < len(indent):
        return (dedented(code),)
    put_back = dedented(indent + "\n".join(lines))
    return (put_back, dedented(code)) if min(margins) > len(indent) else (dedented(code), put_back)


def _in_units_of(old: str, code: str) -> str:
    """Tabs where the target is indented by tabs, spaces where it is by spaces."""
    tabs, spaces = (any(line.startswith(kind) for line in _LINE_END.split(old)) for kind in ("\t", "  "))
    if tabs == spaces:
        return code
    lines = code.split("\n")
    margins = [_margin(line) for line in lines]
    if tabs and not any("\t" in margin for margin in margins):
        unit = min((len(margin) for margin in margins if margin), default=0)
        if unit > 1:
            return "\n".join(
                "\t" * (len(m) // unit) + " " * (len(m) % unit) + x[len(m) :]
                for m, x in zip(margins, lines, strict=True)
            )
    if spaces and any("\t" in margin for margin in margins):
        steps = [len(_margin(line)) for line in _LINE_END.split(old) if _margin(line)]
        unit = min((abs(b - a) for a, b in pairwise(steps) if a != b), default=4)
        return "\n".join(m.replace("\t", " " * unit) + x[len(m) :] for m, x in zip(margins, lines, strict=True))
    return code


def _string_lines(code: str, old: str, language: str) -> frozenset[int]:
    """Lines that begin inside a string and stand so in the old code: moving them would change what the string says."""
    lines = code.split("\n")
    known = set(_LINE_END.split(old))
    suspects = [n for n, line in enumerate(lines) if n and line and line in known]
    if not suspects or not any(mark in code for mark in ('"""', "'''", "`", 'R"', '"')):
        return frozenset()
    text = Text.of(code)
    root = parse(text, language).root
    found: set[int] = set()
    for number in suspects:
        byte = len(code[: text.starts[number]].encode("utf-8", "replace"))
        node = root.descendant_for_byte_range(byte, byte)
        while node is not None:
            if ("string" in node.type or "template" in node.type) and node.start_byte < byte:
                found.add(number)
                break
            node = node.parent
    return frozenset(found)


def _margin(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
