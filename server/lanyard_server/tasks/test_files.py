"""Where the tests of a source file live, by the habits of each language.

Owns the path rules; the path never comes from a model. Source of the rules: the default discovery of pytest,
Jest/Vitest, `go test`, Maven/Gradle, Cargo, GoogleTest.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lanyard_analyzers.workspace import Workspace


def test_file_of(path: str, language: str, workspace: Workspace) -> tuple[str, str | None]:
    """The test file of `path` (both relative, posix) and its content; None where it does not exist yet.

    An existing file under one of the usual names wins over the first usual name.
    """
    candidates = tuple(_candidates(PurePosixPath(path), language))
    for candidate in candidates:
        content = workspace.read(candidate)
        if content is not None:
            return candidate, content
    return _first_fitting(candidates, workspace), None


test_file_of.__test__ = False  # type: ignore[attr-defined]  # pytest collects by name


def _candidates(path: PurePosixPath, language: str) -> Iterable[str]:
    folder, stem, suffix = path.parent, path.stem, path.suffix
    inner = PurePosixPath(*folder.parts[1:]) if folder.parts[:1] in {("src",), ("lib",)} else folder
    match language:
        case "python":
            name = f"test_{stem.strip('_') or 'module'}.py"
            places = (
                PurePosixPath("tests"),
                PurePosixPath("tests") / inner,
                folder / "tests",
                folder,
                PurePosixPath("test"),
            )
            names = tuple(str(place / name) for place in places)
        case "javascript" | "typescript" | "tsx":
            names = (
                str(folder / f"{stem}.test{suffix}"),
                str(folder / f"{stem}.spec{suffix}"),
                str(folder / "__tests__" / f"{stem}.test{suffix}"),
                str(PurePosixPath("test") / f"{stem}.test{suffix}"),
                str(PurePosixPath("tests") / f"{stem}.test{suffix}"),
            )
        case "go":
            names = (str(folder / f"{stem}_test.go"),)
        case "rust":
            names = (str(PurePosixPath("tests") / f"{stem}.rs"),)
        case "java":
            parts = tuple("test" if part == "main" else part for part in folder.parts)
            names = (str(PurePosixPath(*parts) / f"{stem}Test.java"),)
        case _:
            extension = ".cpp" if suffix not in {".c", ".h"} else ".c"
            names = (
                str(PurePosixPath("tests") / f"test_{stem}{extension}"),
                str(PurePosixPath("test") / f"{stem}_test{suffix}"),
                str(folder / f"{stem}_test{suffix}"),
            )
    spare = str(folder / f"{stem}_tests{suffix}")
    return dict.fromkeys(name for name in (*names, spare) if name != str(path))


def _first_fitting(candidates: tuple[str, ...], workspace: Workspace) -> str:
    """The first candidate whose folder has files already, else the first."""
    folders: set[str] = set()
    for number, name in enumerate(workspace.files()):
        if number > 20_000:
            break
        folders.update(str(parent) for parent in PurePosixPath(name).parents)
    for candidate in candidates:
        if str(PurePosixPath(candidate).parent) in folders:
            return candidate
    return candidates[0]
