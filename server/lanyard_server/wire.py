"""JSON-RPC messages: bytes in, values out, and back.

Owns decoding, validating and encoding of messages and of their parameters. Messages are plain JSON until the method is
known, so nothing inside the parameters (a key `jsonrpc` in a command's argument, say) can be taken for a message.
Knows no session and no I/O.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import TYPE_CHECKING, Any, cast

from cattrs import transform_error
from lsprotocol import types
from pydantic import ValidationError

if TYPE_CHECKING:
    from cattrs import Converter

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
CANCELLED = -32800

MessageId = int | str

# method -> (request or notification, response, params, registration options)
_METHODS = cast("dict[str, Any]", types.METHOD_TO_TYPES)  # pyright: ignore[reportUnknownMemberType]


class Malformed(Exception):
    """A message that is no JSON-RPC; `id` is its id where one could be read."""

    def __init__(self, code: int, message: str, message_id: MessageId | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.id = message_id


class InvalidParams(Exception):
    """Parameters that do not validate; `str(error)` names the first field that is wrong, without its value."""


@dataclass(slots=True)
class Request:
    """A request of the client."""

    id: MessageId
    method: str
    params: Any


@dataclass(slots=True)
class Notification:
    """A notification of the client."""

    method: str
    params: Any


@dataclass(slots=True)
class Response:
    """The client's answer to a request of ours; `error` is its JSON, None where it succeeded."""

    id: MessageId | None
    result: Any
    error: Any


Message = Request | Notification | Response


def decode(body: bytes | str) -> Message:
    """One message from its JSON. Raises Malformed."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Malformed(PARSE_ERROR, f"not valid JSON: {_first_line(error)}") from None
    if not isinstance(raw, dict):
        raise Malformed(INVALID_REQUEST, "a message is a JSON object")
    message: dict[str, Any] = raw  # pyright: ignore[reportUnknownVariableType]
    message_id = message.get("id")
    has_id = isinstance(message_id, int | str) and not isinstance(message_id, bool)
    method = message.get("method")
    if message.get("jsonrpc") != "2.0":
        raise Malformed(INVALID_REQUEST, 'jsonrpc is not "2.0"', message_id if has_id and "method" in message else None)
    if isinstance(method, str):
        if "id" not in message:
            return Notification(method, message.get("params"))
        if not has_id:
            raise Malformed(INVALID_REQUEST, "id is neither a number nor a string")
        return Request(message["id"], method, message.get("params"))
    if "method" in message:
        raise Malformed(INVALID_REQUEST, "method is not a string", message_id if has_id else None)
    if "result" in message or "error" in message:
        return Response(message_id if has_id else None, message.get("result"), message.get("error"))
    raise Malformed(INVALID_REQUEST, "neither a method nor a result", message_id if has_id else None)


def is_notification(method: str) -> bool:
    """Whether LSP has no answer to a method; methods outside LSP are requests."""
    known: Any = _METHODS.get(method)
    return known is not None and known[1] is None


def is_standard(method: str) -> bool:
    """Whether LSP knows a method."""
    return method in _METHODS


class Codec:
    """Parameters from JSON and results to JSON, by method.

    A method's parameters have the type that LSP gives them; `own` has the types of methods outside LSP, and
    `decoders` plain functions for methods where generated code is too slow or too strict. A method that is in none
    of them gets its parameters as plain JSON.
    """

    def __init__(
        self,
        converter: Converter,
        *,
        own: Mapping[str, type] | None = None,
        decoders: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> None:
        self._converter: Any = converter
        self._own = dict(own or {})
        self._decoders = dict(decoders or {})

    def params(self, method: str, raw: Any) -> Any:
        """The parameters of a method. Raises InvalidParams."""
        decoder = self._decoders.get(method)
        try:
            if decoder is not None:
                return decoder(raw)
            wanted = self._type(method)
            if wanted is None or (raw is None and wanted in _OPTIONAL):
                return raw
            return self._converter.structure(raw, wanted)
        except RecursionError:
            raise InvalidParams("nested too deeply") from None
        except Exception as error:  # noqa: BLE001 - cattrs raises what the input provokes: TypeError, KeyError, its own
            raise InvalidParams(_why(error)) from None

    def warm(self, method: str) -> None:
        """Generate the code for a method's parameters and result, which otherwise its first message pays for."""
        wanted = self._type(method)
        if wanted is not None:
            self._converter.get_structure_hook(wanted)

    def encode(self, message: Mapping[str, Any]) -> bytes:
        """A message as ASCII JSON; lsprotocol values anywhere inside are converted.

        Raises TypeError or ValueError for values that JSON has no form for.
        """
        return json.dumps(message, default=self._plain, separators=(",", ":"), allow_nan=False).encode("ascii")

    def _type(self, method: str) -> type | None:
        own = self._own.get(method)
        if own is not None:
            return own
        known: Any = _METHODS.get(method)
        return None if known is None else known[2]

    def _plain(self, value: Any) -> Any:
        if hasattr(value, "__attrs_attrs__") or is_dataclass(value):
            return self._converter.unstructure(value)
        raise TypeError(f"{type(value).__name__} has no JSON form")


_OPTIONAL: frozenset[Any] = frozenset({types.InitializedParams})


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _why(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        return f"{'.'.join(('params', *map(str, first['loc'])))}: {first['msg'].removeprefix('Value error, ')}"[:200]
    lines = transform_error(error, path="params", format_exception=_what)
    return (lines[0] if lines else "invalid value")[:200]


def _what(error: BaseException, wanted: type | None) -> str:
    # Never the error's own text: it may hold the value that was there.
    if isinstance(error, KeyError):
        return "required field missing"
    named = getattr(wanted, "__name__", None)
    return f"invalid value, expected {named}" if named else "invalid value"
