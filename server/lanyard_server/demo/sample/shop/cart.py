"""A customer's cart."""

from __future__ import annotations

from .catalogue import Catalogue, Product
from .money import ZERO, Money


class OutOfStock(Exception):
    """More was asked for than there is."""


class Cart:
    """Products and how many of each."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.lines: dict[str, int] = {}

    def put(self, sku: str, count: int = 1) -> None:
        """Put `count` pieces in; raises KeyError for an unknown unit and OutOfStock for too many."""
        product = self.catalogue.find(sku)
        if product is None:
            raise KeyError(sku)
        wanted = self.lines.get(sku, 0) + count
        if wanted > product.stock:
            raise OutOfStock(product.title)
        self.lines[sku] = wanted

    def total(self, voucher: str | None = None) -> Money:
        result = ZERO
        for sku in self.lines:
            product = self.catalogue.find(sku)
            if product is not None:
                count = self.lines[sku]
                if count > 0:
                    if count >= 10:
                        price = product.price.times(count)
                        rebate = price.percent(5)
                        result = result + Money(price.cents - rebate.cents)
                    else:
                        result = result + product.price.times(count)
        if voucher is not None:
            if voucher == "WELCOME":
                rebate = result.percent(10)
                result = Money(result.cents - rebate.cents)
        return result

    def products(self) -> list[Product]:
        """The products in the cart, in the order they were put in."""
        return [p for p in map(self.catalogue.find, self.lines) if p is not None]
