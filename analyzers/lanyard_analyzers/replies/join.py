"""Putting new tests into a test file that exists.

Owns where imports, tests and class members go. A reply that repeats the whole file replaces it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from lanyard_analyzers._definitions import Definition, definitions
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.replies.shape import line_end
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.text import Span, Text

# A file has one of these, and it stays the existing file's.
_ONCE = (
    "package_clause",
    "package_declaration",
    "package_header",
    "file_scoped_namespace_declaration",
    "namespace_definition",
    "declare_statement",
    "php_tag",
)


def joined(code: str, existing: str, language: str) -> tuple[str, str | None]:
    """(the test file with `code` added, None), or ("", why not). `code` has `\\n` line ends."""
    old, new = parse(Text.of(existing), language), parse(Text.of(code), language)
    end = line_end(old.text, existing)
    if _repeats(old, new):
        return (code + "\n").replace("\n", end), None
    imports = [line for line in _imports(new) if line not in set(_imports(old)) and not _bound(line, old)]
    moved = [new.node_span(node) for node in _import_nodes(new)]
    moved += [new.node_span(node) for node in _once(new)]
    if code.startswith("#!"):
        moved.append(new.text.line_span(0))
    same = _same_class(old, new)
    if same is not None:
        theirs, ours = same
        inner = _members(new, theirs, old)
        if not inner.strip():
            return "", "the tests are there already"
        at = _closing(old, ours)
        content = existing[:at].rstrip(" \t\r\n") + "\n\n" + inner + "\n" + existing[at:]
    else:
        content = existing.rstrip(" \t\r\n") + _gap(language) + _without(code, moved).strip("\n") + "\n"
    if imports:
        content = _with_imports(content, old, imports)
    return content.replace("\r\n", "\n").replace("\n", end), None


def _with_imports(content: str, old: Syntax, imports: list[str]) -> str:
    """Import lines after the last one, else after the package clause, else at the beginning."""
    there, clause = _import_nodes(old), _once(old)
    last = (there or clause or [None])[-1]
    at = old.node_span(last).end if last is not None else 0
    head, tail = content[:at].rstrip("\r\n"), content[at:]
    before = "\n" if there else "\n\n" if clause else ""
    after = "" if tail.startswith(("\n", "\r")) else "\n\n"
    return head + before + "\n".join(imports) + after + tail


def _once(syntax: Syntax) -> list[Node]:
    """What a file has once at its top; a namespace with a body is a part of it like any other."""
    return [node for node in syntax.root.children if node.type in _ONCE and node.child_by_field_name("body") is None]


def _gap(language: str) -> str:
    return "\n\n\n" if language == "python" else "\n\n"


def _repeats(old: Syntax, new: Syntax) -> bool:
    """Whether the new code has everything that the old defines or tests, so that it stands for the whole file."""
    had = {one.name for one in definitions(old)} | set(_test_heads(old))
    return bool(had) and had <= {one.name for one in definitions(new)} | set(_test_heads(new))


def _test_heads(syntax: Syntax) -> Iterator[str]:
    for node in syntax.captures("tests").get("test", ()):
        yield syntax.node_text(node).split("\n", 1)[0].strip()


def _import_nodes(syntax: Syntax) -> list[Node]:
    nodes = {node.id: node for node in syntax.captures("imports").get("import", ())}
    top = [node for node in nodes.values() if node.parent is not None and node.parent.id == syntax.root.id]
    return sorted(top, key=lambda node: node.start_byte)


def _imports(syntax: Syntax) -> Iterator[str]:
    """The import statements, one for each source where a statement has several."""
    for node in _import_nodes(syntax):
        specs = [child for child in _below(node) if child.type == "import_spec"]
        if specs:
            yield from (f"import {syntax.node_text(spec).strip()}" for spec in specs)
        else:
            yield syntax.node_text(node).strip()


def _bound(statement: str, old: Syntax) -> bool:
    """Whether the names that an import binds are there already; Go refuses to import a path twice."""
    lone = parse(Text.of(statement), old.language)
    names = {lone.node_text(node) for node in lone.captures("imports").get("import.name", ())}
    there = {old.node_text(node) for node in old.captures("imports").get("import.name", ())}
    return bool(names) and names <= there


def _below(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(one.children)


def _same_class(old: Syntax, new: Syntax) -> tuple[Definition, Definition] | None:
    ours = {one.name: one for one in definitions(old) if one.shape == "class" and one.body is not None}
    for one in definitions(new):
        if one.shape == "class" and one.body is not None and one.name in ours:
            return one, ours[one.name]
    return None


def _members(new: Syntax, theirs: Definition, old: Syntax) -> str:
    """The members of the reply's class that the file's class lacks, at the reply's own indentation."""
    known = {one.name for one in definitions(old)}
    separator = LANGUAGES[new.language].separator
    depth = theirs.name.count(separator) + 1
    parts: list[str] = []
    for one in definitions(new, theirs.span):
        if one.name in known or one.span == theirs.span or one.name.count(separator) != depth:
            continue
        line = new.text.line_span(new.text.line_of(one.span.start)).start
        parts.append(new.text.content[line : one.span.end])
    return "\n\n".join(parts)


def _closing(old: Syntax, ours: Definition) -> int:
    """Before the bracket that closes a class, or after a class that has none."""
    body = ours.body or ours.span
    content = old.text.content
    if content[body.end - 1 : body.end] != "}":
        return body.end
    line = old.text.line_span(old.text.line_of(body.end - 1))
    return line.start if not content[line.start : body.end - 1].strip() else body.end - 1


def _without(code: str, spans: list[Span]) -> str:
    for span in sorted(spans, key=lambda span: -span.start):
        code = code[: span.start] + code[span.end :].removeprefix("\n")
    return code
