"""Callers: the sites that mean the target, and none that mean another definition of its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from lanyard_analyzers.slices.callers import callers
from unit.analyzers.kinding import called_from, scene_at, shown

METHOD = """
    --- shop/cart.py
    class Cart:
        def total(self):$0
            return 1

        def twice(self):
            return self.total() * 2

    class Other:
        def total(self):
            return 2
    --- shop/use.py
    from shop.cart import Cart, Other

    def typed(cart: Cart):
        return cart.total()

    def made():
        cart = Cart()
        return cart.total()

    def another(other: Other):
        return other.total()

    def words():
        # cart.total() is no call
        return "cart.total()"
    --- tests/test_cart.py
    from shop.cart import Cart

    def test_total():
        assert Cart().total() == 1
"""


def test_callers_are_told_from_those_of_another_method_of_the_name(tmp_path: Path) -> None:
    assert called_from(scene_at(tmp_path, METHOD)) == [
        "shop/use.py: return cart.total()",
        "shop/use.py: return cart.total()",
        "shop/cart.py: return self.total() * 2",
        "tests/test_cart.py: assert Cart().total() == 1",
    ]


def test_a_constructor_is_called_by_its_class_and_by_super(tmp_path: Path) -> None:
    text = """
        --- a.py
        class Base:
            def __init__(self, size):$0
                self.size = size
        --- b.py
        from a import Base

        class Sub(Base):
            def __init__(self):
                super().__init__(3)

        class Alone:
            def __init__(self):
                super().__init__()

        def make(kind: Base):
            return Base(4)
    """
    assert called_from(scene_at(tmp_path, text)) == ["b.py: super().__init__(3)", "b.py: return Base(4)"]


def test_a_property_is_called_by_reading_it(tmp_path: Path) -> None:
    text = """
        --- a.py
        class Box:
            @property
            def area(self):$0
                return 1
        --- b.py
        from a import Box

        def paint(box: Box):
            return box.area + 1

        def keyword(f):
            return f(area=3)
    """
    assert called_from(scene_at(tmp_path, text)) == ["b.py: return box.area + 1"]


def test_a_call_through_a_base_and_a_function_that_is_passed_on_count(tmp_path: Path) -> None:
    text = """
        --- a.py
        class Shape:
            def area(self):
                raise NotImplementedError

        class Square(Shape):
            def area(self):$0
                return 4
        --- b.py
        from a import Shape

        def paint(shape: Shape):
            return shape.area()
    """
    assert called_from(scene_at(tmp_path, text)) == ["b.py: return shape.area()"]
    text = """
        --- a.py
        def clean(text):$0
            return text
        --- b.py
        from a import clean

        def run(texts):
            return map(clean, texts)
    """
    assert called_from(scene_at(tmp_path, text)) == ["b.py: return map(clean, texts)"]


def test_a_name_passed_on_by_a_package_is_the_definition_still(tmp_path: Path) -> None:
    text = """
        --- pkg/__init__.py
        from pkg.inner import clean as tidy
        --- pkg/inner.py
        def clean(text):$0
            return text
        --- other.py
        import pkg.inner
        from elsewhere import clean

        def far(text):
            return pkg.inner.clean(text)

        def foreign(text):
            return clean(text)
    """
    assert called_from(scene_at(tmp_path, text)) == ["other.py: return pkg.inner.clean(text)"]


def test_one_site_is_shown_a_function_with_its_head(tmp_path: Path) -> None:
    text = """
        --- a.py
        def price(item,
                  rate):$0
            return item * rate
        --- b.py
        from a import price

        def bill(items):
            first = price(items[0], 1)
            then = 3
            return first + price(
                items[1],
                2,
            )
    """
    scene = scene_at(tmp_path, text)
    candidates = list(callers(scene))
    assert shown(candidates) == {"calls price": ["b.py: def bill(items): | first = price(items[0], 1) | then = 3"]}
    assert [len(one.lines) for one in candidates[0].options] == [2, 3]


@pytest.mark.parametrize("kind", ["document", "complete"])
def test_what_a_kind_does_not_need_is_not_looked_for(kind: str, tmp_path: Path) -> None:
    found = list(callers(scene_at(tmp_path, METHOD, kind=kind)))
    assert found == []


def test_a_workspace_of_namesakes_gives_a_bounded_search(tmp_path: Path) -> None:
    files = [f"--- m{n}.py\nclass C{n}:\n    def get(self):\n        return self.get()\n" for n in range(120)]
    text = "--- a.py\nclass A:\n    def get(self):$0\n        return 1\n" + "".join(files)
    assert called_from(scene_at(tmp_path, text)) == []


LANGUAGES = {
    "csharp": """
        --- Cart.cs
        namespace Shop;
        public class Cart
        {
            public int Total()$0
            {
                return 1;
            }
        }
        --- Bill.cs
        namespace Shop;
        public class Other
        {
            public int Total() => 2;
        }
        public class Bill
        {
            public int Sum(Cart cart)
            {
                return cart.Total() + 1;
            }
            public int Another(Other other)
            {
                return other.Total();
            }
        }
        === Bill.cs: return cart.Total() + 1;
    """,
    "ruby": """
        --- lib/cart.rb
        class Cart
          def total_price$0
            1
          end
        end
        --- lib/bill.rb
        require_relative "cart"

        class Bill
          def sum
            cart = Cart.new
            cart.total_price + 1
          end
        end
        === lib/bill.rb: cart.total_price + 1
    """,
    "ruby constructor": """
        --- lib/cart.rb
        class Cart
          def initialize(size)$0
            @size = size
          end
        end
        --- lib/bill.rb
        require_relative "cart"

        def bill
          Cart.new(3)
        end
        === lib/bill.rb: Cart.new(3)
    """,
    "php": """
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
        --- src/Bill.php
        <?php
        namespace Shop;
        class Bill
        {
            public function sum(Cart $cart): int
            {
                return $cart->total() + 1;
            }
            public function another(Other $other): int
            {
                return $other->total();
            }
        }
        class Other
        {
            public function total(): int
            {
                return 2;
            }
        }
        === src/Bill.php: return $cart->total() + 1;
    """,
    "php constructor": """
        --- src/Cart.php
        <?php
        namespace Shop;
        class Cart
        {
            public function __construct(int $size)$0
            {
                $this->size = $size;
            }
        }
        --- src/Bill.php
        <?php
        namespace Shop;
        function bill()
        {
            return new Cart(3);
        }
        === src/Bill.php: return new Cart(3);
    """,
    "kotlin": """
        --- src/Cart.kt
        package shop
        class Cart {
            fun total(): Int {$0
                return 1
            }
        }
        --- src/Bill.kt
        package shop
        class Other {
            fun total(): Int = 2
        }
        fun bill(cart: Cart): Int {
            return cart.total() + 1
        }
        fun another(other: Other): Int {
            return other.total()
        }
        === src/Bill.kt: return cart.total() + 1
    """,
    "lua": """
        --- cart.lua
        local M = {}
        function M.total(n)$0
          return n
        end
        return M
        --- bill.lua
        local cart = require("cart")
        local function bill()
          return cart.total(3)
        end
        === bill.lua: return cart.total(3)
    """,
    "bash": """
        --- cart.sh
        total() {$0
          echo 1
        }
        --- bill.sh
        source ./cart.sh
        bill() {
          total 3
        }
        === bill.sh: total 3
    """,
    "java constructor": """
        --- src/shop/Cart.java
        package shop;
        public class Cart {
            public Cart(int size) {$0
                this.size = size;
            }
        }
        --- src/shop/Bill.java
        package shop;
        class Bill extends Cart {
            Bill() {
                super(4);
            }
            Cart make() {
                return new Cart(3);
            }
        }
        === src/shop/Bill.java: super(4);
        src/shop/Bill.java: return new Cart(3);
    """,
    "rust constructor": """
        --- src/lib.rs
        mod cart;
        mod bill;
        --- src/cart.rs
        pub struct Cart;
        impl Cart {
            pub fn new() -> Self {$0
                Cart
            }
        }
        --- src/bill.rs
        use crate::cart::Cart;
        pub fn bill() -> Cart {
            let other = Vec::new();
            Cart::new()
        }
        === src/bill.rs: Cart::new()
    """,
    "typescript": """
        --- src/cart.ts
        export class Cart {
          total(rate: number): number {$0
            return rate;
          }
        }
        --- src/use.ts
        import { Cart } from "./cart";
        export function bill(cart: Cart) {
          return cart.total(2);
        }
        export const other = { total(rate: number) { return rate; } };
        === src/use.ts: return cart.total(2);
    """,
    "tsx": """
        --- src/Button.tsx
        export function Button(props: { label: string }) {$0
          return <b>{props.label}</b>;
        }
        --- src/Page.tsx
        import { Button } from "./Button";
        export function Page() {
          return <Button label="x" />;
        }
        === src/Page.tsx: return <Button label="x" />;
    """,
    "go": """
        --- go.mod
        module shop
        --- cart.go
        package shop
        type Cart struct{}
        func (c *Cart) Total() int {$0
            return 1
        }
        --- use.go
        package shop
        type Other struct{}
        func (o *Other) Total() int { return 2 }
        func bill(c *Cart) int {
            return c.Total()
        }
        func another(o *Other) int {
            return o.Total()
        }
        === use.go: return c.Total()
    """,
    "rust": """
        --- src/lib.rs
        mod cart;
        mod bill;
        --- src/cart.rs
        pub struct Cart;
        impl Cart {
            pub fn total(&self) -> u32 {$0
                1
            }
        }
        --- src/bill.rs
        use crate::cart::Cart;
        pub fn bill(cart: &Cart) -> u32 {
            cart.total() + 1
        }
        === src/bill.rs: cart.total() + 1
    """,
    "java": """
        --- src/shop/Cart.java
        package shop;
        public class Cart {
            public int total() {$0
                return 1;
            }
        }
        --- src/shop/Bill.java
        package shop;
        class Bill {
            int sum(Cart cart) {
                return cart.total() + 1;
            }
            int other(Other other) {
                return other.total();
            }
        }
        --- src/shop/Other.java
        package shop;
        class Other {
            int total() {
                return 2;
            }
        }
        === src/shop/Bill.java: return cart.total() + 1;
    """,
    "cpp": """
        --- cart.hpp
        class Cart {
        public:
            int total();
        };
        --- cart.cpp
        #include "cart.hpp"
        int Cart::total() {$0
            return 1;
        }
        --- bill.cpp
        #include "cart.hpp"
        int bill(Cart *cart) {
            return cart->total();
        }
        === bill.cpp: return cart->total();
    """,
    "c": """
        --- cart.h
        int total(int n);
        --- cart.c
        #include "cart.h"
        int total(int n) {$0
            return n;
        }
        --- bill.c
        #include "cart.h"
        int bill(void) {
            return total(3);
        }
        === bill.c: return total(3);
    """,
}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_callers_in_other_languages(language: str, tmp_path: Path) -> None:
    text, _, expected = LANGUAGES[language].partition("=== ")
    assert called_from(scene_at(tmp_path, text)) == [line.strip() for line in expected.strip().splitlines()]
