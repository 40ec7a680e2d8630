"""A completion as it was asked for.

Owns the values: where, in which text, and by whom (an automatic trigger, or the user's own key).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lanyard_analyzers.text import Edit, Span, Text
from lanyard_server.session import Document

Trigger = Literal["automatic", "invoked"]


@dataclass(frozen=True, slots=True)
class Selected:
    """The entry that is selected in the editor's completion list: accepting it would put `text` in place of `span`."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `document` is what the client saw when it asked; `offset` is in code points."""

    document: Document
    offset: int
    trigger: Trigger
    selected: Selected | None = None

    def completed(self) -> tuple[Text, int]:
        """The text and offset that are completed: with a selected entry, as though it had been accepted."""
        if self.selected is None:
            return self.document.text, self.offset
        chosen = self.selected
        return (
            self.document.text.replace(Edit(chosen.span, chosen.text)),
            chosen.span.start + len(chosen.text),
        )


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion for the document as it is now: `text` in place of `span`. Line ends of `text` are `\\n`.

    `model` is empty for one that was made before.
    """

    document: Document
    span: Span
    text: str
    model: str
