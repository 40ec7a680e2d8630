"""When enough of a streamed reply has come.

Owns the early stop: the moment at which the stream may be closed because no further token can change what is shown.
"""

from __future__ import annotations

from lanyard_analyzers.complete.extent import cut_to_extent
from lanyard_analyzers.complete.postprocess.first_line import settle_first_line
from lanyard_analyzers.complete.postprocess.model_tokens import first_control_token, strip_model_tokens
from lanyard_analyzers.complete.postprocess.next_lines import repeats_below
from lanyard_analyzers.complete.repetition import STEP, loop_start
from lanyard_analyzers.complete.situation import Extent, Situation

LONGEST = 4_000
"""Characters after which a reply is cut whatever it says; nobody reads a longer ghost text."""
BLANK_LINES = 8


class StreamStop:
    """Collects a streamed reply and says when to close the stream."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._one_line = situation.extent is Extent.LINE
        self._text = ""
        self._enough = False
        self._looked = (0, 0)

    @property
    def text(self) -> str:
        """What has come so far."""
        return self._text

    @property
    def enough(self) -> bool:
        """Whether the stream may be closed."""
        return self._enough

    def feed(self, piece: str) -> bool:
        """Take the next piece of the reply; True as soon as enough has come."""
        self._text += piece
        self._enough = self._enough or self._is_enough()
        return self._enough

    def _is_enough(self) -> bool:
        text = self._text
        if len(text) > LONGEST or first_control_token(text) is not None:
            return True
        text = strip_model_tokens(text, self._situation)
        if not text.strip():
            line_ends = text.count("\n")  # perhaps a model that sends nothing but blank lines
            return line_ends > (0 if self._situation.before.strip() and self._one_line else BLANK_LINES)
        text = settle_first_line(text, self._situation)
        if cut_to_extent(text, self._situation).final or self._loops(text):
            return True
        return repeats_below(text, self._situation) is not None

    def _loops(self, text: str) -> bool:
        """Whether the reply goes round in circles; looked at again only where that can have changed."""
        marks = text.count("\n"), len(text) // STEP
        if marks == self._looked:
            return False
        self._looked = marks
        return loop_start(text, ended="growing") is not None
