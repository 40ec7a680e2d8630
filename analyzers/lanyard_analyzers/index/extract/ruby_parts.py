"""What the record of a Ruby file is made of: parameters, values, instance variables, what comments say.

Owns everything that needs no walk over definitions; `ruby.py` has the walk.
"""

from __future__ import annotations

import re

import msgspec
from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import Found, Siblings
from lanyard_analyzers.index.extract.ruby_docs import Doc, doc_of
from lanyard_analyzers.index.extract.values import add_field, searched, value_text
from lanyard_analyzers.index.records import Param
from lanyard_analyzers.syntax import Syntax

_FIELDS = re.compile(rb"^[ \t]*(@{1,2}[a-z_]\w*)[ \t]*(?:\|\|)?=(?![=~>])[ \t]*([^\n#]{1,200})", re.MULTILINE)
_MOST_FIELDS = 200


class Scope(msgspec.Struct):
    """What a definition stands in; `owner` is "" in a mere module. `static` and `private` are for what follows."""

    name: str = ""
    owner: str = ""
    index: int = -1
    static: bool = False
    private: bool = False


class RubyFile(Found):
    __slots__ = ("classes", "fields", "mixins")

    def __init__(self, syntax: Syntax) -> None:
        super().__init__(syntax, ("comment",))
        self.mixins: dict[int, list[str]] = {}
        self.classes: dict[str, int] = {}
        self.fields: dict[int, dict[str, None]] = {}


def qualified_name(around: Scope, name: str) -> str:
    """The qualified name of what is defined there."""
    return f"{around.name}::{name}" if around.name and not name.startswith("::") else name.removeprefix("::")


def last_name(qualified: str) -> str:
    """The last part of a qualified name."""
    return qualified.rpartition("::")[2]


def doc_before(found: RubyFile, siblings: Siblings, at: int) -> Doc:
    """What the comment lines before a definition say."""
    texts: list[str] = []
    while at > 0 and siblings[at - 1].type == "comment" and len(texts) < 60:
        at -= 1
        texts.append(found.said(siblings[at].start_byte, min(siblings[at].end_byte, siblings[at].start_byte + 400)))
    return doc_of("\n".join(reversed(texts))) if texts else Doc()


def string_of(found: RubyFile, node: Node) -> str:
    """The content of a plain string, else ""."""
    text = found.nodes.text(node)
    return text[1:-1] if len(text) > 2 and text[0] in "'\"" and "#{" not in text else ""


def value_given(found: RubyFile, body: Node) -> str:
    """The value that a method ends with."""
    last = body
    if body.type == "body_statement":
        statements = [one for one in body.named_children if one.type != "comment"]
        if not statements:
            return ""
        last = statements[-1]
    if last.type in {"return", "operator_assignment", "assignment"} and last.named_children:
        last = last.named_children[-1]
    if last.type == "argument_list" and last.named_child_count == 1:
        last = last.named_children[0]
    if last.type not in {"call", "identifier", "instance_variable", "constant", "scope_resolution"}:
        return ""
    return value_text(found.nodes.whole(last))


def made_of(value: str) -> tuple[str, str]:
    """The type and the value of an assignment, without what stands after them."""
    value = value_text(value)
    if value.endswith((" do", "{")):
        value = value.removesuffix(" do").removesuffix("{").rstrip()
    for word in (" if ", " unless ", " rescue "):
        value = value.partition(word)[0]
    return "", value


def add_instance_variables(found: RubyFile, body: Node | None, params: tuple[Param, ...], around: Scope) -> None:
    """Add the instance variables that a method is the first to set as fields of its class."""
    if body is None or not around.owner:
        return
    known = found.fields.setdefault(around.index, {})
    for line, match in searched(found, body, _FIELDS):
        name = match[1].decode("utf-8", "ignore")
        if name in known or len(known) >= _MOST_FIELDS:
            continue
        known[name] = None
        _, value = made_of(match[2].decode("utf-8", "ignore"))
        given = next((one.type for one in params if one.name == value), "")
        add_field(found, name, line, around.index, (given, value))


def params_of(found: RubyFile, node: Node | None, doc: Doc) -> tuple[tuple[Param, ...], bool]:
    """The parameters, and whether one of them has to be given."""
    nodes, params, needs = found.nodes, list[Param](), False
    for one in node.named_children if node is not None else ():
        kind = one.type
        name = nodes.text(one if kind == "identifier" else one.child_by_field_name("name"))
        if not name:
            continue
        if kind == "identifier" or (kind == "keyword_parameter" and one.child_by_field_name("value") is None):
            needs = True
        params.append(Param(name, doc.params.get(name, "")))
    return tuple(params), needs
