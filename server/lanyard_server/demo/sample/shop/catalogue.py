"""What the shop sells."""

from __future__ import annotations

from dataclasses import dataclass

from .money import Money


@dataclass(frozen=True)
class Product:
    """One product with its price and its stock."""

    sku: str
    title: str
    price: Money
    stock: int = 0


class Catalogue:
    """Products by their stock-keeping unit."""

    def __init__(self) -> None:
        self._products: dict[str, Product] = {}

    def add(self, product: Product) -> None:
        """Put a product on sale; a second one with the same unit replaces the first."""
        self._products[product.sku] = product

    def find(self, sku: str) -> Product | None:
        """The product with this unit, or None."""
        return self._products.get(sku)

    def search(self, words: str) -> list[Product]:
        """Products whose title holds all words, cheapest first."""
        wanted = words.lower().split()
        found = [p for p in self._products.values() if all(w in p.title.lower() for w in wanted)]
        return sorted(found, key=lambda p: p.price.cents)
