"""Code out of replies: fences right, wrong, missing, nested and cut."""

from __future__ import annotations

import pytest

from lanyard_analyzers.replies import extract_code, tidy_markdown

CODE = "def f(a):\n    return a"


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("right", f"```python\n{CODE}\n```"),
        ("other name of the language", f"```py\n{CODE}\n```"),
        ("attributes", f'```{{.python title="f.py"}}\n{CODE}\n```'),
        ("no name", f"```\n{CODE}\n```"),
        ("wrong name", f"```javascript\n{CODE}\n```"),
        ("tildes", f"~~~python\n{CODE}\n~~~"),
        ("four ticks", f"````python\n{CODE}\n````"),
        ("prose around", f"Here you are:\n\n```python\n{CODE}\n```\n\nIt returns `a`."),
        ("thoughts", f"<think>```python\ndef wrong(): pass\n```</think>\n```python\n{CODE}\n```"),
        ("thoughts opened in the prompt", f"It must be short.</think>\n```python\n{CODE}\n```"),
        ("CRLF", f"```python\n{CODE}\n```".replace("\n", "\r\n")),
        ("lone CR", f"```python\n{CODE}\n```".replace("\n", "\r")),
        ("in a list", "1. So:\n\n   ```python\n   def f(a):\n       return a\n   ```"),
        ("in a quotation", "> ```python\n> def f(a):\n>     return a\n> ```"),
        ("indented", "```python\n    def f(a):\n        return a\n```"),
        ("blank lines", f"```python\n\n\n{CODE}\n\n```"),
        ("the language's own first", f"```\nf(1) → 1\n```\n```python\n{CODE}\n```"),
        ("the whole before an example", f"```python\n{CODE}\n```\nUse:\n```python\nf(1)\n```"),
        (
            "the one that parses",
            f"```python\ndef f(a:\n    return = very long line of nonsense\n```\n```python\n{CODE}\n```",
        ),
        ("no fence", CODE),
        ("no fence, prose around", f"Here is the function.\n\n{CODE}\n\nIt is short, isn't it?"),
    ],
)
def test_code_is_found(name: str, reply: str) -> None:
    assert extract_code(reply, "python") == (CODE, ())


def test_a_fence_inside_a_docstring_does_not_end_the_code() -> None:
    code = 'def f(a):\n    """Like so:\n\n    ```python\n    f(1)\n    ```\n    """\n    return a'
    assert extract_code(f"```python\n{code}\n```\nDone.", "python") == (code, ())
    assert extract_code(f"````python\n{code}\n````\nDone.", "python") == (code, ())


def test_a_cut_block_is_given_with_a_warning() -> None:
    code, problems = extract_code(f"```python\n{CODE}\n", "python")
    assert code == CODE
    assert "cut off" in problems[0].message


@pytest.mark.parametrize(
    "reply", ["", "Sorry, I cannot do that.", "<think>def f(): pass", "```python\n```", "OK", "\n\n"]
)
def test_no_code_is_said(reply: str) -> None:
    code, problems = extract_code(reply, "python")
    assert code is None
    assert problems[0].message == "the answer holds no code"


def test_the_characters_of_code_are_kept() -> None:
    code = "s = '\u2028😀\x0c'  # [a](b) <think> </think>"
    assert extract_code(f"```python\n{code}\n```", "python") == (code, ())


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("<think>x</think>Hi", "Hi"),
        ("See [this](http://a/b) and ![that](http://c/d?leak=1).", "See this and that."),
        ("[![x](http://a)](http://b)", "x"),
        ("[a][1]\n\n[1]: http://a", "a"),
        ("<img src=http://a> a < b", "&lt;img src=http://a> a < b"),
        ("`[a](b) <b>` and\n```html\n<b>[a](b)\n```", "`[a](b) <b>` and\n```html\n<b>[a](b)\n```"),
        ("```markdown\n# Hi\n```", "# Hi"),
        ("a\u202eb\x1b[31mc", "ab[31mc"),
        ("[x](command:lanyard.apply)", "x"),
    ],
)
def test_prose_is_made_safe(markdown: str, expected: str) -> None:
    assert tidy_markdown(markdown) == expected
