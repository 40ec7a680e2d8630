"""llama.cpp's own server with the model that comes with Lanyard, made to chat: a real engine for the chats of tests.

Owns the process: held in the middle of an answer, killed, started again at the same port. That model completes code:
what it says is nonsense, of letters by a grammar, so that some of it can be seen, and it runs to its limit of tokens.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import json
import sys
import urllib.request
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil

from lanyard_routing.task import Message

MODEL = Path(__file__).parents[2] / "routing" / "lanyard_routing" / "data" / "lanyard-fim.gguf"
WAIT_S = 60.0
TEMPLATE = (
    "{%- for message in messages -%}{{- '# ' + message.role + '\\n' + message.content + '\\n\\n' -}}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '# assistant\\n' -}}{%- endif -%}"
)
MOST = 500
"""Tokens of an answer."""
LETTERS = 'root ::= ([a-z] " "?)+'
BEGUN = 12
"""Tokens of an answer that has begun."""
CONFIG = f"""\
[chat]
temperature = 0
max_tokens = {MOST}
[[endpoints]]
name = "gpu-1"
size = "large"
capabilities = ["chat"]
"""


class ChatEngine:
    """See `chat_engine`."""

    def __init__(self) -> None:
        self._port = 0  # its own choice at the first start, the same at each other
        self._process: asyncio.subprocess.Process | None = None
        self._holding: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Its base URL, once it was started."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def config(self) -> str:
        """A configuration whose one endpoint, gpu-1, it is."""
        return f'{CONFIG}url = "{self.url}"\n'

    async def start(self) -> None:
        """Start it; it answers when this returns."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, __file__, str(self._port),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert self._process.stdout is not None
        async with asyncio.timeout(WAIT_S):
            while not (said := await self._process.stdout.readline()).startswith(b"listening"):
                assert said, "the engine ended"
        self._port = int(said.rpartition(b":")[2])

    async def kill(self) -> None:
        """Kill it, held or not."""
        if self._holding is not None:
            self._holding.cancel()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def hold_next(self) -> None:
        """The next answer stops coming once it has begun (see `held`), until `go_on` or `kill`; returns at once."""
        self._holding = asyncio.create_task(self._hold())

    async def _hold(self) -> None:
        async with asyncio.timeout(WAIT_S):
            while not (
                (slot := (await self.slots())[0])["is_processing"] and _token(slot).get("n_decoded", 0) >= BEGUN
            ):
                await asyncio.sleep(0.01)
        self._own().suspend()

    async def held(self) -> None:
        """Wait until it holds an answer."""
        assert self._holding is not None
        await self._holding

    async def go_on(self) -> None:
        """The end of a hold."""
        self._own().resume()

    async def left(self) -> bool:
        """Wait until its slot is free; whether the latest was left by its client before it was done."""
        async with asyncio.timeout(WAIT_S):
            while (slot := (await self.slots())[0])["is_processing"]:
                await asyncio.sleep(0.05)
        return bool(_token(slot)["has_next_token"])

    async def slots(self) -> list[dict[str, Any]]:
        """What `/slots` tells; it has one."""
        return await asyncio.to_thread(self._ask, "/slots")

    async def says(self, messages: Sequence[Message]) -> str:
        """What it says to a conversation, asked without Lanyard."""
        told = [{"role": message.role, "content": message.content} for message in messages]
        body = {"messages": told, "max_tokens": MOST, "temperature": 0, "cache_prompt": False}
        return (await asyncio.to_thread(self._ask, "/v1/chat/completions", body))["choices"][0]["message"]["content"]

    def _own(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def _ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=WAIT_S) as reply:
            return json.load(reply)


def _token(slot: dict[str, Any]) -> dict[str, Any]:
    return slot.get("next_token", [{}])[0]


@asynccontextmanager
async def chat_engine() -> AsyncGenerator[ChatEngine]:
    """Such an engine on loopback, started, and ended in the end."""
    engine = ChatEngine()
    await engine.start()
    try:
        yield engine
    finally:
        with contextlib.suppress(ProcessLookupError):
            await engine.kill()


def serve(port: int) -> None:
    """Run until standard input closes."""
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = str(MODEL)
    params.port = port
    params.chat_template = TEMPLATE
    params.use_jinja = True
    params.sampling.ignore_eos = True
    grammar = params.sampling.grammar
    grammar.type, grammar.grammar = xllamacpp.common_grammar_type.COMMON_GRAMMAR_TYPE_USER, LETTERS
    params.sampling.grammar = grammar
    params.n_parallel = 1
    params.n_batch = 64
    params.n_gpu_layers = 0
    params.endpoint_slots = True
    params.warmup = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    print(f"listening {server.listening_address}", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
