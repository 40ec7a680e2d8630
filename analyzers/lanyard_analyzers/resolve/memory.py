"""What was resolved before: answers with the files that they rest on, and the bounds on a walk.

Owns remembering and forgetting. An answer is kept for as long as no file that it rests on changes, so that a key press
in one buffer does not cost what was found in others; an answer that met a bound is kept for its own question alone, so
that what was asked before never changes an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.resolve.facts import Facts, facts_of

_DEPTH = 24
_FEW = 32
_MANY = 10_000
_MOST = 200_000
"""Answers that are kept at most from one state to the next."""
_TRACKED = frozenset({"python", "javascript", "typescript", "tsx"})
"""Languages whose answers rest on files that are asked for by `facts` alone, rather than on tables over all files."""
_T = TypeVar("_T")


class Memory:
    """Answers by question, for one index."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._state = index.state
        self._depth = 0
        self._cuts = 0
        self._active: set[object] = set()
        self._memo: dict[object, tuple[tuple[object, ...], frozenset[str]]] = {}
        self._drafts: dict[object, tuple[tuple[object, ...], frozenset[str]]] = {}
        self._users: dict[str, list[object]] = {}
        self._resting: list[set[str]] = [set()]

    def facts(self, path: str) -> Facts | None:
        """The tables of a file."""
        self._resting[-1].add(path)
        return facts_of(self.index, path)

    def refresh(self) -> None:
        """Forget what rests on files that have changed since the last time."""
        if self._state == self.index.state:
            return
        changed = self.index.changed_since(self._state)
        self._state = self.index.state
        if changed is None or len(self._memo) > _MOST or any(language_of("", path) not in _TRACKED for path in changed):
            self.forget()
            return
        for path in changed:
            for key in self._users.pop(path, ()):
                self._memo.pop(key, None)

    def forget(self) -> None:
        """Forget everything."""
        self._memo.clear()
        self._users.clear()

    def remember(self, key: object, made: Callable[[], Iterable[_T]]) -> tuple[_T, ...]:
        """The answer to a question: the one that is known, or the one made now; () where a bound is met."""
        known = self._memo.get(key) or self._drafts.get(key)
        if known is not None:
            self._resting[-1] |= known[1]
            return known[0]  # pyright: ignore[reportReturnType]
        if self._depth >= _DEPTH or key in self._active:
            self._cuts += 1
            return ()
        cuts = self._cuts
        self._depth += 1
        self._active.add(key)
        self._resting.append(set())
        try:
            found = distinct(made(), _MANY)
        finally:
            self._depth -= 1
            self._active.discard(key)
            rests_on = self._resting.pop()
            self._resting[-1] |= rests_on
        answer = found, frozenset(rests_on)
        if cuts == self._cuts:
            self._memo[key] = answer
            for path in rests_on:
                self._users.setdefault(path, []).append(key)
        else:
            self._drafts[key] = answer
        if self._depth == 0:
            self._drafts.clear()
            self._resting[-1].clear()
        return found


def distinct(values: Iterable[_T], most: int = _FEW) -> tuple[_T, ...]:
    """The values without those that were met before, at most `most`."""
    found: dict[_T, None] = {}
    for value in values:
        found.setdefault(value)
        if len(found) >= most:
            break
    return tuple(found)
