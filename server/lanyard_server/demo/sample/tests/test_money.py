import pytest

from shop.money import Money


def test_adds():
    assert Money(150) + Money(50) == Money(200)


def test_is_never_negative():
    with pytest.raises(ValueError, match="never negative"):
        Money(-1)
