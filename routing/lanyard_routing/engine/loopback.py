"""The smallest HTTP client that can ask a server on this machine a question.

Owns GET and POST of JSON to 127.0.0.1 with one deadline for the whole exchange. It cannot name another host, follows
no redirect and reads no proxy variable, so it needs no network policy. Prompts go through `adapters/`, not here.
"""

from __future__ import annotations

import http.client
import json
import socket
import time
from dataclasses import dataclass
from typing import Any

HOST = "127.0.0.1"
_LARGEST_ANSWER = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """Status 0 means that nothing answered; `body` is the parsed JSON, or None where it was none."""

    status: int
    body: Any = None
    text: str = ""


def ask(port: int, path: str, *, timeout_s: float, api_key: str = "", body: object = None) -> Answer:
    """GET `path`, or POST `body` as JSON. Total: whatever goes wrong, an `Answer` comes back within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    connection = http.client.HTTPConnection(HOST, port, timeout=timeout_s)
    headers = {"Accept": "application/json"}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    data = None
    if body is not None:
        data = json.dumps(body).encode()
        headers["Content-Type"] = "application/json"
    try:
        connection.request("GET" if data is None else "POST", path, data, headers)
        plug = connection.sock  # `getresponse` forgets it where the server will close
        response = connection.getresponse()
        raw = _read(response, plug, deadline)
    except (OSError, http.client.HTTPException, ValueError):
        return Answer(0)
    finally:
        connection.close()
    text = raw.decode("utf-8", "replace")
    try:
        return Answer(response.status, json.loads(text), text)
    except ValueError:
        return Answer(response.status, None, text)


def _read(response: http.client.HTTPResponse, plug: socket.socket, deadline: float) -> bytes:
    """Read the whole body; a server that drips bytes must not hold us beyond the deadline."""
    pieces: list[bytes] = []
    size = 0
    while size <= _LARGEST_ANSWER:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        plug.settimeout(left)
        piece = response.read1(65536)
        if not piece:
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
    raise ValueError("answer too large")
