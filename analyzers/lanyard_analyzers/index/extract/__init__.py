"""From a file's text to its record.

Owns the choice of the extractor by language: one module a language family, each with a function `extract`. Total: a
file that makes no sense gives a record with what could be read. It must not look at other files.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from lanyard_analyzers.index.records import FileRecord
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.text import Text

_LARGE = 50_000
_LONG_LINES = 800
"""Characters of a line on the average; code that people write has 30 to 50."""
_OVERLONG = 5_000
"""Characters from which on a line of a file that looks as if nobody wrote it is passed over: it holds data."""


def extract(content: str, language: str) -> FileRecord:
    """The record of a file's content. Raises KeyError for a language that is not ours."""
    written = as_written(content)
    if written is None:
        return _without_symbols(content, language)
    quick = _quick_extractor(language)
    record = quick(written) if quick is not None else None
    return record if record is not None else _extractor(language)(parse(Text.of(written), language))


def extract_syntax(syntax: Syntax) -> FileRecord:
    """The record of a text that is parsed already."""
    if is_minified(syntax.text.content):
        return extract(syntax.text.content, syntax.language)
    return _extractor(syntax.language)(syntax)


def as_written(content: str) -> str | None:
    """What a record is made of: the content, without overlong lines in what looks as if nobody wrote it; None where
    nobody did."""
    if not is_minified(content):
        return content
    content = _without_overlong_lines(content)
    return None if is_minified(content) else content


def is_minified(content: str) -> bool:
    """Whether a file was not written by hand: it is large, and its lines are too long to be shown."""
    return len(content) > _LARGE and len(content) > _LONG_LINES * (content.count("\n") + 1)


def _without_overlong_lines(content: str) -> str:
    """The lines that a person may have written beside data in one line, each where it was."""
    text = Text.of(content)
    spans = (text.line_span(line) for line in range(text.line_count))
    pieces, at = list[str](), 0
    for span in spans:
        if len(span) > _OVERLONG:
            pieces.append(content[at : span.start])
            at = span.end
    return "".join((*pieces, content[at:]))


def _without_symbols(content: str, language: str) -> FileRecord:
    return FileRecord(language, Text.of(content).line_count, (), ())


@cache
def _extractor(language: str) -> Callable[[Syntax], FileRecord]:
    return import_module(f"{__name__}.{LANGUAGES[language].family}").extract


@cache
def _quick_extractor(language: str) -> Callable[[str], FileRecord | None] | None:
    """The `extract_content` of a language, where it has one: the same record without parsing the whole of a file, or
    None."""
    return getattr(import_module(f"{__name__}.{LANGUAGES[language].family}"), "extract_content", None)


@cache
def names_reader(language: str) -> Callable[[str], str] | None:
    """The `may_define` of a language, where it has one: the names that a content may define, found without a parse,
    joined by line ends."""
    name = f"{__name__}.{LANGUAGES[language].family}_sketch"
    return import_module(name).may_define if find_spec(name) is not None else None
