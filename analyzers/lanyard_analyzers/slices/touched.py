"""The types in the heads of what a target uses: what its arguments must be, and what it gets.

Owns those relations and their worth; a component of a page is called with nothing but its properties, so that their
type is worth more there.
"""

from __future__ import annotations

from lanyard_analyzers.slices.found import Finds
from lanyard_analyzers.slices.scene import Scene

_WHY = "type in the head of what the target uses"
_LIKELY = 0.5
_MOST = 12
_SHARE = 0.12
_OF_A_COMPONENT = 0.5
_MOST_TYPES = 3


def types_of_found(scene: Scene, finds: Finds) -> None:
    """Add the classes and aliases that the heads of the likeliest functions name."""
    resolver = scene.resolver
    likely = [one for one in finds if one.chance >= _LIKELY and one.place.symbol.shape in {"function", "method"}]
    for one in likely[:_MOST]:
        path, symbol = one.place.path, one.place.symbol
        component = scene.file.language in {"tsx", "javascript"} and symbol.name[:1].isupper() and not symbol.owner
        share = one.chance * (_OF_A_COMPONENT if component else _SHARE)
        for text in dict.fromkeys([*(param.type for param in symbol.params), symbol.type]):
            for link in resolver.named_types(path, symbol.head, text)[:_MOST_TYPES] if text else ():
                finds.add(link.place, _WHY, link.certainty * share)
