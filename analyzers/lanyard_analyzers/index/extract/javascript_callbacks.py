"""The parameters of functions that are handed to a call, in JavaScript and TypeScript.

Such a parameter seldom has a written type; what it is follows from what it is handed to. It becomes a variable of the
function around, whose value is `CALLEE@K.N`: parameter N of what CALLEE takes as its argument K. For the methods of
arrays and promises, which no workspace defines, the value is that of their receiver.
"""

from __future__ import annotations

from tree_sitter import Node

from lanyard_analyzers.index.extract.javascript_found import Found, bare
from lanyard_analyzers.index.records import SHORT

_FUNCTIONS = frozenset({"arrow_function", "function_expression", "generator_function"})
_OF_ELEMENTS = frozenset(
    {"map", "forEach", "filter", "find", "findLast", "findIndex", "some", "every", "flatMap", "sort", "then"}
)
_LONGEST = 80


def add_callback(found: Found, byte: int, line: int, around: int) -> None:
    """Add the parameters of the function whose `=>` or `function` is at a byte, where a call takes it."""
    token = found.nodes.root.descendant_for_byte_range(byte, byte + 1)
    node = token.parent if token is not None else None
    if node is None or node.type not in _FUNCTIONS or (node.parent and node.parent.type == "variable_declarator"):
        return
    params = found.params(node)
    if not params:
        return
    callee, number = _taker(found, node)
    for at, param in enumerate(params):
        if param.name[:1] not in "{[" and (param.type or callee):
            found.add_local(param.name, line, around, param.type, _handed(callee, number, at))
    parameters = node.child_by_field_name("parameters")
    for one in parameters.named_children if parameters is not None else ():
        pattern = one.child_by_field_name("pattern") or one
        if pattern.type == "object_pattern":
            text = bare(found.nodes.short(one.child_by_field_name("type"))).partition("<")[0]
            if text.isidentifier():
                for local, name in found.pattern_names(pattern):
                    found.add_local(local, line, around, "", f"{text}.{name}"[:SHORT])


def _taker(found: Found, node: Node) -> tuple[str, int]:
    """What a function is handed to, and as which argument; ("", 0) where nothing is known."""
    arguments = node.parent
    call = arguments.parent if arguments is not None and arguments.type == "arguments" else None
    callee = call.child_by_field_name("function" if call.type == "call_expression" else "constructor") if call else None
    if arguments is None or callee is None or callee.end_byte - callee.start_byte > _LONGEST:
        return "", 0
    number = next((at for at, one in enumerate(arguments.named_children) if one.id == node.id), 0)
    return found.nodes.short(callee).replace("?.", ".").partition("<")[0], number


def _handed(callee: str, number: int, at: int) -> str:
    receiver, dot, method = callee.rpartition(".")
    if dot and method in _OF_ELEMENTS and number == 0:
        return receiver if at == 0 or method == "sort" else ""
    return f"{callee}@{number}.{at}" if callee else ""
