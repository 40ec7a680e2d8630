"""Which definition a reference means.

Contract. Owns what is asked of resolution from outside; the walk from a name over scopes, imports, re-exports,
members, bases and shallow types to definitions is in `walk.py`, what differs between languages in `rules/`. Where
several definitions remain they are given in order of certainty, and a guess says that it is one. It works on records
alone: no text, no tree, and total.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import Binding
from lanyard_analyzers.resolve.values import Definition, Place, Value, Via
from lanyard_analyzers.resolve.walk import Walk

_GUESSED = 0.7
"""How sure it is that a member's only definition of that name in the workspace is meant."""
_OVERRIDES = 0.6
_C_FILES = (".h", ".hpp", ".hh", ".hxx", ".c", ".cpp", ".cc", ".cxx", ".cu", ".cuh", ".ipp")
_MOST_OWNERS = 12
_MOST_GUESSED = 4
_LONG_ENOUGH = 3
_MOST_NAMESAKES = 200
"""Definitions of one name that are looked at; a name with more tells nothing of who has it."""


@dataclass(frozen=True, slots=True)
class Link:
    """A definition that a reference may mean: how it was found, and how sure that is (1 is certain)."""

    place: Place
    via: Via
    certainty: float


class Resolver:
    """Resolution over an index. Answers are remembered; `refresh` when the index has changed."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._walk = Walk(index)
        self._guesses: dict[frozenset[str], tuple[Link, ...]] = {}

    def refresh(self) -> None:
        """Take note that the index may have changed."""
        self._guesses.clear()
        self._walk.refresh()

    def chain(self, path: str, line: int, parts: Sequence[str]) -> tuple[Link, ...]:
        """What the last part of `a.b.c` means at a line of a file, likeliest first.

        A part with `()` at its end is a call: what follows belongs to what it gives (`("make()", "run")`). The
        separators of the language (`.`, `::`, `->`, `?.`) do not matter. A chain of one part is a bare name.
        """
        if not parts:
            return ()
        last = parts[-1].removesuffix("()")
        links = _links(self._walk.value(path, line, (*parts[:-1], last)))
        if not links and len(parts) == 1 and path.endswith(_C_FILES):
            # `struct entry entry`: a tag and a variable may have one name
            links = tuple(one for one in _links(self._walk.name(path, -1, last)) if one.place.symbol.shape == "class")
        return links

    def types(self, path: str, line: int, parts: Sequence[str]) -> tuple[Link, ...]:
        """The classes that the value of a chain has, as annotations, constructor calls and declarations tell."""
        values = self._walk.value(path, line, parts)
        return _links(one for value in values for one in self._walk.classes(value))

    def named_types(self, path: str, line: int, text: str) -> tuple[Link, ...]:
        """The classes and aliases of the workspace that the text of a type names (`Optional[list[Cart]]` → `Cart`)."""
        facts = self._walk.facts(path)
        return _links(self._walk.named_types(path, facts.scope_at(line), text)) if facts is not None else ()

    def modules(self, path: str, line: int, parts: Sequence[str]) -> tuple[str, ...]:
        """The files that a chain names as a module, likeliest first; none where it is something else."""
        return self._walk.modules(path, line, parts)

    def bases(self, place: Place) -> tuple[Link, ...]:
        """The classes that a class is made from, in the order written; nearest first with `all_bases`."""
        return _in_order(self._walk.bases(place))

    def all_bases(self, place: Place) -> tuple[Link, ...]:
        """All classes above a class in the order of lookup, itself left out; bounded, and safe for cycles."""
        return _in_order(self._walk.all_bases(place))

    def members(self, place: Place) -> tuple[Place, ...]:
        """The methods and fields of a class itself, wherever they are written (`impl` blocks, partial classes)."""
        return self._walk.members(place)

    def member(self, place: Place, name: str) -> tuple[Link, ...]:
        """A member of a class by name: its own first, then those of its bases."""
        return _links(self._walk.member(place, name))

    def exported(self, path: str, name: str) -> tuple[Link, ...]:
        """What a file gives under a name: its own definition, or what it passes on."""
        return _links(self._walk.exported(path, name))

    def sources(self, path: str, binding: Binding) -> tuple[str, ...]:
        """The files of the workspace that the source of an import of a file may be, likeliest first."""
        return self._walk.sources(path, binding)

    def exports(self, path: str) -> tuple[Place, ...]:
        """What a file gives by name: its own definitions, then what it passes on."""
        return self._walk.exports(path)

    def named_like(self, path: str, name: str) -> tuple[Link, ...]:
        """The class that an untyped value may be of by its name alone (`request` → `Request`)."""
        wanted = "".join(part[:1].upper() + part[1:] for part in name.strip("_").split("_"))
        if len(wanted) < _LONG_ENOUGH:
            return ()
        found = _links(self._walk.name(path, -1, wanted))
        if not found:
            found = tuple(
                Link(Place(where, symbol), "guess", 1.0)
                for where, symbol in islice(self.index.defining(wanted), _MOST_NAMESAKES)
                if symbol.shape == "class" and not symbol.owner
            )
        classes = [link for link in found if link.place.symbol.shape == "class"]
        if not classes or len(classes) > _MOST_GUESSED:
            return ()
        return tuple(Link(link.place, "guess", _GUESSED / len(classes)) for link in classes)

    def owner(self, place: Place) -> Place | None:
        """The class that a member belongs to."""
        return self._walk.owner(place)

    def counterparts(self, place: Place) -> tuple[Link, ...]:
        """The prototypes of a function of C or C++ that its own file and what it includes hold, or its definitions in
        the files that implement a header."""
        if not place.path.endswith(_C_FILES):
            return ()
        found = [*self._walk.declared(place.path, place.symbol.name)]
        return tuple(link for link in _links(found) if _same_function(link.place, place))

    def foreign(self, path: str, line: int, parts: Sequence[str]) -> bool:
        """Whether a chain begins at something that is imported from outside the workspace."""
        return self._walk.foreign(path, line, parts)

    def settled(self, path: str, line: int, parts: Sequence[str]) -> bool:
        """Whether it is written of what type a chain is, be it one of the workspace or not."""
        return self._walk.settled(path, line, parts)

    def having(self, members: Iterable[str]) -> tuple[Link, ...]:
        """The classes that have all these members, inherited ones too: a guess at what an untyped value is.

        The fewer they are, the surer; none where they are more than a few.
        """
        names = frozenset(members)
        if names not in self._guesses:
            self._guesses[names] = self._having(sorted(names))
        return self._guesses[names]

    def leads_to(self, path: str, line: int, parts: Sequence[str], target: Place) -> float:
        """How sure it is that a chain means `target` (0: it means something else), for telling callers apart."""
        links = self.chain(path, line, parts)
        for link in links:
            if link.place == target or _same_function(link.place, target):
                return link.certainty
        name = parts[-1].removesuffix("()") if parts else ""
        for link in links:
            if link.place.symbol.owner and link.place.symbol.name == target.symbol.name:
                if self._related(link.place, target):
                    return link.certainty * _OVERRIDES
            elif link.place.symbol.shape == "class" and target.symbol.owner:
                made = self._walk.member(link.place, target.symbol.name)
                if any(one.place == target for one in made):
                    return link.certainty * _OVERRIDES
        if links or len(parts) < 2 or name != target.symbol.name:
            return 0.0
        if self._walk.value(path, line, parts[:-1]):
            return 0.0
        same = islice(self.index.defining(name), _MOST_NAMESAKES)
        owners = {(found, symbol.owner) for found, symbol in same if symbol.owner}
        return _GUESSED / max(len(owners), 1)

    def _related(self, one: Place, other: Place) -> bool:
        first, second = self._walk.owner(one), self._walk.owner(other)
        if first is None or second is None:
            return False
        above = {base.place for base in self._walk.all_bases(second)}
        return first in above or second in {base.place for base in self._walk.all_bases(first)}

    def _having(self, names: list[str]) -> tuple[Link, ...]:
        if not names:
            return ()
        rarest: list[Place] | None = None
        for name in names:
            same = islice(self.index.defining(name), _MOST_NAMESAKES)
            found = [Place(path, symbol) for path, symbol in same if symbol.owner]
            if rarest is None or len(found) < len(rarest):
                rarest = found
        places = rarest or []
        owners: dict[Place, None] = {}
        for place in places[: _MOST_OWNERS * 4]:
            owner = self._walk.owner(place)
            if owner is not None:
                owners.setdefault(owner)
        if len(owners) > _MOST_OWNERS:
            return ()
        fitting = [owner for owner in owners if all(self._walk.member(owner, name) for name in names)]
        fitting = self._outermost(fitting)
        if not fitting or len(fitting) > _MOST_GUESSED:
            return ()
        return tuple(Link(owner, "guess", _GUESSED / len(fitting)) for owner in fitting)

    def _outermost(self, classes: list[Place]) -> list[Place]:
        """Without those whose base is among them, too: the base is what is known of all."""
        known = set(classes)
        return [one for one in classes if not any(base.place in known for base in self._walk.all_bases(one))]


def _same_function(one: Place, other: Place) -> bool:
    """Whether one is the prototype of the other in C or C++."""
    first, second = one.symbol, other.symbol
    if first.name != second.name or first.shape not in {"function", "method"} or second.shape != first.shape:
        return False
    if not one.path.endswith(_C_FILES) or (first.body_first < 0) == (second.body_first < 0):
        return False
    short, long = sorted((first.qualified, second.qualified), key=len)
    hidden = first.shape == "function" and "private" in {*first.marks, *second.marks}
    return not hidden and (short == long or long.endswith(f"::{short}"))


def _links(values: Iterable[Value]) -> tuple[Link, ...]:
    found = _in_order(value for value in values if isinstance(value, Definition))
    return tuple(sorted(found, key=lambda link: -link.certainty))


def _in_order(values: Iterable[Definition]) -> tuple[Link, ...]:
    found: dict[Place, Link] = {}
    for value in values:
        known = found.get(value.place)
        if known is None or known.certainty < value.certainty:
            found[value.place] = Link(value.place, value.via, value.certainty)
    return tuple(found.values())
