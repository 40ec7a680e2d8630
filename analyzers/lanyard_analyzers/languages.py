"""The language table: one row and its query files a language.

Owns everything that differs between languages and can be said as data. Must not parse anything, and importing it
loads no grammar: `grammar_of` and `query_of` do, once, when a language is first met. A further language is one row
in `_rows.py`, one file in `queries/`, one in `index/extract/`, one in `resolve/rules/` (both named by its family) and
one fixture in `tests/data/analyzers/languages/`.

A query file has sections, each begun by a line `;;; name`. A section is compiled and run on its own, so that a
caller pays only for what it asks. Section and capture names:

definitions   @definition.function, @definition.class: a whole definition. A function directly inside a class or a
              `@scope.class` is a method. `@definition.method` says so where the syntax alone decides (Go).
              With it: @name (the name node), @body (absent in mere declarations), @owner (Go's receiver type).
              @scope, @scope.class with @name: qualifies the names inside and is no target itself (namespace, impl).
              @wrapper around @wrapped: what belongs to a definition outside its node (decorators, `export`).
              Two matches with the same @name node are one definition: the outermost, its first @body.
imports       @import: the whole statement; @import.source: the module or path; @import.name: each name it binds.
references    @call: the name node of what is called; @type: a type's name where one is used.
members       @member: a field or attribute of a class; @name its name.
branches      @branch: a node that adds a path through the code (see `targets.complexity`).
tests         @test: a test by the language's convention.
identifiers   @identifier: every identifier.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from types import MappingProxyType

import tree_sitter

from lanyard_analyzers._rows import ROWS, Convention, Language

LANGUAGES: Mapping[str, Language] = MappingProxyType({row.id: row for row in ROWS})
_BY_LSP_ID = {lsp_id: row.id for row in ROWS for lsp_id in row.lsp_ids}
_BY_SUFFIX = {suffix: row.id for row in ROWS for suffix in row.suffixes}


def language_of(language_id: str, path: str, *, content: str = "") -> str | None:
    """Our id for a document: by the editor's language id, else by the suffix of its path; None where we have none.

    The id comes first, because the editor's user may have said that a `.h` file is C++. A `.h` file that would be C is
    C++ if its content, where that is given, is (`is_cpp`).
    """
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    _, dot, suffix = name.rpartition(".")
    found = _BY_LSP_ID.get(language_id.strip().lower()) or _BY_SUFFIX.get(dot + suffix)
    return "cpp" if found == "c" and suffix == "h" and is_cpp(content) else found


_CPP = re.compile(
    r"^[ \t]*(?:class[ \t]+\w|namespace[ \t]*[\w{]|template[ \t]*<|(?:public|private|protected):|using[ \t]+\w)",
    re.MULTILINE,
)
_CPP_SIGNS = ("class ", "namespace", "template", "public:", "private:", "using ")


def is_cpp(content: str) -> bool:
    """Whether a text that may be C is C++: a line begins as only lines of C++ do.

    Much as GitHub's linguist tells headers apart (`heuristics.yml`, `.h`); clangd takes every `.h` that no compile
    command names for the widest language it has. The C grammar makes errors of such lines; that of C++ reads nearly
    all of C.
    """
    return any(sign in content for sign in _CPP_SIGNS) and _CPP.search(content) is not None


def is_test_path(path: str, language: str) -> bool:
    """Whether a posix path names a test file by the language's convention."""
    return _test_names(language).match(path.rpartition("/")[2]) is not None


@cache
def _test_names(language: str) -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(one) for one in LANGUAGES[language].tests.names))


def path_of_tests(path: str, language: str) -> str:
    """The posix path where the tests of the source file at the posix `path` go by the language's convention."""
    pure, convention = PurePosixPath(path), LANGUAGES[language].tests
    name = convention.new.format(stem=pure.stem, suffix=pure.suffix)
    folders = f"{pure.parent}/" if pure.is_absolute() else f"/{pure.parent}/"
    for source, tests in convention.roots:
        found = [*re.finditer(f"/{re.escape(source)}(?=/)".replace(r"\*", "([^/]+)"), folders)]
        if found:
            before, after = folders[: found[-1].start()], folders[found[-1].end() :]
            moved = f"{before}/{tests.replace('*', ''.join(found[-1].groups()))}{after}{name}"
            return moved if pure.is_absolute() else moved.removeprefix("/")
    return str(pure.with_name(name))


@cache
def grammar_of(language: str) -> tree_sitter.Language:
    """The grammar of one of our ids, loaded at the first call. Raises KeyError for an unknown id."""
    module, function = LANGUAGES[language].grammar
    pointer: object = getattr(import_module(module), function)()
    return tree_sitter.Language(pointer)


_QUERIES = Path(__file__).with_name("queries")
_SECTION = re.compile(r"^;;;[ \t]*(\w+).*$", re.MULTILINE)


@cache
def _sections(query_files: tuple[str, ...]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for query_file in query_files:
        parts = _SECTION.split((_QUERIES / query_file).read_text(encoding="utf-8"))
        for name, section in zip(parts[1::2], parts[2::2], strict=True):
            found[name] = found.get(name, "") + section
    return found


@cache
def query_of(language: str, section: str) -> tree_sitter.Query:
    """One section of a language's query files, compiled at the first call.

    Raises KeyError for an unknown language or section.
    """
    return tree_sitter.Query(grammar_of(language), _sections(LANGUAGES[language].queries)[section])


__all__ = [
    "LANGUAGES",
    "Convention",
    "Language",
    "grammar_of",
    "is_cpp",
    "is_test_path",
    "language_of",
    "path_of_tests",
    "query_of",
]
