"""What a task must remember to land its reply, after a restart too.

Owns the JSON that travels in `Task.context`: it stays on this machine and is never sent to an endpoint.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from lanyard_analyzers.redact import Redactions
from lanyard_analyzers.targets import Shape, Target
from lanyard_analyzers.text import Span, Text


class TaskContext(BaseModel):
    """The sliced node, the text it was cut from, and the secrets that placeholders stand for.

    `start` and `end` are offsets in `base`. `base` is the whole buffer at the time of the command: a proposal is
    rebased from it onto the buffer as it is when the reply comes. `placeholders` says where in `base` the original of
    each placeholder stands; secrets themselves are not written down a second time.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    uri: str
    path: str
    root: str
    language: str
    version: int
    base: str
    shape: Shape
    name: str
    start: int
    end: int
    placeholders: dict[str, tuple[int, int]] = {}
    slice_tokens: int = 0
    whole_tokens: int = 0
    test_path: str | None = None

    @property
    def target(self) -> Target:
        """The target in `base`."""
        return Target(shape=self.shape, name=self.name, span=Span(self.start, self.end), language=self.language)

    @property
    def text(self) -> Text:
        """The base as a text value."""
        return Text.of(self.base, self.version)

    @property
    def redactions(self) -> Redactions:
        """The way back from placeholders, for the secrets that stand in the base."""
        return Redactions({name: self.base[start:end] for name, (start, end) in self.placeholders.items()})

    @classmethod
    def read(cls, data: dict[str, Any]) -> TaskContext | None:
        """The context of a task; None where another program or version wrote something else."""
        try:
            return cls.model_validate(data)
        except ValidationError:
            return None
