"""The ways to show a symbol: which lines, and what they cost against what is rendered."""

from __future__ import annotations

from lanyard_analyzers.index.extract import extract
from lanyard_analyzers.index.source import SourceFile
from lanyard_analyzers.slices import forms
from lanyard_analyzers.slices.render import file_rows
from lanyard_analyzers.text import Text
from lanyard_analyzers.tokens import estimate

PYTHON = '''\
from dataclasses import dataclass

@app.route("/cart")
@dataclass(frozen=True)
class Cart:
    """A cart.

    Of one owner.
    """

    owner: str
    limit: int = 3

    def __init__(self, owner: str, limit: int = 3) -> None:
        self.owner = owner
        self.limit = limit

    @property
    def total(self) -> int:
        """All prices."""
        return sum(one.cents for one in self.items)

    def add(self, item):
        self.items.append(item)
        self.log("added")

def connect(host: str, port: int | None = None, user: str | None = None, secret: str | None = None) -> Connection:
    # why
    return Connection(host, port, user, secret)
'''
TYPESCRIPT = """\
export interface Clock {
  now(): Date;
  later(ms: number): Date;
  later(ms: number, zone: string): Date;
}

export class List<T> {
  items: T[] = [];
  constructor(private readonly clock: Clock) {}
  /** One of them. */
  pick(at: number): T;
  pick(name: string): T | undefined;
  pick(name: string, exact: boolean): T | undefined;
  pick(name: string, exact: boolean, zone: string): T | undefined;
  pick(key: unknown): T | undefined {
    console.log(key);
    return this.items[0];
  }
}
"""


def source(content: str, language: str, path: str = "src/file") -> SourceFile:
    return SourceFile(path, extract(content, language), Text.of(content))


def shown(file: SourceFile, lines: forms.Lines) -> str:
    return "\n".join(text for text, origin in file_rows(file, lines) if origin is not None or "…" in text)


def test_a_signature_stands_in_its_class_with_the_decorators_that_matter() -> None:
    file = source(PYTHON, "python")
    total = file.by_qualified["Cart.total"]
    assert shown(file, forms.signature(file, total)) == (
        "@dataclass(frozen=True)\nclass Cart:\n    @property\n    def total(self) -> int: …2\n    …8"
    )


def test_documentation_is_its_first_line() -> None:
    file = source(PYTHON, "python")
    assert '"""A cart."""' in shown(file, forms.documented(file, file.by_qualified["Cart"]))
    assert "Of one owner" not in shown(file, forms.documented(file, file.by_qualified["Cart"]))


def test_a_header_has_fields_constructor_and_what_is_asked_for() -> None:
    file = source(PYTHON, "python")
    text = shown(file, forms.header(file, file.by_qualified["Cart"], {"add"}))
    assert "owner: str\n    limit: int = 3\n    def __init__(self, owner: str, limit: int = 3) -> None: …2" in text
    assert "def add(self, item): …2" in text
    assert "total" not in text


def test_names_stand_in_the_marker_of_their_class() -> None:
    file = source(PYTHON, "python")
    cart = file.by_qualified["Cart"]
    methods = [file.by_qualified["Cart.total"], file.by_qualified["Cart.add"]]
    text = shown(file, forms.header(file, cart) | forms.names(methods))
    assert text.splitlines()[-1] == "    …7: total, add"
    assert {forms.place_of(line) for line in forms.names(methods)} == {one.head for one in methods}


def test_a_brief_head_keeps_all_names_and_the_types_that_a_call_needs() -> None:
    file = source(PYTHON, "python")
    connect = file.by_qualified["connect"]
    short = forms.brief(file, connect)
    assert short is not None
    assert shown(file, short) == "def connect(host: str, port=…, user=…, secret=…) -> Connection: …2"
    assert shown(file, short | forms.signature(file, connect)).startswith("def connect(host: str, port: int | None")
    assert {forms.place_of(line) for line in short} == {connect.head}
    assert forms.brief(file, file.by_qualified["Cart.add"]) is None


def test_overloads_belong_to_their_method_and_the_implementation_is_not_called() -> None:
    file = source(TYPESCRIPT, "typescript")
    text = shown(file, forms.signature(file, file.by_qualified["List.pick"]))
    assert text.count("pick(") == 3
    assert "key: unknown" not in text
    short = forms.brief(file, file.by_qualified["List.pick"])
    assert short is not None
    assert shown(file, short).count("pick(") == 1


def test_an_interface_is_what_it_declares() -> None:
    file = source(TYPESCRIPT, "typescript")
    text = shown(file, forms.header(file, file.by_qualified["Clock"]))
    assert "now(): Date;\n  later(ms: number): Date;" in text
    assert "zone" not in text


def test_verbatim_leaves_out_the_rest_of_the_documentation() -> None:
    file = source(PYTHON, "python")
    text = shown(file, forms.verbatim(file, file.by_qualified["Cart"]))
    assert '"""A cart."""' in text
    assert 'self.log("added")' in text
    assert "Of one owner" not in text


def test_costs_are_those_of_the_rendered_text() -> None:
    for file in (source(PYTHON, "python"), source(TYPESCRIPT, "typescript")):
        for form in (forms.signature, forms.documented, forms.header, forms.outline, forms.verbatim):
            lines: forms.Lines = frozenset()
            for symbol in file.symbols:
                if "local" not in symbol.marks:
                    lines |= form(file, symbol)
            cost = forms.Sheet(file).cost(lines)
            real = estimate("\n".join(text for text, _ in file_rows(file, lines)) + "\n")
            assert abs(cost - real) <= 0.12 * real, (file.language, form.__name__, cost, real)


def test_a_sheet_counts_only_what_is_new() -> None:
    file = source(PYTHON, "python")
    sheet = forms.Sheet(file)
    total, add = (forms.signature(file, file.by_qualified[f"Cart.{name}"]) for name in ("total", "add"))
    alone = sheet.cost(add)
    sheet.add(total)
    assert sheet.cost(total) == 0
    assert 0 < sheet.cost(add) < alone
