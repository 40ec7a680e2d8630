"""What a diagnostic leads to: the definitions of the names in its message, and names that were perhaps meant.

Owns reading the message; it is text from another tool, so only its identifiers count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice

from lanyard_analyzers._late import late
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.resolve.resolver import Place
from lanyard_analyzers.slices import forms
from lanyard_analyzers.slices.model import Tier
from lanyard_analyzers.slices.scene import Candidate, Option, Scene
from lanyard_analyzers.slices.test_links import family_of
from lanyard_analyzers.slices.weights import weights_of

_MESSAGE = 4_000
_NAMES = 12
_ELSEWHERE = 3
_CLOSE = 400
_BESIDE = 3
_QUOTED = late(r"[`'\"“‘]([^`'\"“”‘’\n]{1,120})[`'\"”’]")
_CHAIN = late(r"[^\W\d][\w$]*(?:(?:\.|::|->)[^\W\d][\w$]*)*")
_CODE_LIKE = late(r"[A-Z_]|\w[A-Z]|\.|::")


def diagnostic_places(scene: Scene) -> Iterator[Candidate]:
    """Definitions of what the message names, likeliest first; the lines around a place outside the target."""
    request = scene.request
    worth = weights_of(request.kind).diagnostic
    message = (request.diagnostic or "")[:_MESSAGE]
    if not worth:
        return
    line = request.diagnostic_line
    if line is not None and not scene.lines[0] <= line <= scene.lines[1] and 0 <= line < scene.file.text.line_count:
        near = range(max(0, line - _BESIDE), min(scene.file.text.line_count, line + _BESIDE + 1))
        yield Candidate(scene.file, "place of the diagnostic", (Option(Tier.VERBATIM, frozenset(near), worth),))
    at = line if line is not None and 0 <= line < scene.file.text.line_count else scene.lines[0]
    seen: set[tuple[str, int]] = set()
    for parts in _named(message):
        found = [link.place for link in scene.resolver.chain(scene.file.path, at, parts)[:2]]
        why = "named by the diagnostic"
        if not found:
            found, why = _elsewhere(scene, parts), "has the name in the diagnostic"
        if not found:
            found, why = _alike(scene, parts[-1]), "has a name like that in the diagnostic"
        for rank, place in enumerate(found):
            key = (place.path, place.symbol.first)
            if key not in seen:
                seen.add(key)
                yield from _shown(scene, place, why, worth * 0.7**rank)


def _named(message: str) -> list[tuple[str, ...]]:
    """The chains in a message: what stands in quotes first, then words that look like code."""
    found: dict[tuple[str, ...], None] = {}
    for quoted in _QUOTED.findall(message):
        for chain in islice(_CHAIN.findall(quoted), 4):
            found[tuple(re.split(r"\.|::|->", chain))] = None
    for word in _CHAIN.findall(_QUOTED.sub(" ", message)):
        if _CODE_LIKE.search(word[1:]) or "_" in word:
            found[tuple(re.split(r"\.|::|->", word))] = None
    return list(found)[:_NAMES]


def _elsewhere(scene: Scene, parts: tuple[str, ...]) -> list[Place]:
    """Definitions of a name that is not in sight: perhaps an import is missing. A member needs its class named."""
    family = family_of(scene.file.language)
    found: list[Place] = []
    first, *rest = parts
    for name, owner in ((parts[-1], [first, *rest][-2] if rest else ""), (first, "")):
        for path, symbol in islice(scene.index.defining(name), 40):
            its = symbol.owner.rpartition(".")[2].rpartition("::")[2]
            if its == owner and language_of("", path) in family and "local" not in symbol.marks:
                found.append(Place(path, symbol))
        if found:
            break
    return found[:_ELSEWHERE]


def _alike(scene: Scene, name: str) -> list[Place]:
    """Definitions of the target's file whose name is nearly the one in the message."""
    if len(name) < 4:
        return []
    known = list(scene.file.by_name)[:_CLOSE]
    close = get_close_matches(name, known, n=2, cutoff=0.75)
    return [Place(scene.file.path, scene.file.by_name[one][0]) for one in close]


def _shown(scene: Scene, place: Place, why: str, worth: float) -> Iterator[Candidate]:
    file, symbol = scene.index.file(place.path), place.symbol
    first, last = scene.lines
    if file is None or (place.path == scene.file.path and first <= symbol.head and symbol.last <= last):
        return
    options = [Option(Tier.SIGNATURE, forms.signature(file, symbol), worth)]
    if symbol.shape == "class":
        options.append(Option(Tier.OUTLINE, forms.outline(file, symbol), worth * 1.4))
    elif symbol.last - symbol.first < 40:
        options.append(Option(Tier.VERBATIM, forms.verbatim(file, symbol), worth * 1.3))
    yield Candidate(file, why, tuple(options))
