"""The open buffers of an editor, as an index process mirrors them.

Owns their texts and trees. Edits that do not fit the text that is here make a buffer void until it comes whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from lanyard_analyzers.languages import LANGUAGES
from lanyard_analyzers.syntax import Syntax, parse, reparse
from lanyard_analyzers.text import Edit, Span, Text
from lanyard_server.index.messages import Change, Changed, Opened

SYNTAX_LIMIT = 5_000_000
"""Code points from which on a buffer has no tree, as in the server."""
_EDITS_LIMIT = 500  # so many edits without a look, and a fresh parse is cheaper than an incremental one


@dataclass(slots=True)
class _Buffer:
    language: str
    text: Text
    syntax: Syntax | None = None
    edits: list[Edit] = field(default_factory=list[Edit])


class Buffers:
    """The open buffers by path; only those that have a language of ours and can have a tree are kept."""

    def __init__(self) -> None:
        self._open: dict[str, _Buffer] = {}
        self._changed: set[str] = set()

    def open(self, message: Opened) -> None:
        """A buffer comes whole."""
        if message.language not in LANGUAGES or len(message.text) >= SYNTAX_LIMIT:
            self.close(message.path)
            return
        self._open[message.path] = _Buffer(message.language, Text.of(message.text, message.version))
        self._changed.add(message.path)

    def change(self, message: Changed) -> bool:
        """Apply edits; False where the buffer is not here or they do not fit, and it is to be sent whole."""
        buffer = self._open.get(message.path)
        if buffer is None or buffer.text.version != message.before:
            return False
        text = buffer.text
        for change in message.changes:
            edit = _edit(change, len(text))
            if edit is None:
                return False
            text = text.replace(edit)
            if buffer.syntax is not None:
                buffer.edits.append(edit)
        if len(text) != message.size:
            return False
        buffer.text = Text(text.content, message.version, text.starts)
        if len(buffer.edits) > _EDITS_LIMIT:
            buffer.syntax, buffer.edits = None, []
        self._changed.add(message.path)
        return True

    def close(self, path: str) -> None:
        """A buffer is gone."""
        self._open.pop(path, None)
        self._changed.add(path)

    def version(self, path: str) -> int | None:
        """The version of a buffer; None where it is not here."""
        buffer = self._open.get(path)
        return None if buffer is None else buffer.text.version

    def syntax(self, path: str) -> Syntax | None:
        """A buffer's tree, brought up to its text; None where it is not here."""
        buffer = self._open.get(path)
        if buffer is None:
            return None
        if buffer.syntax is None:
            buffer.syntax = parse(buffer.text, buffer.language)
        elif buffer.edits or buffer.syntax.text is not buffer.text:
            buffer.syntax = reparse(buffer.syntax, buffer.text, buffer.edits)
        buffer.edits = []
        return buffer.syntax

    def changed(self) -> list[str]:
        """The paths whose buffer was opened, changed or closed since this was last asked."""
        found, self._changed = sorted(self._changed), set()
        return found

    def paths(self) -> tuple[str, ...]:
        """The paths of all buffers."""
        return tuple(self._open)


def _edit(change: Change, size: int) -> Edit | None:
    if 0 <= change.start <= change.end <= size:
        return Edit(Span(change.start, change.end), change.new)
    return None
