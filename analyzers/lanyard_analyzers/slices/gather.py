"""The candidates of a slice: what could help with the target, how it could be shown, and what that is worth.

Owns the worth of things; choosing among them under the budget belongs to `choose.py`. Worths are relative: what the
target itself uses is 6, the rest is scaled to that by what it spares the reader to look up.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.slices import views
from lanyard_analyzers.slices.imports import Binding
from lanyard_analyzers.slices.model import SliceRequest, Tier
from lanyard_analyzers.slices.outline import Import, Outline, Symbol
from lanyard_analyzers.slices.references import References, member_types, references_in
from lanyard_analyzers.slices.resolve import Files, package_files, sources
from lanyard_analyzers.targets import Shape

WORTH_USED = 6.0
WORTH_ENCLOSING = 9.0
WORTH_IMPORT = 2.0
WORTH_TYPE = 4.0
WORTH_BASE = 3.0
WORTH_SIBLINGS = 1.0
WORTH_BODY = 1.5
_SMALL_BODY = 14
_WIDE_KINDS = frozenset({"refactor", "fix", "review", "optimize", "security"})
_WHOLE_ENCLOSING = 80
_MANY = 80
_BASES_DEPTH = 3


class Option(NamedTuple):
    """One way to show a candidate; `worth` includes that of the smaller options before it."""

    tier: Tier
    lines: views.Lines
    worth: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that could be in the slice; `options` go from little to much."""

    outline: Outline
    why: str
    options: tuple[Option, ...]


class Scene(NamedTuple):
    """What all gatherers look at."""

    request: SliceRequest
    outline: Outline
    files: Files
    used: References
    lines: tuple[int, int]
    """First and last line of the target."""

    @property
    def own(self) -> Symbol | None:
        """The symbol that is the target, if it is one."""
        span = self.request.target.span
        return next((one for one in self.outline.symbols if one.span == span), None)


def scene_of(request: SliceRequest, outline: Outline, files: Files) -> Scene:
    """What is to be looked at for a request."""
    words = f"{request.diagnostic or ''}\n{request.instruction}"
    used = references_in(request.syntax, request.target.span, words)
    return Scene(request, outline, files, used, outline.lines_of(request.target.span))


def gather(scene: Scene) -> Iterator[Candidate]:
    """The candidates that the target itself leads to; callers and tests come from `usage.py`."""
    yield from _imports(scene)
    classes: list[tuple[Outline, Symbol]] = []
    for outline, symbol in _enclosing(scene):
        if symbol.shape == "class":
            classes.append((outline, symbol))
        yield _enclosing_candidate(scene, outline, symbol)
    own = scene.own
    block = views.implementation(scene.outline, own) if own is not None else None
    if block:
        yield Candidate(scene.outline, "around the target", (Option(Tier.SIGNATURE, block, WORTH_ENCLOSING),))
    seen = {(scene.outline.path, symbol.first) for _, symbol in classes}
    if own is not None:
        seen.add((scene.outline.path, own.first))
    found: list[tuple[Outline, Symbol]] = []
    for outline, symbol, worth in [*_named(scene), *_of_classes(scene, classes), *_of_members(scene, classes)]:
        if (outline.path, symbol.first) in seen or _inside_target(scene, outline, symbol):
            continue
        seen.add((outline.path, symbol.first))
        found.append((outline, symbol))
        yield _definition(scene, outline, symbol, worth)
        if len(found) >= _MANY:
            return
    yield from _types_of_found(scene, found, seen)


def _inside_target(scene: Scene, outline: Outline, symbol: Symbol) -> bool:
    first, last = scene.lines
    return outline.path == scene.outline.path and first <= symbol.first and symbol.last <= last


def _imports(scene: Scene) -> Iterator[Candidate]:
    first, last = scene.lines
    for statement in scene.outline.imports:
        if first <= statement.first <= last:
            continue
        used = [binding for binding in statement.bindings if _is_used(binding, scene.used)]
        if not used:
            continue
        lines = _import_lines(scene.outline, statement, used)
        yield Candidate(scene.outline, "import", (Option(Tier.VERBATIM, lines, WORTH_IMPORT),))


def _is_used(binding: Binding, used: References) -> bool:
    return binding.local.partition(".")[0] in used.names


def _import_lines(outline: Outline, statement: Import, used: list[Binding]) -> views.Lines:
    if statement.last - statement.first < 3:
        return frozenset(range(statement.first, statement.last + 1))
    lines = {statement.first, statement.last}
    for number in range(statement.first, statement.last + 1):
        text = outline.line(number)
        if any(
            binding.source in text or re.search(rf"\b{re.escape(binding.name or binding.local)}\b", text)
            for binding in used
        ):
            lines.add(number)
    return frozenset(lines)


def _enclosing(scene: Scene) -> Iterator[tuple[Outline, Symbol]]:
    """The definitions around the target, and the class that it is a method of wherever that lies."""
    span = scene.request.target.span
    around = [
        one for one in scene.outline.symbols if one.shape != "value" and one.span != span and one.span.covers(span)
    ]
    for symbol in around:
        yield scene.outline, symbol
    own = scene.own
    owner = own.owner if own is not None else ""
    separator = LANGUAGES[scene.outline.language].separator
    if own is not None and not owner and separator in own.qualified:
        owner = own.qualified.rpartition(separator)[0]
    if not owner or any(one.qualified == owner for one in around):
        return
    local = scene.outline.by_qualified.get(owner)
    if local is not None:
        yield scene.outline, local
        return
    for outline, symbol in _visible(scene, owner.rpartition(separator)[2]):
        if symbol.shape == "class":
            yield outline, symbol
            return


def _enclosing_candidate(scene: Scene, outline: Outline, symbol: Symbol) -> Candidate:
    used = scene.used.names
    if symbol.shape != "class":
        options = [Option(Tier.SIGNATURE, views.signature(outline, symbol), WORTH_ENCLOSING)]
        if symbol.size <= _WHOLE_ENCLOSING:
            options.append(Option(Tier.VERBATIM, views.verbatim(symbol), WORTH_ENCLOSING + WORTH_BODY))
        return Candidate(outline, "around the target", tuple(options))
    return Candidate(
        outline,
        "class of the target",
        (
            Option(Tier.SIGNATURE, views.signature(outline, symbol), WORTH_ENCLOSING),
            Option(Tier.OUTLINE, views.header(outline, symbol, used), WORTH_ENCLOSING + WORTH_USED),
            Option(
                Tier.OUTLINE, views.full_outline(outline, symbol, used), WORTH_ENCLOSING + WORTH_USED + WORTH_SIBLINGS
            ),
        ),
    )


Weighed = Iterator[tuple[Outline, Symbol, float]]


def _visible(scene: Scene, name: str) -> Iterator[tuple[Outline, Symbol]]:
    """What a bare name can mean at the target: this file, its imports, its package."""
    own = [one for one in scene.outline.by_name.get(name, ()) if not one.owner]
    if own:
        yield from ((scene.outline, one) for one in own[:3])
        return
    for statement in scene.outline.imports:
        for binding in statement.bindings:
            if binding.local == name and binding.name not in {"", "*"}:
                found = scene.files.definitions(scene.outline, binding, binding.name)
            elif binding.local == "*":
                found = scene.files.definitions(scene.outline, binding, name)
            else:
                continue
            if found:
                yield from found[:3]
                return
    for path in package_files(scene.files, scene.outline):
        if scene.outline.language == "java" and not path.endswith(f"/{name}.java") and path != f"{name}.java":
            continue
        content = scene.files.content(path)
        if content is None or name not in content:
            continue
        outline = scene.files.outline(path)
        found = tuple((outline, one) for one in outline.by_name.get(name, ()) if not one.owner) if outline else ()
        if found:
            yield from found[:3]
            return


def _named(scene: Scene) -> Weighed:
    """Definitions of the names that the target uses, and of what it asks of imported modules and classes."""
    for name, times in scene.used.names.items():
        for outline, symbol in _visible(scene, name):
            yield outline, symbol, WORTH_USED + min(times, 4) * 0.25
    for statement in scene.outline.imports:
        for binding in statement.bindings:
            asked = scene.used.asked(binding.local)
            if not asked or binding.local == "*":
                continue
            wanted = set(asked)
            for path in sources(scene.files, scene.outline, binding):
                outline = scene.files.outline(path)
                if outline is None:
                    continue
                for attribute in asked:
                    if attribute in wanted:
                        found = scene.files.exported(outline, attribute)
                        wanted -= {attribute} if found else set()
                        yield from ((other, symbol, WORTH_USED) for other, symbol in found[:3])


def _of_classes(scene: Scene, classes: list[tuple[Outline, Symbol]]) -> Weighed:
    """Methods that the target calls on its own object, and its bases."""
    own = scene.used
    called = {name for receiver in ("self", "this", "cls", "super") for name in own.asked(receiver)}
    for outline, symbol in classes:
        for method in outline.owned(symbol.qualified):
            direct = outline.language in {"java", "cpp", "go", "rust"} and method.name in own.names
            if method.name in called or direct:
                yield outline, method, WORTH_USED
        if outline.language == "go":
            for path in package_files(scene.files, outline):
                other = scene.files.outline(path)
                for method in other.owned(symbol.name) if other else ():
                    if other is not None and method.name in own.names:
                        yield other, method, WORTH_USED
        yield from _of_bases(scene, outline, symbol, called)


def _of_bases(scene: Scene, outline: Outline, symbol: Symbol, called: set[str], depth: int = 0) -> Weighed:
    """The bases of a class, and those of their methods that the target calls on its own object."""
    there = scene._replace(outline=outline)
    for name in _bases(outline, symbol):
        for other, base in _visible(there, name):
            if base.shape != "class" or base == symbol:
                continue
            for method in other.owned(base.qualified):
                if method.name in called:
                    yield other, method, WORTH_USED
            if depth == 0:
                yield other, base, WORTH_BASE
            if depth < _BASES_DEPTH:
                yield from _of_bases(scene, other, base, called, depth + 1)


def _bases(outline: Outline, symbol: Symbol) -> list[str]:
    last = symbol.body[0] if symbol.body else symbol.head
    head = " ".join(outline.line(line) for line in range(symbol.head, min(last, symbol.head + 8) + 1))
    head = head.partition("{")[0] if outline.language != "python" else head.rpartition(":")[0]
    after = head.partition(symbol.name)[2]
    return [name for name in re.findall(r"[A-Za-z_][\w$]*", after) if name not in {"extends", "implements", "public"}][
        :6
    ]


def _of_members(scene: Scene, classes: list[tuple[Outline, Symbol]]) -> Weighed:
    """The types of the members that the target uses."""
    used = set(scene.used.names)
    for outline, symbol in classes:
        for name in member_types(outline, symbol, used):
            for found in _visible(scene, name):
                yield *found, WORTH_TYPE


def _definition(scene: Scene, outline: Outline, symbol: Symbol, worth: float) -> Candidate:
    why = "used by the target" if worth >= WORTH_USED else "type or base of what the target uses"
    used = scene.used.names
    if symbol.shape == "value":
        return Candidate(outline, why, (Option(Tier.VERBATIM, views.verbatim(symbol), worth),))
    if symbol.shape == "class":
        members = {name for name, _, _ in outline.members.get(symbol.qualified, ())}
        members |= {method.name for method in outline.owned(symbol.qualified)}
        asked = min(3, len(members & set(used)))
        head = Option(Tier.SIGNATURE, views.signature(outline, symbol), worth * 0.6)
        return Candidate(
            outline,
            why,
            (head, Option(Tier.OUTLINE, views.header(outline, symbol, used), worth * 1.2 + asked * WORTH_SIBLINGS)),
        )
    options = [Option(Tier.SIGNATURE, views.signature(outline, symbol), worth)]
    if symbol.owner and (owner := outline.by_qualified.get(symbol.owner)) is not None:
        head = views.signature(outline, owner)
        options = [Option(tier, lines | head, value) for tier, lines, value in options]
    if symbol.size <= _SMALL_BODY or scene.request.kind in _WIDE_KINDS:
        body = WORTH_BODY if worth >= WORTH_USED else WORTH_BODY / 2
        options.append(Option(Tier.VERBATIM, views.verbatim(symbol) | options[0].lines, worth + body))
    return Candidate(outline, why, tuple(options))


def _types_of_found(
    scene: Scene, found: list[tuple[Outline, Symbol]], seen: set[tuple[str, int]]
) -> Iterator[Candidate]:
    """Types in the heads of what was found, where the target uses one of their members."""
    used = set(scene.used.names)
    for outline, symbol in found[:20]:
        if symbol.shape not in {"function", "method"}:
            continue
        last = symbol.body[0] if symbol.body else symbol.last
        head = " ".join(outline.line(line) for line in range(symbol.head, min(last, symbol.head + 8) + 1))
        there = scene._replace(outline=outline)
        for name in dict.fromkeys(re.findall(r"\b[A-Z][\w$]*", head)):
            for other, one in _visible(there, name):
                key = (other.path, one.first)
                if one.shape != "class" or key in seen or _inside_target(scene, other, one):
                    continue
                members = {member[0] for member in other.members.get(one.qualified, ())}
                members |= {method.name for method in other.owned(one.qualified)}
                if members & used:
                    seen.add(key)
                    yield _definition(scene, other, one, WORTH_BASE)


def is_whole_file(scene: Scene) -> bool:
    """Whether the target is the file itself."""
    return scene.request.target.shape is Shape.FILE
