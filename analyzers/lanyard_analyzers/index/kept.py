"""A bounded memory: what was used last is kept, as much as fits."""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

T = TypeVar("T")


class Kept(Generic[T]):
    """Values by path, of `limit` in all by the sizes that they are put with; the newest stays, however large."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._values: OrderedDict[str, tuple[T, int]] = OrderedDict()
        self._size = 0

    def get(self, path: str) -> T | None:
        """The value of a path, if it is still here."""
        found = self._values.get(path)
        if found is None:
            return None
        self._values.move_to_end(path)
        return found[0]

    def put(self, path: str, value: T, size: int) -> T:
        """Keep a value in place of the one before; gives it back."""
        self.drop(path)
        self._values[path] = (value, size)
        self._size += size
        while self._size > self._limit and len(self._values) > 1:
            self._size -= self._values.popitem(last=False)[1][1]
        return value

    def drop(self, path: str) -> None:
        """Forget the value of a path."""
        found = self._values.pop(path, None)
        if found is not None:
            self._size -= found[1]

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()
        self._size = 0
