"""An answer as it may stand in a chat document, while it streams.

Owns what keeps an answer one turn when the document is read back, whatever a model writes: no line of it is a heading
of the document, and no code fence is open where it ends.
"""

from __future__ import annotations

from lanyard_server.chat.markdown import Fence, like_heading, may_be_heading

_LONGEST = 200
"""Characters of a line that may become a heading which wait for its end."""


class Guard:
    """Takes an answer piece by piece; what it gives in all has line feeds alone as line ends."""

    def __init__(self) -> None:
        self._fence = Fence()
        self._line: list[str] = []  # of the line under way, what was given
        self._held = ""

    def feed(self, piece: str) -> str:
        """What may be written now."""
        text = self._held + piece
        returned = text.endswith("\r")  # a line feed may follow
        text = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
        *lines, rest = text.split("\n")
        given = [self._ended(line) + "\n" for line in lines]
        self._held = rest if self._unsure(rest) else ""
        if not self._held:
            given.append(self._begun(rest))
        self._held += "\r" * returned
        return "".join(given)

    def rest(self) -> str:
        """What was held back when the stream ended."""
        held, self._held = self._held.removesuffix("\r"), ""
        return self._ended(held)

    @property
    def closing(self) -> str:
        """What ends the code fence that is still open after `rest`; "" where none is."""
        return f"\n{self._fence.mark}" if self._fence.mark else ""

    def _unsure(self, rest: str) -> bool:
        return bool(rest) and len(rest) <= _LONGEST and self._opens(rest)

    def _opens(self, text: str) -> bool:
        """Whether a line that begins so may be a heading."""
        return not self._line and not self._fence.mark and may_be_heading(text)

    def _begun(self, rest: str) -> str:
        """The beginning of a line whose end has not come; more of it may follow."""
        if not rest:
            return ""
        shown = f"\\{rest}" if self._opens(rest) else rest
        self._line.append(rest)
        return shown

    def _ended(self, end: str) -> str:
        escaped = self._opens(end) and like_heading(end)
        self._fence.take("".join([*self._line, end]))
        self._line = []
        return f"\\{end}" if escaped else end
