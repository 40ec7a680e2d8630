"""A real Neovim, driven from outside over its own RPC: keys are typed, and its state is read, while it runs."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

REPOSITORY = Path(__file__).resolve().parents[2]
PLUGIN = REPOSITORY / "extension" / "nvim"
WAIT_S = 90.0


def modern() -> str | None:
    """A Neovim of 0.10 or newer: `LANYARD_NVIM`, the one that `.ci/get-nvim` made, or none."""
    named = os.environ.get("LANYARD_NVIM")
    made = REPOSITORY / ".tools" / "nvim" / "nvim"
    return shutil.which(named) if named else str(made) if made.exists() else None


class Neovim:
    """One running Neovim."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._reading = asyncio.create_task(self._read())

    async def call(self, method: str, *arguments: Any) -> Any:
        """One API call; raises RuntimeError with Neovim's own message."""
        assert self.process.stdin is not None
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self.process.stdin.write(msgspec.msgpack.encode([0, number, method, list(arguments)]))
        await self.process.stdin.drain()
        return await asyncio.wait_for(answer, WAIT_S)

    async def lua(self, code: str, *arguments: Any) -> Any:
        """Run Lua; what it returns."""
        return await self.call("nvim_exec_lua", code, list(arguments))

    async def keys(self, keys: str) -> None:
        """Type, in Neovim's own notation (`<Esc>`)."""
        await self.call("nvim_input", keys)

    async def until(self, what: str, condition: str, *arguments: Any) -> Any:
        """Wait until a Lua expression is true; its value."""
        seen: Any = None
        try:
            async with asyncio.timeout(WAIT_S):
                while True:
                    seen = await self.lua(f"return {condition}", *arguments)
                    if seen:
                        return seen
                    await asyncio.sleep(0.02)
        except TimeoutError:
            said = await self.messages()
            raise AssertionError(f"waited for {what}; last seen {seen!r}; said {said}") from None

    @asynccontextmanager
    async def seeing(self, what: str, condition: str, *arguments: Any) -> AsyncGenerator[None]:
        """As `until`, for what is true for a moment only: Neovim itself looks, from the beginning of the block on."""
        name = str(next(self._numbers))
        await self.lua(_SEEING, name, condition, list(arguments))
        yield
        await self.until(what, "_G.seen[...]", name)

    async def messages(self) -> list[str]:
        """What the user was told so far."""
        return list(await self.lua("return _G.told"))

    async def told(self, pattern: str) -> str:
        """Wait for a line to the user that a Lua pattern fits."""
        find = "(function(p) for _, m in ipairs(_G.told) do if m:find(p) then return m end end end)(...)"
        return str(await self.until(f"a line like {pattern}", find, pattern))

    async def lines(self, buffer: int = 0) -> list[str]:
        return list(await self.lua("return vim.api.nvim_buf_get_lines(..., 0, -1, false)", buffer))

    async def place(self, piece: str) -> None:
        """Put the cursor on the first line that holds a piece of text."""
        await self.lua("vim.fn.cursor(1, 1) vim.fn.search('\\\\V' .. ..., 'cW')", piece)

    async def _read(self) -> None:
        assert self.process.stdout is not None
        unpacker = _Unpacker()
        while data := await self.process.stdout.read(65536):
            for message in unpacker.feed(data):
                if message[0] == 1:
                    answer = self._waiting.pop(message[1])
                    if answer.done():
                        continue
                    if message[2] is None:
                        answer.set_result(message[3])
                    else:
                        answer.set_exception(RuntimeError(str(message[2])))

    async def close(self) -> None:
        if self.process.returncode is None:
            self.process.kill()
        await self.process.wait()
        self._reading.cancel()


class _Unpacker:
    """Messages out of a stream: msgpack has no frames, so a prefix is tried until it is whole."""

    def __init__(self) -> None:
        self._data = b""
        self._decoder = msgspec.msgpack.Decoder(ext_hook=lambda code, data: (code, bytes(data)))

    def feed(self, data: bytes) -> list[Any]:
        self._data += data
        found: list[Any] = []
        while self._data:
            size = _size(self._data, 0)
            if size is None:
                break
            found.append(self._decoder.decode(self._data[:size]))
            self._data = self._data[size:]
        return found


_FIXED = {0xC0: 1, 0xC2: 1, 0xC3: 1, 0xCA: 5, 0xCB: 9, 0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9} | {
    0xD0: 2, 0xD1: 3, 0xD2: 5, 0xD3: 9, 0xD4: 3, 0xD5: 4, 0xD6: 6, 0xD7: 10, 0xD8: 18,
}  # fmt: skip
_LENGTH = {0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0), 0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1)} | {
    0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0),
}  # fmt: skip
_MANY = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}


def _size(data: bytes, at: int) -> int | None:
    """Where the object at an offset ends, as https://github.com/msgpack/msgpack/blob/master/spec.md has it.

    None where that is not known yet.
    """
    if at >= len(data):
        return None
    kind = data[at]
    if kind < 0x80 or kind >= 0xE0:
        return at + 1
    if 0xA0 <= kind < 0xC0:
        end = at + 1 + (kind & 0x1F)
    elif kind in _FIXED:
        end = at + _FIXED[kind]
    elif kind in _LENGTH:
        width, more = _LENGTH[kind]
        if at + 1 + width > len(data):
            return None
        end = at + 1 + width + more + int.from_bytes(data[at + 1 : at + 1 + width], "big")
    else:
        if 0x80 <= kind < 0x90:
            count, next_at = 2 * (kind & 0x0F), at + 1
        elif 0x90 <= kind < 0xA0:
            count, next_at = kind & 0x0F, at + 1
        else:
            width, times = _MANY[kind]
            if at + 1 + width > len(data):
                return None
            count, next_at = times * int.from_bytes(data[at + 1 : at + 1 + width], "big"), at + 1 + width
        for _ in range(count):
            found = _size(data, next_at)
            if found is None:
                return None
            next_at = found
        return next_at
    return end if end <= len(data) else None


_SEEING = """
local name, condition, arguments = ...
local holds = assert(loadstring('return ' .. condition))
local timer = assert(vim.uv.new_timer())
timer:start(0, 5, vim.schedule_wrap(function()
  local ok, value = pcall(holds, unpack(arguments))
  if ok and value and not _G.seen[name] then
    _G.seen[name] = true
    timer:stop()
  end
end))
"""
_INIT = """
_G.told, _G.seen, _G.neovims_notify = {}, {}, vim.notify
vim.notify = function(message) table.insert(_G.told, message) end
vim.lsp.handlers['window/showMessage'] = function(_, result) table.insert(_G.told, result.message) end
vim.opt.swapfile = false
"""


@asynccontextmanager
async def neovim(binary: str, folder: Path, env: Mapping[str, str]) -> AsyncGenerator[Neovim]:
    """A Neovim without any of its user's configuration, with the plugin on its path."""
    environment = {
        **os.environ,
        **env,
        **{f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
    }
    process = await asyncio.create_subprocess_exec(
        binary, "--embed", "--headless", "-u", "NONE", "-i", "NONE", "-n",
        "--cmd", f"set runtimepath^={PLUGIN} | runtime plugin/lanyard.lua",
        env=environment, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        limit=2**24, start_new_session=True,
    )  # fmt: skip
    editor = Neovim(process)
    try:
        await editor.lua(_INIT)
        yield editor
    finally:
        await editor.close()
