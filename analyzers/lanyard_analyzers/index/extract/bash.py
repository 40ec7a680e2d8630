"""The record of a shell script.

Functions and the variables of the script; what is sourced is an import of everything, by the part of its path that is
written. A test of Bats is a function marked as test.
"""

from __future__ import annotations

import re
from itertools import islice

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import DEEPEST, Found, Siblings
from lanyard_analyzers.index.extract.nodes import words_of
from lanyard_analyzers.index.extract.values import searched
from lanyard_analyzers.index.records import Binding, FileRecord, Import, Symbol
from lanyard_analyzers.syntax import Syntax

_BLOCKS = frozenset(
    {"if_statement", "elif_clause", "else_clause", "list", "compound_statement", "subshell", "case_statement",
     "case_item", "for_statement", "while_statement", "do_group", "redirected_statement", "pipeline", "ERROR"}
)  # fmt: skip
_SOURCES = frozenset({"source", ".", "load", "bats_load_library"})
_SOURCED = re.compile(rb"^[ \t]*(?:source|\.)[ \t]+([^\n;&|#]{1,200})", re.MULTILINE)
_EXPANSIONS = re.compile(r"\$\([^()]*(?:\([^()]*\)[^()]*)*\)|\$\{[^{}]*\}|\$\w+|~")
_DIRECTIVE = re.compile(r"#\s*shellcheck\s+source=([^\s]{1,200})")
_WORDS = re.compile(r"[^\W\d][\w:.-]*[\w]")
_MOST = 60
_WORDS_MOST = 20_000


def extract(syntax: Syntax) -> FileRecord:
    """The record of a shell script."""
    found = Found(syntax, ("comment",))
    _walk(found, found.nodes.root.children, 0, set())
    words = words_of(syntax.text.content)
    dashed = {word for word in _WORDS.findall(syntax.text.content) if not word.isidentifier()}
    if dashed and len(dashed) < _WORDS_MOST:
        words += "".join(f"{word}\n" for word in sorted(dashed))
    return found.record(words)


def _walk(found: Found, children: Siblings, depth: int, known: set[str]) -> None:
    if depth > DEEPEST:
        return
    for at, node in enumerate(children):
        kind = node.type
        if kind == "function_definition":
            _function(found, children, at)
        elif kind == "variable_assignment":
            _variable(found, children, at, node, known)
        elif kind == "declaration_command":
            for one in node.named_children:
                if one.type == "variable_assignment":
                    _variable(found, children, at, one, known)
        elif kind == "command":
            _command(found, children, at)
        elif kind in _BLOCKS:
            _walk(found, node.children, depth + 1, known)


def _function(found: Found, siblings: Siblings, at: int) -> None:
    nodes, node = found.nodes, siblings[at]
    name, body = nodes.text(node.child_by_field_name("name")), node.child_by_field_name("body")
    if not name:
        return
    marks = ("test",) if name.startswith("test") else ("fixture",) if name in {"setup", "teardown"} else ()
    found.add("function", name, siblings, at, body=body, marks=marks)
    if body is None:
        return
    for line, match in islice(searched(found, body, _SOURCED), _MOST):
        source = _path(match[1].decode("utf-8", "ignore").strip())
        if source:
            found.imports.append(Import(line, line, (Binding("*", source, "*"),)))


def _variable(found: Found, siblings: Siblings, at: int, node: Node, known: set[str]) -> None:
    nodes = found.nodes
    name = nodes.text(node.child_by_field_name("name"))
    if name and name not in known and name.isidentifier():
        known.add(name)
        found.add("value", name, siblings, at, value=nodes.whole(node.child_by_field_name("value")))


def _command(found: Found, siblings: Siblings, at: int) -> None:
    nodes, node = found.nodes, siblings[at]
    name = nodes.text(node.child_by_field_name("name"))
    argument = node.child_by_field_name("argument")
    if name in _SOURCES and argument is not None:
        source = _path(nodes.text(argument)) or _directive(found, siblings, at)
        if source:
            found.imports.append(Import(*nodes.lines(node), (Binding("*", source, "*"),)))
    elif name == "@test" and argument is not None:
        _bats(found, siblings, at, nodes.text(argument).strip("\"'"))


def _path(text: str) -> str:
    """The part of a sourced path that is written: `lib/a.sh` of `"$(dirname "$0")/lib/a.sh"`."""
    text = text.strip().strip("\"'")
    rest = _EXPANSIONS.sub("", text).replace('"', "").replace("'", "").strip()
    if any(character in rest for character in "*?<>()$ "):
        return ""
    rest = rest.lstrip("/") if _EXPANSIONS.match(text) else rest
    return "" if rest.strip("./") == "" else rest


def _directive(found: Found, siblings: Siblings, at: int) -> str:
    before = siblings[at - 1] if at > 0 else None
    match = _DIRECTIVE.search(found.nodes.short(before)) if before is not None and before.type == "comment" else None
    return _path(match[1]) if match else ""


def _bats(found: Found, siblings: Siblings, at: int, name: str) -> None:
    """`@test "name" {`, which the grammar reads as a command: to the command `}` that ends it."""
    last, last_node = at, siblings[at]
    for place in range(at + 1, min(len(siblings), at + 400)):
        one = siblings[place]
        if one.type == "command" and found.nodes.text(one) == "}":
            last, last_node = place, one
            break
    first, end = found.nodes.first(siblings[at]), found.nodes.last(last_node)
    body = (first + 1, max(end - 1, first + 1)) if last > at and end - first > 1 else (-1, -1)
    if name:
        found.symbols.append(Symbol("function", name, name, first, end, first, first, *body, marks=("test",)))
