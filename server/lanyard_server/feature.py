"""How features are declared: a method, a way of running, a handler.

Owns the declaration only. The protocol reads it to decide how a handler runs; the composition root lists the
features in a literal tuple.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from lanyard_server.session import Session

Run = Literal["session", "snapshot"]

NOT_OFFERED: Final = object()
"""What an `options` callable returns where the method is served but not advertised to this client."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One LSP method.

    `run="session"`: a plain function that may change the session; it finishes before the next message is read and
    must not block. `run="snapshot"`: a coroutine function that works on values taken at its start and compares
    versions after each `await`; cancelled by `$/cancelRequest`. The handler gets (session, params) and returns the
    result. `options` are the server capability's options (pygls advertises the method only where they are given
    for some methods, see PYGLS notes); a callable gets the session.
    `params_type` registers a type for a method outside LSP (a dataclass; its field names are the JSON keys).
    `decode` makes the params from their JSON instead of any type, for methods where speed or leniency matters;
    whatever it raises is answered with "invalid params". Several features may handle one notification: they run in
    the order of the composition root.
    """

    method: str
    run: Run
    handler: Callable[[Session, Any], Any] | Callable[[Session, Any], Awaitable[Any]]
    options: Any = None
    params_type: type | None = None
    decode: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One `workspace/executeCommand` command: a coroutine function that gets (session, arguments).

    Really cancellable: `$/cancelRequest` of its request cancels the coroutine.
    """

    name: str
    handler: Callable[[Session, list[Any]], Awaitable[Any]]


class RequestFailed(Exception):
    """A handler's own failure: `str(error)` is one line for the user, `code` an LSP error code."""

    def __init__(self, message: str, code: int = -32803) -> None:
        super().__init__(message)
        self.code = code
