"""When a stream has said enough, and whether a suggestion still fits the buffer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lanyard_analyzers.complete import Extent, Fitted, StreamStop, fit, postprocess, situate
from lanyard_analyzers.text import Text


def received(document: str, reply: str, language: str = "python") -> str:
    """What of `reply` is received, letter by letter, before the stream is closed."""
    before, after = document.split("$0")
    stop = StreamStop(situate(Text.of(before + after), len(before), language))
    for letter in reply:
        if stop.feed(letter):
            break
    return stop.text


@pytest.mark.parametrize(
    ("document", "reply", "enough"),
    [
        ("x = $0", "1\ny = 2\n", "1\n"),
        ("x = f($0)", "a, b)\n", "a, b)\n"),
        ("x = $0", "[\n1,\n]\ny = 2", "[\n1,\n]\n"),
        ("def f():\n    $0", "a = 1\n    return a\n\n\ndef g", "a = 1\n    return a\n\n\nd"),
        ("def f():\n    $0", "a = 1\n    b = 2", "a = 1\n    b = 2"),
        ("x = $0", "1<|endoftext|>more", "1<|endoftext|>"),
        ("x\n$0\nlast_line = 2", "y = 1\nlast_line = 2\nz", "y = 1\nl"),
        ("def f():\n    a = 1\n    $0\n    return a", "b = 2\n    return a\n", "b = 2\n    r"),
        ("def f():\n    $0", "a = g(a)\n" + "    a = g(a)\n" * 9, "a = g(a)\n    a = g(a)\n    a = g(a)\n"),
        ("x = $0", "\n\n\n\n\n\n\n\n\n\n\n\n", "\n"),
    ],
)
def test_the_stream_is_closed_as_soon_as_nothing_can_change(document: str, reply: str, enough: str) -> None:
    assert received(document, reply) == enough


def test_braces_close_the_stream() -> None:
    got = received("function f() {\n  $0\n}\n", "a();\n}\n\nfunction g() {", "javascript")
    assert got == "a();\n}"
    got = received("function f() {\n  $0\n", "a();\n}\n\nfunction g() {", "javascript")
    assert got == "a();\n}\n"


def test_stopping_early_never_changes_what_is_shown() -> None:
    documents = [
        "x = $0",
        "f($0)",
        "def f():\n    $0",
        "def f():\n    $0\n    return abc",
        "class A:\n    x = 1\n\n    $0",
    ]
    replies = [
        "1\ny = 2\nz = 3\n",
        "a, b)\n",
        "a = 1\n    return abc\n\ndef g():\n    pass\n",
        "if a:\n        b = 1\n    return abc\n",
        "[\n    1,\n    2,\n]\nrest = 1\n",
        "@dec\ndef f():\n    pass\nx = 1\n",
    ]
    for document in documents:
        before, after = document.split("$0")
        situation = situate(Text.of(before + after), len(before), "python")
        for reply in replies:
            assert postprocess(received(document, reply), situation) == postprocess(reply, situation)


PIECES = st.sampled_from(
    [*"ab(){}[]:=,.\"'#\n\n ", "\n    ", "\n        ", "return ", "if a:", "x = 1", "}\n", "<|endoftext|>"]
)


@given(
    st.lists(PIECES, max_size=25).map("".join), st.sampled_from(["x = $0", "f($0)", "def f():\n    $0", "a {\n  $0\n}"])
)
@settings(max_examples=300)
def test_stopping_early_never_changes_what_is_shown_of_any_reply(reply: str, document: str) -> None:
    before, after = document.split("$0")
    situation = situate(Text.of(before + after), len(before), "javascript")
    assert postprocess(received(document, reply, "javascript"), situation) == postprocess(reply, situation)


@pytest.mark.parametrize(
    ("document", "extent"),
    [
        ("x = $0", Extent.LINE),
        ("f($0)", Extent.LINE),
        ("f(\n    $0\n)", Extent.BLOCK),
        ("def f():\n    $0", Extent.BLOCK),
        ("def f():$0", Extent.BLOCK),
        ("def f():\n    $0\n    return 1", Extent.STATEMENT),
        ("$0", Extent.STATEMENT),
        ("# why:$0", Extent.LINE),
        ('x = "a:$0', Extent.LINE),
        ("x = 1\n$0", Extent.STATEMENT),
    ],
)
def test_how_much_a_completion_may_hold(document: str, extent: Extent) -> None:
    before, after = document.split("$0")
    assert situate(Text.of(before + after), len(before), "python").extent is extent


@pytest.mark.parametrize(
    ("now", "fitted"),
    [
        ("x = $0\n", Fitted(4, "total(a)")),
        ("x = to$0\n", Fitted(6, "tal(a)")),
        ("x = total(a)$0\n", None),
        ("x = other$0\n", None),
        ("x =$0\n", None),
        ("y = $0\n", None),
        ("# new\nx = $0\n", None),
        ("x = $0\n# new\n", None),
    ],
)
def test_a_suggestion_fits_the_buffer_of_now_or_is_void(now: str, fitted: Fitted | None) -> None:
    asked = Text.of("x = \n")
    assert fit("total(a)", 4, asked=asked, now=Text.of(now.replace("$0", ""))) == fitted


@pytest.mark.parametrize(
    "reply",
    [
        "return return return return \n",
        "return return return return \nx = 1\n",
        "x = 1\nx = 1\nx = 1\ny = 2\nz = 3\n",
        "x = 1\nx = 1\nx = 11\ny = 2\n",
        "a = foo(a, a, " + "a, a, " * 40 + ")\nb = 1\n",
    ],
)
def test_a_loop_in_the_middle_of_a_reply_is_cut_alike_early_and_late(reply: str) -> None:
    document = "def f():\n    $0"
    before, after = document.split("$0")
    situation = situate(Text.of(before + after), len(before), "python")
    assert postprocess(received(document, reply), situation) == postprocess(reply, situation)
