"""Which test files belong to which code: by name, by import, by mention of the target.

Owns these links and what counts as a test file; what stands in one is read in `test_blocks.py`.
"""

from __future__ import annotations

import posixpath
import re
from functools import cache, lru_cache
from typing import NamedTuple

from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.languages import is_test_path, language_of, path_of_tests
from lanyard_analyzers.slices.scene import Scene

FAMILIES = (
    frozenset({"javascript", "typescript", "tsx"}),
    frozenset({"c", "cpp"}),
    frozenset({"java", "kotlin"}),
)
"""Languages that test each other's code."""
_LOOKED_INTO = 40
_FOLDERS = frozenset({"test", "tests", "__tests__", "spec", "specs", "testing", "t"})
_AFFIXES = re.compile(r"^(?:tests?[_\-.]?|spec[_\-.])|(?:[_\-.]?tests?|[_\-.]?spec|[_\-.]?testcase)$", re.IGNORECASE)
_HELPERS = frozenset({"conftest.py", "__init__.py", "setup.py"})


class Linked(NamedTuple):
    """A test file of the target's module; `by` says how it is known: name, import, mention or near."""

    file: SourceFile
    by: str


def family_of(language: str) -> frozenset[str]:
    """The languages whose tests can be tests of a language's code."""
    return next((one for one in FAMILIES if language in one), frozenset({language}))


@lru_cache(maxsize=16_384)
def is_tests(path: str, language: str) -> bool:
    """Whether a file holds tests: by its name, or by the folder that it lies in."""
    if is_test_path(path, language):
        return True
    folder, _, base = path.rpartition("/")
    return base not in _HELPERS and not _FOLDERS.isdisjoint(folder.lower().split("/"))


def linked_tests(scene: Scene, names: tuple[str, ...]) -> list[Linked]:
    """The test files of the target's module, those that mention one of `names` before the others; then a near one.

    `names` are the target's own and its class's, the most telling first.
    """
    path, language = scene.file.path, scene.file.language
    if is_test_path(path, language):
        return []
    family = family_of(language)
    likely = path_of_tests(path, language)
    stem = _plain(posixpath.basename(path).partition(".")[0]) or _plain(posixpath.basename(posixpath.dirname(path)))
    found: list[tuple[tuple[int, int, str], str, str]] = []
    mentioned = set(scene.index.mentioning(names[0])) if names else set[str]()
    for other in scene.index.paths:
        its = language_of("", other)
        if its is None or its not in family or other == path or not is_tests(other, its):
            continue
        named = other == likely or _plain(_bare(other)) == stem
        mentions = other in mentioned
        score = 4 * named + 3 * mentions
        if not named and not mentions and not _near(path, other):
            continue
        found.append(((-score, _distance(path, other), other), other, "name" if named else "mention"))
    found.sort()
    linked: list[tuple[int, int, Linked]] = []
    for rank, (_, other, known) in enumerate(found[:_LOOKED_INTO]):
        file = scene.index.file(other)
        if file is None:
            continue
        imports = _imports(scene, file, stem, names)
        named = known == "name"
        score = (4 if named else 0) + (2 if imports else 0)
        if other in mentioned:
            score += 3 if imports or named else 1
        by = "name" if named else "mention" if other in mentioned else "import" if imports else "near"
        linked.append((-score, rank, Linked(file, by)))
    linked.sort(key=lambda one: one[:2])
    good = [one for score, _, one in linked if score <= -2]
    return good[:6] or ([one for _, _, one in linked[:1]] or _any(scene, family))


def _any(scene: Scene, family: frozenset[str]) -> list[Linked]:
    """The nearest test file of the workspace; another crate's tests show nothing."""
    if scene.file.language == "rust":
        return []
    path = scene.file.path
    others = [
        one
        for one in scene.index.paths
        if one != path and (its := language_of("", one)) is not None and its in family and is_test_path(one, its)
    ]
    best = min(others, key=lambda one: (_distance(path, one), one), default=None)
    file = scene.index.file(best) if best is not None else None
    return [Linked(file, "near")] if file is not None else []


def _imports(scene: Scene, file: SourceFile, stem: str, names: tuple[str, ...]) -> bool:
    """Whether a test file's imports name the module, or one of the target's names."""
    for statement in file.record.imports:
        for binding in statement.bindings:
            if binding.name in names and binding.name:
                return True
            last = re.split(r"[./:\\]+", binding.source.rstrip("/"))
            if stem and stem in {_plain(one) for one in last[-2:]}:
                return True
            if binding.name and _plain(binding.name) == stem:
                return True
    return bool(file.record.package) and file.record.package == scene.file.record.package


def _near(path: str, other: str) -> bool:
    """Whether a test file lies where tests of the code would: the same folder, or a test folder beside or above."""
    mine = set(posixpath.dirname(path).split("/"))
    its = [one for one in posixpath.dirname(other).split("/") if one.lower() not in _FOLDERS]
    return all(one in mine or one == "" for one in its[:6])


@cache
def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _bare(path: str) -> str:
    """A test file's name without what says that it is one: `test_cart.py` → `cart`."""
    stem = posixpath.basename(path).partition(".")[0]
    bare = _AFFIXES.sub("", stem)
    return bare or stem


def _distance(one: str, other: str) -> int:
    first = [part for part in posixpath.dirname(one).split("/") if part not in _SOURCES]
    second = [part for part in posixpath.dirname(other).split("/") if part not in _SOURCES]
    common = 0
    for here, there in zip(first, second, strict=False):
        if here != there:
            break
        common += 1
    return len(first) + len(second) - 2 * common


_SOURCES = frozenset({"src", "lib", "main", "java", "kotlin", "test", "tests", "spec", "__tests__", "app"})
