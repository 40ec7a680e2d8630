"""What is read of JavaScript, TypeScript and TSX files."""

from __future__ import annotations

import pytest

from lanyard_analyzers.index.extract import extract
from lanyard_analyzers.index.records import Binding, FileRecord, Symbol

CLASSES = """\
/** A list. */
@Injectable()
export abstract class List<T> extends Base<T> implements Iterable<T>, Sized {
  @Input() private size?: number = 1;
  static #made = new Map<string, List>();
  // how
  constructor(private readonly clock: Clock, { zone }: Options, ...rest: T[]) {
    super();
    const store = new Store(clock);
  }
  get first(): T { return this.items[0]; }
  handle = async (event: Event) => { this.log(event); };
  pick(at: number): T;
  pick(name: string): T;
  pick(key: any): T { return this.items[key]; }
  protected abstract sort(by?: Order): void;
}
export interface Shape extends Sized, Named<string> {
  (scale: number): Shape;
  readonly name: string;
  area?(unit: Unit): number;
}
export type Both = Shape & { id: string; run(at: Date): void };
type Name = string | Symbol;
export const enum Level { Debug = 1, Error }
"""


def record(content: str, language: str = "typescript") -> FileRecord:
    return extract(content, language)


def told(symbol: Symbol) -> str:
    """One line a symbol: what it is, what it gives, where it stands."""
    params = ", ".join(f"{one.name}: {one.type}" if one.type else one.name for one in symbol.params)
    more = [f"({params})" if symbol.params else "", f"-> {symbol.type}" if symbol.type else ""]
    more += [f"= {symbol.value}" if symbol.value else "", f"< {', '.join(symbol.bases)}" if symbol.bases else ""]
    return " ".join([symbol.shape, symbol.qualified, *(one for one in more if one), *symbol.marks])


def test_classes_interfaces_and_aliases_with_their_members() -> None:
    assert [told(one) for one in record(CLASSES).symbols] == [
        "class List < Base, Iterable<T>, Sized exported abstract",
        "field List.size -> number",
        "field List.#made = new Map<string, List>() static",
        "method List.constructor (clock: Clock, { zone }: Options, rest: T[])",
        "value zone = Options.zone local",
        "field List.clock -> Clock",
        "value store = new Store(clock) local",
        "method List.first -> T property",
        "method List.handle (event: Event) async",
        "method List.pick (at: number) -> T overload",
        "method List.pick (name: string) -> T overload",
        "method List.pick (key: any) -> T",
        "method List.sort (by: Order) -> void private abstract",
        "class Shape < Sized, Named<string> exported",
        "method Shape.__call__ (scale: number) -> Shape",
        "field Shape.name -> string",
        "method Shape.area (unit: Unit) -> number",
        "class Both < Shape exported",
        "field Both.id -> string",
        "method Both.run (at: Date) -> void",
        "type Name -> string | Symbol",
        "class Level exported",
        "field Level.Debug -> Level",
        "field Level.Error -> Level",
    ]


def test_lines_of_heads_bodies_and_documentation() -> None:
    symbols = {one.qualified: one for one in record(CLASSES).symbols}
    made = symbols["List"]
    assert (made.first, made.head, made.head_end, made.last) == (0, 2, 2, 16)
    assert (made.doc_first, made.doc_last) == (0, 0)
    maker = symbols["List.constructor"]
    assert (maker.first, maker.doc_first, maker.head, maker.body_first, maker.body_last) == (5, 5, 6, 6, 9)
    assert symbols["List.clock"].around == 0
    assert symbols["List.sort"].body_first == -1


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("import d, * as all from 'm'", [("d", "m", "default"), ("all", "m", "")]),
        ("import type { a, b as c } from './m'", [("a", "./m", "a"), ("c", "./m", "b")]),
        ("import fs = require('m')", [("fs", "m", ""), ("fs", "m", "default")]),
        ("const x = require('m')", [("x", "m", ""), ("x", "m", "default")]),
        ("const { a, b: c } = require('m')", [("a", "m", "a"), ("c", "m", "b")]),
        ("const x = require('m').y", [("x", "m", "y")]),
        ("const { a } = await import('./m')", [("a", "./m", "a")]),
        ("export * from './m'", [("*", "./m", "*")]),
        ("export * as ns from './m'", [("ns", "./m", "")]),
        ("export { default as Q, type r } from './m'", [("Q", "./m", "default"), ("r", "./m", "r")]),
        ("export { a as default } from './m'", [("default", "./m", "a")]),
        ("import './effects'", []),
    ],
)
def test_imports(statement: str, expected: list[tuple[str, str, str]]) -> None:
    (found,) = record(statement).imports
    assert found.bindings == tuple(Binding(*one) for one in expected)
    assert found.exported == statement.startswith("export")


@pytest.mark.parametrize(
    ("content", "default", "symbols"),
    [
        ("export default function () { return 1 }", "default", ["function default exported"]),
        ("export default class Cart {}", "Cart", ["class Cart exported"]),
        ("const a = 1; export default a", "a", ["value a"]),
        ("export default connect(Row)", "default", ["value default = connect(Row) exported"]),
        ("export default { data() {}, name: 'x' }", "default",
         ["class default exported", "method default.data", "field default.name"]),
        ("function a() {} export { a as default, a as b }", "a", ["function a", "value b = a exported"]),
        ("function a() {} module.exports = a", "a", ["function a"]),
        ("module.exports = { run() {}, stop: (x) => x, a, b: c }", "",
         ["function run exported", "function stop (x) = x exported", "value b = c exported"]),
        ("exports.f = function (a) {}; exports.g = exports.f", "",
         ["function f (a) exported", "value g = exports.f exported"]),
        ("export { default } from './m'", "default", []),
    ],
)  # fmt: skip
def test_what_a_module_gives(content: str, default: str, symbols: list[str]) -> None:
    found = record(content, "javascript")
    assert found.default == default
    assert [told(one) for one in found.symbols] == symbols


def test_objects_of_functions_prototypes_and_wrapped_functions() -> None:
    content = """\
export const api = { base: "/v1", get(id) { return fetch(id); }, list: async () => {} };
const plain = { a: 1 };
function Queue(size) {}
Queue.prototype.push = function (item) {};
Queue.of = (items) => new Queue(items.length);
export const Row = memo(function Row({ item, onOpen }) { return null; });
const made = createRouter({ routes: (r) => r });
"""
    assert [told(one) for one in record(content, "javascript").symbols] == [
        "class api exported",
        "field api.base",
        "method api.get (id) = fetch(id)",
        "method api.list async",
        "value plain",
        "class Queue (size)",
        "method Queue.push (item)",
        "method Queue.of (items) = new Queue(items.length) static",
        "function Row ({ item, onOpen }) exported",
        "value item local",
        "value onOpen local",
        "value made = createRouter({ routes: (r) => r })",
    ]


def test_locals_and_inner_functions() -> None:
    content = """\
function main(deps: Deps) {
  const { store, log: write } = deps.open();
  let late: Late;
  var x1 = make(a, b), x2 = new Two(c),
    x3: Three;
  for (const one of store.all()) {}
  const [state] = useState(first);
  function inner(x: Inner) {
    const y = x.go();
    return y;
  }
  const arrow = (z: Z) => z.go();
  run(deps, (a, b) => a, function (c: C) {});
  store.items.map((item) => item.name);
  if (a < b) { const text = "const no = 1"; }
}
"""
    found = record(content).symbols
    assert [f"{told(one)} @{found[one.around].name}" for one in found[1:]] == [
        "value store = deps.open().store local @main",
        "value write = deps.open().log local @main",
        "value late -> Late local @main",
        "value x1 = make(a, b) local @main",
        "value x2 = new Two(c) local @main",
        "value x3 -> Three local @main",
        "value one = store.all() local @main",
        "value state = useState(first) local @main",
        "function main.inner (x: Inner) local @main",
        "value y = x.go() local @inner",
        "function main.arrow (z: Z) local @main",
        "value a = run@1.0 local @main",
        "value b = run@1.1 local @main",
        "value c -> C = run@2.0 local @main",
        "value item = store.items local @main",
        "value text local @main",
        "value no local @main",
    ]


def test_namespaces_ambient_declarations_and_tests() -> None:
    content = """\
namespace Shop.Cart { export function total(x: Item): number { return 1; } }
declare module "other" { export interface Other { a: string } }
declare global { interface Window { shop: Shop } }
declare function load(path: string): Shop;
describe("cart", () => {
  beforeEach(() => {});
  it("adds", async () => { const cart = new Cart(); });
});
"""
    found = record(content).symbols
    assert [told(one) for one in found] == [
        "namespace Shop.Cart",
        "function Shop.Cart.total (x: Item) -> number exported",
        "class Other exported",
        "field Other.a -> string",
        "class Window",
        "field Window.shop -> Shop",
        "function load (path: string) -> Shop",
        "namespace cart",
        "function cart.beforeEach fixture",
        "function cart.adds test async",
        "value cart = new Cart() local",
    ]


def test_types_of_javascript_come_from_its_documentation() -> None:
    content = "/**\n * @param {Store} store\n * @returns {Cart} what is in it\n */\nfunction load(store, key) {}\n"
    assert told(record(content, "javascript").symbols[0]) == "function load (store: Store, key) -> Cart"


def test_what_the_grammar_refuses_is_read_from_the_text() -> None:
    content = """\
export type Narrow<type> =
  | (type extends Function ? type : never)
  | { [K in keyof type]: Narrow<type[K]> }

export function narrow<type>(value: Narrow<type>) {
  return value
}
export interface Open {
  a: string
}
"""
    found = {one.name: one for one in record(content).symbols}
    assert {"Narrow", "narrow", "Open"} <= found.keys()
    assert (found["narrow"].shape, found["narrow"].first, found["narrow"].last) == ("function", 4, 6)


@pytest.mark.parametrize("language", ["javascript", "typescript", "tsx"])
@pytest.mark.parametrize(
    "content", ["", "\r", "class {", "export", "export default", "const = (", "a => {" * 300, "({" * 300, "f(" * 500]
)
def test_nonsense_gives_a_record(content: str, language: str) -> None:
    found = record(content, language)
    assert found.lines >= 1
    assert all(0 <= one.first <= one.head <= one.last < found.lines for one in found.symbols)


def test_line_ends_do_not_matter() -> None:
    lines = [(one.qualified, one.first, one.head, one.last) for one in record(CLASSES).symbols]
    for end in ("\r\n", "\r"):
        found = record(CLASSES.replace("\n", end)).symbols
        assert [(one.qualified, one.first, one.head, one.last) for one in found] == lines
