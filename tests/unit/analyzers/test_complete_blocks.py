"""Blocks that words open and close, for completion."""

from __future__ import annotations

import pytest

from lanyard_analyzers.complete.blocks import closing, opens_block
from lanyard_analyzers.complete.brackets import scan
from lanyard_analyzers.complete.excerpts import definitions_of
from lanyard_analyzers.complete.extent import cut_to_extent
from lanyard_analyzers.complete.situation import Extent, situate
from lanyard_analyzers.text import Text


@pytest.mark.parametrize(
    ("language", "line", "opens"),
    [
        ("ruby", "  def total(tax)", True),
        ("ruby", "  def total = 1", False),
        ("ruby", "  def items=(all)", True),
        ("ruby", "  items.each do |item|", True),
        ("ruby", "  return 1 if tax", False),
        ("ruby", "  x = if tax", True),
        ("ruby", "  if tax then 1 else 2 end", False),
        ("lua", "local function f(a)", True),
        ("lua", "  if a then", True),
        ("lua", "  return f(a)", False),
        ("bash", "if [ -f x ]; then", True),
        ("bash", "  a)", True),
        ("bash", "total() {", True),
        ("bash", "echo in the house", False),
        ("python", "if then", False),
        ("csharp", "if (a) {", True),
    ],
)
def test_what_opens_a_block(language: str, line: str, opens: bool) -> None:
    assert opens_block(line, language) is opens


@pytest.mark.parametrize(
    ("language", "line", "closes"),
    [("ruby", "end", True), ("ruby", "ending = 1", False), ("python", "end", False), ("lua", "end)", True)]
    + [("bash", word, True) for word in ("fi", "done", "esac", "}", ";;")],
)
def test_what_closes_a_block(language: str, line: str, closes: bool) -> None:
    assert (closing(line, language) is not None) is closes


@pytest.mark.parametrize(
    ("language", "document", "reply", "kept"),
    [
        ("ruby", "def total\n  $0", "a = 1\n  a\nend\n\ndef other\n", "a = 1\n  a\nend"),
        ("ruby", "def total\n  $0\nend\n", "a = 1\n  a\nend\n\ndef other\n", "a = 1\n  a"),
        ("lua", "if a then\n  $0", "b()\nend\nc()\n", "b()\nend"),
        ("bash", "if a; then\n  $0", "b\nfi\nc\n", "b\nfi"),
        ("csharp", "void F() {\n    $0", "G();\n}\nvoid H() {\n", "G();\n}"),
    ],
)
def test_a_completion_ends_with_its_block(language: str, document: str, reply: str, kept: str) -> None:
    at = document.index("$0")
    situation = situate(Text.of(document.replace("$0", "")), at, language)
    assert situation.extent is Extent.BLOCK
    assert cut_to_extent(reply, situation).text == kept


@pytest.mark.parametrize(
    ("language", "text", "open_"),
    [
        ("ruby", "f(1) # (", ""),
        ("ruby", 'puts "#{x}(" + f(', "("),
        ("bash", "echo $# (", "("),
        ("bash", "case $1 in\n  a) f ;;\n  b) (", "("),
        ("lua", "f() -- (", ""),
        ("php", "f('(') # (", ""),
        ("kotlin", 'val a = """(""" + f(', "("),
    ],
)
def test_comments_and_strings_of_a_language_hold_no_brackets(language: str, text: str, open_: str) -> None:
    assert scan(text, language).end.brackets == open_


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("module Shop\n  class Cart\n    def self.empty\n", ["Shop", "Cart", "empty"]),
        ("function M.rate(a)\nlocal function half(x)\nfunction M:full()\n", ["rate", "half", "full"]),
        ("total() {\n  echo\n}\n", ["total"]),
        ("public int Total(int a)\n    {\n", ["Total"]),
        ("fun <T> Cart<T>.count(): Int = 1\nobject Registry {\n", ["count", "Registry"]),
    ],
)
def test_definitions_are_found_for_excerpts(code: str, names: list[str]) -> None:
    assert [one.name for one in definitions_of(Text.of(code))] == names
