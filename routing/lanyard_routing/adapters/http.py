"""The only HTTP client of the project: short calls and streamed replies of one endpoint, with deadlines.

Owns deadlines, size limits and the mapping of aiohttp's failures to the error tree; must not know dialects. Light to
import: aiohttp comes in with the first call (`transport.py`), in a thread, so that no event loop stands still.
"""

from __future__ import annotations

import asyncio
import errno
import importlib
import json
import logging
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, NoReturn, Self

from lanyard_routing.adapters import failures
from lanyard_routing.adapters.base import EndpointError, Timeouts
from lanyard_routing.adapters.framing import Framing, FramingError, Ndjson, Sse
from lanyard_routing.adapters.origin import Origin
from lanyard_routing.netpolicy import Policy

if TYPE_CHECKING:
    import aiohttp

    from lanyard_routing.adapters.transport import Session

_log = logging.getLogger(__name__)

MAX_ANSWER = 16 * 1024 * 1024
"""Bytes of the answer to a short call."""

_MAX_ERROR_BODY = 64 * 1024
_DRAIN_S = 0.05
_END_S = 1.0


async def preload() -> None:
    """Import aiohttp now, in a thread; without this the first call does it."""
    await asyncio.get_running_loop().run_in_executor(
        None, importlib.import_module, "lanyard_routing.adapters.transport"
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a short call, whatever its status."""

    status: int
    body: bytes

    def json(self) -> Any:
        """The body as JSON; None where it is not JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


def encode(body: object) -> bytes:
    """JSON as engines want it: UTF-8; a lone surrogate of an editor's buffer becomes `?`."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


class Http:
    """The connections to one endpoint: a keep-alive pool, opened when needed."""

    def __init__(self, origin: Origin, policy: Policy) -> None:
        self.origin = origin
        self.policy = policy
        self._session: Session | None = None
        self._closed = False

    async def ask(self, path: str, body: object = None, *, timeout_s: float) -> Answer:
        """GET `path`, or POST `body` to it as JSON; any status is an answer.

        Raises EndpointUnavailable, EndpointTimeout after `timeout_s` seconds in all, AddressRefused.
        """
        await self.ready()
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._send(path, body, connect_s=timeout_s)
                try:
                    return Answer(response.status, await self._body(response, MAX_ANSWER))
                finally:
                    _leave(response)
        except TimeoutError:
            raise failures.no_answer(self.origin, timeout_s) from None

    def stream(
        self,
        path: str,
        body: object,
        *,
        timeouts: Timeouts,
        framing: Literal["sse", "ndjson"],
        model: str = "",
        sent: Sequence[str] = (),
    ) -> Stream:
        """POST `body` to `path` and read events. `sent` are the texts that no error message may repeat."""
        parser = Sse() if framing == "sse" else Ndjson()
        return Stream(self, path, body=body, timeouts=timeouts, framing=parser, model=model, sent=sent)

    async def close(self) -> None:
        """Close all connections; calls after this one fail."""
        self._closed = True
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _send(self, path: str, body: object, *, connect_s: float) -> aiohttp.ClientResponse:
        session = await self.ready()
        content = None if body is None else encode(body)
        method = "GET" if body is None else "POST"
        while True:
            opened = session.opened
            try:
                response = await session.send(method, path, content, connect_s=connect_s)
                if response.headers.get("Content-Encoding", "identity") != "identity":
                    response.close()
                    raise failures.nonsense(self.origin, "it compresses its replies although asked not to")
                return response
            except EndpointError:
                raise
            except TimeoutError:
                raise failures.no_connection(self.origin, connect_s) from None
            except Exception as error:  # noqa: BLE001  mapped or raised again
                # A kept connection that the server closed just now says nothing about the server: take another.
                if opened == session.opened and _is_disconnect(error) and not self._closed:
                    continue
                self._fail(error)

    async def ready(self) -> Session:
        """Open the session; the import behind it counts against no deadline. Raises once the adapter is closed."""
        if self._session is None:
            await preload()
            from lanyard_routing.adapters.transport import Session  # noqa: PLC0415  lazy: aiohttp is slow to import

            if self._closed:
                raise failures.unreachable(self.origin, "this adapter is closed")
            if self._session is None:
                self._session = Session(self.origin, self.policy)
        return self._session

    async def _body(self, response: aiohttp.ClientResponse, limit: int) -> bytes:
        parts: list[bytes] = []
        size = 0
        try:
            while data := await response.content.readany():
                parts.append(data)
                size += len(data)
                if size > limit:
                    raise failures.nonsense(self.origin, f"it answers with more than {limit >> 20} MB")
        except EndpointError:
            raise
        except TimeoutError:
            raise
        except Exception as error:  # noqa: BLE001  mapped or raised again
            self._fail(error)
        return b"".join(parts)

    async def body_of(self, response: aiohttp.ClientResponse) -> bytes:
        """The body of an error, empty where it cannot be had."""
        try:
            return await self._body(response, _MAX_ERROR_BODY)
        except EndpointError:
            return b""

    async def error_of(
        self, response: aiohttp.ClientResponse, path: str, *, model: str, sent: Sequence[str]
    ) -> EndpointError:
        """The error for a response that is no success, by its status and body."""
        body = await self.body_of(response)
        location = response.headers.get("Location", "")
        return failures.status_error(
            self.origin, path, response.status, body, model=model, sent=sent, location=location
        )

    def _fail(self, error: Exception) -> NoReturn:
        import aiohttp  # noqa: PLC0415  lazy: see the module docstring; loaded already when something failed

        _log.debug("%s: %r", self.origin.label, error)
        origin = self.origin
        match error:
            case aiohttp.ClientConnectorCertificateError():
                raise failures.untrusted(origin) from error
            case aiohttp.ClientConnectorSSLError():
                raise failures.unreachable(origin, "TLS fails there; a server without TLS has an http URL") from error
            case aiohttp.ClientConnectorError():
                if isinstance(error.os_error, ConnectionRefusedError) or error.os_error.errno == errno.ECONNREFUSED:
                    raise failures.refused(origin) from error
                raise failures.unreachable(origin, error.os_error.strerror or "no connection") from error
            case aiohttp.InvalidURL():
                raise failures.unreachable(origin, "its URL is not valid") from error
            case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError() | OSError():
                raise failures.cut(origin) from error
            case aiohttp.ClientError():
                raise failures.nonsense(origin, "what answers there is no HTTP server") from error
            case _:
                raise error


def _is_disconnect(error: Exception) -> bool:
    import aiohttp  # noqa: PLC0415  lazy: loaded already when something failed

    if isinstance(error, aiohttp.ClientConnectorError):
        return False
    return isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError | ConnectionError)


def _leave(response: aiohttp.ClientResponse) -> None:
    """Back to the pool when the reply is complete, else closed at once: that is how an engine learns to stop."""
    if response.content.is_eof():
        response.release()
    else:
        response.close()


class Stream:
    """A streamed reply as an async context manager and iterator of events; leaving it closes the connection at once.

    Deadlines: `first_token` from entering until the first `alive()`, then `silence` since the last `alive()` or since
    the consumer came back for more. Comments and pings move no deadline; `alive()` is the reader's word that the
    engine made progress. Raises EndpointError while entered or iterated.
    """

    def __init__(
        self,
        http: Http,
        path: str,
        *,
        body: object,
        timeouts: Timeouts,
        framing: Framing,
        model: str,
        sent: Sequence[str],
    ) -> None:
        self._http = http
        self._path = path
        self._body = body
        self._timeouts = timeouts
        self._framing = framing
        self._model = model
        self._sent = sent
        self._response: aiohttp.ClientResponse | None = None
        self._events: deque[str] = deque()
        self._deadline = 0.0
        self._started = False
        self._ended = False

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        timeouts = self._timeouts
        await self._http.ready()
        self._deadline = loop.time() + timeouts.first_token
        try:
            async with asyncio.timeout_at(self._deadline):
                response = await self._http._send(self._path, self._body, connect_s=timeouts.connect)  # pyright: ignore[reportPrivateUsage]
                self._response = response
                if response.status != 200:
                    raise await self._http.error_of(response, self._path, model=self._model, sent=self._sent)
                if isinstance(self._framing, Sse) and response.content_type == "application/json":
                    raise await self._not_streamed(response)
        except TimeoutError:
            self._close()
            raise failures.no_first_token(self._http.origin, timeouts.first_token) from None
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def alive(self) -> None:
        """The engine made progress: the silence deadline starts anew."""
        self._started = True
        self._deadline = asyncio.get_running_loop().time() + self._timeouts.silence

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        while not self._events:
            if self._ended:
                raise StopAsyncIteration
            await self._read()
        return self._events.popleft()

    def expect_end(self) -> None:
        """The text is complete: what is left has to come within a second, or it is done without."""
        self._deadline = min(self._deadline, asyncio.get_running_loop().time() + _END_S)

    async def drain(self) -> None:
        """After the end mark: wait a moment for the end of the body, so that the connection can be used again."""
        response = self._response
        if response is None:
            return
        try:
            async with asyncio.timeout(_DRAIN_S):
                while await response.content.readany():
                    pass
        except Exception as error:  # noqa: BLE001  the reply is complete; only the connection is lost
            _log.debug("%s: not drained: %r", self._http.origin.label, error)

    async def _read(self) -> None:
        assert self._response is not None
        origin = self._http.origin
        try:
            async with asyncio.timeout_at(self._deadline):
                data = await self._response.content.readany()
        except TimeoutError:
            if self._started:
                raise failures.silent(origin, self._timeouts.silence) from None
            raise failures.no_first_token(origin, self._timeouts.first_token) from None
        except Exception as error:  # noqa: BLE001  mapped or raised again
            self._http._fail(error)  # pyright: ignore[reportPrivateUsage]
        try:
            if data:
                self._events.extend(self._framing.feed(data))
            else:
                self._ended = True
                self._events.extend(self._framing.end())
        except FramingError as error:
            raise failures.nonsense(origin, str(error)) from None

    async def _not_streamed(self, response: aiohttp.ClientResponse) -> EndpointError:
        """Some servers report with status 200 and a plain body that they do not know a path."""
        body = await self._http.body_of(response)
        said = Answer(200, body).json()
        if isinstance(said, dict) and "error" in said:
            return failures.status_error(self._http.origin, self._path, 404, body, model=self._model, sent=self._sent)
        return failures.nonsense(self._http.origin, "it does not stream")

    def _close(self) -> None:
        if self._response is not None:
            _leave(self._response)
