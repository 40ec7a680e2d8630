"""What each kind of task needs, as data: how much each relation to the target is worth to it.

Owns the table alone. A worth is on the scale of `scene.Option`: 1 is the contract of something that the target calls,
0 is not looked for at all. Gatherers scale their candidates by it; choosing belongs to `choose.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Weights:
    """One row of the table; each field is the worth of one relation."""

    contracts: float = 1.0
    """Heads and first documentation lines of what the target uses."""
    bodies: float = 0.2
    """Added by the whole text of those, where it is short or there is room."""
    enclosing: float = 1.0
    """The class or function around the target: head, fields, constructor."""
    siblings: float = 0.1
    """Heads of the other members of that class."""
    types: float = 0.5
    """Types in the heads of what the target uses."""
    imports: float = 0.4
    """Import lines of what the target uses."""
    callers: float = 0.0
    """The first call site of the target; later ones are worth less."""
    most_callers: int = 0
    overrides: float = 0.0
    """The same method in bases and subclasses."""
    invariants: float = 0.0
    """Fields, constructor and validators of the target's class."""
    tests: float = 0.0
    """How this module is tested: imports of the tests, fixtures, a sample."""
    changes: float = 0.0
    """What was edited lately in the target's file."""
    recent: float = 0.0
    """Other places that were edited or looked at last."""
    neighbours: float = 0.0
    """A neighbour that is documented, for the style of it."""
    outcomes: float = 0.0
    """What the target's callees raise and return, as their documentation says it."""
    diagnostic: float = 0.0
    """Definitions of the names in the diagnostic's message, and what stands around them."""


WEIGHTS: Mapping[str, Weights] = MappingProxyType(
    {
        "refactor": Weights(bodies=0.15, types=0.6, callers=0.75, most_callers=10, overrides=0.6, invariants=0.4),
        "optimize": Weights(bodies=0.4, types=0.5, callers=0.6, most_callers=6, overrides=0.3, invariants=0.4),
        "review": Weights(
            bodies=0.15, callers=0.7, most_callers=10, overrides=0.4, invariants=0.6, changes=0.6, outcomes=0.2
        ),
        "security": Weights(
            bodies=0.3, callers=0.8, most_callers=12, overrides=0.4, invariants=0.6, changes=0.4, outcomes=0.2
        ),
        "test": Weights(bodies=0.1, siblings=0.2, types=0.7, callers=0.15, most_callers=2, tests=0.9, invariants=0.5),
        "document": Weights(bodies=0.1, types=0.4, overrides=0.3, neighbours=0.7, outcomes=0.4),
        "explain": Weights(bodies=0.2, callers=0.4, most_callers=5, overrides=0.3, invariants=0.3, outcomes=0.2),
        "fix": Weights(bodies=0.3, types=0.7, callers=0.2, most_callers=3, tests=0.1, diagnostic=1.0, imports=0.8),
        "edit": Weights(bodies=0.3, callers=0.2, most_callers=3, diagnostic=0.5, recent=0.1),
        "complete": Weights(bodies=0.15, types=0.4, recent=0.12),
    }
)


def weights_of(kind: str) -> Weights:
    """The row of a kind; that of `explain` for a kind without one."""
    return WEIGHTS.get(kind, WEIGHTS["explain"])
