"""Definitions that no import path leads to: names spelled out from a namespace on, and extensions of a class.

Owns both searches over the table of names; they are for languages whose namespaces are said in files (C#, PHP, Kotlin,
Ruby). What a name means in a scope is `walk.py`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from lanyard_analyzers.index.index import Index
from lanyard_analyzers.index.records import FileRecord, Symbol
from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.resolve.texts import names_in_type
from lanyard_analyzers.resolve.values import Definition, Place

SPELLED = frozenset({"csharp", "php", "kotlin", "ruby", "java", "cpp"})
EXTENDED = frozenset({"csharp", "kotlin"})
_LONGEST = 6
_MOST = 8
_ELSEWHERE = 0.7
_EXTENSION, _IN_SIGHT = 0.9, 0.6


def spelled_out(index: Index, record: FileRecord, parts: Sequence[str]) -> tuple[tuple[Definition, ...], int]:
    """The definitions that the longest beginning of a chain names from some namespace on, and how many parts it takes.

    A namespace of the file itself, one that holds it, or the outermost is surer than any other.
    """
    language = LANGUAGES[record.language]
    names = [part.removesuffix("()") for part in parts[:_LONGEST]]
    limit = next((at for at, part in enumerate(parts[:_LONGEST]) if part.endswith("()")), len(names) - 1) + 1
    if record.language == "ruby":
        limit = min(limit, next((at for at, name in enumerate(names) if not name[:1].isupper()), len(names)))
    expanded = _expanded(record, names[0], language.separator)
    inside = _namespaces(record, language.separator)
    for length in range(min(limit, len(names)), 1, -1):
        wanted = (*expanded, *names[1:length])
        found: list[tuple[int, Place]] = []
        for path, symbol in index.defining(names[length - 1]):
            rank = _rank(_full(index, path, symbol), wanted, inside)
            if rank is not None:
                found.append((rank, Place(path, symbol)))
        if found:
            best = min(rank for rank, _ in found)
            sure = 1.0 if best == 0 else _ELSEWHERE
            places = [place for rank, place in found if rank == best][:_MOST]
            return tuple(Definition(place, "package", sure) for place in places), length
    return (), 0


def _expanded(record: FileRecord, name: str, separator: str) -> tuple[str, ...]:
    for one in record.imports:
        for binding in one.bindings:
            if binding.local == name and binding.name not in {"", "*", "default"}:
                path = binding.source.replace("\\", ".").replace(separator, ".")
                return tuple(part for part in f"{path}.{binding.name}".split(".") if part)
    return (name,)


def _full(index: Index, path: str, symbol: Symbol) -> tuple[str, ...]:
    record = index.record(path)
    if record is None or record.language not in SPELLED:
        return ()
    package = record.package.replace("\\", ".").replace("::", ".")
    qualified = symbol.qualified.replace(LANGUAGES[record.language].separator, ".")
    return tuple(part for part in f"{package}.{qualified}".split(".") if part)


def _namespaces(record: FileRecord, separator: str) -> frozenset[tuple[str, ...]]:
    """The namespaces that a file's code stands in, those around them, and the outermost."""
    found: set[tuple[str, ...]] = {()}
    package = tuple(part for part in record.package.replace("\\", ".").split(".") if part)
    spaces = [package, *((*package, *one.qualified.split(separator)) for one in record.symbols if one.shape == "class")]
    for space in spaces[:200]:
        found.update(space[:length] for length in range(1, len(space) + 1))
    for one in record.imports:
        for binding in one.bindings:
            if binding.name == "*":
                found.add(tuple(binding.source.split(".")))
    return frozenset(found)


def _rank(full: tuple[str, ...], wanted: tuple[str, ...], inside: Collection[tuple[str, ...]]) -> int | None:
    if len(full) < len(wanted) or full[-len(wanted) :] != wanted:
        return None
    return 0 if full[: -len(wanted)] in inside else 1


def extensions(index: Index, classes: Sequence[Place], name: str) -> Iterator[Definition]:
    """The extension methods of that name for one of the classes (a class, then its bases)."""
    known = {one.symbol.name for one in classes}
    count = 0
    for path, symbol in index.defining(name):
        if "extension" in symbol.marks and symbol.params:
            receiver = next(iter(names_in_type(symbol.params[0].type)), ())
            if receiver and receiver[-1] in known:
                count += 1
                yield Definition(Place(path, symbol), "package", _EXTENSION)
        if count >= _MOST:
            return


def extensions_in_sight(index: Index, record: FileRecord, name: str) -> tuple[Definition, ...]:
    """The extension methods of that name that a file imports or has in its own package, for a value of no known class.

    None where more than one type is extended so.
    """
    bound: set[str] = set()
    packages = {record.package}
    for one in record.imports:
        for binding in one.bindings:
            if binding.name == "*":
                packages.add(binding.source)
            elif binding.local == name:
                bound.add(binding.source)
    found: list[Place] = []
    for path, symbol in index.defining(name):
        if "extension" in symbol.marks and symbol.params:
            other = index.record(path)
            if other is not None and other.package in (bound or packages):
                found.append(Place(path, symbol))
    receivers = {names_in_type(one.symbol.params[0].type)[:1] for one in found}
    sure = _EXTENSION if bound else _IN_SIGHT
    return tuple(Definition(place, "package", sure) for place in found[:_MOST]) if len(receivers) == 1 else ()
