"""The variables and functions within the bodies of JavaScript and TypeScript functions, read from their text.

Walking the tree of every body would cost more than parsing does; declarations are found by searching for their
keywords, and the tree is asked only about those that may be functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from lanyard_analyzers.index.extract.javascript_callbacks import add_callback
from lanyard_analyzers.index.extract.javascript_found import Found, balanced
from lanyard_analyzers.index.extract.javascript_members import FUNCTIONS
from lanyard_analyzers.index.records import SHORT, Symbol

MOST = 300
"""Declarations that are kept of one function."""
_DECLARED = re.compile(
    rb"\b(?:const|let|var)[ \t]+(?:"
    rb"([A-Za-z_$][\w$]*)|(\{)([^{}]{1,400})\}|\[[ \t]*([A-Za-z_$][\w$]*)[^\]\n]{0,80}\])"
    rb"|\b(?:function|class)\b[ \t]*\*?[ \t]*([A-Za-z_$][\w$]*)"
    rb"|(=>)|\bfunction\b[ \t]*\*?[ \t]*(\()"
)
_REST = re.compile(
    rb"[ \t]*!?(?::[ \t]*([^=\n;]{1,160}?))?[ \t]*"
    rb"(?:=[ \t\r\n]*([^\n]{1,400})|\b(?:of|in)\b[ \t]*([^\n]{1,200}))?(?:\n|;|$)"
)
_FUNCTION = re.compile(rb"(?:async\b[ \t]*)?(?:function\b|\(|<[A-Za-z]|[\w$]+[ \t]*=>)")
_ITEM = re.compile(r"([A-Za-z_$][\w$]*)(?:\s*:\s*([A-Za-z_$][\w$]*))?\s*(?:=[^,]*)?(?:,|$)")
_FURTHER = re.compile(r"\s*([A-Za-z_$][\w$]*)\s*(?::\s*([^=,\n]{1,160}?))?\s*(?:=\s*([^\n]{1,400}))?(?:,|\n|$)")
_STATEMENT = 600
_LITERAL = re.compile(r"[\d\"'`+\-\[{/!]|(?:true|false|null|undefined)\b")


def add_locals(found: Found, start: int, end: int, around: int) -> None:
    """Add what is declared between two bytes, the body of the symbol `around`."""
    data, count = found.data, 0
    line_of = _Lines(found, start, found.symbols[around].body_first)
    scopes: list[tuple[int, int]] = [(end, around)]
    for match in _DECLARED.finditer(data, start, end):
        at = match.start()
        while scopes[-1][0] <= at:
            scopes.pop()
        count += 1
        if count > MOST:
            return
        line = line_of(at)
        name, braces, items, first, declared, arrow, function = match.groups()
        if arrow is not None or function is not None:
            add_callback(found, at, line, scopes[-1][1])
            continue
        if declared is not None:
            _inner(found, match.start(5), line, scopes)
            continue
        rest = _REST.match(data, match.end(), end)
        type_, value, of = rest.groups() if rest is not None else (None, None, None)
        if (
            name is not None
            and value is not None
            and _FUNCTION.match(value)
            and _inner(found, match.start(1), line, scopes)
        ):
            continue
        text = _value(value if value is not None else of)
        written = type_.decode("utf-8", "ignore").strip()[:SHORT] if type_ else ""
        scope = scopes[-1][1]
        if name is not None:
            found.add_local(name.decode(), line, scope, written, text)
            if value is not None and b"," in value:
                for more, its_type, its_value in _further(data[match.end() : min(end, match.end() + _STATEMENT)]):
                    found.add_local(more, line, scope, its_type, its_value)
        elif first is not None:
            found.add_local(first.decode(), line, scope, written, text)
        elif braces is not None and (text or written):
            source = text or written.partition("<")[0]
            for one in _ITEM.finditer(items.decode("utf-8", "ignore").strip()):
                local = one.group(2) or one.group(1)
                found.add_local(local, line, scope, "", f"{source}.{one.group(1)}"[:SHORT])


def _further(raw: bytes) -> Iterator[tuple[str, str, str]]:
    """(name, type, value) of the declarators after the first one of a statement."""
    text = raw.decode("utf-8", "ignore")
    starts: list[int] = []
    depth, last = 0, ""
    for at, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif depth == 0 and character == ",":
            starts.append(at + 1)
        if depth < 0 or (depth == 0 and (character == ";" or (character == "\n" and last not in ",="))):
            text = text[:at]
            break
        if not character.isspace():
            last = character
    for start in starts[:MOST]:
        match = _FURTHER.match(text, start)
        if match is not None:
            type_, value = (match.group(2) or "").strip(), match.group(3) or ""
            yield (
                match.group(1),
                type_[:SHORT],
                _value(value.partition(",")[0].encode() if "(" not in value else value.encode()),
            )


class _Lines:
    """The lines of bytes that come in their order."""

    def __init__(self, found: Found, byte: int, line: int) -> None:
        self._data = found.data
        self._nodes = found.nodes if b"\r" in found.data else None
        self._byte = byte
        self._line = line

    def __call__(self, byte: int) -> int:
        if self._nodes is not None:
            return self._nodes.line(byte)
        self._line += self._data.count(b"\n", self._byte, byte)
        self._byte = byte
        return self._line


def _value(raw: bytes | None) -> str:
    if raw is None:
        return ""
    text = raw.decode("utf-8", "ignore").strip().rstrip(";{").rstrip()
    return "" if _LITERAL.match(text) else balanced(text)[:SHORT]


def _inner(found: Found, byte: int, line: int, scopes: list[tuple[int, int]]) -> bool:
    """Add a function or class within a function; whether it is one."""
    node: Node | None = found.nodes.root.descendant_for_byte_range(byte, byte + 1)
    name = found.nodes.text(node)
    declaration = node.parent if node is not None else None
    if declaration is None or not name:
        return False
    inner = declaration
    if declaration.type == "variable_declarator":
        value = declaration.child_by_field_name("value")
        if value is None or value.type not in FUNCTIONS:
            return False
        inner = value
    elif declaration.type == "class_declaration":
        found.add_local(name, line, scopes[-1][1], "", "")
        return True
    elif declaration.type not in {"function_declaration", "generator_function_declaration", "function_expression"}:
        return False
    body = inner.child_by_field_name("body")
    first, last = found.nodes.lines(declaration)
    given = found.nodes.short(inner.child_by_field_name("return_type")).removeprefix(":").strip()
    body_first, body_last = found.nodes.lines(body) if body is not None else (-1, -1)
    around = scopes[-1][1]
    outer = found.symbols[around].qualified
    found.symbols.append(
        Symbol(
            "function", name, f"{outer}.{name}", first, last, first, max(first, body_first), body_first, body_last,
            around=around, type=given, params=found.params(inner), marks=("local",),
        )
    )  # fmt: skip
    if body is not None and body.end_byte > byte:
        scopes.append((body.end_byte, len(found.symbols) - 1))
    return True
