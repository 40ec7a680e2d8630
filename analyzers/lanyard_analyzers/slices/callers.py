"""Who calls the target: its call sites in the workspace, told apart from those of other definitions of its name.

Owns the bounded search for them and their order: code before tests, certain before guessed, other modules before the
target's own, near before far; one site a function. What a chain means is the resolver's answer.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.languages import LANGUAGES, language_of
from lanyard_analyzers.resolve.resolver import Place
from lanyard_analyzers.slices.meanings import Meanings, meanings_of
from lanyard_analyzers.slices.model import Tier
from lanyard_analyzers.slices.scene import Candidate, Lines, Option, Scene
from lanyard_analyzers.slices.sites import Occurrence, around, lines_of_use, occurrences
from lanyard_analyzers.slices.test_links import family_of, is_tests
from lanyard_analyzers.slices.weights import weights_of
from lanyard_analyzers.targets import Shape

FILES = 80
"""Files that are searched, likeliest first."""
CONSIDERED = 1_000
"""Files that mention the name whose imports are read."""
ASKED = 120
"""Occurrences that the resolver is asked about, in all."""
ASKED_A_FILE = 24
_LEAST = 0.3
_SURE = 0.9
_FADES = 0.93
_IN_TESTS = 0.25
_PUBLIC = 10
_IN_FULL = 3


class Site(NamedTuple):
    """A function that uses the target, and the first places in it; `symbol` is None at the top level of a file."""

    file: SourceFile
    symbol: Symbol | None
    uses: tuple[Occurrence, ...]
    certainty: float
    tests: bool


def callers(scene: Scene) -> Iterator[Candidate]:
    """The call sites of the target, of a class its uses, of a file those of its public definitions."""
    weights = weights_of(scene.request.kind)
    if not weights.callers or not weights.most_callers:
        return
    found = 0
    for symbol in _subjects(scene):
        most = weights.most_callers if symbol is scene.own else 2
        for rank, site in enumerate(sites(scene, symbol)[:most]):
            worth = weights.callers * _FADES**rank * site.certainty
            worth *= _IN_TESTS if site.tests else 1.0
            worth *= 1.0 if symbol is scene.own else 0.5
            yield _candidate(site, symbol, worth, rank)
            found += 1
        if found >= weights.most_callers:
            return


def _subjects(scene: Scene) -> list[Symbol]:
    """What callers are looked for of: the target, the function around a selection, what a file gives."""
    if scene.own is not None:
        return [scene.own]
    if scene.request.target.shape is Shape.SELECTION:
        inner = around(scene.file, scene.lines[0])
        return [inner] if inner is not None else []
    if scene.request.target.shape is not Shape.FILE:
        return []
    public = [
        one
        for one in scene.file.symbols
        if one.around < 0 and one.shape in {"function", "class"} and not {"private", "test"} & set(one.marks)
    ]
    return public[:_PUBLIC]


def sites(scene: Scene, symbol: Symbol) -> list[Site]:
    """The functions that use a definition of the target's file, best first."""
    meanings = meanings_of(scene, Place(scene.file.path, symbol))
    found: dict[tuple[str, int], Site] = {}
    asked = 0
    enough = 2 * weights_of(scene.request.kind).most_callers
    for file in _searched(scene, meanings):
        if asked >= ASKED or sum(site.certainty > _SURE for site in found.values()) >= enough:
            break
        tests = is_tests(file.path, file.language)
        in_file = 0
        for use, inner in _uses(scene, file, meanings):
            key = (file.path, inner.first if inner is not None else -1 - use.line)
            known = found.get(key)
            if known is not None and (known.certainty > _SURE or len(known.uses) > 1):
                continue
            if asked >= ASKED or in_file >= ASKED_A_FILE:
                break
            asked, in_file = asked + 1, in_file + 1
            certainty = meanings.certainty(file, use)
            if certainty < _LEAST:
                continue
            if known is None:
                found[key] = Site(file, inner, (use,), certainty, tests)
            elif certainty > known.certainty:
                found[key] = known._replace(uses=(use,), certainty=certainty)
    return sorted(found.values(), key=lambda site: _order(scene, site))


def _order(scene: Scene, site: Site) -> tuple[bool, int, bool, int, str, int]:
    here = site.file.path == scene.file.path
    return (
        site.tests or (site.symbol is not None and "test" in site.symbol.marks),
        -round(site.certainty * 4),
        here,
        _distance(scene.file.path, site.file.path),
        site.file.path,
        site.uses[0].line,
    )


def _distance(one: str, other: str) -> int:
    """Steps between the directories of two paths."""
    first, second = posixpath.dirname(one).split("/"), posixpath.dirname(other).split("/")
    common = 0
    for here, there in zip(first, second, strict=False):
        if here != there:
            break
        common += 1
    return len(first) + len(second) - 2 * common


def _searched(scene: Scene, meanings: Meanings) -> Iterator[SourceFile]:
    """The target's file, then the likeliest of those that mention the name."""
    yield scene.file
    language = scene.file.language
    family = family_of(language)
    path = scene.file.path
    mentioning = scene.index.mentioning(meanings.word)
    others = [
        one
        for one in (mentioning if len(mentioning) <= CONSIDERED else _likeliest(scene, meanings, mentioning))
        if one != path and language_of("", one) in family and not meanings.hopeless(one)
    ]
    order = sorted(
        others,
        key=lambda one: (is_tests(one, language), not meanings.imported_by(one), _distance(path, one), one),
    )
    for one in order[:FILES]:
        file = scene.index.file(one)
        if file is not None:
            yield file


def _likeliest(scene: Scene, meanings: Meanings, paths: list[str]) -> list[str]:
    """Of very many files that mention a name as many as are looked at: those that mention the class or the module of
    the definition too, then the others, near ones first."""
    tied = {one for word in (meanings.owner, *meanings.stems) if word for one in scene.index.mentioning(word)}
    folders: dict[str, list[str]] = {}
    for one in paths:
        folders.setdefault(one.rpartition("/")[0], []).append(one)
    near = sorted(folders, key=lambda one: (_distance(scene.file.path, f"{one}/"), one))
    ranked = (one for known in (True, False) for folder in near for one in folders[folder] if (one in tied) is known)
    return list(islice(ranked, CONSIDERED))


def _uses(scene: Scene, file: SourceFile, meanings: Meanings) -> Iterator[tuple[Occurrence, Symbol | None]]:
    first, last = scene.lines
    inside = file.path == scene.file.path and scene.request.target.shape is not Shape.FILE
    for name in meanings.names:
        for use in occurrences(file, name, ASKED_A_FILE * 4):
            if inside and first <= use.line <= last:
                continue
            inner = around(file, use.line)
            if meanings.may_mean(file, use, inner):
                yield use, inner


def _candidate(site: Site, symbol: Symbol, worth: float, rank: int) -> Candidate:
    """The call with the head of the function around it; with its arguments; with the lines beside it.

    From the fourth caller on the head alone comes first: it is cheap, and says who calls.
    """
    file = site.file
    calls = frozenset(use.line for use in site.uses)
    whole: Lines = frozenset[int]().union(*(lines_of_use(file, use, len(use.parts[-1])) for use in site.uses))
    why = f"calls {symbol.name}" if site.uses[0].form != "read" else f"uses {symbol.name}"
    if site.certainty < 0.5:
        why += ", it seems"
    inner = site.symbol
    if inner is None:
        options = [Option(Tier.NAME, calls, worth)]
        if whole != calls:
            options.append(Option(Tier.SIGNATURE, whole, worth * 1.15))
        return Candidate(file, why, tuple(options))
    head = _head(file, inner)
    options = [Option(Tier.NAME, calls | head, worth)]
    if rank >= _IN_FULL:
        options.insert(0, Option(Tier.NAME, head, worth * 0.75))
    if whole - calls:
        options.append(Option(Tier.SIGNATURE, whole | head, worth * 1.15))
    beside = frozenset(
        near
        for line in whole
        for near in range(line - 1, line + 2)
        if inner.body_first <= near <= inner.last and not _is_comment(file, near)
    )
    options.append(Option(Tier.OUTLINE, whole | head | beside, worth * 1.25))
    return Candidate(file, why, tuple(options))


def _head(file: SourceFile, symbol: Symbol) -> Lines:
    """The head's first line, all of it where it is short, and the line that closes the body."""
    last = symbol.head_end if symbol.head_end - symbol.head <= 1 else symbol.head
    closing = file.text.line_text(symbol.last).lstrip()
    lines = set(range(symbol.head, last + 1))
    if closing.startswith(("}", "end")) and symbol.last > symbol.head:
        lines.add(symbol.last)
    return frozenset(lines)


def _is_comment(file: SourceFile, line: int) -> bool:
    text = file.text.line_text(line).strip()
    return not text or text.startswith((LANGUAGES[file.language].line_comment, "/*", "*"))
