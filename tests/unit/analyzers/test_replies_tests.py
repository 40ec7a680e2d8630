"""Tests out of replies: a new file, additions to one that exists, refusals."""

from __future__ import annotations

import pytest

from lanyard_analyzers.replies import check_tests
from lanyard_analyzers.targets import Shape, Target
from lanyard_analyzers.text import Span


def target(name: str, language: str = "python") -> Target:
    return Target(Shape.METHOD, name, Span(0, 0), language)


def content(reply: str, name: str, language: str = "python", existing: str | None = None) -> str:
    checked, problems = check_tests(f"```{language}\n{reply}\n```", language, target(name, language), existing=existing)
    assert (checked is None) == bool(problems)
    return checked.content if checked else problems[0].message


NEW = "from cart import Cart\n\n\ndef test_total():\n    assert Cart().total() == 0"


@pytest.mark.parametrize(
    ("language", "name", "code", "tests"),
    [
        ("python", "Cart.total", NEW, 1),
        (
            "typescript",
            "Cart.total",
            'import { Cart } from "./cart";\n\ndescribe("Cart", () => {\n  it("sums", () => {\n    '
            'expect(new Cart().total()).toBe(0);\n  });\n  test.each([1])("n", (n) => {});\n});',
            1,
        ),
        (
            "go",
            "(*Cart).Total",
            'package shop\n\nimport "testing"\n\nfunc TestTotal(t *testing.T) {\n\t(&Cart{}).Total()\n}',
            1,
        ),
        (
            "rust",
            "Cart::total",
            "use shop::Cart;\n\n#[test]\nfn sums() {\n    assert_eq!(Cart::new().total(), 0);\n}",
            1,
        ),
        (
            "java",
            "Cart.total",
            "package shop;\n\nclass CartTest {\n  @Test\n  void sums() { assertEquals(0, new Cart().total()); }\n}",
            1,
        ),
        ("c", "total", '#include "cart.h"\n\nint main(void) {\n  return total(0) != 0;\n}', 1),
        ("cpp", "shop::Cart::total", '#include "cart.h"\n\nTEST(Cart, Sums) {\n  EXPECT_EQ(Cart().total(), 0);\n}', 1),
    ],
)
def test_a_new_file(language: str, name: str, code: str, tests: int) -> None:
    checked, problems = check_tests(f"Sure.\n```{language}\n{code}\n```", language, target(name, language))
    assert problems == ()
    assert checked is not None
    assert (checked.content, checked.tests >= tests) == (code + "\n", True)


EXISTING = '"""Tests."""\nimport pytest\n\n\ndef test_size():\n    pass\n'


def test_additions_go_to_the_end_and_their_imports_to_the_imports() -> None:
    added = content("import pytest\n" + NEW, "Cart.total", existing=EXISTING)
    assert added == (
        '"""Tests."""\nimport pytest\nfrom cart import Cart\n\n\ndef test_size():\n    pass\n\n\n'
        "def test_total():\n    assert Cart().total() == 0\n"
    )


def test_a_reply_that_repeats_the_file_replaces_it() -> None:
    whole = (
        EXISTING.rstrip("\n").replace("import pytest", "import pytest\nfrom cart import Cart")
        + "\n\n\n"
        + NEW[23:].strip()
    )
    assert content(whole, "Cart.total", existing=EXISTING) == whole + "\n"


def test_line_ends_of_the_file_are_kept() -> None:
    added = content(NEW, "Cart.total", existing=EXISTING.replace("\n", "\r\n"))
    assert added.count("\r\n") == added.count("\n") == 11


def test_go_gets_no_second_package_and_no_second_import() -> None:
    existing = 'package shop\n\nimport (\n\t"testing"\n)\n\nfunc TestSize(t *testing.T) {}\n'
    test = "func TestTotal(t *testing.T) {\n\tmath.Abs((&Cart{}).Total())\n}"
    reply = 'package shop\n\nimport (\n\t"math"\n\t"testing"\n)\n\n' + test
    added = content(reply, "(*Cart).Total", "go", existing)
    assert added.count("package shop") == 1
    assert added.count('"testing"') == 1
    assert 'import "math"' in added
    assert added.endswith(test + "\n")


def test_java_methods_go_into_the_class() -> None:
    existing = "package shop;\n\nclass CartTest {\n  @Test\n  void size() {}\n}\n"
    reply = (
        "package shop;\n\nimport java.util.List;\n\nclass CartTest {\n  @Test\n  void sums() { new Cart().total(); }\n}"
    )
    assert content(reply, "Cart.total", "java", existing) == (
        "package shop;\n\nimport java.util.List;\n\nclass CartTest {\n  @Test\n  void size() {}\n\n"
        "  @Test\n  void sums() { new Cart().total(); }\n}\n"
    )


@pytest.mark.parametrize(
    ("reply", "existing", "reason"),
    [
        ("import cart\n\ndef check_total():\n    cart.Cart().total()", None, "holds no test"),
        ("from cart import Cart\n\ndef test_total(:\n    pass", None, "do not parse"),
        ("from cart import Cart\n\ndef test_a():\n    pass", None, ""),
        ("import os\n\ndef test_a():\n    pass", None, "never name total"),
        ("def test_a():\n    assert Cart().total() == 0", None, "import nothing"),
        (
            "import os\n\nclass Cart:\n    def total(self):\n        return 0\n\ndef test_a():\n    Cart().total()",
            None,
            "own copy",
        ),
        (
            "from cart import Cart\n\ndef test_total():\n    Cart().total()\n    # ... more tests as above",
            None,
            "leaves code out",
        ),
        (
            "from cart import Cart\n\ndef test_size():\n    Cart().total()\n    assert 2",
            EXISTING.replace("test_size", "test_a") + "\n\ndef test_size():\n    pass\n",
            "twice",
        ),
    ],
)
def test_what_are_no_tests_of_the_target_is_refused(reply: str, existing: str | None, reason: str) -> None:
    got = content(reply, "Cart.total", existing=existing)
    if not reason:
        assert got == reply + "\n"
    else:
        assert reason in got


def test_no_code_is_said() -> None:
    checked, problems = check_tests("I would test the limits.", "python", target("f"))
    assert checked is None
    assert problems[0].message == "the answer holds no code"
