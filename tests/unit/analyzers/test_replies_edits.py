"""From a reply to an edit that may be offered, or the reason why not."""

from __future__ import annotations

import pytest

from lanyard_analyzers.replies import check_edit, code_edit, documents_only
from lanyard_analyzers.syntax import Syntax, parse
from lanyard_analyzers.targets import Shape, Target, file_target, find_target, targets_at
from lanyard_analyzers.text import Edit, Span, Text

CART = '''\
import os


class Cart:
    """What someone buys."""

    # Sums.
    def total(self, tax):
        sum = 0
        for item in self.items:
            sum += item
        return sum * tax

    def size(self):
        return len(self.items)
'''
TOTAL = """\
    # Sums.
    def total(self, tax):
        return tax * sum(self.items)
"""


def target(code: str, name: str, shape: Shape = Shape.METHOD, language: str = "python") -> tuple[Syntax, Target]:
    syntax = parse(Text.of(code), language)
    found = find_target(syntax, name, shape)
    assert found is not None
    return syntax, found


def landed(reply: str, syntax: Syntax, found: Target) -> str:
    """The whole text after the reply, or why it was refused."""
    edit, problems = code_edit(reply, syntax, found)
    if edit is None:
        return problems[0].message
    checked, problems = check_edit(syntax, found, edit)
    assert (checked is None) == bool(problems)
    return checked.text.content if checked else "; ".join(problem.message for problem in problems)


GOOD = CART[: CART.index("    # Sums.")] + TOTAL + CART[CART.index("\n    def size") :]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("as it stands", TOTAL),
        ("at no indentation", "# Sums.\ndef total(self, tax):\n    return tax * sum(self.items)"),
        ("the first line alone at none", "# Sums.\n    def total(self, tax):\n        return tax * sum(self.items)"),
        ("with tabs", "# Sums.\ndef total(self, tax):\n\treturn tax * sum(self.items)"),
        ("the whole class", GOOD[GOOD.index("class") :]),
        ("the whole file", GOOD),
        ("the class with this method alone", "class Cart:\n" + TOTAL),
    ],
)
def test_a_method_lands_in_its_place(name: str, code: str) -> None:
    assert landed(f"```python\n{code}\n```", *target(CART, "Cart.total")) == GOOD


def test_a_helper_beside_the_target_comes_along() -> None:
    syntax, found = target("def f(a):\n    return a * 2 + 1\n\n\nx = f(1)\n", "f", Shape.FUNCTION)
    code = "def _twice(a):\n    return a * 2\n\n\ndef f(a):\n    return _twice(a) + 1"
    assert landed(f"```python\n{code}\n```", syntax, found) == code + "\n\n\nx = f(1)\n"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_and_the_end_of_the_file_stay(end: str) -> None:
    syntax, found = target("def f():\n    return 1".replace("\n", end), "f", Shape.FUNCTION)
    assert (
        landed("```\ndef f():\n    x = 1\n    return x\n```", syntax, found)
        == f"def f():{end}    x = 1{end}    return x"
    )


def test_strings_of_many_lines_are_not_moved() -> None:
    code = 'class A:\n    def f(self):\n        s = """\nat the margin\n"""\n        return s\n'
    syntax, found = target(code, "A.f")
    new = 'def f(self):\n    """Says."""\n    return """\nat the margin\n"""\n'
    expected = 'class A:\n    def f(self):\n        """Says."""\n        return """\nat the margin\n"""\n'
    assert landed(f"```python\n{new}```", syntax, found) == expected


@pytest.mark.parametrize(
    ("language", "code", "name", "reply", "expected"),
    [
        (
            "java",
            "class A {\n\tint f() {\n\t\treturn 1;\n\t}\n}\n",
            "A.f",
            "int f() {\n    return 2;\n}",
            "class A {\n\tint f() {\n\t\treturn 2;\n\t}\n}\n",
        ),
        (
            "javascript",
            "class A {\n  f(x) {\n    return 1;\n  }\n}\n",
            "A.f",
            "f(x) {\n  return 2;\n}",
            "class A {\n  f(x) {\n    return 2;\n  }\n}\n",
        ),
        (
            "rust",
            "impl A {\n    /// D.\n    fn f(&self) -> i32 { 1 }\n}\n",
            "A::f",
            "impl A {\n    /// D.\n    fn f(&self) -> i32 {\n        2\n    }\n}",
            "impl A {\n    /// D.\n    fn f(&self) -> i32 {\n        2\n    }\n}\n",
        ),
        (
            "go",
            "package a\n\nfunc (a *A) F() int {\n\treturn 1\n}\n",
            "(*A).F",
            "package a\n\nfunc (a *A) F() int {\n    return 2\n}",
            "package a\n\nfunc (a *A) F() int {\n\treturn 2\n}\n",
        ),
        (
            "cpp",
            "struct A {\n  int f() const { return 1; }\n};\n",
            "A::f",
            "int f() const {\n  return 2;\n}",
            "struct A {\n  int f() const {\n    return 2;\n  }\n};\n",
        ),
    ],
)
def test_other_languages_land_in_their_form(language: str, code: str, name: str, reply: str, expected: str) -> None:
    assert landed(f"```{language}\n{reply}\n```", *target(code, name, language=language)) == expected


def test_a_selection_is_replaced_by_whole_lines() -> None:
    syntax = parse(Text.of(CART), "python")
    selected = targets_at(syntax, Span(CART.index("for item"), CART.index("sum += item") + 3))[0]
    reply = "for one in self.items:\n    sum += one"
    expected = CART.replace("for item in", "for one in").replace("sum += item", "sum += one")
    assert landed(f"```python\n{reply}\n```", syntax, selected) == expected
    indented = reply.replace("\n", "\n        ").replace("for", "        for", 1)
    assert landed(f"```python\n{indented}\n```", syntax, selected) == expected


def test_a_file_keeps_its_last_line_end() -> None:
    syntax = parse(Text.of(CART), "python")
    assert landed(f"```python\n{GOOD}```", syntax, file_target(syntax)) == GOOD


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("Sorry.", "holds no code"),
        ("```python\ndef total(self, tax:\n    return 1\n```", "does not parse"),
        ("```python\ndef total(self, tax):\n    return 1\n  x = 2\n```", "does not parse"),
        ("```python\ndef sums(self, tax):\n    return 1\n```", "no longer defines Cart.total"),
        (f"```python\n{CART[CART.index('    # Sums.') : CART.index('    def size')]}```", "changes nothing"),
        (
            "```python\ndef total(self, tax):\n    # ... rest of the code unchanged\n    return 1\n```",
            "leaves code out",
        ),
        ("```python\ndef total(self, tax):\n    # existing code\n    return 1\n```", "leaves code out"),
        ("```python\ndef total(self, tax):\n    ...\n```", "leaves code out"),
        ("```python\ndef total(self, tax):\n    x = [\n" + "        1,\n" * 900 + "    ]\n```", "times as long"),
        (
            "```python\ndef total(self, tax):\n    return 1\n\ndef size(self):\n    return 2\n```\n" * 0
            + "```\n \n```",
            "no code",
        ),
    ],
)
def test_what_may_not_be_offered_is_refused_with_a_reason(reply: str, reason: str) -> None:
    assert reason in landed(reply, *target(CART, "Cart.total"))


def test_errors_that_were_there_elsewhere_do_not_matter() -> None:
    syntax, found = target("x = = 1\n\n" + CART, "Cart.total")
    assert landed(f"```python\n{TOTAL}```", syntax, found) == "x = = 1\n\n" + GOOD


def test_an_edit_outside_its_target_is_refused() -> None:
    syntax, found = target(CART, "Cart.total")
    for span in (Span(0, 5), Span(found.span.start, found.span.end + 1), Span(-5, 3), Span(9, 2)):
        checked, problems = check_edit(syntax, found, Edit(span, "pass"))
        assert checked is None
        assert "beyond" in problems[0].message


def test_a_declared_rename_is_allowed() -> None:
    syntax, found = target(CART, "Cart.total")
    new = CART[found.span.start : found.span.end].replace("total", "sums")
    assert check_edit(syntax, found, Edit(found.span, new), renamed_to="Cart.sums")[0] is not None
    assert check_edit(syntax, found, Edit(found.span, new))[0] is None


def test_most_of_a_large_target_may_not_vanish() -> None:
    code = "def f():\n" + "    call(1, 2, 3)\n" * 200
    syntax, found = target(code, "f", Shape.FUNCTION)
    assert "drops nearly all" in landed("```python\ndef f():\n    return 1\n```", syntax, found)


def test_a_file_that_loses_a_definition_is_refused() -> None:
    syntax = parse(Text.of("def f():\n    return 1\n\n\ndef g():\n    return 2\n"), "python")
    assert "drops g" in landed("```python\ndef f():\n    return 3\n```", syntax, file_target(syntax))


def test_evidence_counts_lines() -> None:
    syntax, found = target(CART, "Cart.total")
    edit, _ = code_edit(f"```python\n{TOTAL}```", syntax, found)
    assert edit is not None
    checked, _ = check_edit(syntax, found, edit)
    assert checked is not None
    assert (checked.added, checked.removed, checked.parsed) == (1, 4, True)


@pytest.mark.parametrize(
    ("language", "before", "after", "expected"),
    [
        ("python", "def f():\n    return 1\n", 'def f():\n    """One."""\n    return 1  # it is\n', True),
        ("python", "def f():\n    return 1\n", "def f():\n    return 2\n", False),
        ("java", "class A { int f; }", "/** A. */\nclass A { int f; }", True),
        ("java", "class A { int f; }", "/** A. */\nclass A { int g; }", False),
    ],
)
def test_documentation_alone(language: str, before: str, after: str, expected: bool) -> None:
    assert documents_only(parse(Text.of(before), language), parse(Text.of(after), language)) is expected
