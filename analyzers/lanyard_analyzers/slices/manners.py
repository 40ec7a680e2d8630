"""What tells how code is written and behaves here: documented neighbours, outcomes of callees, rules of a class.

Owns these three for `document`, `review` and their like; each gives few candidates, and none where there is nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lanyard_analyzers._late import late
from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.languages import language_of
from lanyard_analyzers.resolve.rules import rules_of
from lanyard_analyzers.slices import forms
from lanyard_analyzers.slices.model import Tier
from lanyard_analyzers.slices.scene import Candidate, Lines, Option, Scene
from lanyard_analyzers.slices.sites import UNKNOWN
from lanyard_analyzers.slices.weights import weights_of

_DOC_LINES = 25
_NEIGHBOUR_FILES = 8
_CALLEES = 16
_SCANNED = 80
_RULES = 4
_RULE_LINES = 18
_OUTCOME = late(
    r"(?i)^\W*(?:raises?|throws?|exceptions?|errors?|panics?|returns?|yields?|safety)\b|[@\\:](?:raises?|throws?|returns?|rtype|exception)\b"
)
_VALIDATES = late(r"(?i)^_*(?:validate|check|ensure|assert|verify|invariant|clean|require|sanitize|normali[sz]e)")
_MARKED = late(r"validator|@Validate|invariant|@PostConstruct", re.IGNORECASE)
_POST = frozenset({"__post_init__", "__attrs_post_init__", "model_post_init", "initialize", "init"})


def neighbours(scene: Scene) -> Iterator[Candidate]:
    """One neighbour of the target's shape that is documented, as an example of the style."""
    worth = weights_of(scene.request.kind).neighbours
    if not worth:
        return
    found = _documented(scene, scene.file)
    file = scene.file
    if found is None:
        directory = file.path.rpartition("/")[0]
        beside = [one for one in scene.index.in_directory(directory) if one != file.path]
        for path in [one for one in beside if language_of("", one) == file.language][:_NEIGHBOUR_FILES]:
            other = scene.index.file(path)
            found = _documented(scene, other) if other is not None else None
            if other is not None and found is not None:
                file = other
                break
    if found is None:
        return
    documented = set(range(found.doc_first, min(found.doc_last, found.doc_first + _DOC_LINES) + 1))
    lines: Lines = frozenset(documented | set(range(found.head, min(found.head_end, found.head + 8) + 1)))
    yield Candidate(file, "documented as is usual here", (Option(Tier.OUTLINE, lines, worth),))


def _documented(scene: Scene, file: SourceFile) -> Symbol | None:
    """The nearest documented definition of the target's shape: of its class, of its file, of a length to show."""
    own = scene.own
    shapes = {own.shape} if own is not None else {"function", "method", "class"}
    first, last = scene.lines
    fit = [
        one
        for one in file.symbols
        if one.shape in shapes
        and one.doc_first >= 0
        and one.doc_last - one.doc_first < _DOC_LINES
        and not (file is scene.file and first <= one.head <= last)
    ]

    def order(one: Symbol) -> tuple[bool, bool, int, int]:
        size = one.doc_last - one.doc_first
        same = own is not None and one.owner == own.owner and file is scene.file
        return (not same, size < 1, abs(size - 6), abs(one.head - first))

    return min(fit, key=order, default=None)


def outcomes(scene: Scene) -> Iterator[Candidate]:
    """The lines of callees' documentation that say what they raise and give."""
    worth = weights_of(scene.request.kind).outcomes
    if not worth:
        return
    seen: set[tuple[str, int]] = set()
    for use in scene.uses:
        if use.parts[0] == UNKNOWN or len(seen) >= _CALLEES:
            continue
        for link in scene.resolver.chain(scene.file.path, use.line, use.parts)[:1]:
            symbol, path = link.place.symbol, link.place.path
            key = (path, symbol.first)
            if key in seen or symbol.doc_first < 0 or symbol.shape not in {"function", "method"}:
                continue
            seen.add(key)
            file = scene.index.file(path)
            lines = _outcome_lines(file, symbol) if file is not None else frozenset[int]()
            if file is not None and lines:
                head = forms.signature(file, symbol)
                yield Candidate(
                    file,
                    "what the target's callee gives",
                    (Option(Tier.OUTLINE, head | lines, worth * link.certainty),),
                )


def _outcome_lines(file: SourceFile, symbol: Symbol) -> Lines:
    """The lines that begin what is raised or returned, each with the one after it."""
    found: set[int] = set()
    last = min(symbol.doc_last, symbol.doc_first + _SCANNED)
    for line in range(symbol.doc_first, last + 1):
        if len(found) < 8 and _OUTCOME.search(file.text.line_text(line).strip()[:120]):
            found.add(line)
            if line < last and any(c.isalnum() for c in file.text.line_text(line + 1)):
                found.add(line + 1)
    return frozenset(found)


def invariants(scene: Scene) -> Iterator[Candidate]:
    """The constructor and the validators of the target's class: what holds for its instances."""
    worth, own = weights_of(scene.request.kind).invariants, scene.own
    if not worth or own is None:
        return
    owner = own.owner if own.shape != "class" else ""
    if not owner:
        return
    makers = rules_of(scene.file.language).constructors
    given = 0
    for symbol in scene.file.by_owner.get(owner, ()):
        if symbol is own or symbol.shape != "method":
            continue
        lead = " ".join(scene.file.text.line_text(line)[:200] for line in range(symbol.first, symbol.head)[:6])
        maker = symbol.name in makers or symbol.name == owner.rpartition(".")[2].rpartition("::")[2]
        rule = maker or symbol.name in _POST or bool(_VALIDATES.match(symbol.name) or _MARKED.search(lead))
        if not rule:
            continue
        head = forms.signature(scene.file, symbol)
        options = [Option(Tier.SIGNATURE, head, worth * 0.6)]
        if symbol.last - symbol.first < _RULE_LINES:
            options.append(Option(Tier.VERBATIM, forms.verbatim(scene.file, symbol), worth))
        yield Candidate(scene.file, "rule of the target's class", tuple(options))
        given += 1
        if given >= _RULES:
            return
