"""From a file's text to its record.

Owns the choice of the extractor by language: one module a language family, each with a function `extract`. Total: a
file that makes no sense gives a record with what could be read. It must not look at other files.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module

from lanyard_analyzers.index.records import FileRecord
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.text import Text

_MODULES = {
    "python": "python",
    "javascript": "javascript",
    "typescript": "javascript",
    "tsx": "javascript",
    "go": "go",
    "rust": "rust",
    "java": "java",
    "c": "c",
    "cpp": "c",
    "csharp": "csharp",
    "ruby": "ruby",
    "php": "php",
    "kotlin": "kotlin",
    "lua": "lua",
    "bash": "bash",
}


def extract(content: str, language: str) -> FileRecord:
    """The record of a file's content. Raises KeyError for a language that is not ours."""
    quick = _quick_extractor(language)
    record = quick(content) if quick is not None else None
    return record if record is not None else extract_syntax(parse(Text.of(content), language))


def extract_syntax(syntax: Syntax) -> FileRecord:
    """The record of a text that is parsed already."""
    return _extractor(syntax.language)(syntax)


@cache
def _extractor(language: str) -> Callable[[Syntax], FileRecord]:
    return import_module(f"{__name__}.{_MODULES[language]}").extract


@cache
def _quick_extractor(language: str) -> Callable[[str], FileRecord | None] | None:
    """The `extract_content` of a language, where it has one: the same record without parsing the whole of a file, or
    None."""
    return getattr(import_module(f"{__name__}.{_MODULES[language]}"), "extract_content", None)
