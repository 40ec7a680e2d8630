"""What opens and closes a block on a line: brackets and colons, and the words of languages that end blocks by a word.

Owns the patterns. They look at one line, because a half-written text has no tree worth asking.
"""

from __future__ import annotations

import re

_OPENERS = (":", "{", "(", "[", "=>", "->")
_OPENING = {
    "ruby": re.compile(
        r"[ \t]*(?:(?:private|protected|public|private_class_method)[ \t]+)?"
        r"(?:def(?![^\n]*[\w?!)][ \t]=[ \t])|class|module|begin|case|if|unless|while|until|for|else|elsif|when|rescue"
        r"|ensure|in)"
        r"\b(?![^\n]*\bend[ \t]*$)|[^\n]*\b(?:do(?:[ \t]*\|[^|\n]*\|)?|then)[ \t]*$"
        r"|[^\n=]*=[ \t]*(?:if|unless|case|begin|while)\b(?![^\n]*\bend[ \t]*$)"
    ),
    "lua": re.compile(r"[^\n]*\b(?:then|do|else|repeat|function[^()\n]*\([^()\n]*\))[ \t]*$"),
    "bash": re.compile(r"[^\n]*(?:\b(?:then|do|else|in)|[\w*\"'][ \t]*\))[ \t]*$"),
}
_BRACKETS = re.compile(r"[ \t]*[)\]}]+[;,]?")
_CLOSING = {
    "ruby": re.compile(r"[ \t]*(?:[)\]}]+[;,]?|end\b)"),
    "lua": re.compile(r"[ \t]*(?:[)\]}]+[;,]?|end\b[)\]},;]*)"),
    "bash": re.compile(r"[ \t]*(?:[)\]}]+|fi\b|done\b|esac\b|;;)"),
}


def opens_block(line: str, language: str | None) -> bool:
    """Whether a line ends in what opens a block in its language; a comment after it is not seen through."""
    line = line.rstrip()
    if line.endswith(_OPENERS):
        return True
    opening = _OPENING.get(language or "")
    return opening is not None and opening.match(line) is not None


def closing(line: str, language: str | None) -> re.Match[str] | None:
    """What closes a block at the beginning of a line; None where nothing does."""
    return _CLOSING.get(language or "", _BRACKETS).match(line)
