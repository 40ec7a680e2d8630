"""The completion prompt: windows, their stability while typing, and excerpts of other documents."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lanyard_analyzers.complete import Budget, Source, budget_for, build_prompt, choose_excerpts
from lanyard_analyzers.complete.excerpts import Excerpt, definitions_of, names_around
from lanyard_analyzers.complete.prompt import CHARACTERS_PER_TOKEN, within
from lanyard_analyzers.text import Edit, Span, Text
from lanyard_analyzers.tokens import estimate

LONG = Text.of("".join(f"value_{n:04d} = compute({n}, {n + 1})\n" for n in range(3_000)))
MIDDLE = LONG.starts[1_500] + 5


def test_a_short_document_is_sent_whole() -> None:
    prompt = build_prompt(Text.of("a = 1\nb = \nc = 3\n"), 10)
    assert (prompt.prefix, prompt.suffix) == ("a = 1\nb = ", "\nc = 3\n")


def test_a_long_document_is_cut_at_line_starts_within_the_budget() -> None:
    prompt = build_prompt(LONG, MIDDLE, budget=Budget(prefix=500, suffix=100))
    assert prompt.prefix.startswith("value_")
    assert prompt.prefix.endswith("value_1499 = compute(1499, 1500)\nvalue")
    assert prompt.suffix.startswith("_1500")
    assert prompt.suffix.endswith("\n")
    assert 0.7 * 500 <= len(prompt.prefix) / CHARACTERS_PER_TOKEN <= 500
    assert 0.7 * 100 <= len(prompt.suffix) / CHARACTERS_PER_TOKEN <= 100


def test_the_prefix_only_grows_while_someone_types() -> None:
    text, offset, starts = LONG, MIDDLE, set[str]()
    before = build_prompt(text, offset)
    for key in "some_text_that_is_typed(a, b)\n    more = 1\n" * 8:
        text = text.replace(Edit(Span(offset, offset), key))
        offset += 1
        now = build_prompt(text, offset)
        assert now.suffix == before.suffix
        starts.add(now.prefix[:40])
        before = now
    assert len(starts) <= 2, "the window may move once in 350 keys, not with each"


def test_line_ends_of_a_prompt_are_unix() -> None:
    prompt = build_prompt(Text.of("a\r\nb\rc\n"), 4)
    assert (prompt.prefix, prompt.suffix) == ("a\nb", "\nc\n")


def test_one_endless_line_is_cut_hard() -> None:
    prompt = build_prompt(Text.of("x" * 100_000), 50_000, budget=Budget(prefix=100, suffix=100))
    assert 200 <= len(prompt.prefix) <= 300
    assert len(prompt.suffix) == 300


def test_a_window_does_not_begin_inside_a_key() -> None:
    lines = [
        "x = 1",
        "-----BEGIN PRIVATE KEY-----",
        *["A" * 60] * 60,
        "-----END PRIVATE KEY-----",
        *["y = 2"] * 40,
        "z",
    ]
    text = Text.of("\n".join(lines))
    for size in range(100, 1_700, 50):
        prefix = build_prompt(text, len(text), budget=Budget(prefix=size)).prefix
        assert "AAAA" not in prefix or "-----BEGIN" in prefix


@given(st.text(alphabet="ab\n\r é😀", max_size=300), st.integers(-5, 320), st.integers(1, 60), st.integers(1, 60))
def test_windows_hold_what_touches_the_cursor(content: str, offset: int, before: int, after: int) -> None:
    text = Text.of(content)
    prompt = build_prompt(text, offset, budget=Budget(prefix=before, suffix=after))
    at = max(0, min(offset, len(content)))
    assert len(prompt.prefix) <= before * CHARACTERS_PER_TOKEN
    assert len(prompt.suffix) <= after * CHARACTERS_PER_TOKEN
    unix = [part.replace("\r\n", "\n").replace("\r", "\n") for part in (content[:at], content[at:])]
    assert unix[0].endswith(prompt.prefix)
    assert unix[1].startswith(prompt.suffix)


def test_definitions_in_eight_languages() -> None:
    seen = {
        "def total(x):\n    return 1\n": "total",
        "class Cart:\n    pass\n": "Cart",
        "export default async function run() {\n  return 1;\n}\n": "run",
        "interface Item {\n  price: number;\n}\n": "Item",
        "func (c *Cart) Total() int {\n\treturn 1\n}\n": "Total",
        "pub(crate) fn parse(x: &str) -> u8 {\n    1\n}\n": "parse",
        "public final class Shop {\n    int a;\n}\n": "Shop",
        "static int add(int a, int b) {\n    return a + b;\n}\n": "add",
        "template <class T>\nstd::vector<T> many(T one) {\n    return {one};\n}\n": "many",
    }
    for code, name in seen.items():
        found = definitions_of(Text.of(code + "other\n"))
        assert [definition.name for definition in found if definition.name == name] == [name]
        assert found[-1].text == code[code.find("std") if "std" in code else 0 :].rstrip("\n")


def test_excerpts_are_what_the_code_names_least_recently_changed_first() -> None:
    here = Text.of("from shop import Cart\n\ncart = Cart()\nprice = total(\n")
    names = names_around(here, len(here) - 1)
    assert "Cart" in names
    assert "price" not in names, "the cursor's own line changes with each key"
    sources = (
        Source("newest.py", definitions_of(Text.of("class Cart:\n    def add(self): ...\n"))),
        Source("unrelated.py", definitions_of(Text.of("def nothing(): ...\n"))),
        Source("oldest.py", definitions_of(Text.of("def shop():\n    return Cart()\n"))),
    )
    assert [excerpt.path for excerpt in choose_excerpts(sources, names)] == ["oldest.py", "newest.py"]
    prompt = build_prompt(here, 5, excerpts=choose_excerpts(sources, names), budget=Budget(excerpts=12))
    assert [excerpt.path for excerpt in prompt.excerpts] == ["newest.py"], "the one that matters most is kept"


def test_a_context_that_the_index_cut_to_the_budget_comes_through_whole() -> None:
    excerpts = [
        Excerpt(f"{name}.py", f"class {name}(BaseDatabase): …{size}") for size, name in enumerate(("A", "B", "C"))
    ]
    tokens = estimate("\n\n".join(excerpt.text for excerpt in excerpts))
    assert within(excerpts, tokens) == tuple(excerpts)
    assert within(excerpts, tokens - 1) == tuple(excerpts[1:])


@given(st.integers(-5, 40_000), st.integers(1, 1_024))
def test_a_budget_leaves_room_for_the_reply(context: int, reply: int) -> None:
    budget = budget_for(context, reply=reply)
    assert min(budget.prefix, budget.suffix, budget.excerpts) >= 0
    if context <= 0 or context > 8_192:
        assert budget == Budget()
    elif context > 2 * reply:
        assert budget.prefix + budget.suffix + budget.excerpts + reply <= context
