"""What strangers wrote is shown, by an editor and by a terminal, and not obeyed."""

from __future__ import annotations

import io
import re
import sys
from typing import Any

import pytest

from lanyard_server.outbound import ClientOutbound
from lanyard_server.plain import for_terminal, one_line
from lanyard_server.terminal import say, say_aside

VSCODE_LINK = re.compile(r"\[([^\]]+)\]\(((?:https?://|command:|file:)[^)\s]+)(?: ([\"'])(.+?)(\3))?\)", re.IGNORECASE)
"""How VS Code finds links in a notification: src/vs/base/common/linkedText.ts."""


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("Refactor total: 2 edits.", "Refactor total: 2 edits."),
        ("Refactor [Apply](command:workbench.action.quit)", "Refactor [Apply] (command:workbench.action.quit)"),
        ("a\nb\r\n\tc", "a b c"),
        ("\x1b]0;owned\x07 \u202eevil\u2066", "]0;owned evil"),
        ("x" * 3000, "x" * 1999 + "…"),
        ("", ""),
    ],
)
def test_a_message_is_one_line_of_words(told: str, shown: str) -> None:
    assert one_line(told) == shown


def test_no_message_to_the_editor_is_a_link_that_runs_a_command() -> None:
    sent: list[Any] = []
    out = ClientOutbound(lambda message, _: sent.append(message))
    for tell in (out.show, out.warn, out.log):
        tell('Review "[Apply](command:workbench.action.terminal.sendSequence)": [more]  (https://a.example)')
        tell("Review [Apply]\u200b(command:x)")
    assert len(sent) == 6
    assert not any(VSCODE_LINK.search(one["params"]["message"]) for one in sent)


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("-a\n+\tb\r\n", "-a\n+\tb\r\n"),
        ("+\x1b[2J\x1b]52;c;aGk=\x07", "+␛[2J␛]52;c;aGk=␇"),
        ("harmless\rrm -rf", "harmless␍rm -rf"),
        ("\x9b31m\x7f", "<U+009B>31m␡"),
        ("a\u202eb", "a<U+202E>b"),
        ("é 漢 🙂", "é 漢 🙂"),
    ],
)
def test_a_terminal_shows_what_it_would_obey(told: str, shown: str) -> None:
    assert for_terminal(told) == shown


def test_whatever_a_terminal_would_obey_is_no_printable_character() -> None:
    assert not [
        code for code in range(sys.maxunicode + 1) if chr(code).isprintable() and for_terminal(chr(code)) != chr(code)
    ]


class Stream(io.StringIO):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def isatty(self) -> bool:
        return self._kind == "terminal"


@pytest.mark.parametrize(("kind", "written"), [("terminal", "+␛[2J\n"), ("pipe", "+\x1b[2J\n")])
def test_a_pipe_gets_every_character_and_a_terminal_signs(
    kind: str, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = Stream(kind), Stream(kind)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    say("+\x1b[2J")
    say("", end="")
    say_aside("+\x1b[2J")
    assert (out.getvalue(), err.getvalue()) == (written, written)
