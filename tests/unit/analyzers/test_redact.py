"""Placeholders: stable, free of collisions, restored exactly; and linear time on hostile text."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanyard_analyzers.redact import Redactions, find_secrets, redact
from lanyard_analyzers.text import Span

TOKEN = "gh" + "p_" + "a1B2" * 9
OTHER = "gh" + "p_" + "Z9y8" * 9
BEGIN, END = "-----BEGIN RSA " + "PRIVATE KEY-----", "-----END RSA " + "PRIVATE KEY-----"
KEY = ["MIIEowIBAAKCAQEA" + "x7" * 24, "qR9k" * 16, "Zz+/3" * 8 + "AB=="]


def test_equal_secrets_have_equal_placeholders_numbered_in_order() -> None:
    hidden, redactions = redact(f'a = "{TOKEN}"\nb = "{OTHER}"\nc = "{TOKEN}"\n')
    assert hidden == 'a = "LANYARD_SECRET_1"\nb = "LANYARD_SECRET_2"\nc = "LANYARD_SECRET_1"\n'
    assert len(redactions) == 2
    assert TOKEN not in repr(redactions)


def test_a_number_that_the_text_holds_is_not_used() -> None:
    text = f'x = "LANYARD_SECRET_1"\ny = "{TOKEN}"\nz = LANYARD_SECRET_2\n'
    hidden, redactions = redact(text)
    assert 'y = "LANYARD_SECRET_3"' in hidden
    assert redactions.restore(hidden) == text


def test_only_exact_placeholders_are_restored() -> None:
    _, redactions = redact(f'"{TOKEN}"')
    assert redactions.restore("LANYARD_SECRET_1") == TOKEN
    names = "LANYARD_SECRET_12 LANYARD_SECRET_ LANYARD_SECRET_1x LANYARD_SECRET_1_ XLANYARD_SECRET_1 lanyard_secret_1"
    for other in names.split():
        assert redactions.restore(other) == other


def test_a_reply_gets_the_originals_back() -> None:
    _, redactions = redact(f'key = "{TOKEN}"')
    assert redactions.restore('API_KEY = "LANYARD_SECRET_1"  # moved') == f'API_KEY = "{TOKEN}"  # moved'


def test_secrets_within_escapes_and_urls() -> None:
    for text in (f'"a\\n{TOKEN}\\n"', f"https://x/?t%3A{TOKEN}&b=1", f"x_{TOKEN}", f"https://x:{TOKEN}@host/"):
        hidden, redactions = redact(text)
        assert TOKEN not in hidden
        assert redactions.restore(hidden) == text


@pytest.mark.parametrize(
    "lines",
    [
        [BEGIN, *KEY, END],
        ['KEY = """' + BEGIN, *KEY, END + '"""'],
        ["  " + BEGIN, *("  " + line for line in KEY), "  " + END],
        ['"' + BEGIN + '\\n" +', *('"' + line + '\\n" +' for line in KEY), '"' + END + '"'],
        ['{"private_key": "' + "\\n".join([BEGIN, *KEY, END]) + '"}'],
        [BEGIN, *KEY],
        [*KEY, END],
        [BEGIN, "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00", "", *KEY, END],
        [line + "\r" for line in [BEGIN, *KEY, END]],
        ["-----BEGIN PGP " + "PRIVATE KEY BLOCK-----", "", *KEY, "=ab12", "-----END PGP PRIVATE KEY BLOCK-----"],
    ],
)
def test_key_blocks_lose_their_lines_but_not_the_line_count(lines: list[str]) -> None:
    text = "\n".join(["before = 1", *lines, "after = 2"])
    hidden, redactions = redact(text)
    assert all(part not in hidden for part in KEY)
    assert hidden.count("\n") == text.count("\n")
    assert redactions.restore(hidden) == text
    assert "before = 1" in hidden
    assert "after = 2" in hidden


def test_known_redactions_keep_their_numbers() -> None:
    _, first = redact(f'"{TOKEN}"')
    hidden, second = redact(f'"{OTHER}" "{TOKEN}"', first)
    assert hidden == '"LANYARD_SECRET_2" "LANYARD_SECRET_1"'
    assert first.merge(second).restore(hidden) == f'"{OTHER}" "{TOKEN}"'


def test_a_placeholder_with_two_meanings_is_restored_to_neither() -> None:
    _, first = redact(f'"{TOKEN}"')
    _, second = redact(f'"{OTHER}"')
    assert first.merge(second).restore("LANYARD_SECRET_1") == "LANYARD_SECRET_1"
    assert Redactions().merge(first).restore("LANYARD_SECRET_1") == TOKEN


def test_spans_that_the_caller_knows_are_secret_too() -> None:
    text = "abc hidden def"
    hidden, redactions = redact(text, also=[Span(4, 10)])
    assert hidden == "abc LANYARD_SECRET_1 def"
    assert redactions.restore(hidden) == text


PIECES = [
    *(TOKEN, OTHER, "password = '", "'", '"', "\n", "\\n", "LANYARD_SECRET_1", "LANYARD_SECRET_", "1", "://u:", "@h"),
    *(BEGIN, END, *KEY, " ", "é", "İ", "token: "),
]


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=30).map("".join))
def test_redacting_and_restoring_is_the_identity(text: str) -> None:
    hidden, redactions = redact(text)
    assert redactions.restore(hidden) == text
    assert hidden.count("\n") == text.count("\n")
    assert all(first.span.end <= second.span.start for first, second in zip(*_pairs(find_secrets(text)), strict=True))


def _pairs(items: tuple[object, ...]) -> tuple[list, list]:  # type: ignore[type-arg]
    return list(items[:-1]), list(items[1:])


def test_no_code_is_a_text_without_secrets() -> None:
    assert redact("") == ("", Redactions())


UNITS = [
    *("a", "A", "0", "=", "-", "_", ".", ":", "/", " ", "\t", "\n", '"', "'", "@", "+", "eyJ", "eyJ.", "sk-", "://"),
    *("a:b@", "a://b:", "password", "password=", 'password="', "token: ", "secret" * 3, "-----BEGIN ", BEGIN, "-----"),
    *(BEGIN + "\n", "Bearer ", "machine x login y ", "aws_secret_key", "heroku", "https://", "A1b2", "SG.", "xox"),
    *("M" + "a" * 30 + ".", "AccountKey=", "authorization:", "-u a:", "--password=", "$2a$", "$6$", "PrivateKey"),
    *("token]]]", "pass : ", "\\n", "pass:x<", "%3A", "0x", "1:AA", "AAAA" * 2 + ":", "abc" * 6 + ":", "sl."),
    *("ops_eyJ", "EAA", "ya29.", "token\n"),
]


@pytest.mark.parametrize("unit", UNITS, ids=range(len(UNITS)))
def test_linear_on_long_runs(unit: str) -> None:
    """A pattern that backtracks would take minutes here; pytest's own limit ends the test then."""
    text = unit * (200_000 // len(unit))
    hidden, redactions = redact(text)
    assert redactions.restore(hidden) == text


def test_linear_on_random_mixtures() -> None:
    dice = random.Random(5)
    for _ in range(10):
        parts = dice.choices([*UNITS, *string.printable], k=12)
        find_secrets("".join(dice.choices(parts, k=20_000)))
