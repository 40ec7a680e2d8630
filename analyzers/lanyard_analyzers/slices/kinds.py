"""What a task's kind asks for beyond the definitions that the target uses.

Owns which gatherers there are for that, in their order; each is silent for kinds whose row in `weights.py` has no
worth for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lanyard_analyzers.slices.callers import callers
from lanyard_analyzers.slices.changes import change_notes, other_changes
from lanyard_analyzers.slices.diagnostics import diagnostic_places
from lanyard_analyzers.slices.manners import invariants, neighbours, outcomes
from lanyard_analyzers.slices.overrides import overrides
from lanyard_analyzers.slices.recent import recent
from lanyard_analyzers.slices.scene import Candidate, Scene
from lanyard_analyzers.slices.tests import known_tests, notes_of_tests, sample_tests
from lanyard_analyzers.slices.weights import weights_of

_GATHERERS: tuple[Callable[[Scene], Iterator[Candidate]], ...] = (
    diagnostic_places,
    callers,
    overrides,
    invariants,
    neighbours,
    outcomes,
    other_changes,
    recent,
)


def of_kind(scene: Scene) -> tuple[list[Candidate], tuple[str, ...]]:
    """The candidates that the kind of a task asks for, and lines that head its slice."""
    found = [candidate for gatherer in _GATHERERS for candidate in gatherer(scene) if candidate.options]
    notes = list(change_notes(scene))
    if weights_of(scene.request.kind).tests:
        known = known_tests(scene)
        found += sample_tests(scene, known)
        if scene.request.kind == "test":
            notes += notes_of_tests(scene, known)
    return found, tuple(notes)
