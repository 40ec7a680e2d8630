"""What a target leads to: the definitions that it uses, those around it, and the types of both.

Owns the relations and their worths for the kinds of tasks that are about a target; what comes next at a cursor is
`complete.py`'s, callers and tests have their own modules.
"""

from __future__ import annotations

from collections.abc import Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.records import Import, Symbol
from lanyard_analyzers.resolve.everyday import is_everyday, is_family
from lanyard_analyzers.resolve.resolver import Link, Place
from lanyard_analyzers.slices import forms
from lanyard_analyzers.slices.found import Finds
from lanyard_analyzers.slices.makers import inherited_constructor
from lanyard_analyzers.slices.model import Tier
from lanyard_analyzers.slices.offer import offer
from lanyard_analyzers.slices.scene import Candidate, Option, Scene, Use
from lanyard_analyzers.slices.sites import UNKNOWN
from lanyard_analyzers.slices.touched import types_of_found
from lanyard_analyzers.slices.weights import Weights, weights_of

_FIELD = 0.3
_BASE = 0.25
_MAKER = 0.4
"""What the constructor that a used class has from a base is worth of what the class is worth."""
_AROUND = 0.9
_RENAMED = 0.1
"""What an import is worth that says under which other name the target uses a definition."""
_NAMES = 0.1
"""What the names of the other methods of the target's class are worth."""
_WHOLE_AROUND = 80
_MOST_LINKS = 4
_TYPED = frozenset({"go", "rust", "java", "c", "cpp"})
_WORD = late(r"[^\W\d][\w$]*")
_OF_THE_TARGET = "used by the target"
_GUESSED = "perhaps used by the target"


def gather(scene: Scene) -> Iterator[Candidate]:
    """The candidates that the target itself leads to."""
    weights = weights_of(scene.request.kind)
    finds = Finds()
    classes = _classes_around(scene)
    _uses(scene, finds, weights)
    for place in classes:
        _bases_of(scene, place, finds)
    types_of_found(scene, finds)
    if scene.own is not None:
        for link in scene.resolver.counterparts(Place(scene.file.path, scene.own)):
            finds.add(link.place, "declaration of the target", link.certainty * _AROUND)
    yield from _around(scene, classes, weights)
    for found in finds:
        if _inside(scene, found.place) or found.place in classes:
            continue
        file = scene.index.file(found.place.path)
        candidate = offer(file, found, weights) if file is not None else None
        if candidate is not None:
            yield candidate
    yield from _imports(scene, weights)


def _uses(scene: Scene, finds: Finds, weights: Weights) -> None:
    path = scene.file.path
    unknown: dict[tuple[str, ...], dict[str, Use]] = {}
    for use in scene.uses:
        links = scene.resolver.chain(path, use.line, use.parts) if use.parts[0] != UNKNOWN else ()
        if not links:
            if len(use.parts) > 1:
                unknown.setdefault(use.parts[:-1], {})[use.parts[-1].removesuffix("()")] = use
            continue
        for rank, link in enumerate(links[:_MOST_LINKS]):
            _used(scene, finds, link, use.weight * weights.contracts * (1.0 if rank == 0 else 0.6))
    for receiver, members in unknown.items():
        _guessed(scene, finds, receiver, members)


def _used(scene: Scene, finds: Finds, link: Link, worth: float) -> None:
    place, chance = link.place, link.certainty * worth
    if place.symbol.shape == "field":
        owner = scene.resolver.owner(place)
        if owner is not None:
            finds.add(owner, "has a field that the target uses", chance * _FIELD, (place.symbol.name,))
        return
    finds.add(place, _OF_THE_TARGET, chance)
    if place.symbol.shape == "class":
        maker = inherited_constructor(scene.resolver, scene.file.language, place)
        if maker is not None:
            finds.add(maker.place, "makes what the target uses", chance * maker.certainty * _MAKER)


def _guessed(scene: Scene, finds: Finds, receiver: tuple[str, ...], members: dict[str, Use]) -> None:
    """What the members of a value of unknown type may be: of the classes that have them all, else one by one."""
    resolver = scene.resolver
    language = scene.file.language
    members = {name: use for name, use in members.items() if not is_everyday(language, name)}
    if not members:
        return
    first = next(iter(members.values()))
    if receiver[0] != UNKNOWN and resolver.foreign(scene.file.path, first.line, receiver):
        return
    typed = scene.file.language in _TYPED and receiver[0] != UNKNOWN
    if typed and resolver.settled(scene.file.path, first.line, receiver):
        return
    classes = resolver.having(members)
    asked = [tuple(members)] if classes else [(name,) for name in members]
    for names in asked:
        for link in classes or resolver.having(names):
            record = scene.index.record(link.place.path)
            if record is None or not is_family(record.language, language):
                continue
            for name in names:
                for member in resolver.member(link.place, name)[:1]:
                    if member.place.symbol.shape != "field":
                        finds.add(member.place, _GUESSED, link.certainty * members[name].weight)


def _classes_around(scene: Scene) -> list[Place]:
    """The classes that the target stands in or is a member of, innermost first."""
    own, found = scene.own, list[Place]()
    if own is not None and own.owner:
        owner = scene.resolver.owner(Place(scene.file.path, own))
        if owner is not None:
            found.append(owner)
    first, last = scene.lines
    for symbol in reversed(scene.file.symbols):
        if symbol.shape == "class" and symbol.first <= first and last <= symbol.last and symbol is not own:
            place = Place(scene.file.path, symbol)
            if place not in found:
                found.append(place)
    return found


def _around(scene: Scene, classes: list[Place], weights: Weights) -> Iterator[Candidate]:
    """The heads of what the target stands in; of its class the fields and the constructor, too."""
    asked = {use.parts[-1].removesuffix("()") for use in scene.uses}
    for place in classes[:2]:
        file = scene.index.file(place.path)
        if file is None:
            continue
        head = forms.signature(file, place.symbol)
        worth = _AROUND * weights.enclosing
        options = [Option(Tier.SIGNATURE, head, worth)]
        used = forms.fields(file, place.symbol, asked)
        if used - head:
            worth += 0.3
            options.append(Option(Tier.OUTLINE, used | head, worth))
        whole = forms.header(file, place.symbol) | used
        if whole - used - head:
            worth += 0.2
            options.append(Option(Tier.OUTLINE, whole | head, worth))
        others = [one for one in file.by_owner.get(place.symbol.qualified, ()) if _is_other(scene, one)]
        if others:
            options.append(Option(Tier.OUTLINE, options[-1].lines | forms.names(others), worth + _NAMES))
        yield Candidate(file, "class of the target", tuple(options))
    first, last = scene.lines
    for symbol in scene.file.symbols:
        if symbol.first > first or symbol.shape not in {"function", "method"} or symbol is scene.own:
            continue
        if last <= symbol.last and (symbol.first, symbol.last) != (first, last):
            options = [Option(Tier.SIGNATURE, forms.signature(scene.file, symbol), _AROUND)]
            if symbol.last - symbol.first <= _WHOLE_AROUND:
                options.append(Option(Tier.VERBATIM, forms.verbatim(scene.file, symbol), _AROUND + 0.4))
            yield Candidate(scene.file, "around the target", tuple(options))


def _is_other(scene: Scene, symbol: Symbol) -> bool:
    own = scene.own.name if scene.own is not None else ""
    return symbol.shape == "method" and symbol.name != own and not forms.is_constructor(symbol)


def _bases_of(scene: Scene, place: Place, finds: Finds) -> None:
    for link in scene.resolver.bases(place):
        finds.add(link.place, "base of the target's class", link.certainty * _BASE)


def _imports(scene: Scene, weights: Weights) -> Iterator[Candidate]:
    """The import lines of what the target uses."""
    used = {use.parts[0].removesuffix("()") for use in scene.uses}
    first, last = scene.lines
    for statement in scene.file.record.imports:
        if first <= statement.first <= last or not _binds(statement, used):
            continue
        worth = max(_import_worth(weights), _RENAMED if _renames(scene, statement, used) else 0.0)
        if worth:
            lines = frozenset(range(statement.first, statement.last + 1))
            yield Candidate(scene.file, "import", (Option(Tier.VERBATIM, lines, worth),))


def _import_worth(weights: Weights) -> float:
    return 0.1 * weights.imports


def _binds(statement: Import, used: set[str]) -> bool:
    return any(binding.local.partition(".")[0] in used for binding in statement.bindings)


def _renames(scene: Scene, statement: Import, used: set[str]) -> bool:
    """Whether a statement gives what the workspace defines another name, and that is used."""
    for binding in statement.bindings:
        known = binding.name or binding.source
        if binding.local in used and binding.local != "*" and binding.local not in _WORD.findall(known):
            return bool(scene.resolver.sources(scene.file.path, binding))
    return False


def _inside(scene: Scene, place: Place) -> bool:
    first, last = scene.lines
    return place.path == scene.file.path and first <= place.symbol.head and place.symbol.last <= last
