"""What speaks for a definition at a cursor beyond the buffer: what the files beside it and the functions of the same
name use, and how well its parameters and what it gives fit the function that is written.

Owns these features alone; what they are worth is `chances.py`'s. Looks at few files, each once for as long as its words
are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import islice
from math import log1p
from weakref import WeakKeyDictionary

from lanyard_analyzers._late import late
from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import FileRecord, Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.resolve.rules import rules_of
from lanyard_analyzers.slices.nearby import Nearby, subwords
from lanyard_analyzers.slices.scene import Scene

_MOST_FILES = 12
_MOST_NAMESAKES = 8
_MOST_DEFINING = 16
_LINES = 80
_WORD = late(r"\w+")
_MOST_KEPT = 8


class Fellows:
    """The features of one cursor that other files and heads give."""

    def __init__(self, scene: Scene, nearby: Nearby) -> None:
        self._scene = scene
        self._nearby = nearby

    def features(self, symbol: Symbol) -> Iterator[tuple[str, float]]:
        """What speaks for a definition; what says nothing is left out."""
        name = symbol.name
        beside = self._beside.get(name, 0)
        if beside:
            yield "fellows", beside / self._files
        same = self._namesakes.get(name, 0)
        if same:
            yield "namesakes", same / self._bodies
        elif self._bodies:
            yield "unshared", 1.0
        if symbol.shape in {"function", "method"}:
            yield from self._fit(symbol)

    def _fit(self, symbol: Symbol) -> Iterator[tuple[str, float]]:
        own, inside = self._params, self._inside
        names = [one.name.lstrip("*") for one in symbol.params if one.name not in self._receivers]
        if names:
            shared = sum(name in own for name in names)
            if shared:
                yield "passed", log1p(shared)
                yield "passed_all", shared / len(names)
            known = sum(name in inside for name in names)
            if known:
                yield "given_names", known / len(names)
        function = self._nearby.function
        if function is not None and function.type and symbol.type == function.type:
            yield "gives_same", 1.0

    @cached_property
    def _receivers(self) -> frozenset[str]:
        return rules_of(self._scene.file.language).receivers

    @cached_property
    def _params(self) -> frozenset[str]:
        function = self._nearby.function
        if function is None:
            return frozenset()
        return frozenset(one.name.lstrip("*") for one in function.params) - self._receivers

    @cached_property
    def _inside(self) -> frozenset[str]:
        nearby = self._nearby
        return frozenset(name for name, offsets in nearby.names.items() if nearby.inside(offsets)) - self._receivers

    @cached_property
    def _paths(self) -> list[str]:
        """The files beside the buffer's, those first whose names are most like its own."""
        path = self._scene.file.path
        directory, _, name = path.rpartition("/")
        ending, words = name.rpartition(".")[2], subwords(name)
        beside = [one for one in self._scene.index.in_directory(directory) if one != path and one.endswith(ending)]
        beside.sort(key=lambda one: -len(subwords(one.rpartition("/")[2]) & words))
        return beside[:_MOST_FILES]

    @cached_property
    def _beside(self) -> Mapping[str, int]:
        return kept_words(self._scene.index).counted(tuple(self._paths))

    @property
    def _files(self) -> int:
        return len(self._paths) or 1

    @cached_property
    def _others(self) -> list[frozenset[str]]:
        """The words of the bodies of other functions that are named alike."""
        function, scene = self._nearby.function, self._scene
        if function is None:
            return []
        found: list[frozenset[str]] = []
        seen: set[tuple[str, int]] = {(scene.file.path, function.first)}
        for path, one in self._named(function.name):
            here = path == scene.file.path
            if one.shape not in {"function", "method"} or (path, one.first) in seen or one.body_first < 0:
                continue
            seen.add((path, one.first))
            file = scene.file if here else scene.index.file(path)
            if file is not None:
                found.append(_words_of(file, one))
            if len(found) >= _MOST_NAMESAKES:
                break
        return found

    def _named(self, name: str) -> Iterator[tuple[str, Symbol]]:
        """What is named alike: in the buffer and the files beside it first."""
        index = self._scene.index
        for path in (self._scene.file.path, *self._paths):
            record = index.record(path)
            if record is not None and record.mentions(name):
                yield from ((path, one) for one in record.symbols if one.name == name)
        yield from islice(index.defining(name), _MOST_DEFINING)

    @property
    def _bodies(self) -> int:
        return len(self._others)

    @cached_property
    def _namesakes(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for words in self._others:
            found.update(words)
        return found


def _words_of(file: SourceFile, symbol: Symbol) -> frozenset[str]:
    """The words of a body, found once for as long as its file is the same."""
    known = _BODIES.setdefault(file, {})
    words = known.get(symbol.first)
    if words is None:
        body = file.lines[symbol.body_first : min(symbol.body_last, symbol.body_first + _LINES) + 1]
        words = known[symbol.first] = frozenset(_WORD.findall("\n".join(body)))
    return words


_BODIES: WeakKeyDictionary[SourceFile, dict[int, frozenset[str]]] = WeakKeyDictionary()


class Words:
    """In how many of some files each word occurs, kept with their index."""

    def __init__(self, index: Index) -> None:
        self._index = index
        self._known: dict[tuple[str, ...], tuple[list[FileRecord | None], Counter[str]]] = {}

    def counted(self, paths: tuple[str, ...]) -> Mapping[str, int]:
        """By word the number of the files that have it; of files without a record nothing is counted."""
        records = [self._index.record(path) for path in paths]
        known = self._known.get(paths)
        if known is not None and all(one is two for one, two in zip(known[0], records, strict=True)):
            return known[1]
        found: Counter[str] = Counter()
        for record in records:
            if record is not None:
                found.update(record.words.split("\n"))
        if len(self._known) >= _MOST_KEPT:
            self._known.clear()
        self._known[paths] = records, found
        return found


def kept_words(index: Index) -> Words:
    """The counts that are kept with an index."""
    kept = index.kept_by_others.get(Words)
    if not isinstance(kept, Words):
        kept = index.kept_by_others[Words] = Words(index)
    return kept
