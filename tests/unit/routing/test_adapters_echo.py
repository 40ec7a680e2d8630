"""How the text around a cursor went on at the same place before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lanyard_routing.adapters.echo import echo

SEEN = "    self.names_of_all = sorted_list(names)\n    self.sizes_of_all = sorted_list(sizes)\n"


@pytest.mark.parametrize(
    ("prefix", "suffix", "expected"),
    [
        (SEEN + "    self.names_of_all = sorted_list(", "", "names)"),
        (SEEN + "    self.names_of_all = sorted_list(na", "", "mes)"),
        ("    self.names_of_all = sorted_list(", "\n" + SEEN, "names)"),
        (SEEN.replace("\n", "\r\n") + "    self.names_of_all = sorted_list(", "", "names)"),
        (SEEN + "    self.names_of_none = sorted_list(", "", ""),  # too little is alike
        ("x" * 9 + " " * 60 + "y\n" + " " * 60, "", ""),  # white space alone says nothing
        ("for one in many: ", "", ""),
        ("", SEEN, ""),
        ("a" * 60, "", ""),  # not what stands before the cursor itself
        (f"{'counter_' * 4}= 1\n{'counter_' * 4}= 2\n{'counter_' * 4}= ", "", "2"),  # the nearest one
        (f"total = {'one_' * 8}+ 1\ncount = {'one_' * 8}+ 2\ntotal = {'one_' * 8}+ ", "", "1"),  # the longest run
    ],
)
def test_the_line_goes_on_as_it_did(prefix: str, suffix: str, expected: str) -> None:
    assert echo(prefix, suffix) == expected


@given(st.text(alphabet="ab \n\0é", max_size=80), st.text(alphabet="ab \n\0é", max_size=80))
def test_any_text_gives_a_piece_of_one_line(prefix: str, suffix: str) -> None:
    found = echo(prefix, suffix)
    assert "\n" not in found
    assert found in prefix + "\0" + suffix
