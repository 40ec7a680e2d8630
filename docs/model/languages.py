"""What a source file of a language other than Python is: its suffix, its grammar, its comments.

Owns pure functions over paths and text, as clean.py does for Python; what holds for every language is clean.py's.
Must not read files. The grammars are the official ones of tree-sitter.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterator

import tree_sitter

LONGEST_COMMENT = 500  # characters; longer documentation comments are cut to their first paragraph in training text
MOST_ERRORS = 0.01  # share of a file's bytes that the grammar may fail to read: macros of C are not in it

SUFFIXES = {
    "py": "python",
    "js": "javascript",
    "mjs": "javascript",
    "cjs": "javascript",
    "jsx": "javascript",
    "ts": "typescript",
    "mts": "typescript",
    "cts": "typescript",
    "tsx": "tsx",
    "rs": "rust",
    "go": "go",
    "java": "java",
    "kt": "kotlin",
    "c": "c",
    "h": "c",
    "cc": "cpp",
    "cpp": "cpp",
    "cxx": "cpp",
    "hh": "cpp",
    "hpp": "cpp",
    "hxx": "cpp",
}
_VENDORED = re.compile(
    r"(?i)(^|/)(_?vendor(ed)?|externals?|extern|external_?libs?|third[-_]?party|3rd[-_]?party|node_modules|bower_components|deps|libs|subprojects|"
    r"contrib|fixtures?|__fixtures__|__snapshots__|snapshots|test-?_?data|mocks?|__mocks__|corpus|golden|locales?|i18n|lang|"
    r"node-addon-api-src|pods|gradle)/"
)
_BUILT = re.compile(
    r"(^|/)(dist|dist-\w+|build|built|umd|cjs|esm|es|es5|es6|es2015|esm\d*|fesm\d*|_esm|_cjs|_types|bundles?|out|release|"
    r"min|compiled|generated|__generated__|gen|typings|types-\w+|packages/\w+/lib|lib\.(commonjs|esm)\w*|lib/(commonjs|module|typescript|esm|"
    r"cjs|es|umd))/|[.-](min|bundle|umd|prod|production|esm|cjs|iife|amd)\.\w+$|\.d\.[cm]?ts$|\.pb\.\w+$|_pb\.\w+$|\.generated\.\w+$|"
    r"_generated\.\w+$|_string\.go$|zz_\w+\.go$|(^|/)parser\.c$|(Gruntfile|gulpfile|rollup\.config|webpack\.config)\.\w+$"
)
_COMPILED = re.compile(
    r'"__esModule"|__awaiter\b|__extends\b|__createClass\b|_interopRequire|_classCallCheck|tslib_1|__toESM\b|__export\(|'
    r"_createForOfIterator|__commonJS\b|sourceMappingURL=|webpackJsonp|^\s*__webpack_require__\(|react/jsx-runtime\"\);|_jsx\(",
    re.MULTILINE,
)
_GENERATED = re.compile(r"(?i)(auto.?generated|generated (by|from|file|using)|do not edit|@generated)")
_TEST = re.compile(r"(?i)(^|/)(tests?|__tests__|specs?|testing|e2e)/|[._-](test|spec)s?\.\w+$|(^|/)test_\w+\.\w+$")
_LEGAL = re.compile(
    r"(?i)copyright|\(c\) *\d|licen[sc]ed under|spdx-licen|all rights reserved|permission is hereby|@licen[sc]e|"
    r"apache licen"
)
_LEGAL_HEAD = re.compile(r"(?i)licen[sc]e|author|contributors|^\W*created by|eslint-disable|istanbul ignore file")
_PERSON = re.compile(
    r"(?i)^\s*(\*+|//+!?|/\*+)\s*([@\\](author|copyright|license|licence|maintainer)\b|(author|maintainer)s?\s*:|copyright\b|\(c\)|"
    r"(created|written|contributed|authored|maintained) (by|on)\b|licen[sc]e\s*:|spdx-)"
)


def language_of(path: str) -> str | None:
    """Language of a file by its suffix; ``None`` where it is none of those trained on."""
    name, dot, suffix = path.rpartition(".")
    return SUFFIXES.get(suffix) if dot and name else None


def is_test(path: str) -> bool:
    """Whether a path is that of a test, in the customs of any language here."""
    return _TEST.search(path) is not None


def refuse_path(path: str) -> str | None:
    """Why a file that is not Python is left out by its path alone, or ``None``."""
    if _VENDORED.search(path):
        return "vendored or not wanted"
    return "built or generated" if _BUILT.search(path) else None


def refuse_text(text: str) -> str | None:
    """Why a file that is not Python is left out by its content, or ``None``."""
    if _COMPILED.search(text) or _GENERATED.search(text[:1500]):
        return "built or generated"
    return None if len(text) / (text.count("\n") + 1) <= 100 else "minified"


def comment_groups(lines: list[str]) -> Iterator[tuple[int, int]]:
    """Half-open ranges of lines that hold one whole-line comment: a block, or a run of ``//`` lines."""
    at = 0
    while at < len(lines):
        start, line = at, lines[at].lstrip()
        at += 1
        if line.startswith("/*"):
            while "*/" not in lines[at - 1] and at < len(lines):
                at += 1
            if lines[at - 1].endswith("*/"):
                yield start, at
        elif line.startswith("//"):
            while at < len(lines) and lines[at].lstrip().startswith("//"):
                at += 1
            yield start, at


def scrub_comments(text: str) -> str:
    """Text without licence comments, and without the lines of comments that name people."""
    lines = text.split("\n")
    if lines[0].startswith("#!"):
        lines[0] = ""
    code, gone = 0, set[int]()
    for start, end in comment_groups(lines):
        group, head = "\n".join(lines[start:end]), not any(line for line in lines[code:start])
        if _LEGAL.search(group) or (head and _LEGAL_HEAD.search(group)):
            gone.update(range(start, end))
        else:
            gone.update(
                i for i in range(start, end) if _PERSON.match(lines[i]) and ("*/" not in lines[i] or end == start + 1)
            )
        if head:
            code = end
    return "\n".join(line for i, line in enumerate(lines) if i not in gone).strip("\n") + "\n"


def shorten_comments(text: str) -> str:
    """Cut block comments over LONGEST_COMMENT characters to their first paragraph: code is what is to be learnt."""
    lines = text.split("\n")
    for start, end in reversed(list(comment_groups(lines))):
        if end - start < 4 or sum(map(len, lines[start:end])) <= LONGEST_COMMENT:
            continue
        stop = start + 1
        while stop < min(end - 1, start + 5) and (not (word := lines[stop].strip(" */!")) or word[0] not in "@\\"):
            if not word and stop > start + 1:
                break
            stop += 1
        closing = [] if lines[start].lstrip().startswith("//") else [lines[end - 1]]
        if closing and closing[0].strip() != "*/":
            continue
        lines[start:end] = lines[start:stop] + closing
    return "\n".join(lines)


@functools.cache
def _parser(language: str) -> tree_sitter.Parser:
    package = {"tsx": "typescript"}.get(language, language)
    module = importlib.import_module(f"tree_sitter_{package}")
    entry = getattr(module, f"language_{language}" if package == "typescript" else "language")
    return tree_sitter.Parser(tree_sitter.Language(entry()))


def _error_bytes(node: tree_sitter.Node) -> int:
    total, stack = 0, [node]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            total += max(1, node.end_byte - node.start_byte)
        elif node.has_error:
            stack.extend(node.children)
    return total


def parses(text: str, language: str) -> bool:
    """Whether the grammar of ``language`` reads the text but for MOST_ERRORS of its bytes; a header may be C or C++."""
    data = text.encode()
    for grammar in ("c", "cpp") if language == "c" else (language,):
        root = _parser(grammar).parse(data).root_node
        if not root.has_error or _error_bytes(root) < MOST_ERRORS * len(data):
            return True
    return False
