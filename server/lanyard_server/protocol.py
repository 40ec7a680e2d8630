"""The protocol of one connection: reads messages in order, runs handlers, answers every request exactly once.

Owns the read loop, dispatch, answering and cancellation; the lifecycle decides what may be asked when, and the
handlers are the features'. A subclass of pygls' protocol, of which the converter is used, and neither dispatch nor
text nor error reporting.

How handlers run: `session` handlers run to their end before the next message is read. `snapshot` handlers become tasks,
and their first step (until the first `await`) runs before the next message is read, so that what they take at
their start is what the client saw when it asked.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections import deque
from collections.abc import Awaitable, Iterable, Mapping
from contextvars import Context
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from pygls.protocol import LanguageServerProtocol, default_converter

from lanyard_routing.failure_log import log_failure
from lanyard_server.feature import Command, Feature, RequestFailed
from lanyard_server.lifecycle import Lifecycle
from lanyard_server.outbound import ClientOutbound
from lanyard_server.plain import one_line
from lanyard_server.progress import asked_progress
from lanyard_server.transport import Loss, Sink
from lanyard_server.version import VERSION
from lanyard_server.wire import (
    CANCELLED,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    Codec,
    InvalidParams,
    Malformed,
    MessageId,
    Notification,
    Request,
    Response,
    decode,
    is_notification,
    is_standard,
)

log = logging.getLogger(__name__)

_EXECUTE, _CANCEL = "workspace/executeCommand", "$/cancelRequest"


@dataclass(frozen=True, slots=True)
class _Identity:
    """What pygls' protocol asks of its server."""

    name: str = "lanyard"
    version: str = VERSION


class LanyardProtocol(LanguageServerProtocol):
    """One connection. Used from the event loop's thread alone; `ended` gets the exit code."""

    def __init__(self, features: Iterable[Feature | Command], sink: Sink, lifecycle: Lifecycle) -> None:
        converter = default_converter()
        super().__init__(_Identity(), converter)  # pyright: ignore[reportArgumentType] - it reads these two fields
        self._sink = sink
        self._lifecycle = lifecycle
        self._incoming: deque[bytes | str | Malformed | None] = deque()
        self._pumping = False
        self._requests: dict[str, Feature] = {}
        self._notifications: dict[str, list[Feature]] = {}
        self._commands: dict[str, Command] = {}
        self._running: dict[MessageId, asyncio.Task[Any]] = {}
        self._noticed: set[asyncio.Task[Any]] = set()  # tasks of notifications
        self.out = ClientOutbound(self._send)
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        registered = tuple(features)
        self._register([*lifecycle.features(self), *registered])
        self.codec = Codec(
            converter,
            own={f.method: f.params_type for f in registered if isinstance(f, Feature) and f.params_type},
            decoders={f.method: f.decode for f in registered if isinstance(f, Feature) and f.decode},
        )

    def _register_builtin_features(self) -> None:
        """pygls' own handlers are not used."""

    def _register(self, registered: Iterable[Feature | Command]) -> None:
        for entry in registered:
            if isinstance(entry, Command):
                if self._commands.setdefault(entry.name, entry) is not entry:
                    raise ValueError(f"two commands named {entry.name}")
            elif is_notification(entry.method):
                self._notifications.setdefault(entry.method, []).append(entry)
            elif self._requests.setdefault(entry.method, entry) is not entry:
                raise ValueError(f"two handlers for {entry.method}")

    # --- reading ---

    def receive(self, body: bytes | str) -> None:
        """A message has come; it is handled at once, or after those before it."""
        self._incoming.append(body)
        if not self._pumping:
            self._pump()

    def malformed(self, why: str) -> None:
        """Something has come that is no message."""
        self._incoming.append(Malformed(-32700, why))
        if not self._pumping:
            self._pump()

    def disconnected(self) -> None:
        """The client is gone; what it sent before is still handled."""
        self._incoming.append(None)
        if not self._pumping:
            self._pump()

    def _pump(self) -> None:
        self._pumping = False
        while self._incoming:
            body = self._incoming.popleft()
            if self._handle(body):
                # The task's first step is in the loop's queue already; the next message comes after it.
                self._pumping = True
                asyncio.get_running_loop().call_soon(self._pump)
                return

    def _handle(self, body: bytes | str | Malformed | None) -> bool:
        """Handle one message; whether a task was started."""
        if body is None:
            self._lifecycle.disconnected(self)
            return False
        try:
            message = body if isinstance(body, Malformed) else decode(body)
        except Malformed as error:
            message = error
        match message:
            case Request():
                return self._on_request(message)
            case Notification():
                return self._on_notification(message)
            case Response():
                self.out.answered(message)
            case Malformed():
                log.warning("a message that is none: %s", message)
                self._answer_error(message.id, message.code, str(message))
        return False

    def _on_request(self, request: Request) -> bool:
        refusal = self._lifecycle.refusal(request.method)
        if refusal is not None:
            self._answer_error(request.id, *refusal)
            return False
        if request.id in self._running:
            self._answer_error(request.id, INVALID_REQUEST, "a request with this id is running")
            return False
        feature = self._requests.get(request.method)
        if feature is None and request.method != _EXECUTE:
            self._answer_error(request.id, METHOD_NOT_FOUND, f"{request.method} is not supported")
            return False
        try:
            params = self.codec.params(request.method, request.params)
            if feature is None:
                self._start(request, self._command(params, request.params), asked_progress(params.work_done_token))
                return True
        except InvalidParams as error:
            self._answer_error(request.id, INVALID_PARAMS, str(error))
            return False
        if feature.run == "snapshot":
            self._start(request, feature.handler(self._lifecycle.session, params))
            return True
        try:
            result = feature.handler(self._lifecycle.session, params)
        except Exception as error:  # noqa: BLE001 - a feature's failure is that request's failure
            self._answer_failure(request, error)
        else:
            self._answer(request, result)
            self._lifecycle.answered(request.method, self)
        return False

    def _on_notification(self, notification: Notification) -> bool:
        method = notification.method
        if method == _CANCEL:
            self._cancel(notification.params)
            return False
        if self._lifecycle.ignores(method):
            return False
        features = self._notifications.get(method) or self._own(method)
        if not features:
            return False
        try:
            params = self.codec.params(method, notification.params)
        except InvalidParams as error:
            log.warning("%s ignored: %s", method, error)
            return False
        started = False
        for feature in features:
            try:
                result = feature.handler(self._lifecycle.session, params)
            except Exception as error:  # noqa: BLE001 - the other features hear of it all the same
                log_failure(log, method, error)
                continue
            if feature.run == "snapshot":
                task: asyncio.Task[Any] = asyncio.get_running_loop().create_task(_run(result))
                self._noticed.add(task)
                task.add_done_callback(partial(self._notification_ended, method))
                started = True
        return started

    def _own(self, method: str) -> list[Feature]:
        """A method outside LSP may be called either way."""
        feature = self._requests.get(method)
        return [feature] if feature is not None and not is_standard(method) else []

    def _notification_ended(self, method: str, task: asyncio.Task[Any]) -> None:
        self._noticed.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            log_failure(log, method, error)

    # --- running and answering ---

    def _command(self, params: Any, raw: Any) -> Awaitable[Any]:
        command = self._commands.get(params.command)
        if command is None:
            raise InvalidParams("params.command: no such command")
        arguments = cast("list[Any]", raw.get("arguments") or [])  # as they came: they are the command's to read
        return command.handler(self._lifecycle.session, arguments)

    def _start(self, request: Request, work: Awaitable[Any], context: Context | None = None) -> None:
        task = asyncio.get_running_loop().create_task(_run(work), name=request.method, context=context)
        self._running[request.id] = task
        # A callback, not a wrapper: it runs for a task that is cancelled before its first step, too.
        task.add_done_callback(partial(self._finished, request))

    def _finished(self, request: Request, task: asyncio.Task[Any]) -> None:
        del self._running[request.id]
        if task.cancelled():
            self._answer_error(request.id, CANCELLED, "cancelled")
            return
        error = task.exception()
        if error is None:
            self._answer(request, task.result())
        else:
            self._answer_failure(request, error)
        self._lifecycle.answered(request.method, self)

    def _cancel(self, params: Any) -> None:
        request_id: Any = cast("dict[str, Any]", params).get("id") if isinstance(params, dict) else None
        task = self._running.get(request_id) if isinstance(request_id, int | str) else None
        if task is not None:
            task.cancel()

    def _answer(self, request: Request, result: Any) -> None:
        try:
            body = self.codec.encode({"jsonrpc": "2.0", "id": request.id, "result": result})
        except Exception as error:  # noqa: BLE001 - a result that has no JSON form is that request's failure
            self._answer_failure(request, error)
            return
        self._sink.send(body, "keep")

    def _answer_failure(self, request: Request, error: BaseException) -> None:
        if isinstance(error, RequestFailed):
            self._answer_error(request.id, error.code, str(error))
            return
        if isinstance(error, asyncio.CancelledError):
            self._answer_error(request.id, CANCELLED, "cancelled")
            return
        log_failure(log, request.method, error)
        line = f"Lanyard failed at {request.method} ({type(error).__name__}); its log has the details"
        self._answer_error(request.id, INTERNAL_ERROR, line)

    def _answer_error(self, request_id: MessageId | None, code: int, message: str) -> None:
        error = {"code": code, "message": one_line(message)}
        self._send({"jsonrpc": "2.0", "id": request_id, "error": error}, "keep")

    def _send(self, message: Mapping[str, Any], loss: Loss) -> None:
        self._sink.send(self.codec.encode(message), loss)

    # --- for the lifecycle ---

    async def cancel_running(self, wait_s: float) -> None:
        """Cancel every request and notification that runs, this one apart, and wait for them, but not for ever."""
        own = asyncio.current_task()
        running = [task for task in (*self._running.values(), *self._noticed) if task is not own]
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=wait_s)

    async def finish(self, code: int) -> None:
        """Flush what was written and end with an exit code."""
        self.out.close()
        await self._sink.close()
        if not self.ended.done():
            self.ended.set_result(code)

    def warm(self) -> None:
        """Generate the code for the messages that will come, one at a time between those that do."""
        methods = iter([_EXECUTE, *self._notifications, *self._requests])

        def step() -> None:
            method = next(methods, None)
            if method is None:
                if not gc.isenabled():
                    # The start is over. What it loaded stays: no collection need ever look at it again.
                    gc.freeze()
                    gc.enable()
                return
            self.codec.warm(method)
            asyncio.get_running_loop().call_soon(step)

        asyncio.get_running_loop().call_soon(step)


async def _run(work: Awaitable[Any]) -> Any:
    return await work
