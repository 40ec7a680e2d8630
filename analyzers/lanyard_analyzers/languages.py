"""The language table: one row and one query file a language.

Owns everything that differs between languages and can be said as data. Must not parse anything, and importing it
loads no grammar: `grammar_of` and `query_of` do, once, when a language is first met. A ninth language is one row
below, one file in `queries/` and one fixture in `tests/data/analyzers/languages/`.

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

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Literal

import tree_sitter


@dataclass(frozen=True, slots=True)
class Convention:
    """How a language's tests are kept.

    `names` are globs for file names; `new` names a new test file beside its source (`{stem}`, `{suffix}`); `roots`
    are (source folder, test folder) pairs: where the source lies in the first, its tests lie in the second.
    """

    names: tuple[str, ...]
    new: str
    roots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """One row of the table.

    `grammar` is the module and the function that give the tree-sitter language. `leading` are the node types that,
    on the lines just before a definition, belong to it (comments, attributes). `documentation` says whether a
    definition is documented before it or by its first statement. `separator` joins qualified names. `fences` are the
    info strings of Markdown code blocks; the first is the one to write. `imports` says whether an import may follow
    other code.
    """

    id: str
    lsp_ids: tuple[str, ...]
    suffixes: tuple[str, ...]
    grammar: tuple[str, str]
    query: str
    line_comment: str
    block_comment: tuple[str, str] | None
    fences: tuple[str, ...]
    documentation: Literal["before", "inside"]
    tests: Convention
    leading: tuple[str, ...] = ("comment",)
    separator: str = "."
    imports: Literal["anywhere", "top"] = "anywhere"


_JS_TESTS = ("*.test.*", "*.spec.*")
_C_COMMENTS = ("/*", "*/")

_ROWS = (
    Language(
        id="python",
        lsp_ids=("python",),
        suffixes=(".py", ".pyi", ".pyw"),
        grammar=("tree_sitter_python", "language"),
        query="python.scm",
        line_comment="#",
        block_comment=None,
        fences=("python", "py", "python3", "py3", "pyi"),
        documentation="inside",
        tests=Convention(names=("test_*.py", "*_test.py"), new="test_{stem}.py"),
    ),
    Language(
        id="javascript",
        lsp_ids=("javascript", "javascriptreact"),
        suffixes=(".js", ".jsx", ".mjs", ".cjs"),
        grammar=("tree_sitter_javascript", "language"),
        query="javascript.scm",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("javascript", "js", "jsx", "mjs", "node"),
        documentation="before",
        tests=Convention(names=_JS_TESTS, new="{stem}.test{suffix}"),
    ),
    Language(
        id="typescript",
        lsp_ids=("typescript",),
        suffixes=(".ts", ".mts", ".cts"),
        grammar=("tree_sitter_typescript", "language_typescript"),
        query="typescript.scm",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("typescript", "ts", "mts"),
        documentation="before",
        tests=Convention(names=_JS_TESTS, new="{stem}.test{suffix}"),
        leading=("comment", "decorator"),
    ),
    Language(
        id="tsx",
        lsp_ids=("typescriptreact",),
        suffixes=(".tsx",),
        grammar=("tree_sitter_typescript", "language_tsx"),
        query="typescript.scm",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("tsx", "typescriptreact", "typescript", "ts"),
        documentation="before",
        tests=Convention(names=_JS_TESTS, new="{stem}.test{suffix}"),
        leading=("comment", "decorator"),
    ),
    Language(
        id="go",
        lsp_ids=("go",),
        suffixes=(".go",),
        grammar=("tree_sitter_go", "language"),
        query="go.scm",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("go", "golang"),
        documentation="before",
        tests=Convention(names=("*_test.go",), new="{stem}_test.go"),
        imports="top",
    ),
    Language(
        id="rust",
        lsp_ids=("rust",),
        suffixes=(".rs",),
        grammar=("tree_sitter_rust", "language"),
        query="rust.scm",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("rust", "rs"),
        documentation="before",
        tests=Convention(names=("*_test.rs", "test_*.rs", "tests.rs"), new="{stem}_test.rs", roots=(("src", "tests"),)),
        leading=("line_comment", "block_comment", "attribute_item"),
        separator="::",
    ),
    Language(
        id="java",
        lsp_ids=("java",),
        suffixes=(".java",),
        grammar=("tree_sitter_java", "language"),
        query="java.scm",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("java",),
        documentation="before",
        tests=Convention(
            names=("*Test.java", "Test*.java", "*Tests.java"),
            new="{stem}Test.java",
            roots=(("src/main/java", "src/test/java"),),
        ),
        leading=("line_comment", "block_comment"),
        imports="top",
    ),
    Language(
        id="c",
        lsp_ids=("c",),
        suffixes=(".c", ".h"),
        grammar=("tree_sitter_c", "language"),
        query="c.scm",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("c", "h"),
        documentation="before",
        tests=Convention(names=("test_*.c", "*_test.c"), new="test_{stem}.c"),
        separator="::",
    ),
    Language(
        id="cpp",
        lsp_ids=("cpp", "cuda-cpp"),
        suffixes=(".cpp", ".cc", ".cxx", ".c++", ".hpp", ".hh", ".hxx", ".ipp", ".cu", ".cuh"),
        grammar=("tree_sitter_cpp", "language"),
        query="cpp.scm",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("cpp", "c++", "cc", "cxx", "hpp"),
        documentation="before",
        tests=Convention(names=("test_*.c*", "*_test.c*", "*Test.c*"), new="{stem}_test{suffix}"),
        separator="::",
    ),
)

LANGUAGES: Mapping[str, Language] = MappingProxyType({row.id: row for row in _ROWS})
_BY_LSP_ID = {lsp_id: row.id for row in _ROWS for lsp_id in row.lsp_ids}
_BY_SUFFIX = {suffix: row.id for row in _ROWS for suffix in row.suffixes}


def language_of(language_id: str, path: str) -> str | None:
    """Our id for a document: by the editor's language id, else by the suffix of its path; None where we have none.

    The id comes first, because the editor's user may have said that a `.h` file is C++.
    """
    known = _BY_LSP_ID.get(language_id.strip().lower())
    if known is not None:
        return known
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    _, dot, suffix = name.rpartition(".")
    return _BY_SUFFIX.get(dot + suffix)


def is_test_path(path: str, language: str) -> bool:
    """Whether a posix path names a test file by the language's convention."""
    pure = PurePosixPath(path)
    return any(pure.match(pattern) for pattern in LANGUAGES[language].tests.names)


def path_of_tests(path: str, language: str) -> str:
    """The posix path where the tests of the source file at the posix `path` go by the language's convention."""
    pure, convention = PurePosixPath(path), LANGUAGES[language].tests
    name = convention.new.format(stem=pure.stem, suffix=pure.suffix)
    folders = f"{pure.parent}/" if pure.is_absolute() else f"/{pure.parent}/"
    for source, tests in convention.roots:
        before, found, after = folders.rpartition(f"/{source}/")
        if found:
            moved = f"{before}/{tests}/{after}{name}"
            return moved if pure.is_absolute() else moved.removeprefix("/")
    return str(pure.with_name(name))


@cache
def grammar_of(language: str) -> tree_sitter.Language:
    """The grammar of one of our ids, loaded at the first call. Raises KeyError for an unknown id."""
    module, function = LANGUAGES[language].grammar
    pointer: object = getattr(import_module(module), function)()
    return tree_sitter.Language(pointer)


_SECTION = re.compile(r"^;;;[ \t]*(\w+).*$", re.MULTILINE)


@cache
def _sections(query_file: str) -> Mapping[str, str]:
    parts = _SECTION.split((files("lanyard_analyzers") / "queries" / query_file).read_text(encoding="utf-8"))
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@cache
def query_of(language: str, section: str) -> tree_sitter.Query:
    """One section of a language's query file, compiled at the first call.

    Raises KeyError for an unknown language or section.
    """
    return tree_sitter.Query(grammar_of(language), _sections(LANGUAGES[language].query)[section])
