"""Everything that is gathered for a scene: what the target leads to, and what its kind of task needs besides.

Owns that both are gathered once for a scene, whatever the budget; what each finds is its own.
"""

from __future__ import annotations

from lanyard_analyzers.slices.kinds import of_kind
from lanyard_analyzers.slices.scene import Scene
from lanyard_analyzers.slices.scenes import Gathered, remembered
from lanyard_analyzers.slices.select import gather
from lanyard_analyzers.targets import Shape


def gathered(scene: Scene) -> Gathered:
    """The candidates of a scene, and the lines that head its slice."""
    return remembered(scene, lambda: _gathered(scene))


def _gathered(scene: Scene) -> Gathered:
    own = gather(scene) if scene.request.target.shape is not Shape.FILE or scene.uses else ()
    more, notes = of_kind(scene)
    return tuple(one for one in (*own, *more) if one.options), notes
