"""What stands around a cursor: where names occur in the buffer, the definitions around, how the line begins.

Owns reading the buffer for a completion: one pass over its characters, distances in characters. What the names mean
belongs to `resolve/`.
"""

from __future__ import annotations

import builtins
import keyword
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

from lanyard_analyzers._late import late
from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.slices.sites import UNKNOWN, receiver

_CHAIN = late(r"([^\W\d][\w$]*(?:(?:\.|::|->|\?\.)[^\W\d][\w$]*)*)")
_NAME = late(r"[^\W\d]\w*")
_SEPARATOR = late(r"\.|::|->|\?\.")
_SUBWORDS = late(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PREFIX_WORD = late(r"\s*(@|[^\W\d]\w*)?")
_LONGEST = 400_000
_NEAR = 600
"""Characters before and after the cursor whose words are compared with names."""
_MOST_IMPORTS = 60
_MOST_OFFSETS = 200
_SIZE_OF_NAME = 25
"""Characters of a function for each of its distinct names, roughly."""
_SHORT_NAME = 2
_BINDERS = (["for"], ["as"], ["def"], ["class"], ["import"], ["lambda"], ["let"], ["const"], ["var"], ["function"])
_KEYWORDS = frozenset(
    {*keyword.kwlist, "this", "const", "let", "var", "function", "new", "typeof", "null", "undefined", "true", "false"}
)
_BUILTIN = frozenset(dir(builtins))

Offsets = Sequence[int]


class Nearby:
    """A buffer seen from an offset in it."""

    def __init__(self, file: SourceFile, cursor: int) -> None:
        self.file = file
        self.cursor = max(0, min(cursor, len(file.text)))
        self.line = file.text.line_of(self.cursor)
        self.content = file.text.content
        start = file.text.line_span(self.line).start
        self.prefix = self.content[start : self.cursor]

    @cached_property
    def function(self) -> Symbol | None:
        """The function or method that is written in, by its lines or, where it is broken off, by its indentation."""
        return self._around(("function", "method"))

    @cached_property
    def owner(self) -> Symbol | None:
        """The class that is written in."""
        return self._around(("class",))

    @cached_property
    def scope_line(self) -> int:
        """A line of the innermost scope, for the resolver."""
        inner = [one.head for one in (self.function, self.owner) if one is not None]
        return max(inner, default=self.line)

    def _around(self, shapes: tuple[str, ...]) -> Symbol | None:
        lines = self.file.lines
        text = lines[self.line]
        here = len(self.prefix) - len(self.prefix.lstrip()) if self.prefix.strip() else len(self.prefix)
        here = here if self.prefix else len(text) - len(text.lstrip())
        found: Symbol | None = None
        for symbol in self.file.symbols:
            if symbol.first > self.line:
                break
            if symbol.shape not in shapes:
                continue
            covers = symbol.head <= self.line <= symbol.last
            if covers or (self.file.language == "python" and self._reaches(symbol, here)):
                found = symbol
        return found

    def _reaches(self, symbol: Symbol, here: int) -> bool:
        """Whether nothing between a definition and the cursor ends it."""
        lines = self.file.lines
        head = lines[symbol.head]
        indent = len(head) - len(head.lstrip())
        if here <= indent or self.line - symbol.last > 40:
            return False
        for line in range(symbol.last + 1, self.line):
            text = lines[line]
            if text.strip() and len(text) - len(text.lstrip()) <= indent:
                return False
        return True

    @cached_property
    def chains(self) -> Mapping[tuple[str, ...], Offsets]:
        """Where each chain begins that occurs in the buffer outside its imports, comments and strings included."""
        pieces = _CHAIN.split(self.content[:_LONGEST])
        found: dict[str, list[int]] = {}
        imports = self._imports()
        at, passed, ends = 0, 0, 0
        for between, chain in zip(pieces[::2], pieces[1::2], strict=False):
            at += len(between)
            while passed < len(imports) and imports[passed][0] <= at:
                ends = max(ends, imports[passed][1])
                passed += 1
            if at >= ends:
                known = found.get(chain)
                if known is None:
                    found[chain] = [at]
                else:
                    known.append(at)
            at += len(chain)
        return {_parts_of(chain): offsets for chain, offsets in found.items()}

    def _imports(self) -> list[tuple[int, int]]:
        """The offsets of the import statements, in their order."""
        starts = self.file.text.starts
        return sorted(
            (starts[one.first], starts[one.last + 1] if one.last + 1 < len(starts) else len(self.content))
            for one in self.file.record.imports[:_MOST_IMPORTS]
        )

    @cached_property
    def names(self) -> Mapping[str, Offsets]:
        """Where each chain begins, by its first name."""
        return {parts[0]: offsets for parts, offsets in self.places.items() if len(parts) == 1}

    @cached_property
    def attributes(self) -> Mapping[str, Offsets]:
        """Where each name is asked of something, by that name."""
        found: dict[str, list[int]] = {}
        for parts, offsets in self.chains.items():
            for part in parts[1:]:
                found.setdefault(part, []).extend(offsets)
        for offsets in found.values():
            offsets.sort()
        return found

    @cached_property
    def asked(self) -> Mapping[tuple[str, ...], Mapping[str, Offsets]]:
        """What is asked of each receiver: of a name, or of a member of the object itself."""
        found: dict[tuple[str, ...], dict[str, list[int]]] = {}
        for parts, offsets in self.chains.items():
            for length in range(1, min(len(parts), 4)):
                found.setdefault(parts[:length], {}).setdefault(parts[length], []).extend(offsets)
        for asked in found.values():
            for offsets in asked.values():
                offsets.sort()
        return found

    @cached_property
    def places(self) -> Mapping[tuple[str, ...], Offsets]:
        """Where each name or chain of up to three parts occurs, by itself or with more asked of it."""
        found: dict[tuple[str, ...], list[int]] = {}
        for parts, offsets in self.chains.items():
            for length in range(1, min(len(parts), 3) + 1):
                found.setdefault(parts[:length], []).extend(offsets)
        for offsets in found.values():
            offsets.sort()
        return found

    def near(self, offsets: Offsets) -> tuple[int, int]:
        """Characters to the nearest of the offsets before the cursor, and to the nearest after it."""
        at = bisect_left(offsets, self.cursor)
        before = self.cursor - offsets[at - 1] if at else 1 << 30
        after = offsets[at] - self.cursor if at < len(offsets) else 1 << 30
        return before, after

    def nearest(self, offsets: Offsets) -> int:
        """The offset that is nearest to the cursor."""
        return min(offsets, key=lambda offset: abs(offset - self.cursor))

    @cached_property
    def _functions(self) -> tuple[list[int], list[tuple[int, int]]]:
        """The outermost functions and methods of the buffer: where they begin, and their spans."""
        starts, lines = self.file.text.starts, len(self.file.lines)
        spans: list[tuple[int, int]] = []
        for symbol in self.file.symbols:
            if symbol.shape in {"function", "method"} and (not spans or starts[symbol.first] >= spans[-1][1]):
                end = starts[symbol.last + 1] if symbol.last + 1 < lines else len(self.content)
                spans.append((starts[symbol.first], end))
        return [first for first, _ in spans], spans

    @cached_property
    def _likeness(self) -> dict[int, float]:
        """How many of the names of the function that is written in each other function uses, by their place."""
        begins = self._functions[0]
        here = self._place(self.span[0] if self.function is not None else self.cursor)
        if not begins:
            return {}
        first, last = self.span
        shared: dict[int, float] = {}
        sizes: dict[int, int] = {}
        for offsets in [*self.names.values(), *self.attributes.values()]:
            if not self.inside(offsets) or len(offsets) > _MOST_OFFSETS:
                continue
            places = {self._place(offset) for offset in offsets if not first <= offset < last}
            for place in places:
                shared[place] = shared.get(place, 0.0) + 1.0 / (len(places) + 1)
        for place in shared:
            begin, end = self._functions[1][place] if place >= 0 else (0, len(self.content))
            sizes[place] = max(1, (end - begin) // _SIZE_OF_NAME)
        return {place: shared[place] / sizes[place] ** 0.5 for place in sorted(shared) if place not in {here, -1}}

    def _place(self, offset: int) -> int:
        begins, spans = self._functions
        at = bisect_right(begins, offset) - 1
        return at if at >= 0 and offset < spans[at][1] else -1

    def alike(self, offsets: Offsets) -> float:
        """How alike the function that is written in is to the likest of those in which one of the offsets is."""
        return self._best(self._likeness, offsets)

    def _best(self, of_places: dict[int, float], offsets: Offsets) -> float:
        """The best of what the functions have in which one of the offsets is."""
        if not of_places:
            return 0.0
        return max((of_places.get(self._place(offset), 0.0) for offset in offsets[:_MOST_OFFSETS]), default=0.0)

    @cached_property
    def _kinship(self) -> dict[int, float]:
        """How much of the name of the function that is written in is in that of each other, by their place."""
        words = self.named
        if not words:
            return {}
        found: dict[int, float] = {}
        own = self.function
        for symbol in self.file.symbols:
            if symbol.shape in {"function", "method"} and symbol is not own:
                shared = words & (other := subwords(symbol.name))
                if shared:
                    place = self._place(self.file.text.starts[symbol.head])
                    found[place] = max(found.get(place, 0.0), len(shared) / len(words | other))
        return found

    def kin(self, offsets: Offsets) -> float:
        """How like to the name of the function that is written in is that of a function with one of the offsets."""
        return self._best(self._kinship, offsets)

    @cached_property
    def _class_span(self) -> tuple[int, int]:
        owner, starts = self.owner, self.file.text.starts
        if owner is None:
            return 0, 0
        return starts[owner.head], starts[owner.last + 1] if owner.last + 1 < len(starts) else len(self.content)

    def in_class(self, offsets: Offsets) -> bool:
        """Whether one of the offsets is in the class that is written in."""
        first, last = self._class_span
        at = bisect_left(offsets, first)
        return at < len(offsets) and offsets[at] < last

    @cached_property
    def said(self) -> frozenset[str]:
        """The words of the function that is written in, its documentation among them."""
        first, last = self.span
        return frozenset(_NAME.findall(self.content[first:last])) if self.function is not None else frozenset()

    @cached_property
    def missing(self) -> Mapping[str, frozenset[str]]:
        """Names that the rest of the function uses and nothing before the cursor makes, with what is asked of them."""
        function = self.function
        if function is None:
            return {}
        first, last = self.span
        known = {param.name.lstrip("*") for param in function.params}
        known |= {binding.local.partition(".")[0] for one in self.file.record.imports for binding in one.bindings}
        known |= set(self.file.by_name)
        found: dict[str, frozenset[str]] = {}
        for name, offsets in self.names.items():
            inside = [offset for offset in offsets if first <= offset < last]
            if not inside or inside[0] < self.cursor or name in known or len(name) < _SHORT_NAME:
                continue
            after = self.content[inside[0] + len(name) : inside[0] + len(name) + 4].lstrip()
            before = self.content[max(0, inside[0] - 12) : inside[0]].split()[-1:]
            if (after[:1] == "=" and after[:2] != "==") or before in _BINDERS or is_keyword(name):
                continue
            found[name] = frozenset(self.asked.get((name,), {}))
        return found

    @cached_property
    def missing_words(self) -> frozenset[str]:
        """The words that the missing names are made of."""
        return frozenset(word for name in self.missing for word in subwords(name))

    @cached_property
    def span(self) -> tuple[int, int]:
        """The offsets of the function that is written in; of the lines around where there is none."""
        starts, function = self.file.text.starts, self.function
        if function is None:
            return max(0, self.cursor - _NEAR), min(len(self.content), self.cursor + _NEAR)
        last = max(function.last, self.line)
        return starts[function.head], starts[last + 1] if last + 1 < len(starts) else len(self.content)

    def inside(self, offsets: Offsets) -> bool:
        """Whether one of the offsets is in the function that is written in."""
        first, last = self.span
        at = bisect_left(offsets, first)
        return at < len(offsets) and offsets[at] < last

    @cached_property
    def receiver(self) -> tuple[str, ...]:
        """The chain before a separator that the cursor follows (`cart.items.` → cart, items); () for none.

        A name that is begun (`cart.it`) is not part of it.
        """
        at = self.cursor
        while at > 0 and (self.content[at - 1].isalnum() or self.content[at - 1] == "_"):
            at -= 1
        return receiver(self.content, at, self.file.language)

    @cached_property
    def dotted(self) -> bool:
        """Whether what is written at the cursor is a member of something."""
        return bool(self.receiver)

    @cached_property
    def begun(self) -> str:
        """The name that is begun at the cursor, "" for none."""
        at = self.cursor
        while at > 0 and (self.content[at - 1].isalnum() or self.content[at - 1] == "_"):
            at -= 1
        return self.content[at : self.cursor]

    @cached_property
    def lead(self) -> str:
        """The first word of the line (`raise`, `return`, `@`), "" where the line is empty so far."""
        match = _PREFIX_WORD.match(self.prefix)
        return (match.group(1) or "") if match else ""

    @cached_property
    def words(self) -> frozenset[str]:
        """The lower-case words that names near the cursor are made of, that of the function among them."""
        near = self.content[max(0, self.cursor - _NEAR) : self.cursor + _NEAR // 2]
        words = {word.lower() for word in _SUBWORDS.findall(near)}
        if self.function is not None:
            words |= subwords(self.function.name)
        return frozenset(words)

    @cached_property
    def named(self) -> frozenset[str]:
        """The words of the name of the function that is written in."""
        return subwords(self.function.name) if self.function is not None else frozenset()


def is_keyword(name: str) -> bool:
    """Whether a name is the language's rather than the workspace's."""
    return name in _KEYWORDS or name in _BUILTIN


@lru_cache(maxsize=20_000)
def subwords(name: str) -> frozenset[str]:
    """The lower-case words that a name is made of."""
    return frozenset(word.lower() for word in _SUBWORDS.findall(name) if len(word) > 1)


def _parts_of(chain: str) -> tuple[str, ...]:
    if ":" in chain or ">" in chain or "?" in chain:
        return tuple(_SEPARATOR.split(chain))
    return tuple(chain.split(".")) if "." in chain else (chain,)


__all__ = ["UNKNOWN", "Nearby", "Offsets", "is_keyword", "subwords"]
