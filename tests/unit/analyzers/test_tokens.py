"""The token estimate against counts of a real tokenizer (o200k_base), taken once and written down here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanyard_analyzers.tokens import estimate

# text, tokens by o200k_base; each sample is repeated, so that rounding does not count
SAMPLES = [
    ("def total(self, items: list[Item]) -> Decimal:\n    return sum((i.price for i in items), Decimal(0))\n", 28),
    ("export const debounce = <T>(fn: (x: T) => void, ms = 200) => {\n  let timer: number | undefined;\n", 32),
    ("func (s *Server) ListenAndServe(ctx context.Context) error {\n\tif err := s.init(); err != nil {\n", 25),
    ("    let mut parser = Parser::new(&source).with_options(Options { strict: true, ..Default::default() });\n", 26),
    ("    private final Map<String, List<TypeAdapterFactory>> factories = new ConcurrentHashMap<>();\n", 18),
    ("static int redisGetReply(redisContext *c, void **reply) {\n    if (c->err != REDIS_OK) return REDIS_ERR;\n", 31),
    ("template <typename Char> constexpr auto basic_string_view<Char>::size() const noexcept -> size_t;\n", 21),
    ("# The worker that is asked last is the one that has answered fastest over the last few minutes.\n", 20),
]


@pytest.mark.parametrize(("text", "tokens"), SAMPLES, ids=[text[:20].strip() for text, _ in SAMPLES])
def test_near_the_real_tokenizer_and_rarely_below(text: str, tokens: int) -> None:
    assert tokens * 0.93 <= estimate(text * 20) / 20 <= tokens * 1.25


def test_conservative_on_average() -> None:
    assert sum(estimate(text) for text, _ in SAMPLES) >= sum(tokens for _, tokens in SAMPLES)


def test_nothing_has_no_tokens() -> None:
    assert estimate("") == 0


@given(st.text())
def test_total_on_any_text(text: str) -> None:
    assert 0 <= estimate(text) <= 1.08 * len(text) + 1


@given(st.text(), st.text())
def test_more_text_has_never_many_fewer_tokens(first: str, second: str) -> None:
    assert estimate(first + second) >= estimate(first) - 3


@pytest.mark.parametrize(
    "unit", [" ", "\t", "\f \v", "\n", "\r\n", "a", "A", "aB", "0", "(", " (", "é", "字", "_", "_a"]
)
def test_linear_on_long_runs(unit: str) -> None:
    """A search that looks again at what it has seen would take minutes here."""
    assert estimate(unit * 300_000) >= 0
