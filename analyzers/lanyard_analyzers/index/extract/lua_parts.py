"""What the record of a Lua file is made of: annotations, required modules, values, fields set on `self`.

Owns everything that needs no walk over definitions; `lua.py` has the walk.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from tree_sitter import Node

from lanyard_analyzers.index.extract.braces import Found, Siblings
from lanyard_analyzers.index.extract.values import add_field, searched, value_text
from lanyard_analyzers.index.records import SHORT, Binding, Import

RETURN = "return"
"""The name of what a file returns without a name."""
_REQUIRE = re.compile(
    rb"\blocal[ \t]+(\w+)[ \t]*=[ \t]*require[ \t]*\(?[ \t]*[\"']([\w./-]{1,120})[\"'][ \t]*\)?(?:\.(\w+))?"
)
_ON_SELF = re.compile(rb"\bself\.(\w+)[ \t]*=(?!=)[ \t]*([^\n]{1,200})")
_RETURNED = re.compile(rb"\breturn[ \t]+([^\n;]{1,120})")
_METATABLE = re.compile(r"setmetatable\(.{0,80}?,\s*\{?\s*(?:__index\s*=\s*)?([A-Za-z_][\w.]*)\s*\}?\s*\)")
_COLON = re.compile(r"(?<=[\w)\]]):(?=[A-Za-z_])")
_CLASS = re.compile(
    r"---?\s*@class[ \t]+(?:\([^)\n]{0,40}\)[ \t]*)?([\w.]+)(?:<[^>\n]{0,80}>)?(?:[ \t]*:[ \t]*([^\n#]{1,120}))?"
)
_FIELD = re.compile(
    r"---?\s*@field[ \t]+(?:(?:public|private|protected|package)[ \t]+)?([\w.]+)\??[ \t]+([^\n]{1,120})"
)
_PARAM = re.compile(r"---?\s*@(?:param|tparam)[ \t]+([\w.]+)\??[ \t]+([^\n]{1,120})")
_GIVEN = re.compile(r"---?\s*@(?:return|treturn)[ \t]+([^\n]{1,120})")
_TYPE = re.compile(r"---?\s*@type[ \t]+([^\n]{1,120})")
_MOST = 80
_LAST_RETURN = 2_000


@dataclass(frozen=True, slots=True)
class Doc:
    """What the annotations before a definition say; `fields` have the number of their line within the comment."""

    given: str = ""
    type: str = ""
    params: dict[str, str] = field(default_factory=dict[str, str])
    is_class: bool = False
    bases: tuple[str, ...] = ()
    fields: tuple[tuple[int, str, str], ...] = ()


def doc_before(found: Found, siblings: Siblings, at: int) -> Doc:
    """The annotations in the comment lines before a definition."""
    lines: list[str] = []
    while at > 0 and siblings[at - 1].type == "comment" and len(lines) < _MOST:
        at -= 1
        lines.append(found.said(siblings[at].start_byte, min(siblings[at].end_byte, siblings[at].start_byte + 300)))
    lines.reverse()
    text = "\n".join(lines)
    if "@" not in text:
        return Doc()
    given, type_, class_ = _GIVEN.search(text), _TYPE.search(text), _CLASS.search(text)
    fields = [(number, match) for number, line in enumerate(lines) if (match := _FIELD.match(line.lstrip()))]
    return Doc(
        _type(given[1]) if given else "",
        _type(type_[1]) if type_ else "",
        {match[1]: _type(match[2]) for match in _PARAM.finditer(text)},
        class_ is not None,
        tuple(one.strip() for one in (class_[2] or "").split(",") if one.strip()) if class_ else (),
        tuple((number, match[1], _type(match[2])) for number, match in fields),
    )


def _type(text: str) -> str:
    """The type at the beginning of a text: up to the first blank outside brackets."""
    depth = 0
    for at, character in enumerate(text):
        if character in "<({[":
            depth += 1
        elif character in ">)}]":
            depth -= 1
        elif character.isspace() and depth <= 0 and not text[:at].endswith(("|", ":", ",")):
            return text[:at][:SHORT]
    return text.strip()[:SHORT]


def told(type_text: str, value: str) -> tuple[str, str]:
    """The type and the value of a variable, as the pattern found them."""
    value = value.partition(" --")[0].strip()
    made = _METATABLE.match(value)
    if made:
        return made[1], ""
    value = value_text(value)
    return type_text, _COLON.sub(".", value).partition(" or ")[0].strip() if value else ""


def returned(found: Found, body: Node, owner: str) -> tuple[str, str]:
    """The type and the value that a function ends with."""
    matches = _RETURNED.findall(found.data, max(body.start_byte, body.end_byte - _LAST_RETURN), body.end_byte)
    text = matches[-1].decode("utf-8", "ignore").strip().removesuffix("end").strip() if matches else ""
    if text == "self":
        return owner, ""
    return told("", text)


def require_of(found: Found, node: Node | None) -> str:
    """The module of `require("a.b")` or `pcall(require, "a.b")`, the file of `dofile("a.lua")`; "" for another call."""
    if node is None or node.type != "function_call":
        return ""
    name, arguments = found.nodes.text(node.child_by_field_name("name")), node.child_by_field_name("arguments")
    if name not in {"require", "dofile", "pcall"} or arguments is None:
        return ""
    given = arguments.named_children
    if name == "pcall" and (len(given) < 2 or found.nodes.text(given[0]) != "require"):
        return ""
    string = given[-1] if given else None
    if string is None or string.type != "string":
        return ""
    return found.nodes.text(string.child_by_field_name("content"))


def add_requires(found: Found, body: Node | None, around: int) -> None:
    """Add the modules that a function requires for itself."""
    if body is None or found.data.find(b"require", body.start_byte, body.end_byte) < 0:
        return
    for line, match in islice(searched(found, body, _REQUIRE), _MOST):
        name, source, member = (part.decode("utf-8", "ignore") if part else "" for part in match.groups())
        found.imports.append(Import(line, line, (Binding(name, source, member or "default"),), around=around))


def add_self_fields(found: Found, body: Node, index: int, known: set[str]) -> None:
    """Add what a method is the first to set on `self` as fields of its class."""
    for line, match in searched(found, body, _ON_SELF):
        name = match[1].decode("utf-8", "ignore")
        if name not in known and len(known) < 4 * _MOST:
            known.add(name)
            add_field(found, name, line, index, told("", match[2].decode("utf-8", "ignore")))


def base_of(found: Found, value: Node | None) -> tuple[Node | None, str]:
    """The table of a value and its base (`setmetatable({}, { __index = Base })`, `Base:extend()`)."""
    if value is None:
        return None, ""
    if value.type == "table_constructor":
        return value, ""
    if value.type != "function_call":
        return None, ""
    text = found.nodes.short(value)
    arguments = value.child_by_field_name("arguments")
    given = arguments.named_children if arguments is not None else []
    name = found.nodes.text(value.child_by_field_name("name"))
    if name == "setmetatable":
        made = _METATABLE.match(text)
        table = given[0] if given and given[0].type == "table_constructor" else None
        return table, made[1] if made else ""
    if name.endswith((":extend", ":subclass", ":derive", ".extend", ".subclass")):
        return None, re.split(r"[:.](?:extend|subclass|derive)$", name)[0]
    if name.lower() in {"class", "middleclass"}:
        bases = [found.nodes.text(one) for one in given if one.type in {"identifier", "dot_index_expression"}]
        return None, bases[0] if bases else "Object"
    return None, ""
