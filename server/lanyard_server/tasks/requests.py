"""What the task commands take as arguments, as the server offers them and as a client sends them: the latter checked,
since a client or a plugin may send anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lanyard_analyzers.targets import Shape
from lanyard_routing.task import Kind
from lanyard_server.feature import RequestFailed
from lanyard_server.positions import lsp_range
from lanyard_server.tasks.prompts import ASKS

if TYPE_CHECKING:
    from lanyard_analyzers.targets import Target
    from lanyard_server.positions import Encoding
    from lanyard_server.session import Document

RUN, CANCEL, RETRY = "lanyard.run", "lanyard.cancel", "lanyard.retry"
_INVALID_PARAMS = -32602
MOST_DIAGNOSTIC = 4000
"""Characters of a diagnostic's message that are sent; compilers explain templates at any length."""


class _Point(BaseModel):
    line: int = Field(ge=0)
    character: int = Field(ge=0)


class _Range(BaseModel):
    start: _Point
    end: _Point


class RunArguments(BaseModel):
    """The one argument of `lanyard.run`: what to do, to which target of which document.

    `range` is where the target stood when it was listed, in `version`; `name` and `shape` find it again after an edit.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Kind
    uri: str
    shape: Shape
    name: str = ""
    range: _Range
    diagnostic: str = ""
    line: int | None = Field(default=None, ge=0)
    version: int | None = None

    @field_validator("kind")
    @classmethod
    def _listed(cls, kind: Kind) -> Kind:
        if kind not in ASKS:
            raise ValueError(f"{kind} is no code action; known are {', '.join(ASKS)}")
        return kind

    @field_validator("diagnostic")
    @classmethod
    def _cut(cls, message: str) -> str:
        return message[:MOST_DIAGNOSTIC]


def arguments_for(document: Document, target: Target, kind: Kind, encoding: Encoding) -> dict[str, Any]:
    """What `lanyard.run` takes to do `kind` to a target, as a code action or a lens carries it."""
    place = lsp_range(document.text, target.span, encoding)
    return {
        "kind": kind.value,
        "uri": document.uri,
        "shape": target.shape.value,
        "name": target.name,
        "version": document.version,
        "range": {
            "start": {"line": place.start.line, "character": place.start.character},
            "end": {"line": place.end.line, "character": place.end.character},
        },
    }


def run_arguments(arguments: list[Any]) -> RunArguments:
    """Read the arguments of `lanyard.run`; raises RequestFailed (-32602) with one line."""
    try:
        return RunArguments.model_validate(arguments[0] if arguments else None)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the argument"
        raise RequestFailed(f"{RUN}: {where}: {first['msg']}", _INVALID_PARAMS) from None


def id_argument(command: str, arguments: list[Any]) -> str:
    """Read the one id that a command takes; raises RequestFailed (-32602)."""
    if arguments and isinstance(arguments[0], str):
        return arguments[0]
    raise RequestFailed(f"{command} takes the id of a task as its first argument", _INVALID_PARAMS)


def id_of(method: str, params: Any) -> str:
    """Read `{"id": …}`, the params of a request about one entry; raises RequestFailed (-32602)."""
    match params:
        case {"id": str(entry_id)}:
            return entry_id
        case _:
            raise RequestFailed(f'{method} takes {{"id": "<the id of a proposal>"}}', _INVALID_PARAMS)


def hunk_argument(command: str, arguments: list[Any]) -> tuple[int, ...] | None:
    """Read the numbers of hunks after the id; None where none are given. Raises RequestFailed (-32602)."""
    if len(arguments) < 2 or arguments[1] is None:
        return None
    given: Any = arguments[1]
    if isinstance(given, list) and all(type(one) is int for one in given):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return tuple(given)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise RequestFailed(f"{command} takes a list of the numbers of hunks as its second argument", _INVALID_PARAMS)


def finding_arguments(arguments: list[Any]) -> tuple[str, int]:
    """Read the id of a review and the 0-based number of a finding; raises RequestFailed (-32602)."""
    match arguments:
        case [str(review_id), int(index), *_]:
            return review_id, index
        case _:
            raise RequestFailed("lanyard.dismissFinding takes the id of a review and a number", _INVALID_PARAMS)
