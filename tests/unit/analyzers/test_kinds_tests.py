"""What a task that writes tests is shown: a sample as they are written here, what it stands on, what is covered."""

from __future__ import annotations

from pathlib import Path

import pytest

from lanyard_analyzers.index import Index
from lanyard_analyzers.slices.test_blocks import blocks_of
from lanyard_analyzers.slices.test_frameworks import framework, habits
from lanyard_analyzers.workspace import DiskWorkspace
from unit.analyzers.kinding import gathered, scene_at

SAMPLE = "a test as they are written here"

PYTEST = """
    --- shop/cart.py
    class Cart:
        def total(self):$0
            return 1
    --- conftest.py
    import pytest

    @pytest.fixture
    def currency():
        return "EUR"

    @pytest.fixture
    def unused():
        return 0
    --- tests/conftest.py
    import pytest

    @pytest.fixture
    def filled(currency):
        return currency
    --- other/conftest.py
    import pytest

    @pytest.fixture
    def filled():
        return "the wrong one"
    --- tests/helpers.py
    def item(price):
        return price

    def nobody():
        return 0
    --- tests/test_cart.py
    import pytest
    from shop.cart import Cart
    from tests.helpers import item

    @pytest.fixture
    def cart():
        return Cart()

    def test_name(cart):
        assert cart

    @pytest.mark.parametrize("price", [1, 2])
    def test_total(filled, price):
        assert Cart().total() == item(price)

    def test_total_of_none():
        with pytest.raises(ValueError):
            Cart(None).total()
    --- tests/test_other.py
    def test_nothing():
        assert True
"""


def test_pytest_fixtures_are_those_that_the_sample_sees(tmp_path: Path) -> None:
    found, notes = gathered(scene_at(tmp_path, PYTEST, kind="test"))
    assert found[SAMPLE][0] == (
        'tests/test_cart.py: @pytest.mark.parametrize("price", [1, 2]) | def test_total(filled, price): | '
        "assert Cart().total() == item(price)"
    )
    fixtures = found["fixture"]
    assert "tests/conftest.py: @pytest.fixture | def filled(currency): | return currency" in fixtures
    assert 'conftest.py: @pytest.fixture | def currency(): | return "EUR"' in fixtures
    assert not any("wrong" in one for one in fixtures)
    assert found["helper of the tests"] == ["tests/helpers.py: def item(price): | return price"]
    assert found["imports of the tests"][0] == (
        "tests/test_cart.py: import pytest | from shop.cart import Cart | from tests.helpers import item"
    )
    assert notes == (
        "tests are written with pytest (parametrize, pytest.raises)",
        "tests of total that exist in tests/test_cart.py: test_total, test_total_of_none",
    )


def test_without_tests_of_its_own_a_module_has_those_of_a_neighbour_for_a_sample(tmp_path: Path) -> None:
    text = """
        --- shop/rates.py
        def rate():$0
            return 1
        --- tests/test_cart.py
        def test_cart():
            assert 1
    """
    found, notes = gathered(scene_at(tmp_path, text, kind="test"))
    assert found[SAMPLE] == ["tests/test_cart.py: def test_cart(): | assert 1"]
    assert notes == ("tests are written with pytest",)


def test_what_is_long_is_no_sample(tmp_path: Path) -> None:
    text = (
        "--- cart.py\ndef total():$0\n    return 1\n--- test_cart.py\nfrom cart import total\n\n"
        + "def test_all():\n"
        + "    assert total() == 1\n" * 60
        + "\ndef test_short():\n    assert total() == 1\n"
    )
    found, notes = gathered(scene_at(tmp_path, text, kind="test"))
    assert found[SAMPLE] == ["test_cart.py: def test_short(): | assert total() == 1"]
    assert notes[1] == "tests of total that exist in test_cart.py: test_all, test_short"


def test_a_file_that_holds_tests_itself_has_no_tests(tmp_path: Path) -> None:
    found, _ = gathered(scene_at(tmp_path, "--- test_cart.py\ndef test_a():$0\n    pass\n", kind="test"))
    assert SAMPLE not in found


CASES = {
    "unittest": """
        --- cart.py
        def total():$0
            return 1
        --- tests/test_cart.py
        import unittest
        from cart import total

        class CartTest(unittest.TestCase):
            def setUp(self):
                self.base = 1

            def test_total(self):
                self.assertEqual(total(), self.base)
        === unittest (self.assert…) | CartTest | setUp | test_total
    """,
    "vitest": """
        --- package.json
        {"devDependencies": {"vitest": "1"}}
        --- src/cart.ts
        export function total() {$0
          return 1;
        }
        --- src/cart.test.ts
        import { beforeEach, describe, expect, it } from "vitest";
        import { total } from "./cart";

        describe("cart", () => {
          beforeEach(() => {
            reset();
          });
          it("adds up", () => {
            expect(total()).toBe(1);
          });
        });
        === vitest (expect) | describe("cart" | beforeEach | adds up
    """,
    "jest": """
        --- package.json
        {"devDependencies": {"jest": "29"}}
        --- src/cart.js
        export function total() {$0
          return 1;
        }
        --- src/__tests__/cart.js
        import { total } from "../cart";

        test.each([[1, 2]])("adds %i", (a) => {
          expect(total(a)).toBe(a);
        });
        === jest (each, expect) | test.each
    """,
    "node:test": """
        --- cart.mjs
        export function total() {$0
          return 1;
        }
        --- cart.test.mjs
        import test from "node:test";
        import assert from "node:assert/strict";
        import { total } from "./cart.mjs";

        test("adds up", () => {
          assert.equal(total(), 1);
        });
        === node:test (node:assert) | adds up
    """,
    "mocha": """
        --- package.json
        {"devDependencies": {"mocha": "10", "chai": "4"}}
        --- src/cart.js
        exports.total = function total() {$0
          return 1;
        };
        --- test/cart.spec.js
        const { expect } = require("chai");
        const { total } = require("../src/cart");

        describe("cart", function () {
          it("adds up", function () {
            expect(total()).to.equal(1);
          });
        });
        === mocha (chai, expect) | describe("cart" | adds up
    """,
    "go": """
        --- go.mod
        module shop
        --- cart.go
        package shop

        func Total(n int) int {$0
            return n
        }
        --- cart_test.go
        package shop

        import (
            "testing"

            "github.com/stretchr/testify/require"
        )

        func TestTotal(t *testing.T) {
            tests := []struct{ n int }{{1}}
            for _, tt := range tests {
                t.Run("n", func(t *testing.T) {
                    require.Equal(t, tt.n, Total(prepared(tt.n)))
                })
            }
        }
        --- helpers_test.go
        package shop

        func prepared(n int) int {
            return n
        }
        === testing with testify (table tests, t.Run, require) | func TestTotal | func prepared
    """,
    "rust": """
        --- src/lib.rs
        pub fn total(n: u32) -> u32 {$0
            n
        }

        #[cfg(test)]
        mod tests {
            use super::*;

            fn prepared() -> u32 {
                1
            }

            #[test]
            fn adds_up() {
                assert_eq!(total(prepared()), 1);
            }
        }
        === - | fn adds_up | mod tests
    """,
    "junit5": """
        --- src/main/java/shop/Cart.java
        package shop;
        public class Cart {
            public int total() {$0
                return 1;
            }
        }
        --- src/test/java/shop/CartTest.java
        package shop;
        import org.junit.jupiter.api.BeforeEach;
        import org.junit.jupiter.api.Test;
        class CartTest {
            private Cart cart;

            @BeforeEach
            void prepare() {
                cart = new Cart();
            }

            @Test
            void addsUp() {
                assertEquals(1, cart.total());
            }
        }
        === JUnit 5 | prepare | addsUp | class CartTest
    """,
    "gtest": """
        --- cart.hpp
        int total(int n);
        --- cart.cpp
        #include "cart.hpp"
        int total(int n) {$0
            return n;
        }
        --- cart_test.cpp
        #include <gtest/gtest.h>
        #include "cart.hpp"

        TEST(Cart, AddsUp) {
            EXPECT_EQ(total(1), 1);
        }
        === GoogleTest | Cart, AddsUp
    """,
    "catch2": """
        --- cart.cpp
        int total(int n) {$0
            return n;
        }
        --- test_cart.cpp
        #include <catch2/catch_test_macros.hpp>

        TEST_CASE("adds up") {
            SECTION("one") {
                REQUIRE(total(1) == 1);
            }
        }
        === Catch2 (sections) | adds up
    """,
    "xunit": """
        --- src/Cart.cs
        namespace Shop;
        public class Cart
        {
            public int Total()$0
            {
                return 1;
            }
        }
        --- tests/CartTests.cs
        using Xunit;
        namespace Shop.Tests;
        public class CartTests
        {
            [Theory]
            [InlineData(1)]
            public void AddsUp(int n)
            {
                Assert.Equal(n, new Cart().Total());
            }
        }
        === xUnit (Theory) | AddsUp | class CartTests
    """,
    "rspec": """
        --- lib/cart.rb
        class Cart
          def total$0
            1
          end
        end
        --- spec/cart_spec.rb
        require "spec_helper"

        RSpec.describe Cart do
          let(:cart) { Cart.new }

          it "adds up" do
            expect(cart.total).to eq(1)
          end
        end
        === RSpec (let) | let(:cart) | adds up
    """,
    "phpunit": """
        --- src/Cart.php
        <?php
        namespace Shop;
        class Cart
        {
            public function total(): int$0
            {
                return 1;
            }
        }
        --- tests/CartTest.php
        <?php
        use PHPUnit\\Framework\\TestCase;
        class CartTest extends TestCase
        {
            protected function setUp(): void
            {
                $this->cart = new Cart();
            }

            public function testTotal(): void
            {
                $this->assertSame(1, $this->cart->total());
            }
        }
        === PHPUnit | setUp | testTotal
    """,
    "kotest": """
        --- src/main/kotlin/Cart.kt
        class Cart {
            fun total(): Int {$0
                return 1
            }
        }
        --- src/test/kotlin/CartTest.kt
        import io.kotest.core.spec.style.FunSpec

        class CartTest : FunSpec({
            beforeTest {
                reset()
            }
            test("adds up") {
                Cart().total() shouldBe 1
            }
        })
        === Kotest | beforeTest | adds up
    """,
    "busted": """
        --- src/cart.lua
        local M = {}
        function M.total()$0
          return 1
        end
        return M
        --- spec/cart_spec.lua
        local cart = require("src.cart")

        describe("cart", function()
          before_each(function()
            reset()
          end)
          it("adds up", function()
            assert.equal(1, cart.total())
          end)
        end)
        === busted | describe("cart" | before_each | adds up
    """,
    "bats": """
        --- cart.sh
        total() {$0
          echo 1
        }
        --- test/cart.bats
        #!/usr/bin/env bats
        setup() {
          source cart.sh
        }

        @test "adds up" {
          run total
          [ "$output" = 1 ]
        }
        === Bats | setup | adds up
    """,
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_tests_are_found_as_each_framework_writes_them(name: str, tmp_path: Path) -> None:
    text, _, expected = CASES[name].partition("=== ")
    framework, *words = [part.strip() for part in expected.strip().split(" | ")]
    found, notes = gathered(scene_at(tmp_path, text, kind="test"))
    assert notes[:1] == ((f"tests are written with {framework}",) if framework != "-" else notes[:1])
    everything = "\n".join(one for each in found.values() for one in each)
    assert SAMPLE in found
    for word in words:
        assert word in everything


def test_blocks_end_where_they_are_closed(tmp_path: Path) -> None:
    text = """
        --- cart.test.js
        describe("a", () => {
          it("one", () => {
            f(`
        `);
          });

          it("two", async () =>
            g());
        });$0
        later();
    """
    blocks = blocks_of(scene_at(tmp_path, text).file)
    assert [(one.role, one.name, one.first, one.last) for one in blocks] == [
        ("suite", "a", 0, 8),
        ("test", "one", 1, 4),
        ("test", "two", 6, 7),
    ]


HOSTILE = [
    "\n" * 200_000,
    " " * 200_000,
    "mock " * 40_000,
    "describe(" * 20_000,
    "extends " * 25_000,
    "using " * 30_000,
]


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    "language", ["python", "javascript", "go", "java", "cpp", "csharp", "ruby", "php", "kotlin", "lua"]
)
def test_signs_of_frameworks_are_looked_for_in_linear_time(language: str) -> None:
    for text in HOSTILE:
        framework(Index(DiskWorkspace(Path("/nowhere"))), language, "a", text)
        habits(language, text)
