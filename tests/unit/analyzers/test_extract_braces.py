"""Records of Go, Rust, Java, C and C++: what is defined, of what type, on which lines, and what imports bind."""

from __future__ import annotations

from textwrap import dedent

import pytest

from lanyard_analyzers.index.extract import extract
from lanyard_analyzers.index.records import Symbol
from lanyard_analyzers.resolve.bodies import body_of


def symbols(source: str, language: str) -> dict[str, Symbol]:
    return {one.qualified: one for one in extract(dedent(source).lstrip("\n"), language).symbols}


def bindings(source: str, language: str) -> list[tuple[str, str, str]]:
    found = extract(dedent(source).lstrip("\n"), language).imports
    return [(one.local, one.source, one.name) for statement in found for one in statement.bindings]


def test_go() -> None:
    found = symbols(
        """
        package shop

        // Cart holds items.
        type Cart[T any] struct {
            *Base
            store, spare *pkg.Store
        }

        // Get gets.
        func (c *Cart[T]) Get(key string, more ...int) (item *Item, err error) {
            return nil, nil
        }

        const (
            Open State = iota
            Shut
        )
        """,
        "go",
    )
    assert found["Cart"].bases == ("Base",)
    assert found["Cart.spare"].type == "*pkg.Store"
    get = found["Cart.Get"]
    assert (get.shape, get.owner, get.type) == ("method", "Cart", "(*Item, error)")
    assert [(one.name, one.type) for one in get.params] == [("c", "*Cart[T]"), ("key", "string"), ("more", "...int")]
    assert (get.first, get.doc_first, get.head, get.body_last) == (8, 8, 9, 11)
    assert found["Shut"].type == "State"


def test_go_imports() -> None:
    found = bindings('import (\n\t"a/b"\n\t. "c/d"\n\t_ "e"\n\tx "f/g"\n\t"h/go-yaml/v3"\n)\n', "go")
    assert found[:3] == [("b", "a/b", ""), ("*", "c/d", "*"), ("x", "f/g", "")]
    assert ("yaml", "h/go-yaml/v3", "") in found


def test_rust() -> None:
    found = symbols(
        """
        pub trait Shape: Named {
            fn area(&self) -> f64;
        }

        #[derive(Debug)]
        pub struct Square<T> {
            side: Vec<T>,
        }

        impl<T: Copy> Shape for Square<T> {
            /// Its area.
            fn area(&self) -> f64 { 1.0 }
        }

        impl<T> Square<T> {
            pub fn new<S: Into<T>>(side: S) -> Self { todo!() }
        }

        enum State { Open, Shut(u8) }

        mod inner {
            pub fn helper() {}
            #[tokio::test]
            async fn works() {}
        }
        """,
        "rust",
    )
    assert found["Shape"].bases == ("Named",)
    assert found["Square"].bases == ("Shape",)
    assert found["Square::side"].type == "Vec<T>"
    assert found["Square::area"].owner == "Square"
    assert "static" in found["Square::new"].marks
    assert found["S"].type == "Into<T>"
    assert found["State::Shut"].type == "State"
    assert found["inner::helper"].shape == "function"
    assert {"test", "async"} <= set(found["inner::works"].marks)


def test_rust_imports() -> None:
    found = bindings(
        "use a::{self, b::{c as d, *}};\npub use crate::x::Y;\nmod m;\nmod t {\n    use super::z::Q;\n}\n", "rust"
    )
    assert found == [
        ("a", "a", ""),
        ("d", "a::b", "c"),
        ("*", "a::b", "*"),
        ("Y", "crate::x", "Y"),
        ("m", "mod m", ""),
        ("Q", "self::z", "Q"),
    ]


def test_java() -> None:
    record = extract(
        dedent(
            """
            package org.shop;

            import java.util.*;
            import static org.shop.Tax.vat;

            /** Holds items. */
            @Entity
            public abstract class Cart<T> extends Base implements Named {
                private final Store store = new Store();

                @Override
                @Test
                public <R extends Item> R get(String key, int... more) {
                    return null;
                }

                enum State { OPEN(1), SHUT(2) }

                record Line(int cents, Item item) { }
            }
            """
        ).lstrip("\n"),
        "java",
    )
    found = {one.qualified: one for one in record.symbols}
    assert record.package == "org.shop"
    assert [(one.local, one.source, one.name) for each in record.imports for one in each.bindings] == [
        ("*", "java.util", "*"),
        ("vat", "org.shop.Tax", "vat"),
    ]
    assert found["Cart"].bases == ("Base", "Named")
    assert (found["Cart"].first, found["Cart"].head) == (5, 7)
    assert found["Cart.store"].type == "Store"
    assert set(found["Cart.get"].marks) == {"override", "test", "exported"}
    assert [(one.name, one.type) for one in found["Cart.get"].params] == [("key", "String"), ("more", "int...")]
    assert found["Cart.State.SHUT"].type == "State"
    assert found["Cart.Line.item"].type == "Item"


def test_cpp() -> None:
    found = symbols(
        """
        namespace shop {
        template <typename T> class API Cart : public Base<T>, private Named {
        public:
            explicit Cart(int size);
            virtual const Item *find(const std::string &key) const = 0;
        private:
            std::map<int, Item> items_;
            enum Level { LOW };
        };
        enum class State { Open };
        enum Colour { RED };
        }
        const Item *shop::Cart::find(const std::string &key) const { return nullptr; }
        #define SQUARED(x) ((x) * (x))
        TEST_F(CartTest, Finds) {}
        """,
        "cpp",
    )
    cart = found["shop::Cart"]
    assert cart.bases == ("Base<T>", "Named")
    assert found["shop::Cart::find"].type == "Item*"
    assert "abstract" in extract("struct A { virtual int f() = 0; };", "cpp").symbols[1].marks
    assert "private" in found["shop::Cart::items_"].marks
    assert found["shop::Cart::LOW"].type == "Level"
    assert "open" not in found["shop::State::Open"].marks
    assert "open" in found["shop::Colour::RED"].marks
    assert [one.name for one in found["SQUARED"].params] == ["x"]
    assert found["CartTest::CartTest_Finds"].owner == "CartTest"


def test_c() -> None:
    found = symbols(
        """
        #ifndef SHOP_H
        #define SHOP_H
        typedef struct { int cents; } item_t;
        typedef struct cart { item_t *first; int (*pay)(struct cart *cart); } cart_t;
        LIB_EXTERN int cart_add(cart_t *cart, item_t item);
        static struct cart *last(void) { return 0; }
        #endif
        """,
        "c",
    )
    assert "SHOP_H" not in found
    assert found["item_t"].shape == "class"
    assert (found["cart_t"].shape, found["cart_t"].type) == ("type", "cart")
    assert found["cart::first"].type == "item_t*"
    assert found["cart::pay"].shape == "field"
    added = found["cart_add"]
    assert (added.shape, added.body_first, added.type) == ("function", -1, "int")
    assert [(one.name, one.type) for one in added.params] == [("cart", "cart_t*"), ("item", "item_t")]
    assert set(found["last"].marks) == {"static", "private"}


def test_a_header_of_cpp_is_read_as_cpp_whatever_its_suffix() -> None:
    record = extract("class Cart {\npublic:\n    int total() const;\n};\n", "c")
    assert record.language == "cpp"
    assert [one.qualified for one in record.symbols] == ["Cart", "Cart::total"]


@pytest.mark.parametrize(
    ("language", "line", "expected"),
    [
        ("go", "item, err := store.Get(key)", {"item": ("", "store.Get(key)"), "err": ("", "")}),
        ("go", "for _, one := range cart.items {", {"one": ("", "cart.items")}),
        ("go", "kept := &cache.Cache{", {"kept": ("cache.Cache", "")}),
        ("go", "run(func(c *Context, n int) {", {"c": ("*Context", ""), "n": ("int", "")}),
        ("go", "var all []Item", {"all": ("[]Item", "")}),
        ("rust", "let mut kept = Cache::open(path)?;", {"kept": ("", "Cache::open(path)")}),
        ("rust", "let kept = Arc::new(Mutex::new(Cache { a }));", {"kept": ("Cache", "")}),
        ("rust", "for one in self.items.iter() {", {"one": ("", "self.items")}),
        ("rust", "if let Some(x) = find(1).await {", {"x": ("", "find(1)")}),
        ("java", "final List<Item> items = load();", {"items": ("List<Item>", "")}),
        ("java", "var cart = new Cart<Item>(3);", {"cart": ("Cart<Item>", "")}),
        ("java", "for (Item item : items) {", {"item": ("Item", "")}),
        ("java", "return foo;", {}),
        ("cpp", "const auto &one = cart->first();", {"one": ("", "cart->first()")}),
        ("cpp", "auto kept = std::make_unique<Cache>(1);", {"kept": ("Cache", "")}),
        ("cpp", "json::Encoder encoder;", {"encoder": ("json::Encoder", "")}),
        ("c", "struct cart *cart = cart_new();", {"cart": ("cart", "")}),
    ],
)
def test_locals(language: str, line: str, expected: dict[str, tuple[str, str]]) -> None:
    found = body_of(language, [f"    {line}"], ()).locals
    assert {name: values[0] for name, values in found.items()} == expected
