"""A raw LSP client for the demo and the tests: speaks JSON-RPC to a real server process and does as it is told.

It knows nothing of Lanyard and shares no code with the server. Requests of the server are answered by functions in
`answers` (a default for each that editors answer), everything that comes is kept, and `wait_for` waits for a condition.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WAIT_S = 120.0

FULL_CAPABILITIES: dict[str, Any] = {
    "general": {"positionEncodings": ["utf-16"]},
    "window": {"workDoneProgress": True, "showDocument": {"support": True}},
    "workspace": {
        "applyEdit": True,
        "configuration": True,
        "workspaceFolders": True,
        "didChangeConfiguration": {"dynamicRegistration": True},
        "workspaceEdit": {"documentChanges": True},
        "diagnostics": {"refreshSupport": True},
    },
    "textDocument": {
        "synchronization": {"didSave": True},
        "publishDiagnostics": {"versionSupport": True},
        "diagnostic": {},
        "inlineCompletion": {},
        "completion": {"completionItem": {"snippetSupport": True}},
        "codeAction": {
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["", "quickfix", "refactor", "source"]}},
            "dataSupport": True,
        },
    },
}


class LspError(Exception):
    """The server answered with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = error.get("code")
        self.message = error.get("message")
        self.data = error.get("data")


@dataclass
class Asked:
    """A request under way."""

    id: int | str
    answer: asyncio.Future[Any]

    def __await__(self) -> Generator[Any, None, Any]:
        return asyncio.wait_for(asyncio.shield(self.answer), WAIT_S).__await__()


@dataclass
class Message:
    """A request or notification of the server."""

    method: str
    params: Any
    id: int | str | None = None


@dataclass
class LspClient:
    """One connection. Make one with `start`, or with `over` for streams that are open already."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    process: asyncio.subprocess.Process | None = None
    answers: dict[str, Callable[[Any], Any]] = field(default_factory=dict[str, Callable[[Any], Any]])
    configuration: dict[str, Any] = field(default_factory=dict[str, Any])
    received: list[Message] = field(default_factory=list[Message])
    responses: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    stderr: bytearray = field(default_factory=bytearray)
    server_capabilities: dict[str, Any] = field(default_factory=dict[str, Any])
    reading: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._next_id = 0
        self._asked: dict[int | str, Asked] = {}
        self._changed = asyncio.Condition()
        self.closed = asyncio.Event()
        self._versions: dict[str, int] = {}
        self.reading.set()
        self.answers = {
            "workspace/configuration": self._configuration,
            "window/workDoneProgress/create": lambda _: None,
            "client/registerCapability": lambda _: None,
            "client/unregisterCapability": lambda _: None,
            "workspace/applyEdit": lambda _: {"applied": True},
            "window/showDocument": lambda _: {"success": True},
            "window/showMessageRequest": lambda _: None,
            "workspace/workspaceFolders": lambda _: None,
            "workspace/diagnostic/refresh": lambda _: None,
            **self.answers,
        }

    # --- making one ---

    @classmethod
    @asynccontextmanager
    async def start(
        cls,
        *arguments: str,
        command: tuple[str, ...] | None = None,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> AsyncGenerator[LspClient]:
        """`lanyard serve ARGUMENTS` as a child process, killed at the end if it is still there."""
        command = command or (sys.executable, "-m", "lanyard_server", "serve")
        process = await asyncio.create_subprocess_exec(
            *command,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **(env or {})},
            cwd=cwd,
        )
        assert process.stdout is not None
        assert process.stdin is not None
        client = cls(process.stdout, process.stdin, process)
        tasks = [asyncio.create_task(client._read()), asyncio.create_task(client._read_stderr())]
        try:
            yield client
        finally:
            if process.returncode is None:
                process.kill()
            client.reading.set()  # the process is gone for asyncio only when its pipes are empty
            await process.wait()
            client.writer.close()
            await asyncio.gather(*tasks, return_exceptions=True)

    @classmethod
    @asynccontextmanager
    async def over(cls, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> AsyncGenerator[LspClient]:
        """A client over open streams (TCP)."""
        client = cls(reader, writer)
        task = asyncio.create_task(client._read())
        try:
            yield client
        finally:
            task.cancel()
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
            await asyncio.gather(task, return_exceptions=True)

    # --- talking ---

    def send_bytes(self, data: bytes) -> None:
        """Write bytes as they are."""
        self.writer.write(data)

    def send(self, message: Any) -> None:
        """Write one message, whatever it is."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.send_bytes(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"jsonrpc": "2.0", "method": method, "params": params})

    def ask(self, method: str, params: Any = None, request_id: int | str | None = None) -> Asked:
        """Send a request; await the answer, or cancel it."""
        if request_id is None:
            self._next_id += 1
            request_id = self._next_id
        asked = Asked(request_id, asyncio.get_running_loop().create_future())
        self._asked[request_id] = asked
        self.send({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params})
        return asked

    async def request(self, method: str, params: Any = None) -> Any:
        """Send a request and wait for its result; raises LspError."""
        return await self.ask(method, params)

    def cancel(self, asked: Asked) -> None:
        self.notify("$/cancelRequest", {"id": asked.id})

    async def wait_for(self, method: str, where: Callable[[Any], bool] = lambda _: True, count: int = 1) -> Any:
        """The params of the message of the server that fits; waits for it where it has not come yet."""

        def found() -> list[Any]:
            return [m.params for m in self.received if m.method == method and where(m.params)]

        await self.until(lambda: len(found()) >= count, f"{method} to come")
        return found()[count - 1]

    async def until(self, condition: Callable[[], bool], what: str = "the condition") -> None:
        """Wait until something that has come makes a condition true."""
        try:
            async with asyncio.timeout(WAIT_S), self._changed:
                await self._changed.wait_for(lambda: condition() or self.closed.is_set())
        except TimeoutError:
            raise AssertionError(f"waited {WAIT_S:.0f} s for {what}; stderr: {self.stderr_text()}") from None
        if not condition():
            raise AssertionError(f"the server closed its output; waited for {what}; stderr: {self.stderr_text()}")

    def stderr_text(self) -> str:
        return self.stderr.decode("utf-8", "replace")[-4000:]

    def messages(self, method: str) -> list[Any]:
        """The params of all messages of the server with a method, so far."""
        return [m.params for m in self.received if m.method == method]

    # --- the usual things ---

    async def initialize(
        self,
        root: Path | None = None,
        *,
        capabilities: Mapping[str, Any] | None = None,
        options: Any = None,
        process_id: int | None = None,
    ) -> dict[str, Any]:
        """`initialize` and `initialized`; the server's capabilities."""
        result = await self.request(
            "initialize",
            {
                "processId": process_id,
                "clientInfo": {"name": "test client"},
                "rootUri": root.as_uri() if root else None,
                "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}] if root else None,
                "capabilities": FULL_CAPABILITIES if capabilities is None else capabilities,
                "initializationOptions": options,
            },
        )
        self.server_capabilities = result["capabilities"]
        self.notify("initialized", {})
        return self.server_capabilities

    def open(self, uri: str, text: str, language_id: str = "python") -> None:
        self._versions[uri] = 1
        document = {"uri": uri, "languageId": language_id, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str, *changes: Mapping[str, Any]) -> None:
        """Send content changes; the version counts up."""
        self._versions[uri] += 1
        document = {"uri": uri, "version": self._versions[uri]}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    async def shutdown(self) -> int | None:
        """`shutdown` and `exit`; the exit code."""
        await self.request("shutdown")
        self.notify("exit")
        return await self.exit_code()

    async def exit_code(self) -> int | None:
        """Wait for the process to end."""
        if self.process is None:
            return None
        return await asyncio.wait_for(self.process.wait(), WAIT_S)

    # --- reading ---

    async def _read(self) -> None:
        try:
            while True:
                await self.reading.wait()
                length = 0
                while (line := await self.reader.readline()) not in (b"\r\n", b""):
                    name, _, value = line.partition(b":")
                    if name.lower() == b"content-length":
                        length = int(value)
                if not line:
                    return
                await self._take(json.loads(await self.reader.readexactly(length)))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.closed.set()
            for asked in self._asked.values():
                if not asked.answer.done():
                    error = {"code": 0, "message": f"the server closed its output: {self.stderr_text()}"}
                    asked.answer.set_exception(LspError(error))
                    asked.answer.exception()  # nobody need have waited for it
            async with self._changed:
                self._changed.notify_all()

    async def _take(self, message: dict[str, Any]) -> None:
        if "method" in message:
            self.received.append(Message(message["method"], message.get("params"), message.get("id")))
            if "id" in message:
                self._answer(message)
        else:
            self.responses.append(message)
            asked = self._asked.pop(message.get("id") or 0, None)
            if asked is not None and not asked.answer.done():
                if "error" in message:
                    asked.answer.set_exception(LspError(message["error"]))
                    asked.answer.exception()
                else:
                    asked.answer.set_result(message["result"])
        async with self._changed:
            self._changed.notify_all()

    def _answer(self, message: dict[str, Any]) -> None:
        answer = self.answers.get(message["method"])
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": message["id"]}
        if answer is None:
            reply["error"] = {"code": -32601, "message": f"no answer for {message['method']}"}
        else:
            try:
                reply["result"] = answer(message.get("params"))
            except NoAnswer:
                return
            except LspError as error:
                reply["error"] = {"code": error.code, "message": error.message}
        self.send(reply)

    def _configuration(self, params: Any) -> list[Any]:
        return [self.configuration.get(item.get("section")) for item in params["items"]]

    async def _read_stderr(self) -> None:
        assert self.process is not None
        assert self.process.stderr is not None
        while data := await self.process.stderr.read(65536):
            self.stderr += data


class NoAnswer(Exception):
    """Raise it in a function of `answers` to leave the server without an answer."""
