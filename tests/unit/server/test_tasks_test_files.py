"""Where tests of a source file live: the path is ours, never a model's."""

from __future__ import annotations

import pytest

from lanyard_server.tasks.test_files import file_for_tests


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
        ("shop/cart.py", "python", ("shop/test_money.py", "tests/test_all.py"), "shop/test_cart.py"),
        ("src/shop/cart.py", "python", ("tests/shop/test_money.py", "tests/test_a.py"), "tests/shop/test_cart.py"),
        ("src/cart.ts", "typescript", ("src/cart.ts",), "src/cart.test.ts"),
        ("src/Cart.tsx", "tsx", ("src/Cart.tsx",), "src/Cart.test.tsx"),
        ("cart/cart.go", "go", (), "cart/cart_test.go"),
        ("src/main/java/shop/Cart.java", "java", (), "src/test/java/shop/CartTest.java"),
        ("src/cart.rs", "rust", (), "tests/cart_test.rs"),
        ("src/cart.c", "c", ("src/cart.c", "tests/test_money.c"), "tests/test_cart.c"),
        ("lib/shop/cart.rb", "ruby", ("test/money_test.rb",), "test/shop/cart_test.rb"),
        ("lib/shop/cart.rb", "ruby", ("spec/money_spec.rb",), "spec/shop/cart_spec.rb"),
        ("src/Shop/Cart.cs", "csharp", (), "tests/Shop.Tests/CartTests.cs"),
        ("Shop/Cart.cs", "csharp", ("Shop.Tests/MoneyTests.cs",), "Shop.Tests/CartTests.cs"),
        ("src/Cart.php", "php", (), "tests/CartTest.php"),
        ("deploy.sh", "bash", ("test/log.bats",), "test/deploy.bats"),
    ],
)
def test_a_new_test_file_goes_where_the_language_looks_for_it(path, language, there, expected):
    assert file_for_tests(path, language, Files(*there)) == (expected, None)


@pytest.mark.parametrize(
    ("path", "language", "existing"),
    [
        ("shop/cart.py", "python", "shop/tests/test_cart.py"),
        ("src/shop/cart.py", "python", "tests/shop/test_cart.py"),
        ("src/cart.js", "javascript", "src/cart.spec.js"),
        ("src/cart.js", "javascript", "test/cart.test.js"),
        ("shop/Cart.java", "java", "other/CartTest.java"),
        ("app/models/cart.rb", "ruby", "spec/models/cart_spec.rb"),
        ("lua/shop/cart.lua", "lua", "tests/cart_spec.lua"),
    ],
)
def test_an_existing_test_file_is_found(path, language, existing):
    assert file_for_tests(path, language, Files(existing)) == (existing, f"content of {existing}")


def test_the_nearer_of_two_test_files_is_taken():
    files = Files("tests/store/test_cart.py", "tests/shop/test_cart.py")
    assert file_for_tests("src/shop/cart.py", "python", files)[0] == "tests/shop/test_cart.py"


def test_tests_for_a_test_helper_are_not_put_into_the_file_itself():
    assert file_for_tests("tests/test_cart.py", "python", Files("tests/test_cart.py"))[0] == "tests/test_test_cart.py"
