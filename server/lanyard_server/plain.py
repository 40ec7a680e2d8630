"""Text of strangers (a workspace's names and files, a model, an endpoint) where it is shown.

Owns what an editor's message and a terminal would obey rather than show. What a model writes as prose has been through
`lanyard_analyzers.replies.prose` before.
"""

from __future__ import annotations

import re

_LONGEST = 2_000
_OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\r(?!\n)")


def one_line(message: str) -> str:
    """A message to the user in one line, with nothing in it but words.

    VS Code makes links of `[words](target)` in its notifications, and a target may be a command.
    """
    line = "".join(each if each.isprintable() else " " for each in message[: 2 * _LONGEST])
    line = " ".join(line.split()).replace("](", "] (")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def for_terminal(text: str) -> str:
    """Text that a terminal shows and does not obey: escapes, bells and turned writing become visible signs."""
    return _OBEYED.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else f"<U+{code:04X}>"


__all__ = ["for_terminal", "one_line"]
