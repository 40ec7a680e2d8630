"""The parameters and the result of `lanyard/edit`.

Owns their JSON form. They come from outside: everything is checked and bounded here.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from lanyard_server.chat.params import Range

LONGEST = 8_000
"""Characters of an instruction."""


class _Json(BaseModel):
    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)


class _Named(_Json):
    uri: str


class EditParams(_Json):
    """`lanyard/edit`: what to do with the lines of `range`; an empty range means what the cursor stands in."""

    text_document: _Named
    range: Range
    instruction: str = Field(min_length=1, max_length=LONGEST, pattern=r"\S")
    model: str | None = None
    partial_result_token: int | str | None = None


def decode(raw: Any) -> EditParams:
    """The parameters from their JSON; raises pydantic's ValidationError."""
    return EditParams.model_validate(raw)
