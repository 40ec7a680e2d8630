"""Money as whole cents."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Money:
    """An amount in cents; never negative."""

    cents: int

    def __post_init__(self) -> None:
        if self.cents < 0:
            raise ValueError("money is never negative")

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def times(self, factor: int) -> Money:
        """The amount taken `factor` times."""
        return Money(self.cents * factor)

    def percent(self, share: int) -> Money:
        """`share` percent of the amount, rounded half up."""
        return Money((self.cents * share + 50) // 100)


ZERO = Money(0)
