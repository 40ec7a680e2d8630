"""How the rest of the workspace uses the target: its callers, its tests, and how tests are written here.

Owns the bounded textual search for them. Only names that the syntax confirms as definitions are read further.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from lanyard_analyzers.languages import LANGUAGES, is_test_path, language_of, path_of_tests
from lanyard_analyzers.slices import views
from lanyard_analyzers.slices.gather import Candidate, Option, Scene, is_whole_file
from lanyard_analyzers.slices.model import Tier
from lanyard_analyzers.slices.outline import Outline, Symbol

SEARCHED = 300
"""Files of the workspace that are searched for callers, nearest directory first."""
_WORTH_CALLER = {"refactor": 3.0, "review": 3.0, "optimize": 3.0, "security": 3.0, "test": 1.5, "explain": 1.5}
_CALLERS = {"refactor": 8, "review": 6, "optimize": 6, "security": 6, "test": 2, "explain": 2}
_CALLS_A_FILE = 2
_IN_TESTS = 0.4
_FAMILIES = ({"javascript", "typescript", "tsx"}, {"c", "cpp"})
_TEST_SAMPLE_LINES = 40
_WORTH_TEST_FILE = 7.0
_JS_FRAMEWORKS = ("vitest", "jest", "mocha", "jasmine", "ava")


def callers(scene: Scene) -> Iterator[Candidate]:
    """Places that call or name the target, in this file and in others of its language."""
    worth, most = _WORTH_CALLER.get(scene.request.kind, 0.0), _CALLERS.get(scene.request.kind, 0)
    own = scene.own
    if own is None or not worth or is_whole_file(scene):
        return
    name = own.owner.rpartition(".")[2].rpartition("::")[2] if views.is_constructor(own) and own.owner else own.name
    pattern = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])" + (r"\s*[(<]" if own.shape != "class" else ""))
    given = 0
    for outline in _searched(scene, name):
        for symbol, lines in _call_sites(scene, outline, pattern):
            in_tests = is_test_path(outline.path, outline.language)
            yield _caller(outline, symbol, lines, worth * 0.85**given * (_IN_TESTS if in_tests else 1.0))
            given += 1
            if given >= (most if not in_tests else most // 2):
                return


def _searched(scene: Scene, name: str) -> Iterator[Outline]:
    yield scene.outline
    family = next((each for each in _FAMILIES if scene.outline.language in each), {scene.outline.language})
    near = posixpath.dirname(scene.outline.path)
    others = [path for path in scene.files.paths if language_of("", path) in family and path != scene.outline.path]
    language = scene.outline.language
    own = scene.own
    owner = own.owner.rpartition(".")[2].rpartition("::")[2] if own is not None else ""
    others.sort(key=lambda path: (is_test_path(path, language), posixpath.dirname(path) != near, path))
    for path in others[:SEARCHED]:
        content = scene.files.content(path)
        if content is not None and name in content and owner in content:
            outline = scene.files.outline(path)
            if outline is not None:
                yield outline


def _call_sites(scene: Scene, outline: Outline, pattern: re.Pattern[str]) -> list[tuple[Symbol | None, views.Lines]]:
    """(the function around, the lines of the calls in it), the first few of a file."""
    found: dict[int, tuple[Symbol | None, set[int]]] = {}
    first, last = scene.lines
    here = outline.path == scene.outline.path
    imports = {line for one in outline.imports for line in range(one.first, one.last + 1)}
    name = scene.own.name if scene.own else ""
    passive = imports | {one.head for one in outline.by_name.get(name, ())} | views.documentation(outline)
    for match in pattern.finditer(outline.text.content):
        line = outline.text.line_of(match.start())
        if (here and first <= line <= last) or line in passive or _is_comment(outline, line):
            continue
        around = [one for one in outline.symbols if one.shape != "class" and one.first <= line <= one.last]
        inner = min(around, key=lambda one: one.size) if around else None
        site = found.setdefault(inner.first if inner else line, (inner, set()))
        if len(site[1]) < 3:
            site[1].add(line)
        if len(found) > _CALLS_A_FILE:
            break
    return [(symbol, frozenset(lines)) for symbol, lines in list(found.values())[:_CALLS_A_FILE]]


def _is_comment(outline: Outline, line: int) -> bool:
    return outline.line(line).lstrip().startswith((LANGUAGES[outline.language].line_comment, "*", "/*"))


def _caller(outline: Outline, symbol: Symbol | None, lines: views.Lines, worth: float) -> Candidate:
    near = views.around(outline, lines)
    if symbol is None:
        return Candidate(outline, "calls the target", (Option(Tier.SIGNATURE, lines, worth),))
    inside = near & views.verbatim(symbol)
    head = frozenset({symbol.head}) | views.closing(outline, symbol)
    return Candidate(outline, "calls the target", (Option(Tier.SIGNATURE, head | inside, worth),))


def tests(scene: Scene) -> Iterator[Candidate]:
    """The tests of the target's module: their imports, fixtures and one sample; else those of a neighbour."""
    kind = scene.request.kind
    if kind not in {"test", "fix"}:
        return
    worth = _WORTH_TEST_FILE if kind == "test" else 1.0
    outline = test_file(scene)
    if outline is None:
        return
    head = frozenset(line for one in outline.imports for line in range(one.first, one.last + 1))
    if head:
        yield Candidate(outline, "imports of the tests", (Option(Tier.VERBATIM, head, worth),))
    for fixture in _fixtures(outline):
        options = [Option(Tier.SIGNATURE, views.signature(outline, fixture), worth * 0.5)]
        options.append(Option(Tier.VERBATIM, views.verbatim(fixture), worth * 0.7))
        yield Candidate(outline, "fixture", tuple(options))
    sample = _sample(scene, outline)
    if sample is not None:
        whole = Option(Tier.VERBATIM, sample, worth * 1.5)
        yield Candidate(outline, "a test as they are written here", (whole,))


def test_file(scene: Scene) -> Outline | None:
    """The file that tests the target's module, or the nearest test file of its language."""
    language, path = scene.outline.language, scene.outline.path
    if is_test_path(path, language):
        return None
    likely = scene.files.outline(path_of_tests(path, language))
    if likely is not None:
        return likely
    stem = posixpath.basename(path).partition(".")[0].lower()
    family = next((each for each in _FAMILIES if language in each), {language})
    found = [one for one in scene.files.paths if language_of("", one) in family and is_test_path(one, language)]
    top = path.split("/")[0]

    def distance(other: str) -> tuple[bool, int, bool, int, str]:
        words = re.split(r"[^a-z0-9]+", posixpath.basename(other).lower())
        common = len(posixpath.commonprefix([posixpath.dirname(other), posixpath.dirname(path)]))
        named = stem in words or f"test_{stem}" in posixpath.basename(other).lower()
        return (not named, -common, not other.startswith(top), len(other), other)

    best = min(found, key=distance, default=None)
    if best is None or (distance(best)[0] and language == "rust"):  # another crate's tests show nothing
        return None
    return scene.files.outline(best)


def framework(scene: Scene) -> str:
    """The test framework of the project in a word, as far as its files tell; "" where the language has only one."""
    language = scene.outline.language
    outline = test_file(scene)
    tests_text = outline.text.content if outline is not None else ""
    if language == "python":
        unittest = "unittest" in tests_text and "pytest" not in tests_text
        return "unittest" if unittest and "TestCase" in tests_text else "pytest"
    if language in {"javascript", "typescript", "tsx"}:
        directory = posixpath.dirname(scene.outline.path)
        package = (
            scene.files.content(posixpath.join(directory, "package.json")) or scene.files.content("package.json") or ""
        )
        known = next((name for name in _JS_FRAMEWORKS if f'"{name}"' in package or f'"{name}"' in tests_text), "")
        return known or ("node:test" if "node:test" in tests_text else "")
    if language == "java":
        return "JUnit 5" if "org.junit.jupiter" in tests_text else "JUnit 4" if "org.junit.Test" in tests_text else ""
    if language in {"c", "cpp"}:
        names = {"gtest": "GoogleTest", "catch": "Catch2", "doctest": "doctest", "unity": "Unity", "cmocka": "CMocka"}
        include = " ".join(line for line in tests_text.splitlines() if "#include" in line).lower()
        return next((name for word, name in names.items() if word in include), "")
    return ""


def _fixtures(outline: Outline) -> list[Symbol]:
    if outline.language != "python":
        return []
    found: list[Symbol] = []
    for symbol in outline.symbols:
        decorated = " ".join(outline.line(line) for line in range(symbol.first, symbol.head))
        if "fixture" in decorated or symbol.name in {"setUp", "setup_method"}:
            found.append(symbol)
    return found[:4]


_WORD = re.compile(r"[^\W\d][\w$]*")
_TEST_NAME = re.compile(r"(?i)^test|test$")
_JS_TEST = re.compile(r"^[ \t]*(?:it|test)\s*\(", re.MULTILINE)


def _sample(scene: Scene, outline: Outline) -> views.Lines | None:
    """The lines of one test, one that names the target if there is one; at most `_TEST_SAMPLE_LINES`."""
    if outline.language in {"javascript", "typescript", "tsx"}:
        return _block_sample(outline)
    name = scene.own.name if scene.own else ""
    found = [one for one in outline.symbols if one.shape in {"function", "method"} and _TEST_NAME.search(one.name)]
    if not found:
        marked = [one for one in outline.symbols if one.shape in {"function", "method"} and _is_marked(outline, one)]
        found = marked
    found = [one for one in found if one.size <= _TEST_SAMPLE_LINES]
    if not found:
        return None

    def fit(one: Symbol) -> tuple[bool, int]:
        text = "\n".join(outline.line(line) for line in range(one.first, one.last + 1))
        return (name not in set(_WORD.findall(text)), one.first)

    best = min(found, key=fit)
    lines = views.verbatim(best)
    owner = outline.by_qualified.get(best.owner)
    return lines | frozenset({owner.head}) | views.closing(outline, owner) if owner is not None else lines


def _is_marked(outline: Outline, symbol: Symbol) -> bool:
    before = " ".join(outline.line(line) for line in range(symbol.first, symbol.head + 1))
    return "@Test" in before or "#[test]" in before or "TEST" in before


def _block_sample(outline: Outline) -> views.Lines | None:
    match = _JS_TEST.search(outline.text.content)
    if not match:
        return None
    first = outline.text.line_of(match.start())
    indent = len(outline.line(first)) - len(outline.line(first).lstrip())
    for line in range(first + 1, min(first + _TEST_SAMPLE_LINES, outline.text.line_count)):
        text = outline.line(line)
        if text.strip() and len(text) - len(text.lstrip()) <= indent:
            return frozenset(range(first, line + 1))
    return None
