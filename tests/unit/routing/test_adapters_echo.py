"""How the text around a cursor went on at the same place before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanyard_routing.adapters.echo import echo

SEEN = "    self.names = list(names)\n    self.sizes = dict(sizes)\n"


@pytest.mark.parametrize(
    ("prefix", "suffix", "expected"),
    [
        (SEEN + "    self.names = ", "", "list(names)"),
        (SEEN + "    self.names = l", "", "ist(names)"),
        ("    self.names = ", "\n" + SEEN, "list(names)"),
        (SEEN.replace("\n", "\r\n") + "    self.names = ", "", "list(names)"),
        (SEEN + "    self.nam = ", "", ""),  # too little is alike
        ("x" * 9 + " " * 20 + "y\n" + " " * 20, "", ""),  # white space alone says nothing
        ("for one in many: ", "", ""),
        ("", SEEN, ""),
        ("aaaaaaaaaaaaaaaaaaaa", "", ""),  # not what stands before the cursor itself
        ("old_counter = 1\nold_counter = 2\nold_counter = ", "", "2"),  # the nearest one
        ("total = first_one + 1\ncount = first_one + 2\ntotal = first_one + ", "", "1"),  # the longest run
    ],
)
def test_the_line_goes_on_as_it_did(prefix: str, suffix: str, expected: str) -> None:
    assert echo(prefix, suffix) == expected


@given(st.text(alphabet="ab \n\0é", max_size=80), st.text(alphabet="ab \n\0é", max_size=80))
def test_any_text_gives_a_piece_of_one_line(prefix: str, suffix: str) -> None:
    found = echo(prefix, suffix)
    assert "\n" not in found
    assert found in prefix + "\0" + suffix
