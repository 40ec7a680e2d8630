"""What the commands write: results on stdout, everything else on stderr.

Owns the difference between a terminal, which is shown nothing that it would obey, and a pipe, which gets every
character as it is: a diff has to apply.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # as `typing` has it, which takes longer to import than `lanyard --version` to run
if TYPE_CHECKING:
    from typing import TextIO


def say(text: str, *, end: str = "\n") -> None:
    """Write a result to stdout."""
    _write(sys.stdout, text + end)


def say_aside(text: str) -> None:
    """Write a line about the work to stderr."""
    _write(sys.stderr, text + "\n")


def _write(stream: TextIO, text: str) -> None:
    if stream.isatty() and not text.replace("\n", "").isprintable():
        from lanyard_server.plain import for_terminal  # noqa: PLC0415 - 5 ms that most lines do without

        text = for_terminal(text)
    try:
        stream.write(text)
    except UnicodeEncodeError:  # an old code page of Windows
        encoding = stream.encoding or "ascii"
        stream.write(text.encode(encoding, "replace").decode(encoding))
    stream.flush()


__all__ = ["say", "say_aside"]
