"""Regular expressions that are compiled when they are first used.

Owns that alone. Compiling the patterns of all modules is a third of an index process's start, and most of them are
never asked for by the first answer; a pattern that every run needs is better compiled where it is written.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("match", "fullmatch", "search", "findall", "finditer", "split", "sub", "subn")


class _Late:
    """Looks like the compiled pattern; after the first use, its methods are those of it."""

    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    def __getattr__(self, name: str) -> Any:
        compiled = re.compile(self._source, self._flags)
        self.__dict__.update({method: getattr(compiled, method) for method in _METHODS})
        return getattr(compiled, name)


def late(source: str, flags: int = 0) -> re.Pattern[str]:
    """As `re.compile`, at the first use. A pattern that is wrong raises there, so tests must use each."""
    return cast("re.Pattern[str]", _Late(source, flags))
