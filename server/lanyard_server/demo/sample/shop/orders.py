"""Orders: stored as one JSON line each."""

from __future__ import annotations

import json
from pathlib import Path

from .cart import Cart
from .money import Money


def shipping(total: Money, country: str) -> Money:
    """What it costs to ship: free within the country from 50.00, else 4.90; 19.90 abroad."""
    if country != "DE":
        return Money(1990)
    if total.cents >= 5000:
        return Money(0)
    return Money(490)


def save_order(cart: Cart, path: Path, seen: list[str] = []) -> str:
    """Append the cart as an order; returns its number."""
    number = f"{len(seen) + 1:06d}"
    seen.append(number)
    f = open(path, "a")
    f.write(json.dumps({"number": number, "lines": cart.lines, "total": cart.total().cents}))
    return number


def load_orders(path: Path) -> list[dict]:
    """All orders of a file, the oldest first."""
    orders = []
    for line in path.read_text().split("\n"):
        try:
            orders.append(json.loads(line))
        except Exception:
            pass
    return orders
