"""The rows of the language table, and what a row says.

Values only; `languages.py` is the way in for everybody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Convention:
    """How a language's tests are kept.

    `names` are globs for file names; `new` names a new test file beside its source (`{stem}`, `{suffix}`); `roots`
    are (source folder, test folder) pairs: where the source lies in the first, its tests lie in the second; a `*` in
    both stands for the name of one folder.
    """

    names: tuple[str, ...]
    new: str
    roots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """One row of the table.

    `grammar` is the module and the function that give the tree-sitter language. `queries` are its files in `queries/`;
    a section is what all of them have of it. `family` is the name of its modules in `index/extract/` and
    `resolve/rules/`, shared by languages that are read alike. `leading` are the node types that,
    on the lines just before a definition, belong to it (comments, attributes). `documentation` says whether a
    definition is documented before it or by its first statement. `separator` joins qualified names. `fences` are the
    info strings of Markdown code blocks; the first is the one to write. `imports` says whether an import may follow
    other code.
    """

    id: str
    lsp_ids: tuple[str, ...]
    suffixes: tuple[str, ...]
    grammar: tuple[str, str]
    queries: tuple[str, ...]
    family: str
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

ROWS = (
    Language(
        id="python",
        lsp_ids=("python",),
        suffixes=(".py", ".pyi", ".pyw"),
        grammar=("tree_sitter_python", "language"),
        queries=("python.scm",),
        family="python",
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
        queries=("ecmascript.scm", "javascript.scm"),
        family="javascript",
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
        queries=("ecmascript.scm", "typescript.scm"),
        family="javascript",
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
        queries=("ecmascript.scm", "typescript.scm"),
        family="javascript",
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
        queries=("go.scm",),
        family="go",
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
        queries=("rust.scm",),
        family="rust",
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
        queries=("java.scm",),
        family="java",
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
        queries=("c.scm",),
        family="c",
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
        queries=("cpp.scm",),
        family="c",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("cpp", "c++", "cc", "cxx", "hpp"),
        documentation="before",
        tests=Convention(names=("test_*.c*", "*_test.c*", "*Test.c*"), new="{stem}_test{suffix}"),
        separator="::",
    ),
    Language(
        id="csharp",
        lsp_ids=("csharp", "cs"),
        suffixes=(".cs", ".csx"),
        grammar=("tree_sitter_c_sharp", "language"),
        queries=("csharp.scm",),
        family="csharp",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("csharp", "cs", "c#", "csx"),
        documentation="before",
        tests=Convention(names=("*Tests.cs", "*Test.cs"), new="{stem}Tests.cs", roots=(("src/*", "tests/*.Tests"),)),
        imports="top",
    ),
    Language(
        id="ruby",
        lsp_ids=("ruby",),
        suffixes=(".rb", ".rake", ".gemspec", ".ru"),
        grammar=("tree_sitter_ruby", "language"),
        queries=("ruby.scm",),
        family="ruby",
        line_comment="#",
        block_comment=("=begin", "=end"),
        fences=("ruby", "rb"),
        documentation="before",
        tests=Convention(
            names=("*_test.rb", "test_*.rb", "*_spec.rb"),
            new="{stem}_test.rb",
            roots=(("lib", "test"), ("app", "test")),
        ),
        separator="::",
    ),
    Language(
        id="php",
        lsp_ids=("php",),
        suffixes=(".php", ".phtml"),
        grammar=("tree_sitter_php", "language_php"),
        queries=("php.scm",),
        family="php",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("php", "php7", "php8"),
        documentation="before",
        tests=Convention(names=("*Test.php",), new="{stem}Test.php", roots=(("src", "tests"), ("app", "tests/Unit"))),
        separator="::",
        imports="top",
    ),
    Language(
        id="kotlin",
        lsp_ids=("kotlin",),
        suffixes=(".kt", ".kts"),
        grammar=("tree_sitter_kotlin", "language"),
        queries=("kotlin.scm",),
        family="kotlin",
        line_comment="//",
        block_comment=_C_COMMENTS,
        fences=("kotlin", "kt", "kts"),
        documentation="before",
        tests=Convention(
            names=("*Test.kt", "*Tests.kt", "*Spec.kt"),
            new="{stem}Test.kt",
            roots=(
                ("src/main/kotlin", "src/test/kotlin"),
                ("src/main/java", "src/test/java"),
                ("src/commonMain/kotlin", "src/commonTest/kotlin"),
            ),
        ),
        leading=("line_comment", "block_comment"),
        imports="top",
    ),
    Language(
        id="lua",
        lsp_ids=("lua",),
        suffixes=(".lua",),
        grammar=("tree_sitter_lua", "language"),
        queries=("lua.scm",),
        family="lua",
        line_comment="--",
        block_comment=("--[[", "]]"),
        fences=("lua",),
        documentation="before",
        tests=Convention(
            names=("*_spec.lua", "test_*.lua", "*_test.lua"),
            new="{stem}_spec.lua",
            roots=(("lua", "tests"), ("src", "spec")),
        ),
    ),
    Language(
        id="bash",
        lsp_ids=("shellscript", "sh", "bash"),
        suffixes=(".sh", ".bash", ".bats"),
        grammar=("tree_sitter_bash", "language"),
        queries=("bash.scm",),
        family="bash",
        line_comment="#",
        block_comment=None,
        fences=("bash", "sh", "shell", "shellscript", "bats"),
        documentation="before",
        tests=Convention(
            names=("*.bats", "test_*.sh", "*_test.sh"),
            new="{stem}.bats",
            roots=(("lib", "test"), ("src", "test"), ("bin", "test")),
        ),
    ),
)
