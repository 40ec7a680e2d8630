"""How a place that may be needed can be shown, and what each way is worth: from places to candidates.

Owns the forms that are offered for each shape of definition and the share of the worth that each form has. The lines
of a form are `forms.py`'s.
"""

from __future__ import annotations

from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.slices import forms
from lanyard_analyzers.slices.found import Found
from lanyard_analyzers.slices.model import Tier
from lanyard_analyzers.slices.scene import Candidate, Lines, Option
from lanyard_analyzers.slices.weights import Weights

_HEAD = 0.35
"""The share of a class's worth that its mere head has: what it takes to make one is the rest."""
_BRIEF = 0.9
"""The share of a definition's worth that its head has without the types of its optional parameters."""
_DOCUMENTED = 0.04
_FIELDS = 0.1
_LONG_BODY = 60
_SHOWN_WHOLE = 0.1
_EXPLAINED = 0.03


def offer(file: SourceFile, found: Found, weights: Weights) -> Candidate | None:
    """The candidate for a place; None where there is nothing to show."""
    symbol = found.place.symbol
    if symbol.shape == "class":
        options = _of_class(file, symbol, found)
    elif symbol.shape in {"function", "method"}:
        options = _of_function(file, symbol, found, weights)
    elif symbol.shape == "field" and symbol.owner:
        owner = file.by_qualified.get(symbol.owner)
        if owner is None:
            return None
        options = [Option(Tier.OUTLINE, forms.fields(file, owner, {symbol.name}), found.chance)]
    elif symbol.shape == "namespace":
        options = [Option(Tier.SIGNATURE, forms.signature(file, symbol), found.chance)]
    else:
        options = [Option(Tier.VERBATIM, forms.signature(file, symbol), found.chance)]
    return Candidate(file, found.why, tuple(options))


def _of_function(file: SourceFile, symbol: Symbol, found: Found, weights: Weights) -> list[Option]:
    chance = found.chance
    options = [Option(Tier.SIGNATURE, forms.signature(file, symbol), chance)]
    short = forms.brief(file, symbol)
    if short is not None:
        options.insert(0, Option(Tier.SIGNATURE, short, chance * _BRIEF))
    if symbol.doc_first >= 0 and chance >= _EXPLAINED:
        options.append(Option(Tier.SIGNATURE, forms.documented(file, symbol), chance * (1 + _DOCUMENTED)))
    size = symbol.last - symbol.first + 1
    if size <= _LONG_BODY and chance >= _SHOWN_WHOLE:
        options.append(Option(Tier.VERBATIM, forms.verbatim(file, symbol), chance * (1 + _DOCUMENTED + weights.bodies)))
    return options


def _of_class(file: SourceFile, symbol: Symbol, found: Found) -> list[Option]:
    chance = found.chance
    head = forms.signature(file, symbol)
    made = constructed(file, symbol)
    options = [Option(Tier.SIGNATURE, head, chance * _HEAD if made - head else chance)]
    if made - head:
        short = constructed_briefly(file, symbol)
        if short is not None:
            options.append(Option(Tier.OUTLINE, short, chance * _BRIEF))
        options.append(Option(Tier.OUTLINE, made, chance))
    whole = forms.header(file, symbol, found.members) | made
    if whole - made:
        options.append(Option(Tier.OUTLINE, whole, chance * (1 + _FIELDS)))
    return options


@forms.of_symbol
def constructed(file: SourceFile, symbol: Symbol) -> Lines:
    """What it takes to make one: the head with the constructor, or with the fields where there is none."""
    lines = set(forms.signature(file, symbol))
    own = file.by_owner.get(symbol.qualified, ())
    makers = [one for one in own if forms.is_constructor(one)]
    if not makers:
        return forms.header(file, symbol)
    for one in makers[:2]:
        lines |= forms.signature(file, one)
    return frozenset(lines)


@forms.of_symbol
def constructed_briefly(file: SourceFile, symbol: Symbol) -> Lines | None:
    """The head of a class with its constructor cut, where that is much shorter."""
    maker = next((one for one in file.by_owner.get(symbol.qualified, ()) if forms.is_constructor(one)), None)
    short = forms.brief(file, maker) if maker is not None else None
    return short | forms.signature(file, symbol) if short is not None else None
