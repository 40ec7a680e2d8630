"""The patterns of `privacy.ignore`: lists of several sources as one setting, and what they exclude together.

Owns the union: a path is excluded where one of the lists excludes it, so no source takes away another's protection.
Reads nothing; the ignore files of a workspace are the analyzers'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import PurePosixPath

from lanyard_analyzers.ignore import RuleFile

BETWEEN = "# another list"
"""Stands between lists in a setting that holds several, those of VS Code's folders too: a comment in .gitignore."""


def united(*settings: Sequence[str]) -> tuple[str, ...]:
    """The patterns of all settings, each list once: `!` takes back what its own list excludes, nothing of another's."""
    found: list[str] = []
    for patterns in dict.fromkeys(one for setting in settings for one in _lists(setting)):
        if found and any("!" in pattern for pattern in patterns):
            found.append(BETWEEN)
        found += patterns
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What patterns, relative to one folder, exclude there."""

    lists: tuple[RuleFile, ...] = ()

    @classmethod
    def of(cls, patterns: Sequence[str]) -> Exclusions:
        """Compile the patterns of the setting."""
        return cls(tuple(RuleFile.of("\n".join(one)) for one in _lists(patterns)))

    def why(self, path: str) -> str | None:
        """Why the file `path` (posix, relative to the folder) is excluded, as a clause; None where it is not."""
        for rules in self.lists:
            for part, directory in _parts(path):
                decided = rules.decision(part, directory=directory)
                if decided is not None and decided[0]:
                    return f"excluded by privacy.ignore ({decided[1]})"
        return None


def _lists(patterns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for between, one in groupby(patterns, BETWEEN.__eq__):
        if not between:
            yield tuple(one)


def _parts(path: str) -> Iterator[tuple[str, bool]]:
    """The directories above a path, the top one first, then the path itself; one character for each byte, as in git."""
    try:
        plain = path if path.isascii() else path.encode("utf-8", "surrogateescape").decode("latin-1")
    except UnicodeEncodeError:  # what no disk has; a client may name it all the same
        plain = path.encode("utf-8", "surrogatepass").decode("latin-1")
    pure = PurePosixPath(plain)
    yield from ((str(parent), True) for parent in reversed(pure.parents) if str(parent) not in {".", "/"})
    yield plain, False
