"""The texts inside a JSON value: arguments and schemas of tools.

Owns the walk; what becomes of each text is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

DEEPEST = 64
"""Levels; what lies deeper is left out."""


def mapped(value: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """The object with `change` applied to each text in it, keys too."""
    return cast("dict[str, Any]", _mapped(value, change, DEEPEST))


def _mapped(value: Any, change: Callable[[str], str], depth: int) -> Any:
    if isinstance(value, str):
        return change(value)
    if depth == 0 or not isinstance(value, dict | list):
        return None if isinstance(value, dict | list) else value
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {change(key): _mapped(each, change, depth - 1) for key, each in fields.items()}
    return [_mapped(each, change, depth - 1) for each in cast("list[Any]", value)]
