"""The adapter of the context benchmark answers its queries: what ctxbench calls, on a workspace of three files."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from lanyard_analyzers.tokens import estimate

BENCH = Path(__file__).parents[2] / "bench" / "context"
SHOP = """from shop.stock import Stock


class Cart:
    def __init__(self, stock: Stock) -> None:
        self.stock = stock

    def total(self) -> int:
        own_line = 1
        return self.stock.price("x") + own_line
"""
STOCK = '''class Stock:
    def price(self, name: str, currency: str = "EUR") -> int:
        """What a thing costs."""
        return 3
'''


@pytest.fixture(scope="module")
def adapter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("context_adapter", BENCH / "adapter.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("")
    (tmp_path / "shop" / "cart.py").write_text(SHOP)
    (tmp_path / "shop" / "stock.py").write_text(STOCK)
    return tmp_path


def test_a_function_is_asked_without_its_own_lines(adapter: ModuleType, root: Path) -> None:
    found = adapter.System().context(str(root), str(root / "shop/cart.py"), 7, 4, 400, "function", SHOP)
    assert "def price(self, name: str" in found
    assert "own_line" not in found
    assert estimate(found) <= 400


def test_the_head_of_a_constructor_stays_and_its_body_goes(adapter: ModuleType, root: Path) -> None:
    found = adapter.System().context(str(root), str(root / "shop/cart.py"), 4, 4, 400, "function", SHOP)
    assert "def __init__(self, stock: Stock)" in found
    assert "self.stock = stock" not in found


def test_a_completion_gets_other_files_alone(adapter: ModuleType, root: Path) -> None:
    cut = SHOP[: SHOP.index("return self.stock")]
    found = adapter.System().context(str(root), str(root / "shop/cart.py"), 9, 8, 200, "complete", cut)
    assert "class Stock" in found
    assert "class Cart" not in found


def test_a_buffer_that_was_left_counts_no_more(adapter: ModuleType, root: Path) -> None:
    system = adapter.System()
    renamed = STOCK.replace("price", "cost")
    system.context(str(root), str(root / "shop/stock.py"), 1, 4, 400, "function", renamed)
    found = system.context(str(root), str(root / "shop/cart.py"), 7, 4, 400, "function", SHOP)
    assert "def price(" in found


def test_the_rows_of_the_table_say_how_much_is_missing(adapter: ModuleType) -> None:
    del adapter
    spec = importlib.util.spec_from_file_location("context_run", BENCH / "run.py")
    assert spec is not None
    assert spec.loader is not None
    run = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(run)
    row = {"id": "a", "lang": "python", "track": "line", "budget": 256, "n": 2, "use": 1, "first": False, "secs": 0.004}
    told = "\n".join(run.bars([row], []))
    assert "| Python, next statement @256 | ≥ 0.680 | 0.500 | 0.180 | – |" in told
    assert "| warm query, p50, ms | ≤ 5.0 | 4.0 | reached | – |" in told
