"""Which test framework a project uses and how its tests are written, told from its files.

Owns the signs as data: a row a framework, and the habits that are worth a word in a prompt. Total: no sign, no word.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import NamedTuple

from lanyard_analyzers.index.index import Index

MANIFEST_LIMIT = 200_000
"""Characters of a manifest that are looked at."""
_SCRIPT = frozenset({"javascript", "typescript", "tsx"})
_C = frozenset({"c", "cpp"})
_JVM = frozenset({"java", "kotlin"})


class _Sign(NamedTuple):
    """`text` in a test file, or `package` in a manifest, says that a framework is in use."""

    languages: frozenset[str]
    name: str
    text: str
    package: str = ""


_SIGNS = (
    _Sign(frozenset({"python"}), "pytest", r"\bpytest\b|^[ \t]*def test_\w+\(", "pytest"),
    _Sign(frozenset({"python"}), "unittest", r"\bunittest\b|\bTestCase\b"),
    _Sign(_SCRIPT, "vitest", r"[\"']vitest[\"']", '"vitest"'),
    _Sign(_SCRIPT, "jest", r"@jest/globals|\bjest\.\w", '"jest"'),
    _Sign(_SCRIPT, "node:test", r"[\"']node:test[\"']", "node --test"),
    _Sign(_SCRIPT, "bun:test", r"[\"']bun:test[\"']", "bun test"),
    _Sign(_SCRIPT, "Deno.test", r"\bDeno\.test\b"),
    _Sign(_SCRIPT, "jasmine", r"\bjasmine\.\w", '"jasmine'),
    _Sign(_SCRIPT, "ava", r"[\"']ava[\"']", '"ava"'),
    _Sign(_SCRIPT, "mocha", r"[\"']mocha[\"']", '"mocha"'),
    _Sign(frozenset({"go"}), "testing with testify", r"stretchr/testify"),
    _Sign(frozenset({"go"}), "ginkgo", r"onsi/ginkgo"),
    _Sign(frozenset({"go"}), "testing", r"\"testing\""),
    _Sign(frozenset({"rust"}), "rstest", r"#\[rstest"),
    _Sign(frozenset({"rust"}), "tokio::test", r"#\[tokio::test"),
    _Sign(frozenset({"kotlin"}), "Kotest", r"io\.kotest", "io.kotest"),
    _Sign(_JVM, "JUnit 5", r"org\.junit\.jupiter", "junit-jupiter"),
    _Sign(_JVM, "JUnit 4", r"org\.junit\.(?:Test|Assert|Before|Rule|\*)|junit\.framework"),
    _Sign(_JVM, "TestNG", r"org\.testng", "<artifactId>testng"),
    _Sign(frozenset({"kotlin"}), "kotlin.test", r"kotlin\.test"),
    _Sign(_C, "GoogleTest", r"gtest/|gmock/|^[ \t]*TEST(?:_F|_P)?\("),
    _Sign(_C, "Catch2", r"\bcatch2?/|catch\.hpp", "Catch2"),
    _Sign(_C, "doctest", r"\bdoctest", "doctest"),
    _Sign(_C, "Boost.Test", r"boost/test"),
    _Sign(_C, "Unity", r"unity(?:_fixture)?\.h"),
    _Sign(_C, "CMocka", r"cmocka\.h"),
    _Sign(_C, "Check", r"<check\.h>"),
    _Sign(frozenset({"csharp"}), "xUnit", r"using[ \t]+Xunit", 'Include="xunit'),
    _Sign(frozenset({"csharp"}), "NUnit", r"using[ \t]+NUnit", 'Include="NUnit'),
    _Sign(frozenset({"csharp"}), "MSTest", r"Microsoft\.VisualStudio\.TestTools", 'Include="MSTest'),
    _Sign(frozenset({"ruby"}), "RSpec", r"\bRSpec\b|spec_helper|^[ \t]*describe\b.{0,160}\bdo\b", "rspec"),
    _Sign(frozenset({"ruby"}), "minitest", r"[mM]initest|ActiveSupport::TestCase|test_helper", "minitest"),
    _Sign(frozenset({"php"}), "Pest", r"^[ \t]*(?:it|test)\(['\"]", "pestphp/pest"),
    _Sign(frozenset({"php"}), "PHPUnit", r"PHPUnit|extends[ \t]+\w{0,60}TestCase", "phpunit/phpunit"),
    _Sign(frozenset({"lua"}), "busted", r"^[ \t]*describe\(|\bbusted\b", "busted"),
    _Sign(frozenset({"lua"}), "LuaUnit", r"luaunit"),
    _Sign(frozenset({"bash"}), "Bats", r"^[ \t]*@test\b|\bbats\b"),
    _Sign(frozenset({"bash"}), "shUnit2", r"shunit2"),
)
_MANIFESTS = {
    "python": ("pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini", "requirements-dev.txt"),
    "java": ("pom.xml", "build.gradle", "build.gradle.kts"),
    "kotlin": ("build.gradle.kts", "build.gradle", "pom.xml"),
    "c": ("CMakeLists.txt", "meson.build"),
    "cpp": ("CMakeLists.txt", "meson.build"),
    "ruby": ("Gemfile", ".rspec"),
    "php": ("composer.json", "phpunit.xml", "phpunit.xml.dist"),
    "lua": (".busted",),
    **dict.fromkeys(_SCRIPT, ("package.json",)),
}

_HABITS: tuple[tuple[frozenset[str], str, str], ...] = (
    (frozenset({"python"}), "parametrize", r"mark\.parametrize"),
    (frozenset({"python"}), "pytest.raises", r"pytest\.raises"),
    (frozenset({"python"}), "monkeypatch", r"\bmonkeypatch\b"),
    (frozenset({"python"}), "unittest.mock", r"\bmock\b.{0,80}\b(?:patch|Mock)|\b(?:Magic|Async)Mock\b|\bmocker\b"),
    (frozenset({"python"}), "asyncio", r"mark\.asyncio|IsolatedAsyncioTestCase|mark\.anyio"),
    (frozenset({"python"}), "self.assert…", r"self\.assert\w+\("),
    (_SCRIPT, "each", r"\b(?:it|test|describe)\.each\b"),
    (_SCRIPT, "vi.mock", r"\bvi\.(?:mock|fn|spyOn)\b"),
    (_SCRIPT, "jest.mock", r"\bjest\.(?:mock|fn|spyOn)\b"),
    (_SCRIPT, "sinon", r"\bsinon\b"),
    (_SCRIPT, "chai", r"[\"']chai[\"']"),
    (_SCRIPT, "node:assert", r"[\"'](?:node:)?assert(?:/strict)?[\"']"),
    (_SCRIPT, "Testing Library", r"@testing-library/"),
    (_SCRIPT, "expect", r"\bexpect\("),
    (frozenset({"go"}), "table tests", r"range (?:tests|tcs?|cases|testCases|tt|tcases)\b"),
    (frozenset({"go"}), "t.Run", r"\bt\.Run\("),
    (frozenset({"go"}), "t.Parallel", r"\bt\.Parallel\("),
    (frozenset({"go"}), "require", r"\brequire\.\w"),
    (frozenset({"go"}), "cmp.Diff", r"\bcmp\.Diff\("),
    (_JVM, "parameterized tests", r"@ParameterizedTest|withData"),
    (_JVM, "AssertJ", r"org\.assertj"),
    (_JVM, "Mockito", r"org\.mockito"),
    (frozenset({"kotlin"}), "MockK", r"io\.mockk"),
    (_JVM, "Hamcrest", r"org\.hamcrest"),
    (frozenset({"csharp"}), "Theory", r"\[Theory\b|\[TestCase\b"),
    (frozenset({"csharp"}), "FluentAssertions", r"using[ \t]+FluentAssertions"),
    (frozenset({"csharp"}), "Moq", r"using[ \t]+Moq"),
    (frozenset({"csharp"}), "NSubstitute", r"using[ \t]+NSubstitute"),
    (frozenset({"ruby"}), "let", r"^[ \t]*let!?\("),
    (frozenset({"ruby"}), "FactoryBot", r"\bFactoryBot\b|\b(?:create|build)\(:"),
    (frozenset({"php"}), "data providers", r"@dataProvider|#\[DataProvider"),
    (_C, "matchers", r"\b(?:EXPECT|ASSERT)_THAT\b"),
    (_C, "sections", r"^[ \t]*(?:SECTION|SUBCASE)\("),
)


def framework(index: Index, language: str, near: str, text: str) -> str:
    """The test framework in a word: by a test file's text, else by the manifests above `near`; "" for no sign."""
    rows = [one for one in _SIGNS if language in one.languages]
    head = text[:MANIFEST_LIMIT]
    plain = language == "python" and "TestCase" in head and "pytest" not in head
    for one in rows:
        if head and not (plain and one.name == "pytest") and re.search(one.text, head, re.MULTILINE):
            return one.name
    for manifest in _above(near, _MANIFESTS.get(language, ())):
        content = index.content(manifest) or ""
        for one in rows:
            if one.package and one.package in content[:MANIFEST_LIMIT]:
                return one.name
    return "pytest" if language == "python" else ""


def habits(language: str, text: str) -> tuple[str, ...]:
    """What the tests of a file make use of, in words of their framework, at most five."""
    head = text[:MANIFEST_LIMIT]
    found = [word for languages, word, sign in _HABITS if language in languages and re.search(sign, head, re.MULTILINE)]
    return tuple(found[:5])


def _above(path: str, names: Iterable[str]) -> Iterable[str]:
    directory: str = posixpath.dirname(path)
    for _ in range(12):
        yield from (posixpath.join(directory, name) for name in names)
        if not directory:
            return
        directory = posixpath.dirname(directory)
