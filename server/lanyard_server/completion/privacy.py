"""Which documents a completion may take text from.

Owns the ignore rules for open documents. What is excluded is neither completed nor drawn on. The rules are read
again after a while, not with every key. A document that is no file is judged by its names and the user's patterns:
the rule files beside it cannot be read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath

from lanyard_analyzers.ignore import IgnoreRules, never_read
from lanyard_server.exclusions import Exclusions
from lanyard_server.session import Document, Session
from lanyard_server.uris import named_path

RULES_KEPT_S = 30.0

_Asked = tuple[Path, tuple[str, ...]]
"""A path and the patterns of the settings, which count from the moment that they are set."""


@dataclass(slots=True)
class _Rules:
    rules: IgnoreRules
    read_at: float
    verdicts: dict[_Asked, str | None] = field(default_factory=dict["_Asked", str | None])


class Privacy:
    """The verdicts on a session's documents."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rules: dict[Path, _Rules] = {}

    def excluded(self, session: Session, document: Document) -> str | None:
        """Why nothing of the document may be sent, as a clause; None where it may."""
        if document.path is None:
            return _by_name(document.uri, session.settings.privacy.ignore)
        return self.refused(session, document.path)

    def refused(self, session: Session, path: Path) -> str | None:
        """As `excluded`, for a file that need not be open."""
        root = session.root_of(path)
        base = root.path if root else path.parent
        rules = self._rules_of(base)
        patterns = session.settings.privacy.ignore
        if (path, patterns) not in rules.verdicts:
            rules.verdicts[path, patterns] = _verdict(patterns, rules.rules, path, base)
        return rules.verdicts[path, patterns]

    def _rules_of(self, base: Path) -> _Rules:
        found = self._rules.get(base)
        now = self._clock()
        if found is None or now - found.read_at > RULES_KEPT_S:
            found = self._rules[base] = _Rules(IgnoreRules(base), now)
        return found


def _verdict(patterns: tuple[str, ...], rules: IgnoreRules, path: Path, base: Path) -> str | None:
    try:
        relative = path.relative_to(base)
        found = rules.why(relative.as_posix())
    except (OSError, ValueError) as error:
        return f"its ignore rules cannot be read ({type(error).__name__})"
    if found is not None:
        return f"excluded by {found}"
    return Exclusions.of(patterns).why(relative.as_posix())


@lru_cache(maxsize=256)
def _by_name(uri: str, patterns: tuple[str, ...]) -> str | None:
    path = named_path(uri)
    found = never_read(path)
    return f"excluded by {found}" if found is not None else Exclusions.of(patterns).why(PurePosixPath(path).as_posix())
