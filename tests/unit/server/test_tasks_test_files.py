"""Where tests of a source file live: the path is ours, never a model's."""

from __future__ import annotations

import pytest

from lanyard_server.tasks.test_files import test_file_of as file_of_tests


class Files:
    """A workspace of a few files."""

    name = "shop"

    def __init__(self, *paths: str) -> None:
        self._paths = paths

    def read(self, path: str) -> str | None:
        return f"content of {path}" if path in self._paths else None

    def files(self) -> tuple[str, ...]:
        return self._paths


@pytest.mark.parametrize(
    ("path", "language", "there", "expected"),
    [
        ("shop/cart.py", "python", ("tests/test_money.py",), "tests/test_cart.py"),
        ("shop/cart.py", "python", ("shop/cart.py",), "shop/test_cart.py"),
        ("src/shop/cart.py", "python", ("tests/shop/test_money.py",), "tests/test_cart.py"),
        ("shop/__init__.py", "python", ("tests/x.py",), "tests/test_init.py"),
        ("src/cart.ts", "typescript", ("src/cart.ts",), "src/cart.test.ts"),
        ("src/Cart.tsx", "tsx", ("src/Cart.tsx",), "src/Cart.test.tsx"),
        ("cart/cart.go", "go", (), "cart/cart_test.go"),
        ("src/main/java/shop/Cart.java", "java", (), "src/test/java/shop/CartTest.java"),
        ("src/cart.rs", "rust", (), "tests/cart.rs"),
        ("src/cart.c", "c", ("src/cart.c",), "src/cart_test.c"),
    ],
)
def test_a_new_test_file_goes_where_the_language_looks_for_it(path, language, there, expected):
    assert file_of_tests(path, language, Files(*there)) == (expected, None)


@pytest.mark.parametrize(
    ("path", "language", "existing"),
    [
        ("shop/cart.py", "python", "shop/tests/test_cart.py"),
        ("src/shop/cart.py", "python", "tests/shop/test_cart.py"),
        ("src/cart.js", "javascript", "src/cart.spec.js"),
        ("src/cart.js", "javascript", "test/cart.test.js"),
    ],
)
def test_an_existing_test_file_is_found(path, language, existing):
    assert file_of_tests(path, language, Files(existing)) == (existing, f"content of {existing}")


def test_a_file_is_never_its_own_test_file():
    assert file_of_tests("tests/cart.rs", "rust", Files("tests/cart.rs"))[0] != "tests/cart.rs"
