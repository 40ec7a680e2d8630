"""What stands in a test file: its tests, what prepares them, and the suites around them.

Owns the conventions of the test frameworks as patterns over lines, a row a language. It reads lines and records; which
test file belongs to which code is said in `test_links.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple
from weakref import WeakKeyDictionary

from lanyard_analyzers._late import late
from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile

Role = Literal["test", "setup", "suite"]

LINES_READ = 6_000
"""Lines of a test file that are looked at."""
_BLOCK_LINES = 400
_MARK_LINES = 8
_LONGEST = 300


class Block(NamedTuple):
    """A test, a preparation or a suite: its lines (0-based, inclusive), the line that names it, its name."""

    first: int
    last: int
    head: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class _Row:
    """Patterns of one language. `name` groups are what a reader would call it; `marks` stand before a definition."""

    test: re.Pattern[str] | None = None
    setup: re.Pattern[str] | None = None
    suite: re.Pattern[str] | None = None
    test_mark: re.Pattern[str] | None = None
    setup_mark: re.Pattern[str] | None = None


def _p(pattern: str) -> re.Pattern[str]:
    return late(r"[ \t]*" + pattern)


_QUOTED = r"[\"'`](?P<name>[^\"'`\n]{0,160})"
_SCRIPT = _Row(
    test=_p(r"(?:it|test|specify|Deno\.test)(?:\.\w+)*[ \t]*(?:\([ \t]*(?:" + _QUOTED + r")?|`)"),
    setup=_p(r"(?P<name>beforeEach|beforeAll|before|afterEach|afterAll|after|setup|teardown)[ \t]*\("),
    suite=_p(r"(?:describe|suite|context)(?:\.\w+)*[ \t]*\([ \t]*(?:" + _QUOTED + r")?"),
)
_JUNIT = {
    "test_mark": late(r"@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|Theory)\b"),
    "setup_mark": late(r"@(?:BeforeEach|BeforeAll|BeforeClass|BeforeMethod|BeforeTest|Before|AfterEach|After|Rule)\b"),
}
_CPP = _Row(
    test=_p(
        r"(?:(?:TEST|TEST_F|TEST_P|TYPED_TEST|TEST_CASE|TEST_CASE_METHOD|TEST_CASE_FIXTURE|SCENARIO|BOOST_AUTO_TEST_CASE)"
        r"[ \t]*\((?P<name>[^)\n]{0,160})|(?:static[ \t]+)?(?:void|int)[ \t]+(?P<other>test_?\w+)[ \t]*\()"
    ),
    setup=_p(
        r"(?:static[ \t]+)?(?:void|int)[ \t]+(?P<name>[sS]et_?[uU]p|[tT]ear_?[dD]own|setup\w*|teardown\w*)[ \t]*\("
    ),
    suite=_p(r"(?:class|struct)[ \t]+(?P<name>\w+)[^;{\n]{0,80}\btesting::Test"),
)

_ROWS: Mapping[str, _Row] = MappingProxyType(
    {
        "python": _Row(
            test=_p(r"(?:async[ \t]+)?def[ \t]+(?P<name>test\w*)[ \t]*\("),
            setup=_p(
                r"(?:async[ \t]+)?def[ \t]+"
                r"(?P<name>setUp\w*|asyncSetUp|tearDown\w*|setup_\w+|teardown_\w+|setup|teardown)[ \t]*\("
            ),
            suite=_p(r"class[ \t]+(?P<name>Test\w*|\w+Tests?|\w+TestCase)\b"),
            setup_mark=late(r"@(?:[\w.]*\.)?(?:fixture|yield_fixture)\b"),
        ),
        "javascript": _SCRIPT,
        "typescript": _SCRIPT,
        "tsx": _SCRIPT,
        "go": _Row(
            test=_p(
                r"func[ \t]+(?:\(\w+[ \t]+\*?\w+\)[ \t]*)?"
                r"(?P<name>(?:Test|Benchmark|Fuzz|Example)(?!Main\b)\w*)[ \t]*\("
            ),
            setup=_p(
                r"func[ \t]+(?:\(\w+[ \t]+\*?\w+\)[ \t]*)?"
                r"(?P<name>TestMain|SetupTest|SetupSuite|SetupSubTest|TearDownTest|TearDownSuite)[ \t]*\("
            ),
        ),
        "rust": _Row(
            suite=_p(r"(?:pub[ \t]+)?mod[ \t]+(?P<name>tests?|\w+_tests?)\b"),
            test_mark=late(r"#\[(?:\w+::)*(?:test|rstest|test_case|quickcheck|proptest|bench)\b"),
            setup_mark=late(r"#\[(?:\w+::)*fixture\b"),
        ),
        "java": _Row(test=_p(r"public[ \t]+void[ \t]+(?P<name>test\w*)[ \t]*\("), **_JUNIT),
        "kotlin": _Row(
            test=_p(
                r"(?:(?:test|should|it|expect|then|Then|xtest)[ \t]*\([ \t]*)?"
                r"\"(?P<name>[^\"\n]{1,160})\"[ \t]*\)?[^\n]{0,40}\{"
            ),
            setup=_p(
                r"(?P<name>beforeTest|beforeEach|beforeSpec|beforeContainer|afterTest|afterEach|afterSpec)[ \t]*\{"
            ),
            suite=_p(r"(?:describe|context|given|Given|`?when`?|When|feature)[ \t]*\([ \t]*\"(?P<name>[^\"\n]{0,160})"),
            **_JUNIT,
        ),
        "c": _CPP,
        "cpp": _CPP,
        "csharp": _Row(
            test_mark=late(r"\[(?:\w+\.)*(?:Fact|Theory|Test|TestCase|TestCaseSource|TestMethod|DataTestMethod)\b"),
            setup_mark=late(r"\[(?:SetUp|OneTimeSetUp|TestInitialize|ClassInitialize|TearDown|TestCleanup)\b"),
        ),
        "ruby": _Row(
            test=_p(
                r"(?:(?:it|specify|example|scenario|test|should)[ \t]*\(?[ \t]*"
                + _QUOTED
                + r"|def[ \t]+(?P<other>test_\w+))"
            ),
            setup=_p(r"(?:def[ \t]+)?(?P<name>before|let!?|subject!?|setup|around|after|teardown)\b(?![ \t]*=)"),
            suite=_p(r"(?:RSpec\.)?(?:describe|context|feature|shared_examples)\b[ \t]*\(?[ \t]*(?P<name>[^\n]{0,80})"),
        ),
        "php": _Row(
            test=_p(
                r"(?:(?:it|test)[ \t]*\([ \t]*"
                + _QUOTED
                + r"|(?:(?:public|final)[ \t]+)*function[ \t]+(?P<other>test\w+)[ \t]*\()"
            ),
            setup=_p(
                r"(?:(?:public|protected|static|final)[ \t]+)*function[ \t]+(?P<name>setUp\w*|tearDown\w*)[ \t]*\("
                r"|(?P<other>beforeEach|afterEach|beforeAll)[ \t]*\("
            ),
            suite=_p(r"describe[ \t]*\([ \t]*" + _QUOTED),
            test_mark=late(r"#\[(?:\w+\\)*Test\b|@test\b"),
        ),
        "lua": _Row(
            test=_p(
                r"(?:(?:it|pending|test|spec)[ \t]*\(?[ \t]*"
                + _QUOTED
                + r"|(?:local[ \t]+)?function[ \t]+(?:\w+[.:])?(?P<other>[tT]est\w+)[ \t]*\()"
            ),
            setup=_p(
                r"(?:function[ \t]+(?:\w+[.:])?)?"
                r"(?P<name>before_each|after_each|lazy_setup|setup|teardown|setUp|tearDown)[ \t]*\("
            ),
            suite=_p(r"(?:describe|context|insulate|expose)[ \t]*\(?[ \t]*" + _QUOTED),
        ),
        "bash": _Row(
            test=_p(r"(?:@test[ \t]+" + _QUOTED + r"|(?:function[ \t]+)?(?P<other>test\w+)[ \t]*\(\))"),
            setup=_p(r"(?:function[ \t]+)?(?P<name>setup\w*|teardown\w*|setUp|tearDown|oneTimeSetUp)[ \t]*\(\)"),
        ),
    }
)


def blocks_of(file: SourceFile) -> tuple[Block, ...]:
    """The tests, preparations and suites of a file in the order of its text; none for a language without a row."""
    known = _BLOCKS.get(file)
    if known is None:
        known = _BLOCKS[file] = _read(file)
    return known


_BLOCKS: WeakKeyDictionary[SourceFile, tuple[Block, ...]] = WeakKeyDictionary()


def _read(file: SourceFile) -> tuple[Block, ...]:
    row = _ROWS.get(file.language)
    if row is None:
        return ()
    heads = {
        one.head: one for one in reversed(file.symbols) if one.shape in {"function", "method", "class", "namespace"}
    }
    found: list[Block] = []
    taken: set[int] = set()
    for symbol in file.symbols:
        role = _marked(file, symbol, row)
        if role is not None and symbol.head not in taken:
            taken.add(symbol.head)
            found.append(Block(symbol.first, symbol.last, symbol.head, symbol.name, role))
    patterns: tuple[tuple[Role, re.Pattern[str] | None], ...] = (
        ("setup", row.setup),
        ("suite", row.suite),
        ("test", row.test),
    )
    for line in range(min(file.text.line_count, LINES_READ)):
        if line in taken:
            continue
        span = file.text.line_span(line)
        text = file.text.content[span.start : min(span.end, span.start + _LONGEST)]
        if not text or text.isspace():
            continue
        for role, pattern in patterns:
            match = pattern.match(text) if pattern is not None else None
            if match is not None:
                names = match.groupdict()
                name = (names.get("name") or names.get("other") or "").strip()
                found.append(_block(file, line, name, role, heads.get(line)))
                break
    return tuple(sorted(found, key=lambda one: (one.first, -one.last)))


def _marked(file: SourceFile, symbol: Symbol, row: _Row) -> Role | None:
    """What the record's marks and the lines before a definition's name say of it."""
    if symbol.shape not in {"function", "method"}:
        return None
    if "test" in symbol.marks:
        return "test"
    if "fixture" in symbol.marks:
        return "setup"
    if row.test_mark is None and row.setup_mark is None:
        return None
    low = max(symbol.first, symbol.head - _MARK_LINES)
    lead = "\n".join(file.text.line_text(line)[:_LONGEST] for line in range(low, symbol.head + 1))
    if row.test_mark is not None and row.test_mark.search(lead):
        return "test"
    if row.setup_mark is not None and row.setup_mark.search(lead):
        return "setup"
    return None


def _block(file: SourceFile, line: int, name: str, role: Role, symbol: Symbol | None) -> Block:
    if symbol is not None:
        return Block(symbol.first, symbol.last, line, name or symbol.name, role)
    return Block(line, _end(file, line), line, name, role)


def _end(file: SourceFile, line: int) -> int:
    """The last line of what begins at a line, by indentation."""
    start = file.text.line_text(line)
    indent, last = _indent(start), line
    for number in range(line + 1, min(file.text.line_count, line + _BLOCK_LINES)):
        text = file.text.line_text(number)
        if not text.strip():
            continue
        if _indent(text) <= indent:
            closes = text.lstrip().startswith(("}", ")", "]", "end", "{"))
            if not closes:
                return last
            last = number
            if not text.lstrip().startswith("{"):
                return last
        last = number
    return last


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())
