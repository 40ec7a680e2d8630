"""The user's `privacy.ignore` patterns laid over a workspace.

Owns that one more layer of rules; the ignore files themselves are the analyzers'. Reads nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from lanyard_analyzers.workspace import DiskWorkspace, Listed, SaysWhy, Workspace
from lanyard_server.exclusions import Exclusions


class RuledWorkspace(Workspace, SaysWhy, Protocol):
    """A workspace on disk that can say why it refuses a path, and whether a file has changed; see `DiskWorkspace`."""

    def listed(self) -> Iterator[Listed]: ...
    def stamp(self, path: str, /) -> str | None: ...


def open_workspace(
    folder: Path, overlays: Mapping[str, str] | None = None, patterns: Sequence[str] = ()
) -> RuledWorkspace:
    """The workspace of a folder within its ignore files and the user's `patterns` (as in .gitignore).

    Touches the disk; not for the event loop.
    """
    disk = DiskWorkspace(folder, overlays)
    return _Guarded(disk, folder.resolve(), patterns) if patterns else disk


class _Guarded:
    """A workspace without what the patterns exclude; neither `!` in a rule file nor a link brings it back."""

    def __init__(self, disk: DiskWorkspace, root: Path, patterns: Sequence[str]) -> None:
        self._disk, self._root = disk, root
        self._rules = Exclusions.of(patterns)

    @property
    def name(self) -> str:
        return self._disk.name

    def read(self, path: str, /) -> str | None:
        return None if self._why(path) else self._disk.read(path)

    def refusal(self, path: str, /) -> str | None:
        return self._disk.excluded(path) or self._why(path) or self._disk.refusal(path)

    def excluded(self, path: str, /) -> str | None:
        return self._disk.excluded(path) or self._why(path)

    def files(self) -> Iterator[str]:
        return (path for path in self._disk.files() if not self._rules.why(path))

    def listed(self) -> Iterator[Listed]:
        return (one for one in self._disk.listed() if not self._rules.why(one.path))

    def stamp(self, path: str, /) -> str | None:
        return None if self._why(path) else self._disk.stamp(path)

    def _why(self, path: str) -> str | None:
        found = self._rules.why(path)
        if found is not None:
            return found
        try:
            real = (self._root / path).resolve()
        except (OSError, ValueError, RuntimeError):
            return None  # the workspace below gives its own reason
        inside = real.is_relative_to(self._root)
        return self._rules.why(real.relative_to(self._root).as_posix()) if inside else None
