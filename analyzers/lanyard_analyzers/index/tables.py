"""The tables of an index: which files define a name, and in which a word occurs.

Owns their upkeep, a file at a time: what a file had before goes when it changes or is removed. They hold paths and
words alone, and know nothing of records.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

_LARGE = 100
"""Files of one name from which on their order is kept once it was asked for."""
_SEGMENT = 1_000_000
"""Bytes of words in one stretch of memory: few enough to be moved at once, enough to search quickly."""
_BLANK_SHARE = 4
"""A stretch is given up when more than one in so many of its bytes are blank: a change costs what it is long."""


def in_order(path: str) -> tuple[str, str]:
    """What to sort paths by: directories before what is below them, in each the files by name."""
    directory, _, name = path.rpartition("/")
    return directory.replace("/", "\0"), name


class Names:
    """The paths of the files that define a name."""

    def __init__(self) -> None:
        self._paths: dict[str, str | set[str]] = {}  # most names have one file, and a set is large
        self._names: dict[str, str] = {}
        self._ordered: dict[str, list[str]] = {}  # what was asked for of the large sets

    def set(self, path: str, names: str) -> bool:
        """A file defines these names, joined by line ends, and no others; whether some are new."""
        before = self._names.get(path, "")
        if names == before:
            return False
        new = names.split("\n") if names else []
        if before:
            old = dict.fromkeys(before.split("\n"))
            kept = set(new).intersection(old)
            for name in old:
                if name not in kept:
                    self._remove(name, path)
            new = [name for name in new if name not in kept]
        paths = self._paths
        for name in new:
            known = paths.setdefault(name, path)
            if known is path:
                continue
            self._ordered.pop(name, None)
            if isinstance(known, str):
                if known != path:
                    paths[name] = {known, path}
            else:
                known.add(path)
        if names:
            self._names[path] = names
        else:
            del self._names[path]
        return bool(new)

    def __contains__(self, path: object) -> bool:
        """Whether a file defines anything."""
        return path in self._names

    def find(self, name: str) -> list[str]:
        """The paths in their order."""
        known = self._paths.get(name)
        if known is None:
            return []
        if isinstance(known, str):
            return [known]
        ordered = self._ordered.get(name)
        if ordered is None:
            ordered = sorted(known, key=in_order)
            if len(ordered) > _LARGE:
                self._ordered[name] = ordered
        return ordered

    def _remove(self, name: str, path: str) -> None:
        self._ordered.pop(name, None)
        known = self._paths.get(name)
        if isinstance(known, set):
            known.discard(path)
            if len(known) > 1:
                return
            self._paths[name] = next(iter(known))
        elif known == path:
            del self._paths[name]


class _Segment:
    """The words of files, one file's after the other's. What is not valid any more is blank until the segment goes."""

    __slots__ = ("blank", "data", "paths", "starts")

    def __init__(self) -> None:
        self.data = bytearray()
        self.paths: list[str] = []  # "" where a file's words were
        self.starts = [0]
        self.blank = 0

    def add(self, path: str, words: bytes) -> int:
        """Put words at the end; their number."""
        self.data += words
        self.paths.append(path)
        self.starts.append(len(self.data))
        return len(self.paths) - 1

    def words(self, at: int) -> bytes:
        return bytes(self.data[self.starts[at] : self.starts[at + 1]])

    def erase(self, at: int) -> None:
        first, last = self.starts[at], self.starts[at + 1]
        self.data[first:last] = bytes(last - first)
        self.paths[at] = ""
        self.blank += last - first


class Mentions:
    """The paths of the files in which a word occurs: the words of many files lie one after the other and are searched
    as one text (3 MB, those of 2,800 files, in 1 to 3 ms)."""

    def __init__(self) -> None:
        self._segments: list[_Segment] = []
        self._where: dict[str, tuple[_Segment, int]] = {}
        self._found: dict[bytes, tuple[str, ...]] = {}

    def set(self, path: str, words: bytes) -> None:
        """A file has these words, as `FileRecord.words` in UTF-8."""
        place = self._where.get(path)
        if place is not None:
            before = place[0].words(place[1])
            if before == words:
                return
            if self._found:
                self._void(set(before.split(b"\n")) ^ set(words.split(b"\n")))
            self._erase(path)
        elif self._found:
            self._void(words.split(b"\n"))
        self._add(path, words)

    def remove(self, path: str) -> None:
        """A file is gone."""
        place = self._where.get(path)
        if place is not None:
            if self._found:
                self._void(place[0].words(place[1]).split(b"\n"))
            self._erase(path)

    def _add(self, path: str, words: bytes) -> None:
        if not self._segments or len(self._segments[-1].data) > _SEGMENT:
            self._segments.append(_Segment())
        segment = self._segments[-1]
        self._where[path] = segment, segment.add(path, words)

    def _erase(self, path: str) -> None:
        """Forget a file's words; a segment with too much room in it is given up, and what is left moves to the end."""
        segment, at = self._where.pop(path)
        segment.erase(at)
        if segment.blank > len(segment.data) // _BLANK_SHARE:
            self._segments.remove(segment)
            for number, other in enumerate(segment.paths):
                if other:
                    self._add(other, segment.words(number))

    def _void(self, words: Iterable[bytes]) -> None:
        """Other files have these words than before."""
        for word in words:
            self._found.pop(word, None)

    def words(self, path: str) -> bytes:
        """The words of a file; none where it is not known."""
        place = self._where.get(path)
        return b"\n" if place is None else place[0].words(place[1])

    def find(self, word: str) -> tuple[str, ...]:
        """The paths in their order."""
        key = word.encode("utf-8", "replace")
        found = self._found.get(key)
        if found is None:
            if len(self._found) > 500:
                self._found.clear()
            needle = b"\n%b\n" % key
            found = self._found[key] = tuple(sorted(self._search(needle), key=in_order)) if word else ()
        return found

    def _search(self, needle: bytes) -> Iterable[str]:
        for segment in self._segments:
            data, starts = segment.data, segment.starts
            place = data.find(needle)
            while place >= 0:
                at = bisect_right(starts, place) - 1
                if segment.paths[at]:
                    yield segment.paths[at]
                place = data.find(needle, starts[at + 1])
