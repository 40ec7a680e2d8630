"""What goes wrong at an endpoint → the error tree of `base.py`, as one line for the user.

Owns the wording. A server's own words are shown only where they are short and repeat nothing of the request:
engines like to echo the prompt in their errors.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from lanyard_routing.adapters.base import (
    AddressRefused,
    ContextExceeded,
    EndpointError,
    EndpointTimeout,
    EndpointUnavailable,
    ModelMissing,
    RequestRejected,
)
from lanyard_routing.adapters.origin import Origin

_log = logging.getLogger(__name__)

_CONTEXT = re.compile(
    r"exceed_context_size|context_length_exceeded|maximum context length|context (?:size|length|window)"
    r"|max_model_len|(?:prompt|input)[^.]{0,40}too long|longer than the maximum model length",
    re.IGNORECASE,
)
_MODEL = re.compile(r"\bmodel\b", re.IGNORECASE)
_NO_FIM = re.compile(r"insert|infill|suffix|\bFIM\b|fill.in.the.middle", re.IGNORECASE)
_QUOTE = 160
_ECHO = 10
_JUDGED = 400
_QUOTED = 24


def status_error(
    origin: Origin,
    path: str,
    status: int,
    body: bytes,
    *,
    model: str = "",
    sent: Sequence[str] = (),
    location: str = "",
) -> EndpointError:
    """The error for an HTTP status that is no success. `sent` are the texts of the request, for the echo check."""
    message, code = _said(body)
    _log.debug("%s: %s answered %d: %s", origin.label, path, status, message[:2000])
    words = quote(message, sent=sent)
    code = code[:_JUDGED]
    # What is judged by may not be the prompt either: code that says "context length" is no error about it.
    judged = code if repeats(message[:_JUDGED], sent=sent, length=_QUOTED) else f"{code} {message[:_JUDGED]}"
    because = f": {words}" if words else ""
    label = origin.label
    if 300 <= status < 400:
        where = _where(location)
        return AddressRefused(
            f"{label} redirects to {where}; Lanyard follows no redirects: put the final address in its URL"
        )
    if status in (401, 403):
        return RequestRejected(f"{label} refuses the credentials ({status}); check the key that its api_key_env names")
    if status == 404:
        if _MODEL.search(judged):
            named = f'"{model}"' if model else "of that name"
            return ModelMissing(f"{label} has no model {named}; load it there or choose another one")
        if "replay" in code:
            return ModelMissing(f"{label} replays recorded replies and has none for this; start a model server for it")
        return ModelMissing(f"{label} does not know {path} (404); check its dialect and URL in the configuration")
    if _CONTEXT.search(judged) and status in (400, 413, 422, 500):
        return ContextExceeded(
            f"{label}: the prompt is longer than the model's context{_sizes(body)}; allow more context or send less"
        )
    if status == 413:
        return ContextExceeded(f"{label} refuses a request of this size (413); send less, or raise its limit")
    if status in (400, 405, 415, 422, 501):
        if status == 501 or (status == 400 and _NO_FIM.search(judged)):
            return RequestRejected(
                f"{label} cannot fill in the middle with its model; choose a coder model with FIM tokens"
            )
        return RequestRejected(f"{label} rejects the request ({status}){because or '; check its dialect and model'}")
    if status == 429:
        return EndpointUnavailable(f"{label} has too many requests (429); try again later or add a worker")
    if status == 503:
        return EndpointUnavailable(f"{label} is busy or loading its model (503); try again in a moment")
    return EndpointUnavailable(f"{label} failed ({status}){because or '; check its log'}")


def stream_error(origin: Origin, error: object, *, model: str = "", sent: Sequence[str] = ()) -> EndpointError:
    """The error for an error object in the middle of a stream: judged by the status that it names, else 500."""
    fields = cast("Mapping[str, Any]", error) if isinstance(error, dict) else {"message": str(error)}
    code = fields.get("code")
    status = code if isinstance(code, int) and 400 <= code < 600 else 500
    return status_error(
        origin, "its stream", status, json.dumps({"error": dict(fields)}).encode(), model=model, sent=sent
    )


def refused(origin: Origin) -> EndpointUnavailable:
    """Nobody listens."""
    return EndpointUnavailable(
        f"{origin.label} refuses connections at {origin.url}; start the model server there or correct its URL"
    )


def unreachable(origin: Origin, reason: str) -> EndpointUnavailable:
    """The network, or TLS, does not let us through."""
    return EndpointUnavailable(
        f"{origin.label} cannot be reached at {origin.url} ({one_line(reason)}); check the host and the network"
    )


def untrusted(origin: Origin) -> EndpointUnavailable:
    """The TLS certificate is not signed by an authority that this machine knows."""
    return EndpointUnavailable(
        f"{origin.label}: its TLS certificate is not trusted; add its authority here, or name it in SSL_CERT_FILE"
    )


def cut(origin: Origin) -> EndpointUnavailable:
    """The connection ended before the reply did."""
    return EndpointUnavailable(f"{origin.label} closed the connection in the middle of its reply; check its log")


def nonsense(origin: Origin, what: str) -> EndpointUnavailable:
    """The reply cannot be read. `what` is a clause about the endpoint ("its reply is not UTF-8")."""
    return EndpointUnavailable(
        f"{origin.label} does not speak its dialect: {what}; check its dialect in the configuration and its log"
    )


def no_connection(origin: Origin, seconds: float) -> EndpointTimeout:
    """The connect timeout passed."""
    return EndpointTimeout(f"{origin.label} accepted no connection within {seconds:g} s; check that its host is up")


def no_first_token(origin: Origin, seconds: float) -> EndpointTimeout:
    """The first-token timeout passed."""
    return EndpointTimeout(
        f"{origin.label} sent no token within {seconds:g} s; it may be busy or loading: try again or allow it more time"
    )


def silent(origin: Origin, seconds: float) -> EndpointTimeout:
    """The silence timeout passed in the middle of a reply."""
    return EndpointTimeout(f"{origin.label} fell silent for {seconds:g} s in the middle of its reply; check its log")


def no_answer(origin: Origin, seconds: float) -> EndpointTimeout:
    """A short call had no answer in time."""
    return EndpointTimeout(f"{origin.label} gave no answer within {seconds:g} s; it may be overloaded: check its host")


def one_line(text: str) -> str:
    """`text` in one printable line of bounded length."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text[: 4 * _QUOTE]).split())
    return line if len(line) <= _QUOTE else line[: _QUOTE - 1] + "…"


def quote(message: str, *, sent: Sequence[str]) -> str:
    """A server's message in one line; empty where it repeats ten characters of what was sent, or a whole text."""
    line = one_line(message)
    return "" if repeats(line, sent=sent, length=_ECHO) else line


def repeats(message: str, *, sent: Sequence[str], length: int) -> bool:
    """Whether a message repeats `length` characters in a row of what was sent, or one of the texts as a whole."""
    windows = {message[at : at + length] for at in range(len(message) - length + 1)}
    return any((whole := text.strip()) and (whole in message or any(each in text for each in windows)) for text in sent)


def _said(body: bytes) -> tuple[str, str]:
    """Message and type or code of an error body, in any of the dialects' forms."""
    try:
        parsed: Any = json.loads(body)
    except (ValueError, RecursionError):
        text = body[:2000].decode("utf-8", "replace")
        return ("" if "<html" in text.lower() else text), ""
    fields = cast("dict[str, Any]", parsed) if isinstance(parsed, dict) else {"message": str(parsed)}
    error: Any = fields.get("error", fields)
    if isinstance(error, str):
        return error, ""
    details = cast("dict[str, Any]", error) if isinstance(error, dict) else fields
    message = details.get("message") or details.get("detail") or ""
    return str(message), f"{details.get('type') or ''} {details.get('code') or ''} {details.get('param') or ''}"


def _sizes(body: bytes) -> str:
    """The two token counts of llama.cpp's context error, where it gives them."""
    found = {key: int(value) for key, value in re.findall(rb'"(n_prompt_tokens|n_ctx)"\s*:\s*(\d{1,9})', body)}
    if len(found) < 2:
        return ""
    return f" ({found[b'n_prompt_tokens']} tokens for {found[b'n_ctx']})"


def _where(location: str) -> str:
    found = re.match(r"(https?://)(?:[^/@]*@)?([\w.\-:\[\]%]{1,80})", location)
    return f"{found[1]}{found[2]}" if found else "another address"
