"""Which test files belong to which code: by name, by import, by mention of the target.

Owns these links and what counts as a test file; what stands in one is read in `test_blocks.py`.
"""

from __future__ import annotations

import posixpath
import re
from bisect import insort
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple
from weakref import WeakKeyDictionary

from lanyard_analyzers._late import late
from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.index.tables import in_order
from lanyard_analyzers.languages import is_test_path, language_of, path_of_tests
from lanyard_analyzers.slices.scene import Scene

FAMILIES = (
    frozenset({"javascript", "typescript", "tsx"}),
    frozenset({"c", "cpp"}),
    frozenset({"java", "kotlin"}),
)
"""Languages that test each other's code."""
_LOOKED_INTO = 40
_MENTIONED = 200
_FEW = 100
_FOLDERS = frozenset({"test", "tests", "__tests__", "spec", "specs", "testing", "t"})
_AFFIXES = late(r"^(?:tests?[_\-.]?|spec[_\-.])|(?:[_\-.]?tests?|[_\-.]?spec|[_\-.]?testcase)$", re.IGNORECASE)
_HELPERS = frozenset({"conftest.py", "__init__.py", "setup.py"})


class Linked(NamedTuple):
    """A test file of the target's module; `by` says how it is known: name, import, mention or near."""

    file: SourceFile
    by: str


def family_of(language: str) -> frozenset[str]:
    """The languages whose tests can be tests of a language's code."""
    return next((one for one in FAMILIES if language in one), frozenset({language}))


@lru_cache(maxsize=65_536)
def is_tests(path: str, language: str) -> bool:
    """Whether a file holds tests: by its name, or by the folder that it lies in."""
    folder, _, base = path.rpartition("/")
    if is_test_path(base, language):
        return True
    return base not in _HELPERS and not _FOLDERS.isdisjoint(folder.lower().split("/"))


class TestFiles:
    """The test files of an index by what they may test: made once, then kept up with what is added and removed."""

    __test__ = False

    def __init__(self, few: int = _FEW) -> None:
        self._few = few
        self.paths: tuple[str, ...] = ()
        self.by_stem: dict[str, list[str]] = {}
        self.by_folder: dict[str, list[str]] = {}
        self._known: set[str] = set()
        self._tests: set[str] = set()

    def follow(self, paths: tuple[str, ...]) -> None:
        """The index has these paths now, in their order."""
        now = set(paths)
        for path in self._known - now:
            if path in self._tests:
                self._tests.discard(path)
                for table, key in self._tables(path):
                    table[key].remove(path)
                    if not table[key]:
                        del table[key]
        new = now - self._known
        few = len(new) < self._few
        for path in new if few else (path for path in paths if path in new):
            language = language_of("", path)
            if language is None or not is_tests(path, language):
                continue
            self._tests.add(path)
            for table, key in self._tables(path):
                found = table.setdefault(key, [])
                if found and (few or in_order(path) < in_order(found[-1])):
                    insort(found, path, key=in_order)
                else:
                    found.append(path)
        self.paths, self._known = paths, now

    def among(self, paths: Iterable[str]) -> Iterator[str]:
        """Those of the paths that are test files."""
        return (path for path in paths if path in self._tests)

    def _tables(self, path: str) -> tuple[tuple[dict[str, list[str]], str], ...]:
        return (self.by_stem, _plain(_bare(path))), (self.by_folder, posixpath.dirname(path))


_TABLES: WeakKeyDictionary[Index, TestFiles] = WeakKeyDictionary()


def _tests_of(index: Index) -> TestFiles:
    paths = index.paths
    known = _TABLES.get(index)
    if known is None:
        known = _TABLES[index] = TestFiles()
    if known.paths is not paths:
        known.follow(paths)
    return known


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
    table = _tests_of(scene.index)
    mentioned = set(islice(table.among(scene.index.mentioning(names[0])), _MENTIONED)) if names else set[str]()
    named = set(table.by_stem.get(stem, ())) | ({likely} & set(table.by_folder.get(posixpath.dirname(likely), ())))
    near = [one for folder in _near_folders(path) for one in table.by_folder.get(folder, ())[:_LOOKED_INTO]]
    found: list[tuple[tuple[int, int, str], str, str]] = []
    for other in named | mentioned | set(near):
        its = language_of("", other)
        if its is None or its not in family or other == path:
            continue
        score = 4 * (other in named) + 3 * (other in mentioned)
        found.append(((-score, _distance(path, other), other), other, "name" if other in named else "mention"))
    found.sort()
    linked: list[tuple[int, int, Linked]] = []
    for rank, (_, other, known) in enumerate(found[:_LOOKED_INTO]):
        file = scene.index.file(other)
        if file is None:
            continue
        imports = _imports(scene, file, stem, names)
        by_name = known == "name"
        score = (4 if by_name else 0) + (2 if imports else 0)
        if other in mentioned:
            score += 3 if imports or by_name else 1
        by = "name" if by_name else "mention" if other in mentioned else "import" if imports else "near"
        linked.append((-score, rank, Linked(file, by)))
    linked.sort(key=lambda one: one[:2])
    good = [one for score, _, one in linked if score <= -2]
    return good[:6] or ([one for _, _, one in linked[:1]] or _any(scene, family))


def _any(scene: Scene, family: frozenset[str]) -> list[Linked]:
    """The nearest test file of the workspace; another crate's tests show nothing."""
    if scene.file.language == "rust":
        return []
    path, folders = scene.file.path, _tests_of(scene.index).by_folder
    for folder in sorted(folders, key=lambda one: (_distance(path, f"{one}/"), one))[:_LOOKED_INTO]:
        fit = [one for one in folders[folder] if one != path and language_of("", one) in family]
        fit.sort(key=lambda one: (not is_test_path(one, scene.file.language), one))
        file = scene.index.file(fit[0]) if fit else None
        if file is not None:
            return [Linked(file, "near")]
    return []


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


def _near_folders(path: str) -> Iterator[str]:
    """Folders in which the tests of a file may lie: its own, and the test folders beside it and above."""
    folder: str = posixpath.dirname(path)
    yield folder
    for _ in range(6):
        yield from (posixpath.join(folder, name) for name in sorted(_FOLDERS))
        if not folder:
            return
        folder = posixpath.dirname(folder)


@lru_cache(maxsize=65_536)
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
