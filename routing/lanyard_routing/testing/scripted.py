"""A scripted endpoint: a real HTTP server on loopback that speaks all dialects and says what it is told.

Owns the choice of replies, faults, gates and the record of what was asked. Time stands still unless a script paces it:
tests wait for conditions (`until`) and open gates. From a terminal:
`python -m lanyard_routing.testing.scripted --port N --script FILE`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import signal
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

from lanyard_routing.adapters.make import Dialect
from lanyard_routing.task import Capability
from lanyard_routing.testing.script import Fault, Rule, Say, Script, load_script
from lanyard_routing.testing.spelling import STREAMS, Form, Speller, asked_text, listing, seed_of
from lanyard_routing.testing.wire import Listener, Request, Response

_ALL = (Dialect.LLAMACPP, Dialect.OLLAMA, Dialect.OPENAI)
_OWN_PATHS = {
    Dialect.LLAMACPP: {
        "/health",
        "/props",
        "/slots",
        "/v1/models",
        "/infill",
        "/v1/chat/completions",
        "/tokenize",
        "/apply-template",
    },
    Dialect.OLLAMA: {"/api/version", "/api/tags", "/api/ps", "/api/show", "/api/generate", "/api/chat"},
    Dialect.OPENAI: {"/v1/models", "/v1/chat/completions", "/v1/completions", "/tokenize"},
}
_STATUS = {
    Fault.BUSY: (503, {"message": "Loading model", "type": "unavailable_error", "code": 503}),
    Fault.TOO_MANY: (429, {"message": "slow down", "type": "rate_limit", "code": 429}),
    Fault.BROKEN: (500, {"message": "CUDA error: out of memory", "type": "server_error", "code": 500}),
    Fault.UNAUTHORIZED: (401, {"message": "Invalid API Key", "type": "authentication_error", "code": 401}),
    Fault.MISSING: (404, {"message": "model not found", "type": "not_found_error", "code": 404}),
    Fault.UNRECORDED: (404, {"message": "no recorded reply to this task", "type": "replay", "code": 404}),
    Fault.CONTEXT: (
        400,
        {"message": "too long", "type": "exceed_context_size_error", "n_prompt_tokens": 9000, "n_ctx": 4096},
    ),
}


@dataclass(slots=True)
class Asked:
    """A request that reached the endpoint, and how it ended."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    connection: int
    form: Form | None = None
    text: str = field(default="", repr=False)
    ended: bool = False
    closed_early: bool = False


class ScriptedEndpoint:
    """An async context manager. `script` may be replaced at any time; `dialects` narrows what it speaks."""

    def __init__(self, script: Script | None = None, *, dialects: Iterable[Dialect] = _ALL, port: int = 0) -> None:
        self.script = script or Script()
        self.asked: list[Asked] = []
        self._dialects = frozenset(dialects)
        self._port = port
        self._listener = Listener(self._answer, self._left)
        self._open: dict[int, Asked] = {}
        self._used: dict[int, int] = {}
        self._gates: dict[str, asyncio.Event] = {}
        self._reached: set[str] = set()
        self._changed = asyncio.Condition()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def connections(self) -> int:
        """Connections accepted so far."""
        return self._listener.connections

    @property
    def streams(self) -> list[Asked]:
        """The requests for a reply, without probes."""
        return [each for each in self.asked if each.form is not None]

    @property
    def busy(self) -> int:
        """Replies under way."""
        return sum(not each.ended for each in self.streams)

    async def __aenter__(self) -> Self:
        await self.accept()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.refuse()

    async def accept(self) -> None:
        """Listen, at the same port as before."""
        self._port = await self._listener.open(self._port)

    async def refuse(self) -> None:
        """Stop listening and drop all connections: from now on they are refused."""
        await self._listener.close()
        for each in self._open.values():
            each.ended = True
        self._open.clear()
        await self._notify()

    def say(self, text: str, *, fault: Fault = Fault.NONE) -> None:
        """From now on answer everything with this; the shortest script."""
        self.script = self.script.model_copy(update={"rules": (), "default": Say(text=text, fault=fault)})
        self._used.clear()

    def open_gate(self, name: str) -> None:
        """Let the replies on that wait at this gate, now and later."""
        self._gate(name).set()

    async def reached_gate(self, name: str) -> None:
        """Wait until some reply stands at this gate."""
        await self.until(lambda: name in self._reached)

    async def until(self, condition: Callable[[], bool], *, seconds: float = 120.0) -> None:
        """Wait until something that happened here makes the condition true; raises TimeoutError."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(condition)

    async def _answer(self, request: Request, response: Response) -> None:
        path = request.path.partition("?")[0]
        body = _parse(request.body)
        asked = Asked(path, body or {}, request.headers, request.peer)
        self.asked.append(asked)
        self._open[id(request)] = asked
        await self._notify()
        try:
            await self._route(asked, response, well_formed=body is not None)
        finally:
            asked.ended = True
            self._open.pop(id(request), None)
            await asyncio.shield(self._notify())

    async def _route(self, asked: Asked, response: Response, *, well_formed: bool) -> None:
        script, path = self.script, asked.path
        if script.api_key and path != "/health" and asked.headers.get("authorization") != f"Bearer {script.api_key}":
            await _refuse(response, *_STATUS[Fault.UNAUTHORIZED])
        elif not any(path in _OWN_PATHS[each] for each in self._dialects):
            await _refuse(response, 404, {"message": "File Not Found", "type": "not_found_error", "code": 404})
        elif script.loading:
            await _refuse(response, *_STATUS[Fault.BUSY])
        elif not well_formed:
            await _refuse(response, 400, {"message": "the body is not JSON", "type": "invalid_request_error"})
        elif path == "/tokenize":
            text = str(asked.body.get("content", asked.body.get("prompt", "")))
            tokens = list(range(len(re.findall(r"\w+|\W", text))))
            await response.whole(200, json.dumps({"tokens": tokens, "count": len(tokens)}).encode())
        elif path == "/api/show":
            await response.whole(200, b'{"capabilities": ["completion", "insert"]}')
        elif path == "/apply-template":
            tools = asked.body.get("tools") if Capability.TOOLS in script.models[0].capabilities else None
            await response.whole(200, json.dumps({"prompt": json.dumps([asked.body.get("messages"), tools])}).encode())
        elif path == "/infill" and "input_prefix" not in asked.body:
            await _refuse(response, 400, {"message": "input_prefix is required", "type": "invalid_request_error"})
        elif path in STREAMS:
            await self._reply(asked, response)
        else:
            await response.whole(200, json.dumps(listing(path, script, self.busy)).encode())

    async def _reply(self, asked: Asked, response: Response) -> None:
        style, asked.form = STREAMS[asked.path]
        asked.text = asked_text(asked.path, asked.body)
        say = self.choose(asked)
        model = str(asked.body.get("model") or self.script.models[0].name)
        speller = Speller(style, asked.form, model, len(asked.text) // 4)
        await self._notify()
        if await self._fail_at_once(say, asked, response):
            return
        await self._stream(say, speller, response)

    def choose(self, asked: Asked) -> Say:
        """The reply to a request: of the first rule that fits and is not used up."""
        for number, rule in enumerate(self.script.rules):
            fits = rule.form in ("any", asked.form) and rule.seed in (None, seed_of(asked.body))
            if fits and re.search(rule.match, asked.text) and self._has_left(number, rule):
                self._used[number] = self._used.get(number, 0) + 1
                return rule.say
        return self.script.default

    async def _fail_at_once(self, say: Say, asked: Asked, response: Response) -> bool:
        fault = say.fault
        if fault in _STATUS:
            await _refuse(response, *_STATUS[fault])
        elif fault is Fault.ECHO:
            await _refuse(response, 400, {"message": f"bad request: {asked.text}", "type": "BadRequestError"})
        elif fault is Fault.REDIRECT:
            await response.whole(307, b"", location=self.script.location + asked.path)
        elif fault is Fault.RESET:
            response.reset()
        elif fault is Fault.NOT_HTTP:
            response.close()
            await response.raw(b"220 mail.example ESMTP\r\n")
        elif fault is Fault.HANG_BEFORE:
            await _for_ever()
        else:
            return False
        return True

    async def _stream(self, say: Say, speller: Speller, response: Response) -> None:
        pieces, fault = say.stream(), say.fault
        await response.begin(speller.kind)
        if fault is Fault.HANG_HEADERS:
            await _ping(speller, response)
        await asyncio.sleep(say.prefill_s)
        await response.chunk(speller.opening())
        if say.thinking:
            await response.chunk(speller.thinking(say.thinking))
        half = max(1, len(pieces) // 2)
        for number, piece in enumerate(pieces):
            if say.gate and number == say.gate_after:
                await self._wait_at(say.gate)
            if number == half or (number == 0 and len(pieces) == 1):
                await self._fail_halfway(fault, speller, response)
                if not response.keep:
                    return
            if number and say.pace_s:
                await asyncio.sleep(say.pace_s)
            await response.chunk(speller.piece(piece))
        if say.gate and say.gate_after >= len(pieces):
            await self._wait_at(say.gate)
        for number, called in enumerate(say.calls):
            for event in speller.call(number, called, say.written):
                await response.chunk(event)
        if fault is not Fault.NO_END:
            await response.chunk(speller.ending(say.finish))
        await response.finish()

    async def _fail_halfway(self, fault: Fault, speller: Speller, response: Response) -> None:
        match fault:
            case Fault.HANG_MIDDLE:
                await _ping(speller, response)
            case Fault.CUT:
                response.close()
            case Fault.ERROR_MIDSTREAM:
                await response.chunk(speller.error("CUDA error: device lost"))
                await response.finish()
                response.close()
            case Fault.INVALID_JSON:
                await response.chunk(b'{"choices": [\n' if speller.style == "ollama" else b'data: {"choices": [\n\n')
            case Fault.HALF_UTF8:
                await response.chunk(speller.piece("é").partition(b"\xa9")[0])
                await response.finish()
                response.close()
            case Fault.BAD_UTF8:
                await response.chunk(speller.piece("é").replace(b"\xa9", b"("))
            case Fault.ENDLESS_LINE:
                while True:
                    await response.chunk(b"x" * 65536)
            case _:
                pass

    async def _wait_at(self, gate: str) -> None:
        self._reached.add(gate)
        await self._notify()
        await self._gate(gate).wait()

    def _gate(self, name: str) -> asyncio.Event:
        return self._gates.setdefault(name, asyncio.Event())

    def _has_left(self, number: int, rule: Rule) -> bool:
        return rule.times is None or self._used.get(number, 0) < rule.times

    def _left(self, request: Request) -> None:
        asked = self._open.get(id(request))
        if asked is not None:
            asked.closed_early = True

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _parse(body: bytes) -> dict[str, Any] | None:
    try:
        value: Any = json.loads(body or b"{}")
    except ValueError:
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


async def _refuse(response: Response, status: int, error: dict[str, Any]) -> None:
    await response.whole(status, json.dumps({"error": error}).encode())


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _ping(speller: Speller, response: Response) -> None:
    await response.chunk(speller.ping)
    await _for_ever()


async def serve(endpoint: ScriptedEndpoint) -> None:
    """Serve until cancelled; the address goes to stdout, for the process that started this one."""
    async with endpoint:
        sys.stdout.write(f"{endpoint.url}\n")
        sys.stdout.flush()
        await _for_ever()


def main(arguments: list[str] | None = None) -> None:
    """Serve a script from a terminal."""
    parser = argparse.ArgumentParser(prog="lanyard_routing.testing.scripted", description=main.__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 lets the system choose")
    parser.add_argument("--script", type=Path, help="JSON file; without it every reply is ok")
    chosen = parser.parse_args(arguments)
    script = load_script(chosen.script) if chosen.script else Script()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell has what it starts in the background ignore it
    try:
        asyncio.run(serve(ScriptedEndpoint(script, port=chosen.port)))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
