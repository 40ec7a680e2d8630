"""Where the tests of a source file live; the path never comes from a model.

Owns the choice between what the workspace does already and what the language's convention says
(`lanyard_analyzers.languages`): the file that tests this one, else the folder where this project keeps its tests,
else the convention's own place.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from lanyard_analyzers.languages import LANGUAGES, is_test_path, path_of_tests

if TYPE_CHECKING:
    from lanyard_analyzers.workspace import Workspace

_MARKS = re.compile(r"^(tests?_)|(_tests?|_spec|\.tests?|\.spec|Tests?|Spec)$")


def file_for_tests(path: str, language: str, workspace: Workspace) -> tuple[str, str | None]:
    """The test file of `path` (both relative, posix) and its content; None where it does not exist yet."""
    suffixes = LANGUAGES[language].suffixes
    known = [f for f in workspace.files() if f.endswith(suffixes) and f != path and is_test_path(f, language)]
    subject = _subject(path)
    same = [f for f in known if _subject(f) == subject]
    for candidate in sorted(same, key=lambda f: (-_shared(f, path), f)):
        content = workspace.read(candidate)
        if content is not None:
            return candidate, content
    usual = _as_here(PurePosixPath(path_of_tests(path, language)), known)
    place = str(usual)
    if usual.parent == PurePosixPath(path).parent:
        place = str(_folder(known, path) / usual.name)
    return place, workspace.read(place)


def _as_here(usual: PurePosixPath, known: list[str]) -> PurePosixPath:
    """The path as a project of specs has it (`spec/cart_spec.rb` for `test/cart_test.rb`), where this is one."""
    if not usual.stem.endswith("_test") or not known or not all(PurePosixPath(f).stem.endswith("_spec") for f in known):
        return usual
    parts = ["spec" if part == "test" else part for part in usual.parts[:-1]]
    return PurePosixPath(*parts, usual.stem.removesuffix("_test") + "_spec" + usual.suffix)


def _folder(known: list[str], path: str) -> PurePosixPath:
    """The folder for a new test file: beside the source where tests stand there, else where most tests stand."""
    own = PurePosixPath(path).parent
    folders = Counter(PurePosixPath(f).parent for f in known)
    if not folders or own in folders:
        return own
    return max(folders, key=lambda f: (_shared(str(f / "x"), path), folders[f], -len(f.parts), str(f)))


def _subject(path: str) -> str:
    """What a file is about: its name without the marks of a test."""
    stem = PurePosixPath(path).stem
    return _MARKS.sub("", _MARKS.sub("", stem)).strip("_").lower()


def _shared(one: str, other: str) -> int:
    """How many folders two paths have in common, source and test roots apart."""
    left, right = (set(PurePosixPath(p).parts[:-1]) - {"src", "tests", "test"} for p in (one, other))
    return len(left & right)
