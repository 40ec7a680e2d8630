"""The numbers of Python's node kinds and fields: comparing numbers is twice as fast as comparing names."""

from __future__ import annotations

from lanyard_analyzers.languages import grammar_of

_GRAMMAR = grammar_of("python")


def _kind(name: str) -> int:
    found = _GRAMMAR.id_for_node_kind(name, True)  # noqa: FBT003 - the binding's own
    return -1 if found is None else found


def _kinds(names: str) -> frozenset[int]:
    return frozenset(_kind(name) for name in names.split())


def _field(name: str) -> int:
    found = _GRAMMAR.field_id_for_name(name)
    return 0 if found is None else found


BLOCK = _kind("block")
COMMENT = _kind("comment")
EXPRESSION = _kind("expression_statement")
ASSIGNMENT = _kind("assignment")
AUGMENTED = _kind("augmented_assignment")
ASSIGNMENTS = frozenset({ASSIGNMENT, AUGMENTED})
FUNCTION = _kind("function_definition")
CLASS = _kind("class_definition")
DECORATED = _kind("decorated_definition")
DECORATOR = _kind("decorator")
ALIAS = _kind("type_alias_statement")
IMPORTS = _kinds("import_statement import_from_statement future_import_statement")
LAMBDA = _kind("lambda")
CALL = _kind("call")
IDENTIFIER = _kind("identifier")
ATTRIBUTE = _kind("attribute")
STRING = _kind("string")
STRINGS = _kinds("string concatenated_string")
LISTS = _kinds("pattern_list tuple_pattern list_pattern")
TYPED = _kind("typed_parameter")
DEFAULT = _kind("default_parameter")
TYPED_DEFAULT = _kind("typed_default_parameter")
SPLATS = _kinds("list_splat_pattern dictionary_splat_pattern")
KEYWORD_ARGUMENT = _kind("keyword_argument")
HOLDERS = _kinds("""
if_statement elif_clause else_clause try_statement except_clause except_group_clause finally_clause with_statement
for_statement while_statement match_statement case_clause block
""")
"""Statements that hold statements."""

NAME = _field("name")
BODY = _field("body")
PARAMETERS = _field("parameters")
RETURN_TYPE = _field("return_type")
SUPERCLASSES = _field("superclasses")
LEFT = _field("left")
RIGHT = _field("right")
TYPE = _field("type")
FUNCTION_OF = _field("function")
ATTRIBUTE_OF = _field("attribute")
OBJECT = _field("object")
